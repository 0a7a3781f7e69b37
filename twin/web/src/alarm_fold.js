/** Alarms as lines of a list: filtered, folded by what explains them, in order of urgency or time. Pure. */

import { byTime, byUrgency, isWaiting } from "./alarm_book.js";
import { fold, matches } from "./fold.js";
import { priorityOf } from "./priority.js";

/** @typedef {import("./alarm_book.js").AlarmRow} AlarmRow */

/**
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
    if (cause !== null && (known.has(cause) || hiddenCauses.has(cause))) add(explained, cause, row);
  }
  const held = new Set([...explained.values()].flat().map((row) => row.alarm));
  for (const row of rows) {
    if (explained.has(row.alarm) || held.has(row.alarm)) continue;
    add(places, row.equipment || row.alarm, row);
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

/** @param {Map<string, AlarmRow[]>} groups @param {string} key @param {AlarmRow} row */
function add(groups, key, row) {
  const rows = groups.get(key);
  if (rows) rows.push(row);
  else groups.set(key, [row]);
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
  const first = new Map(lines.map((line) => [line, alarmsOf(line).reduce((best, row) => (compare(row, best) < 0 ? row : best))]));
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
