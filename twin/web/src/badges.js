/** What floats above machines: the marker of the condition, and at its shoulder the badge of the most urgent alarm. */

import { isWaiting } from "./alarm_book.js";
import { CONDITIONS } from "./colour.js";
import { MARKS, UNMARKED } from "./hypothesis.js";
import { MARKER_PX, Markers } from "./markers.js";
import { alarmGlyph, PRIORITIES, priorityOf } from "./priority.js";

const BADGE_PX = 19;
const HYPOTHESIS_PX = 24;
/** Badge of a machine without an alarm. */
export const NO_BADGE = 255;
/** Middle of a marker above the top of its machine [CSS px]. */
const MARKER_LIFT_PX = MARKER_PX * 0.75;
/** Where a marker floats, and a badge at its shoulder: right and up [CSS px]. @typedef {readonly [number, number]} Shift */
const [ABOVE, SHOULDER] = /** @type {[Shift, Shift]} */ ([[0, MARKER_LIFT_PX], [15, MARKER_LIFT_PX + 9]]);

/** @param {readonly import("./park.js").Equipment[]} equipment */
export function createMarkers(equipment) {
  const cells = CONDITIONS.map(({ name, colour, urgency }) => ({ glyph: name, colour, urgency }));
  return new Markers(equipment, cells, { size: MARKER_PX, name: "markers", order: 10 });
}

/** @param {readonly import("./park.js").Equipment[]} equipment */
export function createBadges(equipment) {
  const cells = PRIORITIES.flatMap(({ name, colour, urgency }) => [
    { glyph: alarmGlyph(name, true), colour, urgency: urgency + 0.5 },
    { glyph: alarmGlyph(name, false), colour, urgency },
  ]);
  return new Markers(equipment, cells, { size: BADGE_PX, name: "badges", order: 11 });
}

/** Marks of a what-if. @param {readonly import("./park.js").Equipment[]} equipment */
export function createHypothesisMarkers(equipment) {
  const cells = MARKS.map(({ name, colour, urgency }) => ({ glyph: `hypo_${name}`, colour, urgency }));
  return new Markers(equipment, cells, { size: HYPOTHESIS_PX, name: "hypothesis", order: 12 });
}

/**
 * Number of the mark of each equipment.
 *
 * @param {readonly import("./park.js").Equipment[]} equipment
 * @param {ReadonlyMap<string, import("./hypothesis.js").Mark>} marks
 */
export function marksByNumber(equipment, marks) {
  return Uint8Array.from(equipment, ({ id }) => {
    const mark = MARKS.findIndex(({ name }) => name === marks.get(id));
    return mark < 0 ? UNMARKED : mark;
  });
}

/**
 * Number of the badge for an alarm.
 *
 * @param {import("./alarm_book.js").AlarmRow | undefined} row
 */
export function badgeOf(row) {
  if (!row) return NO_BADGE;
  return 2 * PRIORITIES.indexOf(priorityOf(row.priority)) + (isWaiting(row) ? 0 : 1);
}

/** @returns {Shift} */
export function markerShift() {
  return ABOVE;
}

/**
 * @param {boolean} marked whether a marker stands there
 * @returns {Shift}
 */
export function badgeShift(marked) {
  return marked ? SHOULDER : ABOVE;
}
