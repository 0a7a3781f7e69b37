/** The list of machines: the hierarchy with search, usable without the 3D scene and with the keyboard alone. */

import { attentionOf } from "./attention.js";
import { conditionOf } from "./colour.js";
import { el, fill, icon, say } from "./dom.js";
import { fold, matches } from "./fold.js";
import { glyph } from "./glyphs.js";

/**
 * @typedef {object} Row
 * @property {import("./park.js").TreeNode} node
 * @property {HTMLElement} element
 * @property {HTMLElement} mark holds the glyph
 * @property {HTMLElement} word holds the condition or the count in words
 * @property {Row | null} parent
 * @property {Row[]} children
 * @property {string} folded what search looks at
 * @property {string} shown what is drawn, "" = nothing yet
 * @property {boolean} open
 */

/**
 * @param {import("./page.js").Context} context
 * @returns {import("./page.js").Widget}
 */
export function createTree(context) {
  const { park, assets, store, t, format } = context;
  /** @type {Row[]} */
  const rows = [];
  /** The most urgent active alarm by machine. */
  let alarms = context.alarms.worst();
  let listed = context.alarms.version;
  const list = el("div", { class: "tree", role: "tree", "aria-label": t("tree.label") });
  const empty = el("p", { class: "tree-empty" });
  const input = el("input", {
    class: "search-input", type: "search", placeholder: t("tree.search"), "aria-label": t("tree.search"),
    autocomplete: "off", spellcheck: "false", oninput: () => filter(),
  });
  const element = el("nav", { class: "sidebar", "aria-label": t("tree.label") },
    el("div", { class: "search" }, icon("search"), input), list, empty);

  /**
   * @param {import("./park.js").TreeNode} node
   * @param {Row | null} parent
   * @param {number} depth
   * @returns {Row}
   */
  const add = (node, parent, depth) => {
    const mark = el("span", { class: "tree-mark" });
    const word = el("span", { class: "tree-word" });
    const place = node.equipment === null;
    const name = format.name(node.display);
    const via = node.via.map((one) => format.name(one)).join(" › ");
    const row = el("div", {
      class: `tree-row ${place ? "tree-place" : "tree-machine"}`, role: "treeitem", tabindex: "-1", title: via ? `${via} › ${name}` : name,
      "aria-level": String(depth), "aria-expanded": place ? "true" : null,
      onclick: () => choose(record), ondblclick: () => node.equipment && context.flyTo(node.id),
    }, place && icon("chevron"), !place && mark, el("span", { class: "tree-name" }, via && el("span", { class: "tree-via" }, via), name), place && mark, word);
    row.style.setProperty("--depth", String(depth - 1));
    row.dataset.id = node.id;
    const kind = node.equipment ? park.json.kinds[node.equipment.kind].display : { vi: "", en: "" };
    /** @type {Row} */
    const record = {
      node, element: row, mark, word, parent, children: [], shown: "", open: true,
      folded: fold(`${node.display.vi} ${node.display.en} ${node.id} ${node.via.map((one) => `${one.vi} ${one.en}`).join(" ")} ${kind.vi} ${kind.en} ${parent?.folded ?? ""}`),
    };
    rows.push(record);
    list.append(row);
    record.children = node.children.map((child) => add(child, record, depth + 1));
    return record;
  };
  const roots = park.tree().map((node) => add(node, null, 1));

  /** @param {Row} row */
  const choose = (row) => {
    focus(row);
    if (row.node.equipment) {
      store.set({ equipment: row.node.id, drawer: false });
      context.flyTo(row.node.id);
    } else toggle(row, !row.open);
  };
  /** @param {Row} row @param {boolean} open */
  const toggle = (row, open) => {
    row.open = open;
    row.element.setAttribute("aria-expanded", String(open));
    filter();
  };
  /** @param {Row} row */
  const focus = (row) => {
    for (const one of rows) one.element.tabIndex = one === row ? 0 : -1;
    row.element.focus({ preventScroll: false });
  };

  const filter = () => {
    const query = input.value;
    const wanted = store.choice.condition;
    /** @type {Set<Row>} */
    const shown = new Set();
    for (const row of rows) {
      if (!row.node.equipment) continue;
      const right = wanted === null || assets.condition[row.node.equipment.index] === wanted;
      if (!right || (query && !matches(row.folded, query))) continue;
      for (let one = /** @type {Row | null} */ (row); one; one = one.parent) shown.add(one);
    }
    const searching = query !== "" || wanted !== null;
    for (const row of rows) {
      let open = true;
      for (let above = row.parent; above && !searching; above = above.parent) open &&= above.open;
      row.element.hidden = !shown.has(row) || !open;
    }
    // the rows stand flat in the document: who is whose sibling has to be said
    for (const siblings of [roots, ...rows.map((row) => row.children)]) {
      const there = siblings.filter((row) => shown.has(row));
      there.forEach((row, k) => {
        row.element.setAttribute("aria-setsize", String(there.length));
        row.element.setAttribute("aria-posinset", String(k + 1));
      });
    }
    empty.hidden = shown.size > 0;
    if (shown.size === 0) {
      const text = query ? t("tree.nothing", { query }) : t("tree.nothing_condition", { condition: wanted === null ? "" : t(`condition.${conditionOf(wanted).name}`) });
      fill(empty, text, " ", el("button", { type: "button", class: "link", onclick: clear }, t("tree.clear")));
    }
    if (!rows.some((row) => row.element.tabIndex === 0 && !row.element.hidden)) {
      const first = rows.find((row) => !row.element.hidden);
      if (first) first.element.tabIndex = 0;
    }
  };
  const clear = () => {
    input.value = "";
    store.set({ condition: null });
    filter();
  };

  input.addEventListener("keydown", (event) => {
    const visible = rows.filter((row) => !row.element.hidden);
    const found = visible.find((row) => row.node.equipment);
    if (event.key === "Enter" && input.value.trim() && found) choose(found);
    else if (event.key === "ArrowDown" && visible.length > 0) focus(visible[0]);
    else if (event.key === "Escape" && input.value) {
      // only the search: the next press closes what else is open
      input.value = "";
      filter();
      event.stopPropagation();
    } else return;
    event.preventDefault();
  });
  list.addEventListener("keydown", (event) => {
    const visible = rows.filter((row) => !row.element.hidden);
    const at = visible.findIndex((row) => row.element === document.activeElement);
    if (at < 0) return;
    const row = visible[at];
    const to = (/** @type {Row | null | undefined} */ target) => target && focus(target);
    if (event.key === "ArrowDown") to(visible[at + 1]);
    else if (event.key === "ArrowUp") to(visible[at - 1]);
    else if (event.key === "Home") to(visible[0]);
    else if (event.key === "End") to(visible.at(-1));
    else if (event.key === "ArrowRight") row.children.length && !row.open ? toggle(row, true) : to(row.children[0]);
    else if (event.key === "ArrowLeft") row.children.length && row.open ? toggle(row, false) : to(row.parent);
    else if (event.key === "Enter" || event.key === " ") choose(row);
    else return;
    event.preventDefault();
  });

  /** @param {Row} row */
  const paint = (row) => {
    if (row.node.equipment) {
      const one = attentionOf(assets.condition[row.node.equipment.index], alarms.get(row.node.id));
      if (row.shown === one.glyph) return;
      row.shown = one.glyph;
      fill(row.mark, glyph(one.glyph));
      row.word.className = `tree-word ${one.colour}`;
      say(row.word, one.marked || one.glyph === "stopped" ? t(one.key) : "");
      return;
    }
    const filtered = store.choice.condition;
    let worst = attentionOf(filtered ?? 0, undefined);
    let wrong = 0;
    const below = (/** @type {Row} */ one) => {
      if (one.node.equipment) {
        const number = assets.condition[one.node.equipment.index];
        const here = attentionOf(number, alarms.get(one.node.id));
        if (filtered === null ? here.marked : number === filtered) wrong += 1;
        if (filtered === null && here.rank > worst.rank) worst = here;
      } else one.children.forEach(below);
    };
    below(row);
    const shown = `${wrong} ${worst.glyph}`;
    if (row.shown === shown) return;
    row.shown = shown;
    fill(row.mark, wrong > 0 && glyph(worst.glyph));
    say(row.word, wrong > 0 ? String(wrong) : "");
    row.word.title = wrong > 0 ? t("tree.wrong", { n: wrong }) : "";
    row.word.className = `tree-word tree-count ${worst.colour}`;
  };
  const select = () => {
    for (const row of rows) row.element.setAttribute("aria-selected", String(row.node.id === store.choice.equipment));
    rows.find((row) => row.node.id === store.choice.equipment)?.element.scrollIntoView({ block: "nearest" });
  };
  /** @param {import("./assets.js").Change} [change] */
  const update = (change) => {
    if (change && !change.snapshot && change.equipment.length === 0) return;
    rows.forEach(paint);
    if (store.choice.condition !== null) filter();
  };
  const refresh = () => {
    if (listed === context.alarms.version) return;
    listed = context.alarms.version;
    alarms = context.alarms.worst();
    rows.forEach(paint);
  };
  filter();
  update();
  const stop = store.listen((changed) => {
    if (changed.has("condition")) {
      rows.forEach(paint);
      filter();
    }
    if (changed.has("equipment")) select();
    if (changed.has("drawer")) element.classList.toggle("drawn", store.choice.drawer);
    if (changed.has("drawer") && store.choice.drawer) input.focus();
  });
  queueMicrotask(select);
  return { element, update, refresh, dispose: stop };
}
