/**
 * The alarms that are presented, as the page last read them: how urgent they are, what explains what, how old the list
 * is. Pure.
 */

import { priorityOf, PRIORITIES } from "./priority.js";

/**
 * One row of `GET /api/alarms`.
 *
 * @typedef {object} AlarmRow
 * @property {string} alarm id
 * @property {string} subject the tag, or the source
 * @property {string} equipment id, "" where a source is watched
 * @property {import("./park.js").Name} name
 * @property {string} type
 * @property {string} priority
 * @property {string} alarm_class
 * @property {string} state by ISA-18.2
 * @property {boolean} active its condition holds now
 * @property {string | null} raised_at RFC 3339
 * @property {string | null} since when it came into this state
 * @property {number | null} value
 * @property {number | null} limit
 * @property {string} unit
 * @property {string} acknowledged_by
 * @property {string | null} acknowledged_at
 * @property {string | null} shelved_until
 * @property {string} reason
 * @property {string} comment
 * @property {import("./park.js").Name | null} cause
 * @property {import("./park.js").Name | null} consequence
 * @property {import("./park.js").Name | null} response
 * @property {string | null} explained_by the alarm of a failed supply
 */

/** A list that was not read for so long is old [ms]. */
export const OLD_AFTER_MS = 45_000;
const WAITING = new Set(["unacknowledged", "returned_unacknowledged", "latched_unacknowledged"]);

/** @param {AlarmRow} row whether nobody has acknowledged it yet */
export function isWaiting(row) {
  return WAITING.has(row.state);
}

/** @param {AlarmRow} row when its condition began [ms since the epoch], NaN = never */
export function raisedAt(row) {
  return row.raised_at === null ? NaN : Date.parse(row.raised_at);
}

/** Holds what was read last; taking over what has changed costs as much as has changed. */
export class AlarmBook {
  /** By id. @type {Map<string, AlarmRow>} */
  #rows = new Map();
  /** By equipment. @type {Map<string, Set<AlarmRow>>} */
  #places = new Map();
  /** @type {Map<string, AlarmRow>} */
  #worst = new Map();
  /** Version since which the most urgent active alarm of an equipment is the one it is. @type {Map<string, number>} */
  #turnedAt = new Map();
  #counts = new Map(PRIORITIES.map(({ name }) => [String(name), { active: 0, waiting: 0 }]));

  constructor() {
    /** How many there are; more than rows only in a flood that is greater than the page reads. */
    this.total = 0;
    /** Alarms that explain others and are not presented themselves (shelved), by id. @type {ReadonlyMap<string, AlarmRow>} */
    this.hiddenCauses = new Map();
    /** How many are hidden: shelved, suppressed by design, out of service. */
    this.hidden = 0;
    /** When it was read [ms, viewer's clock]; NaN = never. */
    this.readAt = NaN;
    /** Why the last reading failed, "" if it did not. */
    this.trouble = "";
    /** Why the server cannot evaluate alarms, "" if it can. */
    this.evaluation = "";
    /** Counts up whenever something is otherwise than before. */
    this.version = 0;
  }

  /**
   * Takes over all that is presented.
   *
   * @param {{rows: AlarmRow[], total: number, counts: Record<string, number>, causes: AlarmRow[]}} read
   * @param {number} now viewer's clock [ms]
   */
  take({ rows, total, counts, causes }, now) {
    const gone = new Set(this.#rows.keys());
    for (const row of rows) gone.delete(row.alarm);
    const known = this.hiddenCauses;
    this.hiddenCauses = new Map(causes.map((row) => [row.alarm, row]));
    const otherwise = known.size !== this.hiddenCauses.size || causes.some((row) => !same(known.get(row.alarm), row));
    this.#renew(rows, gone, { total, counts, otherwise }, now);
  }

  /**
   * Takes over some; of the others holds what was read of them before.
   *
   * @param {readonly string[]} named ids of those that were asked for: of which there is no row is not presented any more
   * @param {{rows: AlarmRow[], total: number, counts: Record<string, number>}} read
   * @param {number} now viewer's clock [ms]
   */
  takeNamed(named, { rows, total, counts }, now) {
    const gone = new Set(named);
    for (const row of rows) gone.delete(row.alarm);
    this.#renew(rows, gone, { total, counts, otherwise: false }, now);
  }

  /**
   * @param {AlarmRow[]} rows
   * @param {Set<string>} gone ids
   * @param {{total: number, counts: Record<string, number>, otherwise: boolean}} sums otherwise: not all is as it was, whatever the rows say
   * @param {number} now [ms]
   */
  #renew(rows, gone, { total, counts, otherwise }, now) {
    const hidden = (counts.shelved ?? 0) + (counts.suppressed_by_design ?? 0) + (counts.out_of_service ?? 0);
    const first = Number.isNaN(this.readAt) || Number.isNaN(now);
    /** Where something is otherwise. @type {Set<string>} */
    const places = new Set();
    for (const alarm of gone) this.#replace(this.#rows.get(alarm), undefined, places);
    for (const row of rows) this.#replace(this.#rows.get(row.alarm), row, places);
    if (otherwise || first || places.size > 0 || this.trouble || total !== this.total || hidden !== this.hidden) this.version += 1;
    this.total = total;
    this.hidden = hidden;
    this.readAt = now;
    this.trouble = "";
    for (const place of places) this.#lookAgain(place);
  }

  /**
   * @param {AlarmRow | undefined} before
   * @param {AlarmRow | undefined} row
   * @param {Set<string>} places where something is otherwise; one more if this is
   */
  #replace(before, row, places) {
    if (same(before, row)) return;
    if (before) {
      this.#rows.delete(before.alarm);
      this.#places.get(before.equipment)?.delete(before);
      this.#count(before, -1);
      places.add(before.equipment);
    }
    if (!row) return;
    this.#rows.set(row.alarm, row);
    const there = this.#places.get(row.equipment);
    if (there) there.add(row);
    else this.#places.set(row.equipment, new Set([row]));
    this.#count(row, 1);
    places.add(row.equipment);
  }

  /** @param {AlarmRow} row @param {1 | -1} step */
  #count(row, step) {
    const count = this.#counts.get(priorityOf(row.priority).name);
    if (count && row.active) count.active += step;
    if (count && isWaiting(row)) count.waiting += step;
  }

  /** Looks for the most urgent active alarm of an equipment. @param {string} place */
  #lookAgain(place) {
    /** @type {AlarmRow | undefined} */
    let worst;
    for (const row of this.#places.get(place) ?? []) {
      if (row.active && (!worst || byUrgency(row, worst) < 0)) worst = row;
    }
    if (worst === this.#worst.get(place) || !place) return;
    if (worst) this.#worst.set(place, worst);
    else this.#worst.delete(place);
    this.#turnedAt.set(place, this.version);
  }

  /** Knows nothing any more: what is read next is of another time. */
  forget() {
    this.take({ rows: [], total: 0, counts: {}, causes: [] }, NaN);
  }

  /** @param {string} why in words */
  fail(why) {
    if (this.trouble === why) return;
    this.trouble = why;
    this.version += 1;
  }

  /** @param {number} now viewer's clock [ms] @returns {"reading" | "failed" | "old" | "fresh"} */
  standing(now) {
    if (Number.isNaN(this.readAt)) return this.trouble ? "failed" : "reading";
    return this.trouble || now - this.readAt > OLD_AFTER_MS ? "old" : "fresh";
  }

  /** How many are known. */
  get size() {
    return this.#rows.size;
  }

  /** Those that are known, in no order. @returns {AlarmRow[]} */
  rows() {
    return [...this.#rows.values()];
  }

  /** @param {string} alarm id @returns {boolean} whether it is presented, or explains what is */
  knows(alarm) {
    return this.#rows.has(alarm) || this.hiddenCauses.has(alarm);
  }

  /** How many conditions hold, by priority. @returns {ReadonlyMap<string, {active: number, waiting: number}>} */
  counts() {
    return this.#counts;
  }

  /** @param {string} equipment id @returns {AlarmRow[]} its alarms, the most urgent first */
  at(equipment) {
    return [...(this.#places.get(equipment) ?? [])].sort(byUrgency);
  }

  /** The most urgent active alarm of each machine that has one. @returns {ReadonlyMap<string, AlarmRow>} */
  worst() {
    return this.#worst;
  }

  /** @param {number} version @returns {string[]} ids of the machines whose most urgent active alarm is another since then */
  turnedSince(version) {
    /** @type {string[]} */
    const turned = [];
    this.#turnedAt.forEach((at, equipment) => at > version && turned.push(equipment));
    return turned;
  }
}

/** Everything of an alarm but its texts, which are objects. */
const FIELDS = /** @type {const} */ ([
  "alarm", "state", "active", "since", "raised_at", "acknowledged_by", "acknowledged_at", "shelved_until", "value", "limit", "explained_by",
  "reason", "comment", "priority", "alarm_class", "type", "unit", "subject", "equipment",
]);
const TEXTS = /** @type {const} */ (["name", "cause", "consequence", "response"]);

/**
 * Whether nothing of an alarm is otherwise.
 *
 * @param {AlarmRow | undefined} one
 * @param {AlarmRow | undefined} other
 */
function same(one, other) {
  if (!one || !other) return one === other;
  for (const field of FIELDS) if (one[field] !== other[field]) return false;
  for (const field of TEXTS) if (one[field]?.vi !== other[field]?.vi || one[field]?.en !== other[field]?.en) return false;
  return true;
}

/**
 * Orders by urgency: priority, then what holds before what is over, what waits before what was acknowledged, the
 * newest first.
 *
 * @param {AlarmRow} one
 * @param {AlarmRow} other
 */
export function byUrgency(one, other) {
  return priorityOf(other.priority).urgency - priorityOf(one.priority).urgency
    || Number(other.active) - Number(one.active)
    || Number(isWaiting(other)) - Number(isWaiting(one))
    || byTime(one, other);
}

/**
 * Orders by time, the newest first. The server writes all moments with as many digits, so that their texts are in order too, and
 * thousands of rows are sorted without reading a date.
 *
 * @param {AlarmRow} one
 * @param {AlarmRow} other
 */
export function byTime(one, other) {
  const [at, than] = [one.raised_at ?? "", other.raised_at ?? ""];
  if (at !== than) return at < than ? 1 : -1;
  return one.alarm < other.alarm ? -1 : 1;
}
