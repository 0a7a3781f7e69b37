/** Whether a station can still be trusted: share of rejects, score, drift, false rejects and escapes, agreement. */

import { getJson } from "./api.js";
import { createChart } from "./chart.js";
import { askedBody, card, figure, nothingYet, table } from "./desk_parts.js";
import { el, say } from "./dom.js";
import { percent } from "./quality_words.js";
import { decimalsOf } from "./value_axis.js";

/**
 * @typedef {{count: number, of: number, share: number | null, low: number, high: number}} Share
 * @typedef {{value: number | null, low: number, high: number}} Estimate
 * @typedef {{station: string, product: string, recipe_version: number, inspections: number, result: any}} Statistics
 * @typedef {{groups: [number, number][], rejects: {centre: number, shares: number[], low: number[], high: number[], beyond: number[], runs: number[]} | null,
 *   sequences: number[], score: {centre: number, averages: number[], low: number[], high: number[], signals: number[]} | null}} Charts
 */

const WINDOWS = [500, 2000, 10_000];
const MOST_POINTS = 1_500;
/** The service compares no more at a time. */
const MOST_REVIEWED = 1_000;

/**
 * @param {import("./desk_page.js").DeskContext} context
 * @param {import("./quality_feed.js").QualityFeed} feed
 * @returns {import("./desk_page.js").View}
 */
export function createQualityCharts(context, feed) {
  const { t, format } = context;
  let window = 2000;
  let asked = "";
  /** @type {ReturnType<typeof createChart>[]} */
  let charts = [];
  const body = el("div", { class: "cards" });
  const nothing = el("p", { class: "asked-note", role: "status" });
  const windows = el("div", { class: "segments", role: "group", "aria-label": t("quality.window") }, ...WINDOWS.map((size) => el("button", {
    type: "button", class: "segment", "aria-pressed": String(size === window), "data-size": String(size), onclick: () => {
      window = size;
      for (const one of windows.children) one.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (one).dataset.size === String(size)));
      void asking.ask();
    },
  }, t("quality.last_products", { n: format.number(size) }))));
  const asking = askedBody(context, body, async () => {
    const base = `./api/qc/stations/${feed.station}`;
    const products = Object.keys(feed.stations[feed.station] ?? {});
    const query = { window, ...(products.length > 1 && { product: feed.rows[0]?.product ?? products[0] }) };
    const rates = /** @type {Statistics} */ (await getJson(`${base}/rates`, query));
    // some twenty points, none of fewer products than say something of a share
    const subgroup = Math.max(10, Math.min(50, Math.round(rates.inspections / 20)));
    const [drawn, drift, agreed] = await Promise.all([
      getJson(`${base}/charts`, { ...query, subgroup }), getJson(`${base}/drift`, { ...query, window: 200 }), getJson(`${base}/agreement`, { ...query, window: Math.min(window, MOST_REVIEWED) }),
    ]);
    return { drawn: /** @type {Statistics} */ (drawn), drift: /** @type {Statistics} */ (drift), rates, agreed: /** @type {Statistics} */ (agreed), subgroup };
  }, ({ drawn, drift, rates, agreed, subgroup }) => {
    for (const chart of charts) chart.dispose();
    charts = [];
    return [
      rejectCard(drawn, subgroup), rateCard(rates), scoreCard(drawn), driftCard(drift), agreementCard(agreed),
    ];
  });

  /** @param {Parameters<typeof createChart>[0]} plan */
  const chart = (plan) => {
    const made = createChart(plan);
    charts.push(made);
    return made.element;
  };

  /** @param {Statistics} told @param {number} subgroup */
  function rejectCard(told, subgroup) {
    const { rejects } = /** @type {Charts} */ (told.result);
    const title = t("quality.chart_rejects");
    const basis = t("quality.basis", { n: format.number(told.inspections), product: told.product, version: told.recipe_version });
    if (!rejects) return card(title, el("p", { class: "muted" }, t("quality.too_few_groups", { n: 3, size: subgroup })), el("p", { class: "basis" }, basis));
    const signals = new Set([...rejects.beyond, ...rejects.runs]);
    return card(title,
      chart({
        x: rejects.shares.map((_, k) => k + 1), label: title, say: (value, splits) => format.percent(value, decimalsOf(splits.map((one) => 100 * one))), sayX: (x) => Number.isInteger(x) ? format.number(x) : "",
        lines: [
          { values: rejects.high, as: "limit" }, { values: rejects.low, as: "limit" }, { values: rejects.shares.map(() => rejects.centre), as: "centre" },
          { values: rejects.shares, as: "dots" }, { values: rejects.shares.map((share, k) => signals.has(k) ? share : null), as: "signal" },
        ],
      }),
      el("p", { class: signals.size > 0 ? "finding finding-critical" : "finding" }, signals.size > 0
        ? t("quality.rejects_signal", { n: signals.size, centre: percent(rejects.centre, format) }) : t("quality.rejects_calm", { centre: percent(rejects.centre, format) })),
      el("p", { class: "basis" }, `${basis} ${t("quality.chart_rejects_basis", { size: subgroup })}`));
  }

  /** @param {Statistics} told */
  function scoreCard(told) {
    const { score } = /** @type {Charts} */ (told.result);
    const title = t("quality.chart_score");
    if (!score || score.averages.length === 0) return card(title, el("p", { class: "muted" }, t("quality.no_baseline")));
    const step = Math.max(1, Math.ceil(score.averages.length / MOST_POINTS));
    const thin = (/** @type {number[]} */ values) => values.filter((_, k) => k % step === 0);
    return card(title,
      chart({
        x: thin(score.averages.map((_, k) => k + 1)), label: title, say: (value) => format.number(value, 2), sayX: (x) => format.number(x),
        lines: [
          { values: thin(score.high), as: "limit" }, { values: thin(score.low), as: "limit" }, { values: thin(score.averages.map(() => score.centre)), as: "centre" }, { values: thin(score.averages), as: "line" },
        ],
      }),
      el("p", { class: score.signals.length > 0 ? "finding finding-warning" : "finding" }, score.signals.length > 0
        ? t("quality.score_signal", { n: format.number(score.signals.length), of: format.number(score.averages.length) }) : t("quality.score_calm")),
      el("p", { class: "basis" }, t("quality.chart_score_basis")));
  }

  /** @param {Statistics} told */
  function driftCard(told) {
    const { scores, pictures } = told.result;
    const title = t("quality.chart_drift");
    const basis = el("p", { class: "basis" }, t("quality.drift_basis", { n: format.number(told.inspections) }));
    if (!scores && !pictures) return card(title, el("p", { class: "muted" }, t("quality.drift_too_few", { n: 50 })), basis);
    const shifts = /** @type {[string, number][]} */ (Object.entries(pictures?.shifts ?? {}));
    return card(title,
      el("div", { class: "figures" },
        scores ? figure(t("quality.drift_scores"), t(scores.alarm ? "quality.drifted" : "quality.not_drifted"), t("quality.drift_scores_detail", { psi: format.number(scores.psi, 2), ks: format.number(scores.ks, 2) }), scores.alarm ? "critical" : "good") : figure(t("quality.drift_scores"), format.number(NaN), t("quality.drift_too_few", { n: 50 })),
        pictures ? figure(t("quality.drift_pictures"), t(pictures.alarm ? "quality.drifted" : "quality.not_drifted"), t("quality.drift_pictures_detail", { distance: format.number(pictures.distance, 1) }), pictures.alarm ? "critical" : "good") : figure(t("quality.drift_pictures"), format.number(NaN), t("quality.drift_too_few", { n: 50 }))),
      shifts.length > 0 && table([t("quality.figure"), t("quality.shift")], shifts.map(([name, shift]) => [figureName(name), t("quality.shift_sigma", { n: `${shift > 0 ? "+" : ""}${format.number(shift, 1)}` })])),
      basis);
  }

  /** @param {string} name of a figure of the picture */
  const figureName = (name) => ["brightness", "contrast", "sharpness"].includes(name) ? t(`quality.figure_of_${name}`) : name;

  /** @param {Statistics} told */
  function rateCard(told) {
    const { false_reject: rejects, escape, escapes_of_passed: passed, defective } = told.result;
    const span = (/** @type {{low: number, high: number}} */ one) => t("quality.interval", { low: percent(one.low, format), high: percent(one.high, format) });
    const reviewed = /** @type {Share[]} */ (Object.values(defective)).reduce((sum, one) => sum + one.of, 0);
    const basis = el("p", { class: "basis" }, t("quality.rates_basis", { n: format.number(reviewed), of: format.number(told.inspections) }));
    // from nothing any rate can be: an interval of 0 to 100 % tells nobody anything
    if (reviewed === 0) return card(t("quality.chart_rates"), el("p", { class: "muted" }, t("quality.rates_none")), basis);
    return card(t("quality.chart_rates"),
      el("div", { class: "figures" },
        figure(t("quality.false_reject"), percent(rejects.value, format), span(rejects)),
        figure(t("quality.escape"), percent(escape.value, format), span(escape)),
        figure(t("quality.escapes_of_passed"), percent(passed.share, format), `${span(passed)} ${t("quality.of_reviewed", { n: format.number(passed.of) })}`)),
      basis);
  }

  /** @param {Statistics} told */
  function agreementCard(told) {
    const rows = /** @type {[string, {agreed: Share, kappa: number | null, miss: Share, false_alarm: Share, rating: string | null}][]} */ (Object.entries(told.result ?? {}));
    const title = t("quality.chart_agreement");
    if (rows.length === 0) return card(title, el("p", { class: "muted" }, t("quality.no_agreement")));
    return card(title, table([t("quality.appraisers"), t("quality.agreed"), t("quality.kappa"), t("quality.miss"), t("quality.false_alarm"), t("quality.rating")],
      rows.map(([names, one]) => [names.split(", ").map((name) => name === "camera" ? t("quality.camera") : name).join(" / "), `${percent(one.agreed.share, format)} (${one.agreed.of})`,
        one.kappa === null ? format.number(NaN) : format.number(one.kappa, 2), percent(one.miss.share, format), percent(one.false_alarm.share, format), one.rating ? t(`quality.rating_${one.rating}`) : format.number(NaN)])),
    el("p", { class: "basis" }, t("quality.agreement_basis")));
  }

  const element = el("div", { class: "view-scroll" }, el("div", { class: "view-bar" }, windows), nothing, asking.element);
  const askIfNew = () => {
    const wanted = feed.station;
    nothing.hidden = wanted !== "";
    if (!wanted) say(nothing, feed.stationsKnown ? t("quality.no_station") : nothingYet(context, t("quality.asking")));
    if (!wanted || wanted === asked) return;
    asked = wanted;
    void asking.ask();
  };
  const stop = feed.listen(() => element.isConnected && askIfNew());
  return {
    element,
    show: () => {
      asked = "";
      askIfNew();
    },
    paint: () => charts.forEach((one) => one.paint()),
    dispose: () => {
      stop();
      charts.forEach((one) => one.dispose());
    },
  };
}
