/**
 * A trend as columns to draw: history in buckets, then what the stream added since. Pure.
 *
 * A server that reports on change says nothing while a value stays the same, so a bucket without readings is no gap:
 * only a gap that the history names, or a Bad reading, breaks the line.
 */

import { Quality, qualityOf } from "./assets.js";

/**
 * The answer of `GET /api/history`.
 *
 * @typedef {object} HistoryJson
 * @property {string} tag
 * @property {string} unit
 * @property {{start_ms: number[], min: (number | null)[], max: (number | null)[], mean: (number | null)[],
 *   count: number[], bad: number[]}} buckets
 * @property {number} width_ms of a bucket
 * @property {Gap[]} gaps
 * @property {{time_ms: number[], value: (number | null)[], status: number[]} | null} raw the readings, where they are few
 *
 * @typedef {{start_ms: number, end_ms: number, reason: string}} Gap
 *
 * @typedef {object} TrendColumns
 * @property {number[]} time [s since the epoch], ascending
 * @property {(number | null)[]} min null breaks the line
 * @property {(number | null)[]} max
 * @property {(number | null)[]} mean
 * @property {number[]} bad times of Bad readings [s]
 * @property {Gap[]} gaps that overlap the window
 */

/** The live tail is cut to this many points; a longer wait asks the history again. */
export const LONGEST_TAIL = 4_000;

/** One tag over time. */
export class TrendData {
  constructor() {
    /** @type {Point[]} */
    this.points = [];
    /** @type {Gap[]} */
    this.gaps = [];
    this.tailFrom = 0;
    /** Width of the history's buckets, into which the tail is gathered to look alike; 0 = readings as they are [ms]. */
    this.width = 0;
  }

  /**
   * Takes the history over; what the stream added after its end stays.
   *
   * @param {HistoryJson} history
   * @param {number} end of the interval that was asked for [ms since the epoch]
   */
  setHistory(history, end) {
    const tail = this.points.slice(this.tailFrom).filter((point) => point.time >= end);
    this.points = history.raw ? fromReadings(history.raw) : fromBuckets(history, end);
    this.width = history.raw ? 0 : history.width_ms;
    this.tailFrom = this.points.length;
    this.points.push(...tail);
    this.gaps = history.gaps;
  }

  /**
   * Adds a reading from the stream; one that is not newer than the last is already there.
   *
   * @param {number} time source time [ms since the epoch]
   * @param {number} value NaN where there is no number
   * @param {boolean} bad
   */
  append(time, value, bad) {
    const last = this.points.at(-1);
    if (last && time <= last.time) return;
    const shown = bad || !Number.isFinite(value) ? null : value;
    this.points.push({ time, min: shown, max: shown, mean: shown, bad });
    if (this.points.length - this.tailFrom > LONGEST_TAIL) this.points.splice(this.tailFrom, 1);
  }

  /** Time of the newest point [ms since the epoch], 0 if there is none. */
  get newest() {
    return this.points.at(-1)?.time ?? 0;
  }

  /**
   * The columns of a window, with the last point before it, so that the line enters from the left.
   *
   * @param {number} start [ms since the epoch]
   * @param {number} end
   * @param {boolean} holds true if the last value still stands at `end`
   * @returns {TrendColumns}
   */
  window(start, end, holds) {
    const gaps = this.gaps.filter((gap) => gap.end_ms > start && gap.start_ms < end);
    const newest = this.points.at(-1);
    const points = [...this.points.slice(0, this.tailFrom), ...gather(this.points.slice(this.tailFrom), this.width)];
    let first = points.findIndex((point) => point.time >= start);
    if (first < 0) first = points.length;
    const inside = points.slice(Math.max(0, first - 1)).filter((point) => point.time <= end);
    /** @type {{time: number, min: number | null, max: number | null, mean: number | null}[]} */
    const drawn = [...inside];
    for (const gap of gaps) {
      if (inside.length > 0 && gap.start_ms > inside[0].time) drawn.push({ time: gap.start_ms + 1, ...BREAK });
    }
    const last = inside.at(-1);
    const inGap = last !== undefined && gaps.some((gap) => gap.start_ms >= last.time && gap.end_ms >= end);
    if (holds && last && newest && !inGap && newest.mean !== null && newest.time < end) {
      drawn.push({ time: end, min: newest.min, max: newest.max, mean: newest.mean });
    }
    drawn.sort((a, b) => a.time - b.time);
    return {
      time: drawn.map((point) => point.time / 1000),
      min: drawn.map((point) => point.min),
      max: drawn.map((point) => point.max),
      mean: drawn.map((point) => point.mean),
      bad: inside.filter((point) => point.bad).map((point) => point.time / 1000),
      gaps,
    };
  }
}

/** @typedef {{time: number, min: number | null, max: number | null, mean: number | null, bad: boolean}} Point */

/**
 * Gathers readings into buckets on round times, as the history does.
 *
 * @param {Point[]} points ascending
 * @param {number} width of a bucket [ms]; 0 = leave them as they are
 * @returns {Point[]}
 */
function gather(points, width) {
  if (width === 0) return points;
  /** @type {Point[]} */
  const buckets = [];
  let at = -1;
  let count = 0;
  for (const point of points) {
    const bucket = Math.floor(point.time / width);
    const open = buckets.at(-1);
    if (!open || bucket !== at || point.mean === null || open.mean === null) {
      // the middle of the bucket, but never later than its first reading that is known
      buckets.push({ ...point, time: Math.max(buckets.at(-1)?.time ?? 0, Math.min(point.time, (bucket + 0.5) * width)) });
      at = bucket;
      count = 1;
      continue;
    }
    count += 1;
    open.min = Math.min(open.min ?? point.mean, point.mean);
    open.max = Math.max(open.max ?? point.mean, point.mean);
    open.mean += (point.mean - open.mean) / count;
    open.time = Math.max(open.time, Math.min(point.time, (bucket + 0.5) * width));
  }
  return buckets;
}

/**
 * @param {NonNullable<HistoryJson["raw"]>} raw
 * @returns {Point[]}
 */
function fromReadings(raw) {
  return raw.time_ms.map((time, k) => {
    const bad = qualityOf(raw.status[k]) === Quality.BAD;
    const value = bad ? null : raw.value[k];
    return { time, min: value, max: value, mean: value, bad };
  });
}

/**
 * @param {HistoryJson} history
 * @param {number} end
 * @returns {Point[]}
 */
function fromBuckets({ buckets, width_ms: width }, end) {
  return buckets.start_ms.map((start, k) => ({
    time: Math.min(start + width / 2, end), min: buckets.min[k], max: buckets.max[k], mean: buckets.mean[k], bad: buckets.bad[k] > 0,
  }));
}

const BREAK = Object.freeze({ min: null, max: null, mean: null });

/**
 * How often a window asks the history again, so that its buckets stay even.
 *
 * @param {number} range length of the window [s]
 * @returns {number} [ms]
 */
export function refreshEvery(range) {
  return Math.max(60, range / 120) * 1000;
}

/** Room above and below the line, as a share of its height. */
const ROOM = 0.12;
/** A limit this near to the line is shown, as a share of the line's height. */
const NEAR = 0.6;

/**
 * The span of the value axis: the line with some room, the limits that it is near to, and the limit that it has left
 * behind altogether.
 *
 * @param {number | null} low of the line
 * @param {number | null} high
 * @param {{value: number, side: "low" | "high"}[]} limits
 * @returns {[number, number]}
 */
export function spanOf(low, high, limits) {
  if (low === null || high === null) return [0, 1];
  const height = high > low ? high - low : Math.max(Math.abs(high) * 0.1, 1);
  const middle = (low + high) / 2;
  const shown = limits.map((limit) => limit.value).filter((value) => low - value < height * NEAR && value - high < height * NEAR);
  const passed = limits.filter(({ value, side }) => (side === "high" ? low > value : high < value)).map((limit) => limit.value);
  passed.sort((one, other) => Math.abs(one - middle) - Math.abs(other - middle));
  const held = [middle - height / 2, middle + height / 2, ...shown, ...passed.slice(0, 1)];
  const [bottom, top] = [Math.min(...held), Math.max(...held)];
  const room = (top - bottom) * ROOM;
  return [bottom - room, top + room];
}

/**
 * Which point stands at a time: the newest that is not later, unless a gap lies between.
 *
 * @param {TrendColumns} columns
 * @param {number} time [s since the epoch]
 * @returns {number} index, -1 if there is none
 */
export function standingAt(columns, time) {
  let at = -1;
  while (at + 1 < columns.time.length && columns.time[at + 1] <= time) at += 1;
  if (at === columns.time.length - 1 && at >= 0 && time > columns.time[at]) return -1;
  return columns.gaps.some((gap) => gap.start_ms / 1000 <= time && time < gap.end_ms / 1000) ? -1 : at;
}
