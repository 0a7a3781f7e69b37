/**
 * Alarm priorities as a person sees them: colour, shape and number together, never colour alone. Pure.
 *
 * After ANSI/ISA-18.2 and ISA-101 the shapes belong to alarms alone. What nobody has acknowledged yet is filled; what
 * somebody has is drawn as a line. Nothing blinks.
 */

/** @typedef {"urgent" | "high" | "medium" | "low"} PriorityName */

/**
 * @typedef {object} Priority
 * @property {PriorityName} name locale keys `priority.<name>`
 * @property {number} urgency the greater the more urgent, 1 to 4
 * @property {Record<import("./colour.js").Theme, string>} colour
 */

/** @type {readonly Priority[]} the most urgent first */
export const PRIORITIES = Object.freeze([
  row("urgent", 4, "#ff6552", "#bd1a10"),
  row("high", 3, "#ff9d3c", "#a84800"),
  row("medium", 2, "#f6d35c", "#7d6200"),
  row("low", 1, "#6cc4e8", "#0b6a91"),
]);

/**
 * @param {PriorityName} name
 * @param {number} urgency
 * @param {string} dark
 * @param {string} light
 * @returns {Priority}
 */
function row(name, urgency, dark, light) {
  return Object.freeze({ name, urgency, colour: { dark, light } });
}

/**
 * @param {string} name as the server tells it; one that this page does not know yet counts as high
 * @returns {Priority}
 */
export function priorityOf(name) {
  return PRIORITIES.find((priority) => priority.name === name) ?? PRIORITIES[1];
}

/**
 * Name of the glyph of an alarm.
 *
 * @param {string} priority
 * @param {boolean} waiting true if nobody has acknowledged it yet
 */
export function alarmGlyph(priority, waiting) {
  return `alarm_${priorityOf(priority).name}${waiting ? "" : "_seen"}`;
}
