/**
 * The alarms that are presented, as the page last read them: how urgent they are, what explains what, how old the list
 * is. Pure.
 */

import { fold, matches } from "./fold.js";
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
 *
 * One line of the list: an alarm, and the alarms that are folded under it.
 *
 * @typedef {object} Line
 * @property {AlarmRow} head
 * @property {AlarmRow[]} members
 * @property {boolean} explains true if the head is their cause; false if they are only at the same machine
 *
 * @typedef {object} AlarmFilter
 * @property {string} text as typed, with or without diacritics
 * @property {string | null} priority only this; null = all
 * @property {string} tenant id of an enterprise, "" = all
 * @property {boolean} waiting only what nobody has acknowledged
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

/** Holds what was read last. */
export class AlarmBook {
  /** What {@link worst} has found since the last reading. @type {Map<string, AlarmRow> | null} */
  #worst = null;
  /** What {@link counts} has found since the last reading. @type {Map<string, {active: number, waiting: number}> | null} */
  #counts = null;

  constructor() {
    /** @type {AlarmRow[]} */
    this.rows = [];
    /** How many there are; more than rows only in a flood that is greater than the page reads. */
    this.total = 0;
    /** Alarms that explain others and are not presented themselves (shelved), by id. @type {Map<string, AlarmRow>} */
    this.hiddenCauses = new Map();
    /** How many are hidden: shelved, suppressed by design, out of service. */
    this.hidden = 0;
    /** When it was read [ms, viewer's clock]; NaN = never. */
    this.readAt = NaN;
    /** Why the last reading failed, "" if it did not. */
    this.trouble = "";
    /** Why the server cannot evaluate alarms, "" if it can. */
    this.evaluation = "";
    /** Counts up with each reading. */
    this.version = 0;
  }

  /**
   * @param {{rows: AlarmRow[], total: number, counts: Record<string, number>, causes: AlarmRow[]}} read
   * @param {number} now viewer's clock [ms]
   */
  take({ rows, total, counts, causes }, now) {
    this.rows = rows;
    this.total = total;
    this.hidden = (counts.shelved ?? 0) + (counts.suppressed_by_design ?? 0) + (counts.out_of_service ?? 0);
    this.hiddenCauses = new Map(causes.map((row) => [row.alarm, row]));
    this.readAt = now;
    this.trouble = "";
    this.version += 1;
    this.#worst = null;
    this.#counts = null;
  }

  /**
   * Takes over the newest; of the others holds what was read of them before.
   *
   * @param {{alarms: AlarmRow[], total: number, counts: Record<string, number>}} newest
   * @param {number} now viewer's clock [ms]
   */
  renew({ alarms, total, counts }, now) {
    const known = new Set(alarms.map((row) => row.alarm));
    const others = this.rows.filter((row) => !known.has(row.alarm));
    this.take({ rows: [...alarms, ...others], total, counts, causes: [...this.hiddenCauses.values()] }, now);
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

  /** How many conditions hold, by priority. @returns {Map<string, {active: number, waiting: number}>} */
  counts() {
    if (this.#counts) return this.#counts;
    const counts = new Map(PRIORITIES.map(({ name }) => [String(name), { active: 0, waiting: 0 }]));
    for (const row of this.rows) {
      const count = counts.get(priorityOf(row.priority).name);
      if (count && row.active) count.active += 1;
      if (count && isWaiting(row)) count.waiting += 1;
    }
    this.#counts = counts;
    return counts;
  }

  /** @param {string} equipment id @returns {AlarmRow[]} its alarms, the most urgent first */
  at(equipment) {
    return this.rows.filter((row) => row.equipment === equipment).sort(byUrgency);
  }

  /** The most urgent active alarm of each machine that has one. @returns {Map<string, AlarmRow>} */
  worst() {
    if (this.#worst) return this.#worst;
    /** @type {Map<string, AlarmRow>} */
    const worst = new Map();
    for (const row of this.rows) {
      if (!row.active || !row.equipment) continue;
      const known = worst.get(row.equipment);
      if (!known || byUrgency(row, known) < 0) worst.set(row.equipment, row);
    }
    this.#worst = worst;
    return worst;
  }
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

/** @param {AlarmRow} one @param {AlarmRow} other */
export function byTime(one, other) {
  return (raisedAt(other) || 0) - (raisedAt(one) || 0) || (one.alarm < other.alarm ? -1 : 1);
}

/**
 * Folds alarms: what a failed supply explains under it; of the rest what is at one machine under the most urgent there.
 *
 * @param {AlarmRow[]} rows
 * @param {ReadonlyMap<string, AlarmRow>} hiddenCauses
 * @returns {Line[]}
 */
export function foldAlarms(rows, hiddenCauses) {
  const known = new Map(rows.map((row) => [row.alarm, row]));
  /** @type {Map<string, AlarmRow[]>} */
  const explained = new Map();
  /** @type {Map<string, AlarmRow[]>} */
  const places = new Map();
  for (const row of rows) {
    const cause = row.explained_by;
    if (cause !== null && (known.has(cause) || hiddenCauses.has(cause))) {
      explained.set(cause, [...(explained.get(cause) ?? []), row]);
    }
  }
  const held = new Set([...explained.values()].flat().map((row) => row.alarm));
  for (const row of rows) {
    if (explained.has(row.alarm) || held.has(row.alarm)) continue;
    const place = row.equipment || row.alarm;
    places.set(place, [...(places.get(place) ?? []), row]);
  }
  const causes = [...explained].map(([cause, members]) => ({
    head: /** @type {AlarmRow} */ (known.get(cause) ?? hiddenCauses.get(cause)), members: members.sort(byUrgency), explains: true,
  }));
  const machines = [...places.values()].map((members) => {
    const [head, ...others] = members.sort(byUrgency);
    return { head, members: others, explains: false };
  });
  return [...causes, ...machines];
}

/** Every alarm of a line. @param {Line} line */
export function alarmsOf(line) {
  return [line.head, ...line.members];
}

/**
 * Orders lines by the most urgent, or the newest, of their alarms; of two alike the one with more goes first.
 *
 * @param {Line[]} lines
 * @param {"urgency" | "time"} order
 */
export function sortLines(lines, order) {
  const compare = order === "urgency" ? byUrgency : byTime;
  const first = new Map(lines.map((line) => [line, alarmsOf(line).sort(compare)[0]]));
  return [...lines].sort((one, other) => {
    const [a, b] = [first.get(one) ?? one.head, first.get(other) ?? other.head];
    const sameUrgency = order === "urgency" && a.priority === b.priority && a.active === b.active && isWaiting(a) === isWaiting(b);
    return (sameUrgency ? other.members.length - one.members.length : 0) || compare(a, b);
  });
}

/**
 * @param {AlarmRow[]} rows
 * @param {AlarmFilter} filter
 * @param {(row: AlarmRow) => string} words everything that a search may find of a row
 */
export function filterAlarms(rows, filter, words) {
  return rows.filter((row) =>
    (filter.priority === null || priorityOf(row.priority).name === filter.priority)
    && (!filter.tenant || row.equipment === filter.tenant || row.equipment.startsWith(`${filter.tenant}/`))
    && (!filter.waiting || isWaiting(row))
    && (!filter.text.trim() || matches(fold(words(row)), filter.text)));
}
