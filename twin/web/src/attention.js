/**
 * What of a machine asks for a look most: its condition, or an alarm that its values do not show (an open breaker is
 * within every limit). Pure.
 */

import { isWaiting } from "./alarm_book.js";
import { conditionOf, CONDITIONS } from "./colour.js";
import { alarmGlyph, PRIORITIES, priorityOf } from "./priority.js";

/** Where each priority stands among the urgencies of conditions: urgent over critical (7), high over warning (6). */
const RANK = { urgent: 8, high: 6.5, medium: 5.5, low: 2.5 };

/**
 * @typedef {object} Attention
 * @property {number} rank the greater the more urgent
 * @property {boolean} marked it asks for a look
 * @property {string} glyph
 * @property {string} colour class of its words
 * @property {string} key of its words in the locales
 */

/** What each condition asks, and each alarm by priority and whether it waits: asked ten thousand times a tick, so made once. */
const CONDITION = new Map(CONDITIONS.map(({ name, marked, urgency }) => [name, Object.freeze({
  rank: urgency, marked, glyph: name, colour: `condition-${name}`, key: `condition.${name}`,
})]));
const [SEEN, WAITING] = [false, true].map((waiting) => new Map(PRIORITIES.map(({ name }) => [name, Object.freeze({
  rank: RANK[name], marked: true, glyph: alarmGlyph(name, waiting), colour: `priority-${name}`, key: `alarmed.${name}`,
})])));

/**
 * @param {number} condition number of the stream
 * @param {import("./alarm_book.js").AlarmRow | undefined} alarm the most urgent active one
 * @returns {Attention}
 */
export function attentionOf(condition, alarm) {
  const { name, marked, urgency } = conditionOf(condition);
  if (alarm) {
    const priority = priorityOf(alarm.priority).name;
    if (!marked || RANK[priority] > urgency) return /** @type {Attention} */ ((isWaiting(alarm) ? WAITING : SEEN).get(priority));
  }
  return /** @type {Attention} */ (CONDITION.get(name));
}
