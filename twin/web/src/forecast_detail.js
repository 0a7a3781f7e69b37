/** One machine: how it is, when it may fail, why the model says so, how that came on, and what is planned. */

import { getJson } from "./api.js";
import { createChart } from "./chart.js";
import { el, fill, icon } from "./dom.js";
import { glyph } from "./glyphs.js";
import { chance, HEALTH_GLYPHS, machineName, runningHours, told } from "./maintenance_words.js";
import { orderCard } from "./order_card.js";

/** @typedef {import("./maintenance_feed.js").Forecast} Forecast */

/** A history shorter than this is told by the clock. */
const SHORT_MS = 36 * 3_600_000;

/**
 * @param {import("./desk_page.js").DeskContext} context
 * @param {import("./maintenance_feed.js").MaintenanceFeed} feed
 */
export function createForecastDetail(context, feed) {
  const { t, format, park, place } = context;
  const element = el("aside", { class: "detail", "aria-label": t("maintenance.detail"), hidden: true });
  /** @type {ReturnType<typeof createChart> | null} */
  let chart = null;
  const history = el("div", { class: "detail-history" });
  let asked = "";
  let painted = "";

  function paint() {
    const machine = place.get("machine");
    const forecast = feed.forecasts.find((one) => one.machine === machine);
    element.hidden = !forecast;
    if (!forecast) {
      asked = painted = "";
      return;
    }
    if (asked !== machine) {
      asked = machine;
      chart?.dispose();
      chart = null;
      fill(history);
      void readHistory(machine);
    }
    const key = `${feed.version} ${machine}`;
    if (painted === key) return;
    painted = key;
    const { name, place: where } = machineName(machine, park, format);
    const order = feed.orderOf(machine);
    const left = feed.leftOf(machine);
    const outlook = feed.outlooks.get(machine);
    const top = element.scrollTop;
    fill(element,
      el("header", { class: "detail-head" },
        el("div", {}, el("h2", {}, name), el("p", { class: "muted" }, where)),
        el("button", { type: "button", class: "icon-button", "aria-label": t("maintenance.close"), title: t("maintenance.close"), onclick: () => place.set({ machine: "" }) }, icon("close"))),
      el("p", { class: "detail-state" }, glyph(HEALTH_GLYPHS[forecast.state]), el("b", {}, t(`maintenance.state_${forecast.state}`)),
        forecast.health !== null && el("span", { class: "muted" }, t("maintenance.health", { n: format.number(100 * forecast.health) }))),
      told(forecast, "note", format) && el("p", { class: "detail-note" }, forecast.indicative ? `${t("maintenance.indicative_only")} ` : "", told(forecast, "note", format)),
      ...life(forecast, outlook),
      ...why(forecast),
      history,
      order ? el("section", {}, el("h3", {}, t("maintenance.planned_work")), orderCard(context, feed, order))
        : left ? el("section", {}, el("h3", {}, t("maintenance.planned_work")), el("p", {}, told(left, "why", format)), left.risk !== null && el("p", { class: "muted" }, t("maintenance.risk_horizon", { risk: chance(left.risk, format) }))) : null,
      el("p", { class: "basis" }, t("maintenance.forecast_basis", {
        time: format.moment(Date.parse(forecast.time)), hours: runningHours(forecast.running_h, format), model: forecast.model || format.number(NaN), version: forecast.model_version.slice(0, 8) || format.number(NaN), gap: format.number(100 * forecast.gap_share),
      })),
      park.equipmentById.has(machine) && el("a", { class: "link", href: `./#${machine}` }, t("maintenance.see_in_twin")));
    element.scrollTop = top;
  }

  /**
   * @param {Forecast} forecast
   * @param {import("./maintenance_feed.js").Outlook | undefined} outlook
   */
  function life(forecast, outlook) {
    if (forecast.remaining && outlook) {
      const rows = /** @type {[string, number, string | null][]} */ ([["p10", forecast.remaining.p10, outlook.p10], ["p50", forecast.remaining.p50, outlook.p50], ["p90", forecast.remaining.p90, outlook.p90]]);
      return [
        el("h3", {}, t("maintenance.when")),
        el("dl", { class: "detail-life" }, ...rows.flatMap(([name, hours, day]) => [el("dt", {}, t(`maintenance.by_${name}`)), el("dd", {}, el("b", {}, day ? format.date(Date.parse(day)) : format.number(NaN)), " ", el("span", { class: "muted" }, runningHours(hours, format)))])),
        !outlook.calendar_known && el("p", { class: "muted" }, t("maintenance.calendar_unknown")),
        forecast.modes.length > 0 && el("h3", {}, t("maintenance.modes")),
        el("ul", { class: "detail-modes" }, ...forecast.modes.slice(0, 4).map((mode) => el("li", {}, share(mode.probability), el("span", {}, told(mode, "name", format)), el("span", { class: "muted" }, chance(mode.probability, format))))),
      ];
    }
    if (forecast.healthy_beyond_h !== null) {
      return [el("h3", {}, t("maintenance.when")), el("p", {}, t("maintenance.healthy_detail", {
        hours: runningHours(forecast.healthy_beyond_h, format), day: outlook?.healthy_until ? format.date(Date.parse(outlook.healthy_until)) : format.number(NaN),
      }))];
    }
    return [];
  }

  /** @param {Forecast} forecast */
  function why(forecast) {
    if (forecast.reasons.length === 0) return [];
    const kind = park.kindOf(forecast.machine);
    const named = (/** @type {string} */ signal) => {
      const known = kind?.signals.find((one) => one.name === signal);
      return known ? format.name(known.display) : signal.replaceAll("_", " ");
    };
    return [
      el("h3", {}, t("maintenance.why")),
      told(forecast, "trend", format) && el("p", {}, told(forecast, "trend", format)),
      el("ul", { class: "detail-reasons" }, ...forecast.reasons.map((reason) => el("li", {}, share(reason.contribution),
        el("span", {}, el("b", {}, named(reason.signal)), " ", el("span", { class: "muted" }, chance(reason.contribution, format))),
        el("span", { class: "reason-words" }, reason[format.language].replace(reason.signal, named(reason.signal)))))),
      ...(forecast.steps?.length ? [el("h3", {}, t("maintenance.steps")), el("ol", { class: "detail-steps" }, ...forecast.steps.map((step) => el("li", {}, step[format.language])))] : []),
      ...(forecast.similar?.length ? [el("h3", {}, t("maintenance.similar")), el("ul", { class: "detail-steps" }, ...forecast.similar.map((one) => el("li", {}, one[format.language])))] : []),
    ];
  }

  /** @param {number} part 0 to 1 */
  function share(part) {
    const bar = el("span", { class: "share-bar" }, el("span", {}));
    /** @type {HTMLElement} */ (bar.firstElementChild).style.width = `${Math.round(100 * Math.min(1, part))}%`;
    return bar;
  }

  /** @param {string} machine */
  async function readHistory(machine) {
    try {
      const page = /** @type {{newest: Forecast, history: Forecast[], outcomes: {time: string, what: string, mode: string, reported_by: string}[]}} */ (
        await getJson(`./api/maintenance/forecasts/${machine}`, { limit: 200 }));
      if (asked !== machine) return;
      const all = [...page.history, page.newest].filter((one) => one.remaining);
      const span = all.length > 2 ? Date.parse(all[all.length - 1].time) - Date.parse(all[0].time) : 0;
      const made = all.length > 2 ? createChart({
        x: all.map((one) => Date.parse(one.time) / 1000), label: t("maintenance.history"), height: 150,
        say: (value) => format.number(value), sayX: (x) => (span < SHORT_MS ? format.minute(x * 1000) : format.day(x * 1000)),
        lines: [
          { values: all.map((one) => one.remaining?.p10 ?? null), as: "band_low" }, { values: all.map((one) => one.remaining?.p90 ?? null), as: "band_high" }, { values: all.map((one) => one.remaining?.p50 ?? null), as: "line" },
        ],
      }) : null;
      chart = made;
      fill(history, made && el("h3", {}, t("maintenance.history")), made?.element ?? null,
        page.outcomes.length > 0 && el("h3", {}, t("maintenance.outcomes")),
        page.outcomes.length > 0 && el("ul", { class: "detail-steps" }, ...page.outcomes.map((one) => el("li", {}, t(`maintenance.outcome_${one.what}`, { time: format.moment(Date.parse(one.time)), by: one.reported_by })))));
    } catch {
      asked = ""; // asked again with the next forecasts; that the service is away is told above
    }
  }

  return {
    element,
    paint,
    repaint: () => chart?.paint(),
    dispose: () => chart?.dispose(),
  };
}
