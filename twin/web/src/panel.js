/** The selected machine: what it is, how it is, how far that can be trusted, and its signals live. */

import { isWaiting } from "./alarm_book.js";
import { qualityOf } from "./assets.js";
import { conditionOf, limitState, trustOf } from "./colour.js";
import { el, fill, icon, say } from "./dom.js";
import { glyph } from "./glyphs.js";
import { createPanelAlarms } from "./panel_alarms.js";
import { createPanelCommands } from "./panel_commands.js";
import { alarmGlyph, priorityOf } from "./priority.js";
import { createSignalRow } from "./signal_row.js";

const CAUSE_ORDER = ["critical", "warning", "bad", "uncertain"];
const MOST_CAUSES = 3;

/**
 * What a signal says against its machine, in one word.
 *
 * @param {import("./assets.js").AssetTable} assets
 * @param {import("./park.js").Park} park
 * @param {number} tag tag number
 */
function lookOf(assets, park, tag) {
  if (assets.known[tag] === 0) return "normal";
  const trust = trustOf(qualityOf(assets.status[tag]), assets.stale[tag] === 1);
  return trust === "good" ? limitState(assets.value[tag], park.signal(tag).limits) : trust;
}

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
  const causes = el("ul", { class: "panel-causes", "aria-label": t("panel.causes") });
  const trouble = el("p", { class: "panel-trouble" });
  /** What stands above the signals. @type {import("./page.js").Widget[]} */
  let parts = [];
  let shown = "not looked yet";
  let caused = "not looked yet";

  const build = () => {
    equipment = (store.choice.equipment && park.equipmentById.get(store.choice.equipment)) || null;
    element.hidden = equipment === null;
    rows = [];
    for (const part of parts) part.dispose?.();
    parts = [];
    shown = "not looked yet";
    caused = "not looked yet";
    if (!equipment) return fill(element);
    const { id, kind, first_tag: first, tag_count: count } = equipment;
    rows = Array.from({ length: count }, (_, k) => createSignalRow(context, first + k));
    // a command to the past would be one to the present
    parts = store.choice.past ? [createPanelAlarms(context, id)] : [createPanelAlarms(context, id), createPanelCommands(context, id)];
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
        causes,
        trouble,
        provenance(equipment)),
      el("div", { class: "panel-body" },
        ...parts.map((part) => part.element),
        el("div", { class: "signals" }, ...rows.map((row) => row.element)),
        rows.length === 0 && el("p", { class: "panel-none" }, t("panel.no_signals"))));
    markTrend();
    update();
    refresh();
    const chosen = rows.find((row) => row.element.getAttribute("aria-pressed") === "true");
    requestAnimationFrame(() => chosen?.element.scrollIntoView({ block: "nearest" }));
  };

  /** @param {import("./park.js").Equipment} one */
  const provenance = (one) => {
    if (!one.simulated && !one.note) return null;
    return el("div", { class: "provenance" },
      el("span", { class: "tag-mark" }, t(one.simulated ? "panel.simulated" : "panel.note")),
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
    showCondition(equipment);
    showCauses();
    const untrusted = rows.filter((_, k) => {
      const tag = /** @type {import("./park.js").Equipment} */ (equipment).first_tag + k;
      return assets.known[tag] === 1 && (assets.stale[tag] === 1 || qualityOf(assets.status[tag]) !== 0);
    }).length;
    trouble.hidden = untrusted === 0;
    say(trouble, t("panel.untrusted", { n: untrusted, total: rows.length }));
  };
  /**
   * How the machine is. Values within limits are no reason to call a machine normal while an alarm is active.
   *
   * @param {import("./park.js").Equipment} one
   */
  const showCondition = (one) => {
    const { name, marked } = conditionOf(assets.condition[one.index]);
    const alarm = context.alarms.at(one.id).find((row) => row.active);
    const heard = name === "stale" ? newest(one) : 0;
    const key = `${name} ${alarm?.priority} ${alarm?.state} ${heard}`;
    if (shown === key) return;
    shown = key;
    condition.className = `panel-condition condition-${name}`;
    const words = [el("b", {}, t(`condition.${name}`)), el("span", {}, heard > 0 ? t("panel.stale_since", { time: format.moment(heard) }) : t(`condition.${name}_detail`))];
    if (!alarm || marked) return fill(condition, glyph(name), ...words);
    const priority = priorityOf(alarm.priority).name;
    condition.className = "panel-condition";
    fill(condition, glyph(alarmGlyph(priority, isWaiting(alarm))), el("b", {}, t(`alarmed.${priority}`)),
      el("span", {}, t("panel.alarmed_detail", { condition: t(`condition.${name}`) })));
  };
  /** When the newest of its values was stamped [ms since the epoch]. @param {import("./park.js").Equipment} one */
  const newest = (one) => Math.max(0, ...assets.sourceTime.subarray(one.first_tag, one.first_tag + one.tag_count));
  /** Names the signals that speak for the condition, the most urgent first, so that nobody has to look for them. */
  const showCauses = () => {
    if (!equipment) return;
    const speaking = rows
      .map((_, k) => ({ tag: /** @type {import("./park.js").Equipment} */ (equipment).first_tag + k }))
      .map(({ tag }) => ({ tag, look: lookOf(assets, park, tag) }))
      .filter(({ look }) => look !== "normal" && look !== "stale")
      .sort((one, other) => CAUSE_ORDER.indexOf(one.look) - CAUSE_ORDER.indexOf(other.look));
    const key = speaking.map(({ tag, look }) => `${tag} ${look}`).join();
    if (key === caused) return;
    caused = key;
    fill(causes, ...speaking.slice(0, MOST_CAUSES).map(({ tag, look }) => el("li", {}, el("button", {
      type: "button", class: `cause condition-${look}`, title: t("panel.open_trend", { signal: format.name(park.signal(tag).display) }),
      onclick: () => {
        store.set({ tag: park.tagName(tag), dock: "trend" });
        rows[tag - /** @type {import("./park.js").Equipment} */ (equipment).first_tag].element.scrollIntoView({ block: "nearest" });
      },
    }, glyph(look), el("span", {}, format.name(park.signal(tag).display))))),
    speaking.length > MOST_CAUSES && el("li", { class: "muted" }, t("panel.more_causes", { n: speaking.length - MOST_CAUSES })));
    causes.hidden = speaking.length === 0;
  };
  const refresh = () => {
    const serverNow = context.serverNow(context.now());
    rows.forEach((row) => row.refresh(serverNow));
    for (const part of parts) part.refresh?.();
    if (equipment) showCondition(equipment);
  };

  build();
  const stop = store.listen((changed) => {
    if (changed.has("equipment") || changed.has("past")) build();
    else if (changed.has("tag") || changed.has("dock")) markTrend();
  });
  return {
    element, update, refresh,
    dispose: () => {
      stop();
      for (const part of parts) part.dispose?.();
    },
  };
}
