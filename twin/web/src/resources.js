/** Electricity, water and emissions of the park and of its tenants, what is lost on the way, and the outfall against its permit. */

import { getJson } from "./api.js";
import { createChart } from "./chart.js";
import { askedBody, card, figure, table } from "./desk_parts.js";
import { el } from "./dom.js";
import { percent } from "./quality_words.js";

/**
 * @typedef {{value: number, own: number, unit: string, gap_share: number | null, missing: number}} Amount
 * @typedef {{electricity: Amount, water: Amount | null, wastewater: Amount | null, co2e_kg: number | null, factors: {year: number, kg_per_kwh: number, source: string}[], kwh_per_good: number | null}} Energy
 * @typedef {{id: string, name_vi: string, name_en: string, unit: string, inputs: number, outputs: number, loss: number, loss_share: number | null, gap_share: number | null}} Balance
 * @typedef {{signal: string, low: number | null, high: number | null, hours: number, completeness: number | null, exceeded: number, hour: string[], mean: (number | null)[]}} Parameter
 * @typedef {{id: string, name_vi: string, name_en: string, equipment: string, reference: string, parameters: Parameter[]}} Permit
 */

/** How far back may be asked, as the server reads it. */
const SPANS = Object.freeze({ day: "now-1d", week: "now-7d", month: "now-30d" });
/** Most of the time must be known for a figure to be one. */
const COMPLETE = 0.9;

/**
 * @param {import("./desk_page.js").DeskContext} context
 * @returns {import("./desk_page.js").View}
 */
export function createResources(context) {
  const { t, format, park } = context;
  /** @type {keyof typeof SPANS} */
  let span = "day";
  /** @type {ReturnType<typeof createChart>[]} */
  let charts = [];
  const body = el("div", { class: "cards" });
  const tenants = park.json.places.filter(({ id }) => id.split("/").length === 2);
  const spans = el("div", { class: "segments", role: "group", "aria-label": t("maintenance.span") }, .../** @type {(keyof typeof SPANS)[]} */ (Object.keys(SPANS)).map((name) => el("button", {
    type: "button", class: "segment", "data-span": name, "aria-pressed": String(name === span), onclick: () => {
      span = name;
      for (const one of spans.children) one.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (one).dataset.span === span));
      void asking.ask();
    },
  }, t(`maintenance.span_${name}`))));
  const asking = askedBody(context, body, async () => {
    const from = SPANS[span];
    const [whole, { balances }, { permits }] = await Promise.all([
      /** @type {Promise<Energy>} */ (getJson("./api/kpi/energy", { from })),
      /** @type {Promise<{balances: Balance[]}>} */ (getJson("./api/kpi/balances", { from })),
      /** @type {Promise<{permits: Permit[]}>} */ (getJson("./api/kpi/environment", { from })),
    ]);
    /** @type {{name: string, energy: Energy}[]} */
    const rows = [];
    // one after the other: each reads a history
    for (const { id, display } of tenants) rows.push({ name: format.name(display), energy: await getJson("./api/kpi/energy", { from, place: id }) });
    return { whole, balances, permits, rows };
  }, ({ whole, balances, permits, rows }) => {
    for (const chart of charts) chart.dispose();
    charts = [];
    return [wholeCard(whole), tenantsCard(rows), ...permits.map(permitCard), balancesCard(balances)];
  });

  /** @param {Amount | null} amount */
  function amount(amount) {
    if (!amount) return format.number(NaN);
    const big = amount.unit === "kWh" && amount.value >= 10_000;
    return `${format.number(big ? amount.value / 1_000 : amount.value, big ? 1 : 0)} ${big ? "MWh" : amount.unit}`;
  }

  /** @param {number | null} kg */
  function emitted(kg) {
    if (kg === null) return format.number(NaN);
    return kg < 1_000 ? `${format.number(kg)} kg CO₂e` : `${format.number(kg / 1_000, 1)} t CO₂e`;
  }

  /** @param {Amount | null} one */
  function basis(one) {
    if (!one) return t("maintenance.not_metered");
    const parts = [];
    if (one.gap_share) parts.push(t("maintenance.gap", { share: percent(one.gap_share, format) }));
    if (one.missing > 0) parts.push(t("maintenance.unmetered", { n: one.missing }));
    return parts.join("; ");
  }

  /** @param {Energy} energy */
  function wholeCard(energy) {
    const factor = energy.factors[0];
    return card(t("maintenance.park_took"),
      el("div", { class: "figures" },
        figure(t("maintenance.electricity"), amount(energy.electricity), [energy.electricity.own > 0 ? t("maintenance.own", { amount: amount({ ...energy.electricity, value: energy.electricity.own }) }) : "", basis(energy.electricity)].filter(Boolean).join("; ")),
        figure(t("maintenance.water"), amount(energy.water), basis(energy.water)),
        figure(t("maintenance.wastewater"), amount(energy.wastewater), basis(energy.wastewater)),
        figure(t("maintenance.emissions"), emitted(energy.co2e_kg), factor ? t("maintenance.factor", { kg: format.number(factor.kg_per_kwh, 4), year: factor.year }) : t("maintenance.no_factor"))),
      factor && el("p", { class: "basis" }, t("maintenance.factor_source", { source: factor.source })));
  }

  /** @param {{name: string, energy: Energy}[]} rows */
  function tenantsCard(rows) {
    const title = t("maintenance.tenants");
    return card(title, table([t("maintenance.tenant"), t("maintenance.electricity"), t("maintenance.water"), t("maintenance.wastewater"), t("maintenance.emissions"), t("maintenance.kwh_per_good")],
      rows.map(({ name, energy }) => [name, withGap(energy.electricity), withGap(energy.water), withGap(energy.wastewater), emitted(energy.co2e_kg), energy.kwh_per_good === null ? format.number(NaN) : format.number(energy.kwh_per_good, 3)]), title));
  }

  /** @param {Amount | null} one */
  function withGap(one) {
    return el("span", {}, amount(one), one?.gap_share ? el("span", { class: "muted" }, ` (${t("maintenance.gap", { share: percent(one.gap_share, format) })})`) : null);
  }

  /** @param {Permit} permit */
  function permitCard(permit) {
    const kind = park.kindOf(permit.equipment);
    const exceeded = permit.parameters.reduce((sum, one) => sum + one.exceeded, 0);
    const complete = permit.parameters.every((one) => (one.completeness ?? 0) >= COMPLETE);
    const hours = Math.max(0, ...permit.parameters.map((one) => one.hours));
    return card(format.language === "vi" ? permit.name_vi : permit.name_en,
      el("p", { class: `finding ${exceeded > 0 ? "finding-critical" : complete && hours > 0 ? "finding-good" : "finding-warning"}` },
        exceeded > 0 ? t("maintenance.exceeded", { n: exceeded }) : hours === 0 ? t("maintenance.no_hours") : complete ? t("maintenance.complied", { n: hours }) : t("maintenance.incomplete")),
      table([t("maintenance.parameter"), t("maintenance.limit"), t("maintenance.worst_hour"), t("maintenance.exceeded_hours"), t("maintenance.completeness")],
        permit.parameters.map((one) => {
          const signal = kind?.signals.find(({ name }) => name === one.signal);
          const known = one.mean.filter((mean) => mean !== null);
          const worst = known.length === 0 ? NaN : one.high !== null ? Math.max(...known) : Math.min(...known);
          const digits = signal?.decimals ?? 1;
          return [signal ? format.name(signal.display) : one.signal, limits(one, digits, format.unit(signal?.unit ?? "")), Number.isFinite(worst) ? `${format.number(worst, digits)} ${format.unit(signal?.unit ?? "")}` : format.number(NaN),
            el("span", { class: one.exceeded > 0 ? "below" : "" }, t("maintenance.hours_of", { n: one.exceeded, of: one.hours })), el("span", { class: (one.completeness ?? 0) < COMPLETE ? "below" : "" }, percent(one.completeness, format))];
        }), permit.reference),
      el("div", { class: "permit-charts" }, ...permit.parameters.map((one) => parameterChart(one, kind?.signals.find(({ name }) => name === one.signal)))),
      el("p", { class: "basis" }, permit.reference, ". ", t("maintenance.permit_basis")));
  }

  /** @param {Parameter} one @param {number} digits @param {string} unit */
  function limits(one, digits, unit) {
    const [low, high] = [one.low, one.high].map((limit) => (limit === null ? "" : format.number(limit, digits)));
    return `${low && high ? `${low}–${high}` : high ? `≤ ${high}` : `≥ ${low}`} ${unit}`;
  }

  /**
   * @param {Parameter} one
   * @param {import("./park.js").Signal | undefined} signal
   */
  function parameterChart(one, signal) {
    const name = signal ? `${format.name(signal.display)}${format.unit(signal.unit) && ` [${format.unit(signal.unit)}]`}` : one.signal;
    if (one.mean.filter((mean) => mean !== null).length < 2) return el("figure", { class: "small-chart" }, el("figcaption", {}, name), el("p", { class: "muted" }, t("maintenance.no_hours")));
    const chart = createChart({
      x: one.hour.map((hour) => Date.parse(hour) / 1000), label: name, height: 120, say: (value) => format.number(value, signal?.decimals ?? 1),
      sayX: (x) => (span === "day" ? format.minute(x * 1000) : format.day(x * 1000)),
      lines: [
        { values: one.mean, as: "line" },
        ...(one.high === null ? [] : [{ values: one.hour.map(() => one.high), as: /** @type {const} */ ("limit") }]),
        ...(one.low === null ? [] : [{ values: one.hour.map(() => one.low), as: /** @type {const} */ ("limit") }]),
      ],
    });
    charts.push(chart);
    return el("figure", { class: "small-chart" }, el("figcaption", {}, name), chart.element);
  }

  /** @param {Balance[]} balances */
  function balancesCard(balances) {
    const title = t("maintenance.balances");
    if (balances.length === 0) return null;
    return card(title, table([t("maintenance.balance"), t("maintenance.inputs"), t("maintenance.outputs"), t("maintenance.loss"), t("maintenance.loss_share"), t("maintenance.unknown_share")],
      balances.map((one) => [format.language === "vi" ? one.name_vi : one.name_en, `${format.number(one.inputs)} ${one.unit}`, `${format.number(one.outputs)} ${one.unit}`, `${format.number(one.loss)} ${one.unit}`, percent(one.loss_share, format), percent(one.gap_share, format)]), title));
  }

  const element = el("div", { class: "view-scroll" }, el("div", { class: "view-bar" }, spans), asking.element);
  return {
    element,
    show: () => void asking.ask(),
    paint: () => charts.forEach((one) => one.paint()),
    dispose: () => charts.forEach((one) => one.dispose()),
  };
}
