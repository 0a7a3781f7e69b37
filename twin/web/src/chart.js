/** A small chart of columns over their number or over time, for statistics: lines, limits, points that stand out. */

import uPlot from "uplot";
import { el } from "./dom.js";
import { readPalette } from "./trend_paint.js";

/** An x beyond this is a time [s]. */
const EPOCH_S = 1e9;
const [MINUTE, HOUR, DAY] = [60, 3_600, 86_400];
/** Between two marks of a time axis [s]. */
const TIME_STEPS = [MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY];

/**
 * @typedef {object} ChartLine
 * @property {(number | null)[]} values
 * @property {"line" | "limit" | "centre" | "dots" | "signal" | "band_low" | "band_high"} as
 *
 * @typedef {object} ChartPlan
 * @property {number[]} x numbers, or seconds since the epoch
 * @property {ChartLine[]} lines
 * @property {(value: number, splits: number[]) => string} say of the y axis, of which it is given all marks
 * @property {(x: number) => string} sayX
 * @property {string} label for who cannot see it
 * @property {number} [height] [px]
 */

/**
 * @param {ChartPlan} plan
 * @returns {{element: HTMLElement, paint: () => void, dispose: () => void}} paint: after the theme has changed
 */
export function createChart(plan) {
  const element = el("div", { class: "chart", role: "img", "aria-label": plan.label });
  /** @type {uPlot | null} */
  let plot = null;
  const data = /** @type {uPlot.AlignedData} */ ([plan.x, ...plan.lines.map(({ values }) => values)]);
  const height = Math.round((plan.height ?? 220) * readPalette(document.documentElement).scale);
  const paint = () => {
    plot?.destroy();
    plot = new uPlot(optionsOf(plan, Math.max(240, element.clientWidth), height), data, element);
  };
  const watch = new ResizeObserver(() => {
    if (element.clientWidth === 0) return;
    if (plot) plot.setSize({ width: Math.max(240, element.clientWidth), height });
    else paint();
  });
  watch.observe(element);
  return {
    element,
    paint: () => plot && paint(),
    dispose: () => {
      watch.disconnect();
      plot?.destroy();
    },
  };
}

/**
 * @param {ChartPlan} plan
 * @param {number} width [px]
 * @param {number} height [px]
 * @returns {uPlot.Options}
 */
function optionsOf(plan, width, height) {
  const palette = readPalette(document.documentElement);
  const { scale } = palette;
  const low = plan.lines.findIndex(({ as }) => as === "band_low");
  const high = plan.lines.findIndex(({ as }) => as === "band_high");
  return {
    width, height,
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: false }, y: { range: (_, least, most) => [Math.min(0, least), most + 0.06 * (most - Math.min(0, least) || 1)] } },
    axes: [
      { stroke: palette.text, font: palette.font, grid: { show: false }, ticks: { show: false }, size: 24 * scale, gap: 5, space: 76 * scale, ...(plan.x[0] > EPOCH_S && { incrs: TIME_STEPS }), values: (_, splits) => splits.map(plan.sayX) },
      {
        stroke: palette.text, font: palette.font, grid: { stroke: palette.grid, width: 1 }, ticks: { show: false }, gap: 6, space: 38 * scale,
        size: (_, values) => scale * Math.max(40, ...(values ?? []).map((value) => 14 + value.length * 6.4)), values: (_, splits) => splits.map((value) => plan.say(value, splits)),
      },
    ],
    series: [{}, ...plan.lines.map(({ as }) => seriesOf(as, palette))],
    ...(low >= 0 && high >= 0 && { bands: [{ series: /** @type {[number, number]} */ ([high + 1, low + 1]), fill: palette.band }] }),
  };
}

/**
 * @param {ChartLine["as"]} as
 * @param {import("./trend_paint.js").TrendPalette} palette
 * @returns {uPlot.Series}
 */
function seriesOf(as, palette) {
  const points = { show: false };
  switch (as) {
    case "limit": return { stroke: palette.warning, width: 1.2, dash: [5, 4], points };
    case "centre": return { stroke: palette.text, width: 1, points };
    case "signal": return { stroke: "transparent", points: { show: true, size: 9, fill: palette.critical, stroke: palette.critical } };
    case "dots": return { stroke: palette.line, width: 1.4, points: { show: true, size: 5, fill: palette.line, stroke: palette.line } };
    case "band_low":
    case "band_high": return { stroke: "transparent", points };
    default: return { stroke: palette.line, width: 1.6, points };
  }
}
