/** One row of the list of machines: what it says, and its element while it is in sight. */

import { attentionOf } from "./attention.js";
import { el, fill, icon, say } from "./dom.js";
import { fold } from "./fold.js";
import { glyph } from "./glyphs.js";

/** Heights of a row, and of one that says through which places it is reached [px]. */
const [ROW_PX, VIA_ROW_PX] = [28, 40];
/** Room above a place at the top [px]. */
const TOP_GAP_PX = 8;

/**
 * @typedef {object} TreeRow
 * @property {import("./park.js").TreeNode} node
 * @property {TreeRow | null} parent
 * @property {TreeRow[]} children
 * @property {number} depth 1 = at the top
 * @property {number} height [px]
 * @property {number} gap room above it [px]
 * @property {string} folded what search looks at
 * @property {boolean} open
 * @property {number} wrong how many machines of it ask for a look
 * @property {import("./attention.js").Attention} worst what of it asks most
 * @property {number} siblings how many stand beside it and are shown, itself included
 * @property {number} position among them, from 1
 */

/**
 * How high rows are on this screen: as large as its type is, and as what is touched must be.
 *
 * @returns {{plain: number, via: number}} [px]
 */
export function rowHeights() {
  const style = getComputedStyle(document.documentElement);
  const [scale, target] = ["--scale", "--target"].map((name) => parseFloat(style.getPropertyValue(name)) || 0);
  return { plain: Math.max(Math.round(ROW_PX * (scale || 1)), target), via: Math.max(Math.round(VIA_ROW_PX * (scale || 1)), target) };
}

/**
 * @param {import("./park.js").Park} park
 * @param {import("./park.js").TreeNode} node
 * @param {TreeRow | null} parent
 * @param {{plain: number, via: number}} heights [px]
 * @returns {TreeRow}
 */
export function treeRow(park, node, parent, heights) {
  const kind = node.equipment ? park.json.kinds[node.equipment.kind].display : { vi: "", en: "" };
  const depth = (parent?.depth ?? 0) + 1;
  return {
    node, parent, children: [], depth, open: true, wrong: 0, worst: attentionOf(0, undefined), siblings: 1, position: 1,
    height: node.via.length > 0 ? heights.via : heights.plain, gap: depth === 1 && !node.equipment ? TOP_GAP_PX : 0,
    folded: fold(`${node.display.vi} ${node.display.en} ${node.id} ${node.via.map((one) => `${one.vi} ${one.en}`).join(" ")} ${kind.vi} ${kind.en} ${parent?.folded ?? ""}`),
  };
}

/**
 * @param {TreeRow} row
 * @param {import("./format.js").Format} format
 * @param {{onclick: () => void, ondblclick: () => void}} acts
 */
export function rowElement(row, format, acts) {
  const { node } = row;
  const place = node.equipment === null;
  const name = format.name(node.display);
  const via = node.via.map((one) => format.name(one)).join(" › ");
  const mark = el("span", { class: "tree-mark" });
  const element = el("div", {
    class: `tree-row ${place ? "tree-place" : "tree-machine"}`, role: "treeitem", tabindex: "-1", title: via ? `${via} › ${name}` : name,
    "aria-level": String(row.depth), "aria-selected": "false", "data-id": node.id, ...acts,
  }, place && icon("chevron"), !place && mark, el("span", { class: "tree-name" }, via && el("span", { class: "tree-via" }, via), name), place && mark,
  el("span", { class: "tree-word" }));
  element.style.setProperty("--depth", String(row.depth - 1));
  element.style.height = `${row.height}px`;
  return element;
}

/**
 * Has the element of a row say what the row knows; nothing is touched that says so already.
 *
 * @param {TreeRow} row
 * @param {HTMLElement} element
 * @param {import("./i18n.js").Translate} t
 */
export function writeRow(row, element, t) {
  const place = row.node.equipment === null;
  // the rows stand flat in the document, and only some of them: who is whose sibling has to be said
  const stands = `${place && row.open} ${row.siblings} ${row.position}`;
  if (element.dataset.stands !== stands) {
    element.dataset.stands = stands;
    if (place) element.setAttribute("aria-expanded", String(row.open));
    element.setAttribute("aria-setsize", String(row.siblings));
    element.setAttribute("aria-posinset", String(row.position));
  }
  const { glyph: shape, colour, key, marked } = row.worst;
  const wrong = place ? row.wrong : 0;
  const said = `${shape} ${wrong}`;
  if (element.dataset.said === said) return;
  element.dataset.said = said;
  const word = /** @type {HTMLElement} */ (element.querySelector(".tree-word"));
  const shown = place && wrong === 0 ? "" : shape;
  const look = `${shown} ${colour}`;
  if (element.dataset.look !== look) {
    element.dataset.look = look;
    fill(/** @type {HTMLElement} */ (element.querySelector(".tree-mark")), shown !== "" && glyph(shown));
    word.className = `tree-word ${place ? "tree-count " : ""}${colour}`;
  }
  if (place) {
    say(word, wrong > 0 ? String(wrong) : "");
    word.title = wrong > 0 ? t("tree.wrong", { n: wrong }) : "";
  } else say(word, marked || shape === "stopped" ? t(key) : "");
}
