/** The list of machines: the hierarchy with search, usable without the 3D scene and with the keyboard alone. */

import { attentionOf } from "./attention.js";
import { conditionOf } from "./colour.js";
import { el, fill, icon } from "./dom.js";
import { matches } from "./fold.js";
import { RowWindow } from "./row_window.js";
import { rowElement, rowHeights, treeRow, writeRow } from "./tree_row.js";

/** @typedef {import("./tree_row.js").TreeRow} Row */

/**
 * @param {import("./page.js").Context} context
 * @returns {import("./page.js").Widget}
 */
export function createTree(context) {
  const { park, assets, store, t, format } = context;
  /** All, in the order of the tree. @type {Row[]} */
  const rows = [];
  /** Rows of machines by the number of their equipment. @type {Row[]} */
  const byNumber = [];
  /** What is shown of them. @type {Row[]} */
  let visible = [];
  /** The row that Tab leads to. @type {Row | null} */
  let current = null;
  /** The most urgent active alarm by machine. */
  const alarms = context.alarms.worst();
  let listed = context.alarms.version;
  const list = el("div", { class: "tree", role: "tree", "aria-label": t("tree.label") });
  const empty = el("p", { class: "tree-empty" });
  const input = el("input", {
    class: "search-input", type: "search", placeholder: t("tree.search"), "aria-label": t("tree.search"),
    autocomplete: "off", spellcheck: "false", oninput: () => filter(),
  });
  const element = el("nav", { class: "sidebar", "aria-label": t("tree.label") },
    el("div", { class: "search" }, icon("search"), input), list, empty);

  const heights = rowHeights();
  /** @param {import("./park.js").TreeNode} node @param {Row | null} parent @returns {Row} */
  const add = (node, parent) => {
    const row = treeRow(park, node, parent, heights);
    rows.push(row);
    if (node.equipment) byNumber[node.equipment.index] = row;
    row.children = node.children.map((child) => add(child, row));
    return row;
  };
  const roots = park.tree().map((node) => add(node, null));

  /** @type {RowWindow<Row>} */
  const sight = new RowWindow(list, (row) => {
    const made = rowElement(row, format, {
      onclick: () => choose(row), ondblclick: () => row.node.equipment && context.flyTo(row.node.id),
    });
    writeRow(row, made, t);
    mark(row, made);
    return made;
  });
  /** @param {Row} row @param {HTMLElement} made */
  const mark = (row, made) => {
    made.setAttribute("aria-selected", String(row.node.id === store.choice.equipment));
    made.tabIndex = row === current ? 0 : -1;
  };
  const markAll = () => {
    for (const [row, made] of sight.elements) mark(row, made);
  };
  /** @param {Row} row */
  const write = (row) => {
    const made = sight.elementOf(row);
    if (made) writeRow(row, made, t);
  };

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
    filter();
  };
  /** @param {Row} row */
  const focus = (row) => {
    current = row;
    sight.reveal(row)?.focus({ preventScroll: true });
    markAll();
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
      for (let one = /** @type {Row | null} */ (row); one && !shown.has(one); one = one.parent) shown.add(one);
    }
    const searching = query !== "" || wanted !== null;
    const isOpen = (/** @type {Row | null} */ row) => {
      for (let above = row; above && !searching; above = above.parent) if (!above.open) return false;
      return true;
    };
    visible = rows.filter((row) => shown.has(row) && isOpen(row.parent));
    for (const siblings of [roots, ...rows.map((row) => row.children)]) {
      const there = siblings.filter((row) => shown.has(row));
      there.forEach((row, k) => {
        row.siblings = there.length;
        row.position = k + 1;
      });
    }
    if (!current || !visible.includes(current)) current = visible[0] ?? null;
    sight.setRows(visible);
    for (const row of sight.elements.keys()) write(row);
    markAll();
    empty.hidden = shown.size > 0;
    if (shown.size > 0) return;
    const text = query ? t("tree.nothing", { query }) : t("tree.nothing_condition", { condition: wanted === null ? "" : t(`condition.${conditionOf(wanted).name}`) });
    fill(empty, text, " ", el("button", { type: "button", class: "link", onclick: clear }, t("tree.clear")));
  };
  const clear = () => {
    input.value = "";
    store.set({ condition: null });
    filter();
  };

  input.addEventListener("keydown", (event) => {
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
    const at = visible.findIndex((row) => sight.elementOf(row) === document.activeElement);
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

  /** Takes over how a machine is. @param {Row} row */
  const renewMachine = (row) => {
    const { equipment, id } = row.node;
    if (!equipment) return;
    const number = assets.condition[equipment.index];
    const filtered = store.choice.condition;
    row.worst = attentionOf(number, alarms.get(id));
    row.wrong = Number(filtered === null ? row.worst.marked : number === filtered);
    write(row);
  };
  /** Sums up what is right below a place, which is renewed by then. @param {Row} row */
  const renewPlace = (row) => {
    const filtered = store.choice.condition;
    row.worst = attentionOf(filtered ?? 0, undefined);
    row.wrong = 0;
    for (const child of row.children) {
      row.wrong += child.wrong;
      if (filtered === null && child.worst.rank > row.worst.rank) row.worst = child.worst;
    }
    write(row);
  };
  const renewAll = () => {
    // from the last to the first, every place comes after what is below it
    for (const row of rows.toReversed()) {
      if (row.node.equipment) renewMachine(row);
      else renewPlace(row);
    }
  };
  /** @param {Iterable<number>} equipment numbers of machines that may be otherwise than before */
  const renewSome = (equipment) => {
    /** @type {Set<Row>} */
    const above = new Set();
    for (const number of equipment) {
      const row = byNumber[number];
      if (!row) continue;
      renewMachine(row);
      for (let one = row.parent; one; one = one.parent) above.add(one);
    }
    for (const row of [...above].sort((one, other) => other.depth - one.depth)) renewPlace(row);
  };
  const select = () => {
    const id = store.choice.equipment;
    const row = id === null ? undefined : byNumber[park.equipmentById.get(id)?.index ?? -1];
    if (row) sight.reveal(row);
    markAll();
  };
  /** @param {import("./assets.js").Change} [change] */
  const update = (change) => {
    if (change && !change.snapshot && change.equipment.length === 0) return;
    if (!change || change.snapshot) renewAll();
    else renewSome(change.equipment);
    if (store.choice.condition !== null) filter();
  };
  const refresh = () => {
    const { version } = context.alarms;
    if (listed === version) return;
    renewSome(context.alarms.turnedSince(listed).map((id) => park.equipmentById.get(id)?.index ?? -1));
    listed = version;
  };
  filter();
  update();
  const stop = store.listen((changed) => {
    if (changed.has("condition")) {
      renewAll();
      filter();
    }
    if (changed.has("equipment")) select();
    if (changed.has("drawer")) element.classList.toggle("drawn", store.choice.drawer);
    if (changed.has("drawer") && store.choice.drawer) input.focus();
  });
  queueMicrotask(select);
  return {
    element, update, refresh,
    dispose: () => {
      stop();
      sight.dispose();
    },
  };
}
