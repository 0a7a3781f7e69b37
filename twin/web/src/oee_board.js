/** The board of effectiveness and downtime: every line over a shift, a day, a week or a month, and one line in depth. */

import { el, fill, icon, say } from "./dom.js";
import { PERIODS } from "./kpi_data.js";
import { createDetail } from "./oee_detail.js";
import { createLines } from "./oee_lines.js";
import { OeeReader } from "./oee_reader.js";
import { createStops } from "./oee_stops.js";
import { createTimeline } from "./oee_timeline.js";
import { refusalText } from "./refusal.js";

/**
 * @param {import("./page.js").Context} context
 * @returns {import("./page.js").Widget}
 */
export function createOeeBoard(context) {
  const { store, t, format, park } = context;
  const reader = new OeeReader(store, (error) => refusalText(context, error), () => paint());
  const visit = (/** @type {string} */ station) => {
    store.set({ equipment: station });
    context.flyTo(station);
  };
  const periods = el("div", { class: "segments", role: "group", "aria-label": t("oee.period") },
    ...PERIODS.map((period) => el("button", { type: "button", class: "segment", "data-period": period, onclick: () => show({ period, back: 0 }) }, t(`period.${period}`))));
  const earlier = el("button", { type: "button", class: "icon-button oee-earlier", "aria-label": t("oee.earlier"), title: t("oee.earlier"), onclick: () => show({ back: store.choice.back + 1 }) }, icon("chevron"));
  const later = el("button", { type: "button", class: "icon-button", "aria-label": t("oee.later"), title: t("oee.later"), onclick: () => show({ back: Math.max(0, store.choice.back - 1) }) }, icon("chevron"));
  const when = el("p", { class: "oee-when" });
  const state = el("p", { class: "oee-state", role: "status" });
  const lines = createLines(context, (line) => void reader.choose(line));
  const detail = createDetail(context);
  const timeline = createTimeline(context, visit);
  const stops = createStops(context, reader, visit);
  const title = el("h3", {});
  const note = el("p", { class: "dock-note" });
  const waiting = el("p", { class: "oee-waiting", role: "status" }, t("oee.first_line"));
  const inDepth = el("div", { class: "oee-depth" }, el("div", { class: "oee-parts" }, title, waiting, detail.element, timeline.element, stops.element));
  const list = el("div", { class: "oee-list" }, lines.element);
  const element = el("div", { class: "oee" },
    el("div", { class: "oee-tools" }, periods, earlier, when, later, state),
    note, el("div", { class: "oee-body" }, list, inDepth));
  /** @type {import("./oee_reader.js").LineRead | null} */
  let shown = null;
  let told = "";

  /** @param {Partial<import("./store.js").Choice>} fields */
  const show = (fields) => {
    store.set(fields);
    mark();
    void reader.read();
  };
  const mark = () => {
    for (const button of periods.children) {
      button.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (button).dataset.period === store.choice.period));
    }
    later.disabled = store.choice.back === 0;
  };
  const sayWhen = () => {
    const { interval } = reader;
    if (!interval) return say(when, "");
    const { name, from_ms: from, to_ms: to, runs } = interval;
    const long = store.choice.period === "week" || store.choice.period === "month";
    const times = long ? `${format.date(from)} – ${format.date(to - 1)}` : name ? `${format.date(from)}, ${format.minute(from)} – ${format.minute(to)}` : format.date(from);
    fill(when, name && el("b", {}, t("oee.shift_named", { name })), ` ${times}`, runs && el("span", { class: "tag-mark" }, t("oee.runs")));
  };
  const sayState = () => {
    if (reader.trouble) say(state, t("oee.failed", { reason: reader.trouble }));
    else if (reader.reading) say(state, t("oee.reckoning"));
    else say(state, Number.isNaN(reader.readAt) ? "" : t("oee.read_at", { time: format.clock(context.serverNow(reader.readAt)) }));
    state.classList.toggle("oee-state-failed", reader.trouble !== "");
  };

  function paint() {
    sayWhen();
    sayState();
    const key = JSON.stringify([reader.lines, store.choice.line]);
    if (key !== told) {
      told = key;
      lines.show(reader.lines, store.choice.line);
    }
    const none = !Number.isNaN(reader.readAt) && reader.lines.length === 0;
    const first = reader.lines.length === 0 && !none && !reader.trouble;
    note.hidden = !none && !first;
    say(note, none ? t("oee.no_lines") : first ? t("oee.first") : "");
    list.hidden = inDepth.hidden = reader.lines.length === 0;
    inDepth.classList.toggle("oee-reading", reader.reading || reader.line === null);
    const chosen = reader.lines.find((row) => row.id === store.choice.line);
    const places = chosen ? park.path(`${chosen.id}/x`).slice(1, -1).map((name) => format.name(name)) : [];
    fill(title, chosen && el("span", { class: "oee-path" }, places.join(" › ")), chosen && (format.language === "vi" ? chosen.name_vi : chosen.name_en));
    waiting.hidden = reader.line !== null || !reader.reading;
    for (const part of [detail.element, timeline.element, stops.element]) part.hidden = reader.line === null;
    if (reader.line === null || reader.line === shown) return;
    shown = reader.line;
    detail.show(shown);
    timeline.show(shown.timeline);
    stops.paint();
  }
  mark();
  paint();
  return {
    element,
    refresh: () => {
      reader.tick();
      sayState();
    },
    dispose: () => {
      reader.dispose();
      timeline.dispose();
    },
  };
}
