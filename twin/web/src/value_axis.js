/** The axes of a trend: which span of values is shown, and where the marks stand. Pure. */

/** Room above and below the line, as a share of its height. */
const ROOM = 0.12;
/** A limit this near to the line is shown, as a share of the line's height. */
const NEAR = 0.6;

/** Steps of the value axis for what is counted. */
export const WHOLE_STEPS = Array.from({ length: 27 }, (_, k) => [1, 2, 5][k % 3] * 10 ** Math.floor(k / 3));
/** Steps of the time axis [s]: round in minutes and hours. */
export const TIME_STEPS = [60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 14_400, 21_600];

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
 * Digits after the point that tell the marks of an axis apart.
 *
 * @param {number[]} splits
 */
export function decimalsOf(splits) {
  const step = splits.length > 1 ? Math.abs(splits[1] - splits[0]) : 1;
  let decimals = 0;
  while (decimals < 6 && Math.abs(step * 10 ** decimals - Math.round(step * 10 ** decimals)) > 1e-6 * 10 ** decimals * step) decimals += 1;
  return decimals;
}
