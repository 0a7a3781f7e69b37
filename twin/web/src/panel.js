/** The selected machine: what it is, how it is, how far that can be trusted, and its signals live. */

import { qualityOf } from "./assets.js";
import { conditionOf } from "./colour.js";
import { el, fill, icon, say } from "./dom.js";
import { glyph } from "./glyphs.js";
import { createSignalRow } from "./signal_row.js";

/**
 * @param {import("./page.js").Context} context
 * @returns {import("./page.js").Widget}
 */
export function createPanel(context) {
  const { park, assets, store, t, format } = context;
  const element = el("aside", { class: "panel", "aria-label": t("panel.label") });
  /** @type {import("./signal_row.js").SignalRow[]} */
  let rows = [];
  /** @type {import("./park.js").Equipment | null} */
  let equipment = null;
  const condition = el("div", { class: "panel-condition", "aria-live": "polite" });
  const trouble = el("p", { class: "panel-trouble" });
  let shown = -1;

  const build = () => {
    equipment = (store.choice.equipment && park.equipmentById.get(store.choice.equipment)) || null;
    element.hidden = equipment === null;
    rows = [];
    shown = -1;
    if (!equipment) return fill(element);
    const { id, kind, first_tag: first, tag_count: count } = equipment;
    rows = Array.from({ length: count }, (_, k) => createSignalRow(context, first + k));
    const path = park.path(id).slice(1).map((name) => format.name(name)).join(" › ");
    fill(element,
      el("header", { class: "panel-head" },
        el("p", { class: "panel-path" }, path),
        el("div", { class: "panel-title" },
          el("h2", {}, format.name(equipment.display)),
          el("button", {
            type: "button", class: "icon-button", "aria-label": t("panel.fly"), title: t("panel.fly"),
            onclick: () => context.flyTo(id),
          }, icon("target")),
          el("button", {
            type: "button", class: "icon-button panel-close", "aria-label": t("panel.close"), title: t("panel.close"),
            onclick: () => store.set({ equipment: null }),
          }, icon("close"))),
        el("p", { class: "panel-kind" }, format.name(park.json.kinds[kind].display)),
        condition,
        trouble,
        provenance(equipment)),
      el("div", { class: "signals" }, ...rows.map((row) => row.element)),
      rows.length === 0 && el("p", { class: "panel-none" }, t("panel.no_signals")));
    markTrend();
    update();
    refresh();
  };

  /** @param {import("./park.js").Equipment} one */
  const provenance = (one) => {
    if (!one.simulated && !one.note) return null;
    return el("div", { class: "provenance" },
      el("span", { class: "tag-mark" }, t(one.note ? "panel.replayed" : "panel.simulated")),
      el("span", {}, one.note ? format.name(one.note) : t("panel.simulated_detail")));
  };

  const markTrend = () => {
    for (const row of rows) {
      row.element.setAttribute("aria-pressed", String(store.choice.dock === "trend" && row.element.dataset.tag === store.choice.tag));
    }
  };
  const update = () => {
    if (!equipment) return;
    rows.forEach((row) => row.update());
    const number = assets.condition[equipment.index];
    if (shown !== number) {
      shown = number;
      const { name } = conditionOf(number);
      condition.className = `panel-condition condition-${name}`;
      fill(condition, glyph(name), el("b", {}, t(`condition.${name}`)), el("span", {}, t(`condition.${name}_detail`)));
    }
    const untrusted = rows.filter((_, k) => {
      const tag = /** @type {import("./park.js").Equipment} */ (equipment).first_tag + k;
      return assets.known[tag] === 1 && (assets.stale[tag] === 1 || qualityOf(assets.status[tag]) !== 0);
    }).length;
    trouble.hidden = untrusted === 0;
    say(trouble, t("panel.untrusted", { n: untrusted, total: rows.length }));
  };
  const refresh = () => {
    const serverNow = context.serverNow(context.now());
    rows.forEach((row) => row.refresh(serverNow));
  };

  build();
  const stop = store.listen((changed) => {
    if (changed.has("equipment")) build();
    else if (changed.has("tag") || changed.has("dock")) markTrend();
  });
  return { element, update, refresh, dispose: stop };
}
