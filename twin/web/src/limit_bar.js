/** A small bar that shows where a value stands in its range and against its limits. */

import { el } from "./dom.js";

/** Room beyond the outermost limits, as a share of the span between them. */
const MARGIN = 0.35;
/** The same on a side that has no limit: there the normal values are. */
const OPEN = 3;

/**
 * Where things stand on the bar, as shares of its length. Pure.
 *
 * @typedef {object} BarLayout
 * @property {number} low start of the bar [unit]
 * @property {number} high end of the bar [unit]
 * @property {{from: number, to: number, level: "critical" | "warning" | "normal"}[]} zones from left to right, 0 to 1
 */

/**
 * Lays out the bar of a signal.
 *
 * @param {import("./park.js").Signal} signal
 * @returns {BarLayout | null} null if the signal has neither a range nor limits enough to draw one
 */
export function barLayout(signal) {
  const { low_low, low, high, high_high } = signal.limits;
  const limits = [low_low, low, high, high_high].filter((one) => one !== null);
  const given = [signal.low, ...limits, signal.high].filter((one) => one !== null);
  if (given.length < 2) return null;
  // a narrow band of limits in a wide instrument's range would leave the needle no room to move
  const spread = (limits.length > 1 ? Math.max(...limits) - Math.min(...limits) : 0) || Math.max(...given) - Math.min(...given);
  const below = low === null && low_low === null ? OPEN : MARGIN;
  const above = high === null && high_high === null ? OPEN : MARGIN;
  const held = limits.length > 1 ? limits : given;
  const start = Math.max(signal.low ?? -Infinity, Math.min(...held) - spread * below);
  const end = Math.min(signal.high ?? Infinity, Math.max(...held) + spread * above);
  if (!(end > start)) return null;
  const share = (/** @type {number | null} */ value, /** @type {number} */ other) =>
    value === null ? other : Math.min(1, Math.max(0, (value - start) / (end - start)));
  const lowLow = share(low_low, 0);
  const lowEdge = share(low, lowLow);
  const highHigh = share(high_high, 1);
  const highEdge = share(high, highHigh);
  /** @type {BarLayout["zones"]} */
  const zones = [
    { from: 0, to: lowLow, level: "critical" },
    { from: lowLow, to: lowEdge, level: "warning" },
    { from: lowEdge, to: highEdge, level: "normal" },
    { from: highEdge, to: highHigh, level: "warning" },
    { from: highHigh, to: 1, level: "critical" },
  ];
  return { low: start, high: end, zones: zones.filter((zone) => zone.to > zone.from) };
}

/**
 * @param {import("./park.js").Signal} signal
 * @returns {{element: HTMLElement, set: (value: number) => void} | null}
 */
export function createLimitBar(signal) {
  const layout = barLayout(signal);
  if (!layout) return null;
  const needle = el("i", { class: "limit-needle" });
  const element = el("div", { class: "limit-bar", "aria-hidden": "true" },
    ...layout.zones.map((zone) => {
      const part = el("i", { class: `limit-zone limit-${zone.level}` });
      part.style.left = `${zone.from * 100}%`;
      part.style.width = `${(zone.to - zone.from) * 100}%`;
      return part;
    }),
    needle);
  const set = (/** @type {number} */ value) => {
    needle.hidden = !Number.isFinite(value);
    const share = (value - layout.low) / (layout.high - layout.low);
    needle.style.left = `${Math.min(1, Math.max(0, share)) * 100}%`;
  };
  return { element, set };
}
