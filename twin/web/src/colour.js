/**
 * Conditions and qualities as a person sees them: colour and shape together, never colour alone. Pure.
 *
 * After ISA-101: what is normal is calm grey, only what is abnormal stands out. Two families of hue keep apart
 * two questions: amber and vermilion say that the process is wrong, violet and magenta that the data are not to be
 * trusted. Within a family lightness and shape differ, so that the picture reads with any kind of colour vision.
 */

/** @typedef {"dark" | "light"} Theme */
/** @typedef {"no_data" | "running" | "stopped" | "warning" | "critical" | "uncertain" | "bad" | "stale"} ConditionName */

/**
 * One condition of an equipment, as `twin.state` numbers them.
 *
 * @typedef {object} Condition
 * @property {ConditionName} name locale keys `condition.<name>`
 * @property {boolean} marked true if it gets a marker in the scene: it asks for a look
 * @property {number} urgency for sorting, highest first
 * @property {Record<Theme, string>} colour of its glyph
 * @property {Record<Theme, string>} tint of the machine in the scene
 */

/** @type {readonly Condition[]} by the number of the stream */
export const CONDITIONS = Object.freeze([
  row("no_data", false, 1, "#7d8893", "#66717b", "#3f464e", "#b9bfc5"),
  row("running", false, 0, "#aab5bf", "#6d7984", "#a9b3bc", "#e6eaee"),
  row("stopped", false, 2, "#8d98a3", "#4d5862", "#565f69", "#8e979f"),
  row("warning", true, 6, "#f6c244", "#a06a00", "#f2b82e", "#f0b021"),
  row("critical", true, 7, "#ff6552", "#bd1a10", "#f4503b", "#e0402e"),
  row("uncertain", true, 3, "#b8a0ff", "#6a4bd0", "#9b83ea", "#9a84e6"),
  row("bad", true, 5, "#f277dc", "#ab1f8b", "#d858c0", "#cf52b6"),
  row("stale", true, 4, "#a49dcc", "#625b90", "#55516f", "#a39fbe"),
]);

/**
 * @param {ConditionName} name
 * @param {boolean} marked
 * @param {number} urgency
 * @param {string} darkColour
 * @param {string} lightColour
 * @param {string} darkTint
 * @param {string} lightTint
 * @returns {Condition}
 */
function row(name, marked, urgency, darkColour, lightColour, darkTint, lightTint) {
  return Object.freeze({
    name,
    marked,
    urgency,
    colour: { dark: darkColour, light: lightColour },
    tint: { dark: darkTint, light: lightTint },
  });
}

/**
 * @param {number} number as in the stream; a number this page does not know yet is shown as uncertain
 * @returns {Condition}
 */
export function conditionOf(number) {
  return CONDITIONS[number] ?? CONDITIONS[5];
}

/**
 * How much a value can be trusted, as one word and glyph: stale goes before bad, for an old Bad is old first.
 *
 * @param {number} quality 0 good, 1 uncertain, 2 bad
 * @param {boolean} stale
 * @returns {"good" | "uncertain" | "bad" | "stale"}
 */
export function trustOf(quality, stale) {
  if (stale) return "stale";
  return quality === 0 ? "good" : quality === 1 ? "uncertain" : "bad";
}

/**
 * Where a value stands against its limits.
 *
 * @param {number} value
 * @param {import("./park.js").Limits} limits
 * @returns {"normal" | "warning" | "critical"}
 */
export function limitState(value, limits) {
  if (Number.isNaN(value)) return "normal";
  const above = (/** @type {number | null} */ limit) => limit !== null && value > limit;
  const below = (/** @type {number | null} */ limit) => limit !== null && value < limit;
  if (above(limits.high_high) || below(limits.low_low)) return "critical";
  return above(limits.high) || below(limits.low) ? "warning" : "normal";
}

/**
 * Contrast ratio of two `#rrggbb` colours (WCAG 2.2, 1.4.3).
 *
 * @param {string} one
 * @param {string} other
 */
export function contrast(one, other) {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** @param {string} colour */
function luminance(colour) {
  const [red, green, blue] = [1, 3, 5].map((place) => {
    const part = parseInt(colour.slice(place, place + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
