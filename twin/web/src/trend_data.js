/** What is known of one tag over time: the history in readings or buckets, then what the stream added since. Pure. */

import { Quality, qualityOf } from "./assets.js";
import { heldLine } from "./held_line.js";

/**
 * The answer of `GET /api/history`.
 *
 * @typedef {object} HistoryJson
 * @property {string} tag
 * @property {string} unit
 * @property {number} from [ms since the epoch]
 * @property {{start_ms: number[], min: (number | null)[], max: (number | null)[], mean: (number | null)[],
 *   count: number[], bad: number[]}} buckets
 * @property {number} width_ms of a bucket
 * @property {{time_ms: number, value: number | null, status: number} | null} before the last reading before `from`
 * @property {Gap[]} gaps
 * @property {{time_ms: number[], value: (number | null)[], status: number[]} | null} raw the readings, where they are few
 *
 * @typedef {import("./held_line.js").Gap} Gap
 * @typedef {import("./held_line.js").Point} Point
 */

/** The history knows of an outage at the latest so long after its end [ms]. */
export const GAP_KNOWN_AFTER = 10_000;
/** The live tail is cut to this many points; a longer wait asks the history again. */
export const LONGEST_TAIL = 4_000;

/** One tag over time. */
export class TrendData {
  constructor() {
    /** @type {Point[]} */
    this.points = [];
    /** @type {Gap[]} */
    this.gaps = [];
    /** Outages that the page has seen and the history has not told yet. @type {Gap[]} */
    this.seen = [];
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
    const { before, raw } = history;
    this.points = before ? [reading(before.time_ms, before.value, before.status)] : [];
    this.points.push(...(raw ? raw.time_ms.map((time, k) => reading(time, raw.value[k], raw.status[k])) : fromBuckets(history, end)));
    this.width = raw ? 0 : history.width_ms;
    this.tailFrom = this.points.length;
    this.points.push(...tail);
    this.gaps = history.gaps;
    const told = (/** @type {Gap} */ gap) => gap.end_ms + GAP_KNOWN_AFTER < end || history.gaps.some((one) => one.start_ms < gap.end_ms && one.end_ms > gap.start_ms);
    this.seen = this.seen.filter((gap) => gap.open || !told(gap));
  }

  /**
   * Adds a reading from the stream; one that is not newer than the last is already there.
   *
   * @param {number} time source time [ms since the epoch]
   * @param {number} value NaN where there is no number
   * @param {number} status OPC UA status code
   */
  append(time, value, status) {
    const last = this.points.at(-1);
    if (last && time <= last.time) return;
    this.points.push(reading(time, value, status));
    if (this.points.length - this.tailFrom > LONGEST_TAIL) this.points.splice(this.tailFrom, 1);
  }

  /** Time of the newest point [ms since the epoch], 0 if there is none. */
  get newest() {
    return this.points.at(-1)?.time ?? 0;
  }

  /**
   * The line of a window.
   *
   * @param {number} start [ms since the epoch]
   * @param {number} end
   * @param {import("./held_line.js").Trust} trust
   * @returns {import("./held_line.js").TrendColumns}
   */
  window(start, end, trust) {
    const tail = this.points.slice(this.tailFrom);
    const points = [...this.points.slice(0, this.tailFrom), ...gather(tail, this.width)];
    // what holds to the end is the newest value, not the mean of its bucket
    const newest = tail.at(-1);
    if (newest && newest.time > (points.at(-1)?.time ?? 0)) points.push(newest);
    const line = () => heldLine(points, [...this.gaps, ...this.seen.filter((gap) => !gap.open)], start, end, trust);
    const columns = line();
    return this.#watch(columns.gaps.find((gap) => gap.open), end) ? line() : columns;
  }

  /**
   * Remembers an outage while it lasts, so that its end does not make it a time in which nothing changed.
   *
   * @param {Gap | undefined} outage that lasts until now
   * @param {number} now [ms since the epoch]
   * @returns {boolean} true if it has just ended
   */
  #watch(outage, now) {
    const last = this.seen.at(-1);
    if (last?.open) this.seen.pop();
    if (outage) this.seen.push(outage);
    else if (last?.open) this.seen.push({ ...last, end_ms: now, open: false });
    return !outage && last?.open === true;
  }
}

/**
 * @param {number} time [ms since the epoch]
 * @param {number | null} value
 * @param {number} status OPC UA status code
 * @returns {Point}
 */
function reading(time, value, status) {
  const bad = qualityOf(status) === Quality.BAD;
  const shown = bad || value === null || !Number.isFinite(value) ? null : value;
  return { time, end: time, min: shown, max: shown, mean: shown, bad };
}

/**
 * @param {HistoryJson} history
 * @param {number} end
 * @returns {Point[]}
 */
function fromBuckets({ buckets, width_ms: width, from }, end) {
  const told = buckets.start_ms.map((_, k) => k).filter((k) => buckets.count[k] + buckets.bad[k] > 0);
  return told.map((k) => ({
    time: Math.max(buckets.start_ms[k], from), end: Math.min(buckets.start_ms[k] + width, end),
    min: buckets.min[k], max: buckets.max[k], mean: buckets.mean[k], bad: buckets.bad[k] > 0,
  }));
}

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
      buckets.push({ ...point });
      at = bucket;
      count = 1;
      continue;
    }
    count += 1;
    open.min = Math.min(open.min ?? point.mean, point.mean);
    open.max = Math.max(open.max ?? point.mean, point.mean);
    open.mean += (point.mean - open.mean) / count;
    open.end = point.time;
  }
  return buckets;
}

/**
 * How often a window asks the history again, so that its buckets stay even.
 *
 * @param {number} range length of the window [s]
 * @returns {number} [ms]
 */
export function refreshEvery(range) {
  return Math.max(60, range / 120) * 1000;
}
