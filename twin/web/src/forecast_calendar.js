/** Which machines will fail, in which weeks, how sure that is, and what waiting costs: the first thing a manager sees. */

import { nothingYet } from "./desk_parts.js";
import { el, fill } from "./dom.js";
import { createForecastDetail } from "./forecast_detail.js";
import { calendarScale, GROUPS, mondays, rank } from "./forecast_rank.js";
import { glyph } from "./glyphs.js";
import { chance, HEALTH_GLYPHS, machineName, money, runningHours, told } from "./maintenance_words.js";

const WEEKS = 12;
const MOST_ROWS = 30;
/** Groups that only the plan tells apart. */
const PLANNED_GROUPS = new Set(["act", "watch"]);

/**
 * @param {import("./desk_page.js").DeskContext} context
 * @param {import("./maintenance_feed.js").MaintenanceFeed} feed
 * @returns {import("./desk_page.js").View}
 */
export function createForecastCalendar(context, feed) {
  const { t, format, park, place } = context;
  const list = el("div", { class: "forecasts", role: "group", "aria-label": t("maintenance.forecasts") });
  const summary = el("div", { class: "figures forecast-summary" });
  const note = el("p", { class: "basis" });
  const detail = createForecastDetail(context, feed);
  const element = el("div", { class: "split" }, el("div", { class: "view-scroll" }, summary, list, note), detail.element);
  /** Groups that are shown whole. @type {Set<string>} */
  const whole = new Set();
  let painted = "";

  function paint() {
    const now = Date.now();
    const key = `${feed.version} ${place.get("machine")} ${[...whole].join()}`;
    if (key === painted) return;
    painted = key;
    const ranked = rank(feed.forecasts, feed.outlooks, feed.plan?.orders ?? []);
    const counted = (/** @type {string} */ group) => ranked.filter((one) => one.group === group).length;
    const waiting = ranked.reduce((sum, one) => sum + Math.max(0, one.waiting ?? 0), 0);
    const currency = feed.plan?.currency ?? "VND";
    const planned = feed.plan !== null || feed.planTrouble !== null;
    summary.hidden = ranked.length === 0;
    fill(summary,
      ...GROUPS.map((group) => el("div", { class: "figure" }, el("span", { class: "figure-name" }, t(`maintenance.group_${group}`)), el("b", { class: "figure-text" }, feed.known && (planned || !PLANNED_GROUPS.has(group)) ? format.number(counted(group)) : format.number(NaN)))),
      feed.plan && el("div", { class: "figure" }, el("span", { class: "figure-name" }, t("maintenance.waiting_week")), el("b", { class: "figure-text" }, money(waiting, currency, format)), el("span", { class: "figure-detail" }, t("maintenance.waiting_all"))));
    if (!feed.known) return fill(list, el("p", { class: "asked-note" }, nothingYet(context, t("desk.asking"))));
    if (ranked.length === 0) return fill(list, el("p", { class: "product-nothing" }, t("maintenance.none_yet")));
    const scale = calendarScale(now, WEEKS);
    fill(list, axis(now, scale), ...GROUPS.flatMap((group) => groupRows(group, ranked.filter((one) => one.group === group), scale, currency)));
    fill(note, t("maintenance.bands"), feed.plan?.example ? ` ${t("maintenance.example")}` : "");
    detail.paint();
  }

  /**
   * @param {number} now
   * @param {ReturnType<typeof calendarScale>} scale
   */
  function axis(now, scale) {
    const track = el("div", { class: "band-axis" });
    for (const time of mondays(now, WEEKS, park.timezone)) {
      if (time < now) continue;
      const tick = el("span", { class: "band-tick" }, format.day(time));
      tick.style.left = `${100 * scale.at(time)}%`;
      track.append(tick);
    }
    return el("div", { class: "forecast-head", "aria-hidden": "true" }, el("span", {}, t("maintenance.machine")), track, el("span", { class: "forecast-cost" }, t("maintenance.waiting_costs")));
  }

  /**
   * @param {import("./forecast_rank.js").Group} group
   * @param {import("./forecast_rank.js").Ranked[]} rows
   * @param {ReturnType<typeof calendarScale>} scale
   * @param {string} currency
   */
  function groupRows(group, rows, scale, currency) {
    if (rows.length === 0) return [];
    const calm = group === "healthy" || group === "unknown";
    const most = whole.has(group) ? Infinity : calm ? 5 : MOST_ROWS;
    const shown = rows.slice(0, most);
    const unplanned = group === "watch" && feed.plan === null && feed.planTrouble === null;
    return [
      el("h2", { class: "group-head" }, unplanned ? t("maintenance.unplanned") : t(`maintenance.group_${group}`), " ", el("span", { class: "muted" }, format.number(rows.length))),
      ...shown.map((one) => row(one, scale, currency)),
      ...(shown.length < rows.length ? [el("button", { type: "button", class: "link more-link", onclick: () => {
        whole.add(group);
        paint();
      } }, t("maintenance.more", { n: rows.length - shown.length }))] : []),
    ];
  }

  /**
   * @param {import("./forecast_rank.js").Ranked} one
   * @param {ReturnType<typeof calendarScale>} scale
   * @param {string} currency
   */
  function row({ forecast, waiting, risk }, scale, currency) {
    const { name, place: where } = machineName(forecast.machine, park, format);
    const order = feed.orderOf(forecast.machine);
    return el("button", {
      type: "button", class: `forecast forecast-${forecast.state}`, "data-machine": forecast.machine,
      "aria-pressed": String(place.get("machine") === forecast.machine), onclick: () => place.set({ machine: place.get("machine") === forecast.machine ? "" : forecast.machine }),
    },
      el("span", { class: "forecast-name" }, glyph(HEALTH_GLYPHS[forecast.state]), el("span", { class: "forecast-words" }, el("b", {}, name), el("span", { class: "muted" }, where))),
      band(forecast, scale),
      el("span", { class: "forecast-cost" },
        waiting !== null ? el("b", {}, waiting > 0 ? `+${money(waiting, currency, format)}` : money(waiting, currency, format)) : null,
        el("span", { class: "muted" }, order ? t(`maintenance.task_${order.task}_on`, { day: format.day(Date.parse(order.begin)) })
          : risk !== null && forecast.remaining ? t("maintenance.risk_week", { risk: chance(risk, format) }) : "")));
  }

  /**
   * @param {import("./maintenance_feed.js").Forecast} forecast
   * @param {ReturnType<typeof calendarScale>} scale
   */
  function band(forecast, scale) {
    const track = el("span", { class: "band-track" });
    const outlook = feed.outlooks.get(forecast.machine);
    if (forecast.state === "not_enough_data") {
      track.append(el("span", { class: "band-words band-words-missing" }, told(forecast, "note", format)));
      return track;
    }
    if (!forecast.remaining) {
      const until = outlook?.healthy_until ? Date.parse(outlook.healthy_until) : NaN;
      const line = el("span", { class: "band-healthy" });
      line.style.width = `${100 * scale.at(until)}%`;
      track.append(line, el("span", { class: "band-words band-words-healthy" }, t("maintenance.healthy_beyond", { hours: runningHours(forecast.healthy_beyond_h ?? NaN, format), day: Number.isFinite(until) ? format.date(until) : format.number(NaN) })));
      return track;
    }
    const [low, mid, high] = [outlook?.p10, outlook?.p50, outlook?.p90].map((time) => (time ? Date.parse(time) : NaN));
    if (!Number.isFinite(low)) {
      track.append(el("span", { class: "band-words" }, t("maintenance.never_runs")));
      return track;
    }
    if (scale.beyond(low)) {
      track.append(el("span", { class: "band-words band-words-end" }, t("maintenance.beyond", { low: format.date(low), high: format.date(high) })));
      return track;
    }
    const span = el("span", { class: `band ${forecast.indicative ? "band-indicative" : ""} ${scale.beyond(high) ? "band-open" : ""}`, title: t("maintenance.band_title", { low: format.date(low), mid: format.date(mid), high: format.date(high) }) });
    span.style.left = `${100 * scale.at(low)}%`;
    span.style.width = `${Math.max(0.4, 100 * (scale.at(high) - scale.at(low)))}%`;
    track.append(span);
    if (!scale.beyond(mid)) {
      const mark = el("span", { class: "band-mid" });
      mark.style.left = `${100 * scale.at(mid)}%`;
      track.append(mark);
    }
    const words = el("span", { class: "band-dates" }, t("maintenance.band", { low: format.day(low), high: format.day(high) }), forecast.indicative ? ` · ${t("maintenance.indicative")}` : "");
    if (scale.at(low) < 0.66) words.style.left = `${100 * scale.at(low)}%`;
    else words.style.right = "0";
    track.append(words);
    return track;
  }

  const stops = [feed.listen(() => element.isConnected && paint()), place.listen(() => element.isConnected && paint())];
  return {
    element,
    show: paint,
    key: (event) => {
      if (event.key === "Escape") place.set({ machine: "" });
    },
    paint: () => detail.repaint(),
    dispose: () => {
      for (const stop of stops) stop();
      detail.dispose();
    },
  };
}
