/** The picture of a product with its heat map, boxes and names over it. */

import { el, say } from "./dom.js";
import { defectLabel } from "./verdict.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * Draws it; nothing of it stays when the next product comes.
 *
 * @param {import("./verdict.js").Inspection} row
 * @param {import("./i18n.js").Translate} t
 * @param {{heat: boolean, boxes: boolean}} shown
 * @returns {HTMLElement}
 */
export function productPicture(row, t, { heat, boxes }) {
  const host = el("div", { class: "product-picture" });
  if (!row.picture_kept || row.width < 1 || row.height < 1) {
    host.append(el("p", { class: "product-nothing" }, t(row.picture_kept ? "quality.picture_unreadable" : "quality.picture_not_kept")));
    return host;
  }
  const svg = svgElement("svg", { viewBox: `0 0 ${row.width} ${row.height}`, class: "product-svg", role: "img" });
  svg.setAttribute("aria-label", t("quality.picture_of", { serial: row.serial }));
  const image = svgElement("image", { width: row.width, height: row.height, preserveAspectRatio: "none" });
  image.setAttribute("href", `./api/qc/inspections/${row.id}/picture`);
  const note = el("p", { class: "product-nothing product-note" }, t("quality.picture_loading"));
  image.addEventListener("load", () => note.remove());
  image.addEventListener("error", () => say(note, t("quality.picture_away")));
  svg.append(image);
  if (heat) {
    const glow = svgElement("image", { width: row.width, height: row.height, preserveAspectRatio: "none", class: "product-heat" });
    glow.setAttribute("href", `./api/qc/inspections/${row.id}/heat.png`);
    svg.append(glow);
  }
  if (boxes) svg.append(...row.findings.map((finding) => box(finding, row)));
  host.append(svg, note);
  return host;
}

/**
 * @param {import("./verdict.js").Finding} finding
 * @param {import("./verdict.js").Inspection} row
 */
function box(finding, row) {
  const [left, top, right, bottom] = finding.box_px;
  const size = Math.max(row.width, row.height);
  const width = size / 240;
  const letter = size / 34;
  const group = svgElement("g", { class: "product-box" });
  const text = svgElement("text", {
    x: Math.min(left, row.width * 0.7), y: top > 1.4 * letter ? top - letter * 0.4 : Math.min(bottom + letter * 1.1, row.height - letter * 0.3),
    "font-size": letter, "stroke-width": letter / 5,
  });
  text.textContent = defectLabel(finding);
  group.append(
    svgElement("rect", { x: left, y: top, width: right - left, height: bottom - top, "stroke-width": width * 2.4, class: "product-box-halo" }),
    svgElement("rect", { x: left, y: top, width: right - left, height: bottom - top, "stroke-width": width }),
    text);
  return group;
}

/**
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 * @returns {SVGElement}
 */
function svgElement(name, attributes) {
  const element = /** @type {SVGElement} */ (document.createElementNS(SVG, name));
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}
