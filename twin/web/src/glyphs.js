/**
 * The shape of each condition, quality and alarm priority, on a 16 x 16 grid: one description drawn as SVG in the page and on a
 * canvas for the markers of the scene.
 */

/**
 * @typedef {object} Glyph
 * @property {string} body path of the outline
 * @property {boolean} filled body filled, with the mark cut into it; or body and mark drawn as lines
 * @property {string} mark path of the sign inside, "" for none
 */

const CIRCLE = "M8 1.6a6.4 6.4 0 1 1 0 12.8a6.4 6.4 0 1 1 0 -12.8z";
const OCTAGON = "M5.2 1.2H10.8L14.8 5.2V10.8L10.8 14.8H5.2L1.2 10.8V5.2z";
const SHIELD = "M1.8 1.8H14.2V9.2L8 15L1.8 9.2z";
const PLATE = "M2.6 3.2h10.8a1.4 1.4 0 0 1 1.4 1.4v6.8a1.4 1.4 0 0 1 -1.4 1.4h-10.8a1.4 1.4 0 0 1 -1.4 -1.4v-6.8a1.4 1.4 0 0 1 1.4 -1.4z";
const ONE = "M6.6 6.1L8.4 4.7V11.3";
const TWO = "M6.2 5.5C6.6 3.9 9.7 3.9 9.7 5.8C9.7 7.2 7.4 8.2 6.2 10H9.9";
const THREE = "M6.2 5.2C7 4.2 9.6 4.4 9.6 6.1C9.6 7.3 8.6 7.8 7.8 7.8C8.8 7.8 9.9 8.4 9.9 9.7C9.9 11.6 7 11.8 6 10.6";
const FOUR = "M9.1 11.2V5L6 9.3H10.5";
const CROSS = "M5.4 5.4L10.6 10.6M10.6 5.4L5.4 10.6";

/** @type {Record<string, Glyph>} */
export const GLYPHS = Object.freeze({
  no_data: { body: "M8 3.6a4.4 4.4 0 1 1 0 8.8a4.4 4.4 0 1 1 0 -8.8z", filled: false, mark: "" },
  running: { body: "M8 4a4 4 0 1 1 0 8a4 4 0 1 1 0 -8z", filled: true, mark: "" },
  stopped: { body: "M4.5 3.5h7a1 1 0 0 1 1 1v7a1 1 0 0 1 -1 1h-7a1 1 0 0 1 -1 -1v-7a1 1 0 0 1 1 -1z", filled: true, mark: "" },
  warning: { body: "M8 1.4L15.2 14.2H0.8z", filled: true, mark: "M8 5.8V9.8M8 11.7V12.1" },
  critical: { body: "M8 0.4L15.6 8L8 15.6L0.4 8z", filled: true, mark: "M8 4.2V8.9M8 11.2V11.6" },
  uncertain: { body: CIRCLE, filled: true, mark: "M5.9 6.3a2.1 2.1 0 1 1 3 1.9c-0.6 0.3 -0.9 0.7 -0.9 1.4M8 11.8V12.1" },
  bad: { body: "M2.6 1.6h10.8a1 1 0 0 1 1 1v10.8a1 1 0 0 1 -1 1h-10.8a1 1 0 0 1 -1 -1v-10.8a1 1 0 0 1 1 -1z", filled: true, mark: CROSS },
  stale: { body: CIRCLE, filled: false, mark: "M8 4.4V8.2L10.6 10" },
  alarm_urgent: { body: OCTAGON, filled: true, mark: ONE },
  alarm_urgent_seen: { body: OCTAGON, filled: false, mark: ONE },
  alarm_high: { body: SHIELD, filled: true, mark: TWO },
  alarm_high_seen: { body: SHIELD, filled: false, mark: TWO },
  alarm_medium: { body: CIRCLE, filled: true, mark: THREE },
  alarm_medium_seen: { body: CIRCLE, filled: false, mark: THREE },
  alarm_low: { body: PLATE, filled: true, mark: FOUR },
  alarm_low_seen: { body: PLATE, filled: false, mark: FOUR },
  verdict_pass: { body: CIRCLE, filled: true, mark: "M4.9 8.3L7.1 10.5L11.2 5.8" },
  verdict_reject: { body: OCTAGON, filled: true, mark: "M5 5L11 11M11 5L5 11" },
  verdict_review: { body: "M8 1L15.6 14.4H0.4z", filled: true, mark: "M8 5.6V9.8M8 11.9V12.3" },
  verdict_cannot_judge: { body: "M2.6 1.6h10.8a1 1 0 0 1 1 1v10.8a1 1 0 0 1 -1 1h-10.8a1 1 0 0 1 -1 -1v-10.8a1 1 0 0 1 1 -1z", filled: true, mark: "M6 6.1a2 2 0 1 1 2.9 1.8c-0.6 0.3 -0.9 0.7 -0.9 1.4M8 11.6V11.9" },
  hypo_changed: { body: "M8 0.6L15.4 8L8 15.4L0.6 8z", filled: true, mark: "M4 9.4H6.6L10 5.4M10 9.4H12" },
  hypo_lost: { body: "M3 1.4h10a1.6 1.6 0 0 1 1.6 1.6v10a1.6 1.6 0 0 1 -1.6 1.6h-10a1.6 1.6 0 0 1 -1.6 -1.6v-10a1.6 1.6 0 0 1 1.6 -1.6z", filled: true, mark: "M8 3.8V8M5.5 5.5a3.7 3.7 0 1 0 5 0" },
  hypo_later: { body: CIRCLE, filled: true, mark: "M5.6 4.6H10.4L5.6 11.4H10.4L5.6 4.6" },
  hypo_beyond: { body: "M8 0.8L15.2 8H11.6V15H4.4V8H0.8z", filled: true, mark: "" },
  good: { body: CIRCLE, filled: false, mark: "M5.2 8.3L7.2 10.3L10.9 6" },
});

const SVG = "http://www.w3.org/2000/svg";

/**
 * Draws a glyph as SVG; its colour is the CSS colour of `.glyph-<name>`. Decorative: a word stands beside it, or the
 * caller labels it.
 *
 * @param {string} name
 * @returns {SVGSVGElement}
 */
export function glyph(name) {
  const { body, filled, mark } = GLYPHS[name];
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", `glyph glyph-${name}${filled ? "" : " glyph-line"}`);
  svg.setAttribute("aria-hidden", "true");
  for (const [part, path] of [["glyph-body", body], ["glyph-mark", mark]]) {
    if (!path) continue;
    const element = document.createElementNS(SVG, "path");
    element.setAttribute("d", path);
    element.setAttribute("class", part);
    svg.append(element);
  }
  return svg;
}

/**
 * Draws a glyph on a canvas, filling a square cell.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {string} name
 * @param {{x: number, y: number, size: number}} cell [px]
 * @param {{colour: string, ink: string, halo: string}} paint
 */
export function drawGlyph(context, name, cell, paint) {
  const { body, filled, mark } = GLYPHS[name];
  const inset = cell.size * 0.1;
  context.save();
  context.translate(cell.x + inset, cell.y + inset);
  context.scale((cell.size - 2 * inset) / 16, (cell.size - 2 * inset) / 16);
  context.lineJoin = "round";
  context.lineCap = "round";
  const outline = new Path2D(body);
  context.strokeStyle = paint.halo;
  context.lineWidth = 2.6;
  context.stroke(outline);
  context.fillStyle = filled ? paint.colour : paint.halo;
  context.fill(outline);
  if (!filled) {
    context.strokeStyle = paint.colour;
    context.lineWidth = 1.8;
    context.stroke(outline);
  }
  if (mark) {
    context.strokeStyle = filled ? paint.ink : paint.colour;
    context.lineWidth = 1.9;
    context.stroke(new Path2D(mark));
  }
  context.restore();
}
