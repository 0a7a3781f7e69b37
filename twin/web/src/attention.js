/**
 * What of a machine asks for a look most: its condition, or an alarm that its values do not show (an open breaker is
 * within every limit). Pure.
 */

import { isWaiting } from "./alarm_book.js";
import { conditionOf } from "./colour.js";
import { alarmGlyph, priorityOf } from "./priority.js";

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

/**
 * @param {number} condition number of the stream
 * @param {import("./alarm_book.js").AlarmRow | undefined} alarm the most urgent active one
 * @returns {Attention}
 */
export function attentionOf(condition, alarm) {
  const { name, marked, urgency } = conditionOf(condition);
  if (alarm) {
    const priority = priorityOf(alarm.priority).name;
    const rank = RANK[priority];
    if (!marked || rank > urgency) {
      return { rank, marked: true, glyph: alarmGlyph(priority, isWaiting(alarm)), colour: `priority-${priority}`, key: `alarmed.${priority}` };
    }
  }
  return { rank: urgency, marked, glyph: name, colour: `condition-${name}`, key: `condition.${name}` };
}
