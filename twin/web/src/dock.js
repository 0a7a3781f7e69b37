/** The drawer below the scene: alarms, trend, effectiveness, what-if, and the sources. */

import { createAlarmList } from "./alarm_list.js";
import { el, icon, fill } from "./dom.js";
import { glyph } from "./glyphs.js";
import { createOeeBoard } from "./oee_board.js";
import { may } from "./session.js";
import { createSources, healthOf } from "./sources.js";
import { createTrend } from "./trend.js";
import { createWhatIf } from "./what_if.js";

/** @typedef {"alarms" | "trend" | "oee" | "whatif" | "sources"} Tab */

/** Tabs of the present only: nobody kept how sources stood, and a what-if is tried on what is live. */
const PRESENT = new Set(["sources", "whatif"]);
/** Tabs with their icons, and what somebody must be allowed to have them; the sources show their state instead. @type {readonly [Tab, string, string][]} */
const TABS = [
  ["alarms", "bell", "alarm.read"], ["trend", "trend", "state.read"], ["oee", "board", "kpi.read"], ["whatif", "branch", "what_if.ask"], ["sources", "", "source.read"],
];

/**
 * @param {import("./page.js").Context} context
 * @returns {import("./page.js").Widget}
 */
export function createDock(context) {
  const { store, t } = context;
  /** @type {Record<Tab, import("./page.js").Widget>} */
  const widgets = { alarms: createAlarmList(context), trend: createTrend(context), oee: createOeeBoard(context), whatif: createWhatIf(context), sources: createSources(context) };
  const tabs = TABS.filter(([, , needed]) => may(needed)).map(([name, picture]) => {
    const mark = el("span", { class: "tab-mark" });
    const button = el("button", {
      type: "button", class: "dock-tab", role: "tab", id: `tab-${name}`, "aria-controls": `dock-${name}`, title: t(`dock.${name}`),
      onclick: () => store.set({ dock: store.choice.dock === name ? null : name }),
    }, picture ? icon(picture) : mark, el("span", {}, t(`dock.${name}`)), name === "alarms" && mark);
    return { name, button, mark };
  });
  const close = el("button", {
    type: "button", class: "icon-button dock-close", "aria-label": t("dock.close"), title: t("dock.close"),
    onclick: () => store.set({ dock: null }),
  }, icon("close"));
  const bodies = tabs.map(({ name }) => el("div", { class: `dock-body dock-body-${name}`, role: "tabpanel", id: `dock-${name}`, "aria-labelledby": `tab-${name}` }, widgets[name].element));
  const element = el("section", { class: "dock", "aria-label": t("dock.label") },
    el("div", { class: "dock-bar" }, el("div", { class: "dock-tabs", role: "tablist", "aria-label": t("dock.label") }, ...tabs.map((tab) => tab.button)), close), ...bodies);

  const markOf = (/** @type {Tab} */ tab) => /** @type {HTMLElement} */ (tabs.find(({ name }) => name === tab)?.mark);
  let marked = "";
  const markSources = () => {
    const rows = context.sources();
    const healthy = rows.filter((row) => healthOf(row) === "connected").length;
    const worst = rows.some((row) => ["lost", "silent"].includes(healthOf(row))) ? "critical" : healthy < rows.length ? "warning" : "good";
    const key = `${worst} ${healthy} ${rows.length}`;
    if (key === marked) return;
    marked = key;
    fill(markOf("sources"), rows.length > 0 && glyph(worst), rows.length > 0 && el("b", {}, `${healthy}/${rows.length}`));
  };
  let counted = -1;
  const markAlarms = () => {
    if (counted === context.alarms.version) return;
    counted = context.alarms.version;
    fill(markOf("alarms"), context.alarms.size > 0 && el("b", {}, context.format.number(context.alarms.total)));
  };
  const show = () => {
    element.classList.toggle("dock-open", store.choice.dock !== null);
    close.hidden = store.choice.dock === null;
    tabs.forEach(({ name, button }, k) => {
      const open = store.choice.dock === name;
      button.hidden = store.choice.past && PRESENT.has(name);
      button.setAttribute("aria-selected", String(open));
      bodies[k].hidden = !open;
      widgets[name].element.hidden = !open;
    });
    refresh();
  };
  const refresh = () => {
    markSources();
    markAlarms();
    if (store.choice.dock) widgets[store.choice.dock].refresh?.();
  };
  show();
  const stop = store.listen((changed) => {
    if (changed.has("past") && store.choice.past && store.choice.dock && PRESENT.has(store.choice.dock)) store.set({ dock: null });
    else if (changed.has("dock") || changed.has("past")) show();
  });
  return {
    element,
    refresh,
    update: (change) => widgets.trend.update?.(change),
    dispose: () => {
      stop();
      for (const widget of Object.values(widgets)) widget.dispose?.();
    },
  };
}
