/** One line on the board: OEE and its factors against the target, where its time went, and what it made and took. */

import { el, fill } from "./dom.js";
import { NOTHING } from "./format.js";
import { glyph } from "./glyphs.js";
import { aboveOne, knownS, MARKED_GAP, missedBy, spentTimes, standingOf } from "./kpi_data.js";
import { oeeBar } from "./oee_lines.js";
import { swatch } from "./oee_timeline.js";

/** @param {import("./page.js").Context} context */
export function createDetail(context) {
  const { t, format } = context;
  const element = el("div", { class: "oee-figures" });

  /** @param {import("./kpi_data.js").KpiRow} row */
  const headline = (row) => {
    const standing = standingOf(row);
    if (standing === "unplanned" || standing === "unknown") {
      return el("p", { class: "oee-withheld" }, glyph("stale"), el("span", {}, t(`oee.standing_${standing}_detail`, { known: format.length(knownS(row) * 1000), planned: format.length(row.planned_s * 1000) })));
    }
    const factors = /** @type {const} */ (["availability", "effectiveness", "quality"]).map((name) => {
      const bar = el("i", { class: "factor-bar" });
      bar.style.width = `${Math.min(1, Math.max(0, row[name] ?? 0)) * 100}%`;
      return el("div", { class: "factor", title: t(`oee.${name}_detail`) }, el("span", {}, t(`oee.${name}`)), el("b", {}, format.percent(row[name])), el("span", { class: "factor-track", "aria-hidden": "true" }, bar));
    });
    const missed = missedBy(row);
    return el("div", { class: "oee-headline" },
      el("div", { class: "oee-big" }, el("span", {}, t("oee.oee")), el("b", {}, format.percent(row.oee)), oeeBar(row),
        el("span", { class: "oee-aim" }, row.target === null ? t("oee.no_target") : t(missed > 0 ? "oee.below_target" : "oee.on_target", { target: format.percent(row.target, 0), n: format.number(missed, 1) }))),
      el("div", { class: "factors" }, ...factors));
  };

  /** @param {import("./kpi_data.js").KpiRow} row */
  const above = (row) => (aboveOne(row) ? el("p", { class: "oee-gap" }, t("oee.above_one")) : null);

  /** @param {import("./kpi_data.js").KpiRow} row */
  const known = (row) => {
    if (row.planned_s === 0 || (row.gap_share ?? 0) === 0) return null;
    const much = (row.gap_share ?? 0) >= MARKED_GAP;
    return el("p", { class: much ? "oee-gap oee-gap-much" : "oee-gap" }, much && glyph("stale"),
      el("span", {}, t("oee.gap", { share: format.percent(row.gap_share), planned: format.length(row.planned_s * 1000) }), row.unseen > 0 && ` ${t("oee.unseen", { n: format.number(row.unseen) })}`));
  };

  /** @param {import("./kpi_data.js").KpiRow} row */
  const times = (row) => {
    if (row.planned_s === 0) return null;
    const spent = spentTimes(row).filter(({ s }) => s > 0);
    return el("div", { class: "spent" },
      el("div", { class: "spent-bar", "aria-hidden": "true" }, ...spent.map(({ what, s }) => {
        const part = el("i", { class: `spent-${what}` });
        part.style.width = `${(s / row.planned_s) * 100}%`;
        return part;
      })),
      el("ul", { class: "spent-list", "aria-label": t("oee.spent") }, ...spent.map(({ what, s }) => el("li", {}, swatch(what), el("span", {}, t(`use.${what}`)), el("b", {}, format.length(s * 1000))))));
  };

  /** @param {import("./oee_reader.js").LineRead} read */
  const facts = ({ whole, stops, energy }) => {
    const piece = format.language === "vi" ? whole.piece_vi : whole.piece_en;
    const hours = (/** @type {number | null} */ h) => (h === null ? NOTHING : format.length(h * 3_600_000));
    /** @type {[string, string, string][]} */
    const rows = [
      [t("oee.good"), format.number(whole.good), piece],
      [t("oee.rejected"), format.number(whole.rejected), piece],
      [t("oee.throughput"), format.number(whole.throughput_per_h ?? NaN, 1), t("oee.per_hour", { piece })],
      [t("oee.micro_stops"), format.number(stops.micro_stops), stops.micro_stops > 0 ? `· ${format.length(stops.micro_stop_s * 1000)}` : ""],
      [t("oee.changeovers"), format.number(stops.changeovers), ""],
      [t("oee.failures"), format.number(stops.failures), ""],
      [t("oee.mtbf"), hours(stops.mtbf_h), ""],
      [t("oee.mttr"), hours(stops.mttr_h), ""],
      [t("oee.energy"), format.number(energy.kwh_per_good ?? NaN, 3), t("oee.per_piece", { piece })],
    ];
    return el("dl", { class: "oee-facts" }, ...rows.map(([name, value, unit]) => el("div", {}, el("dt", {}, name), el("dd", {}, el("b", {}, value), value !== NOTHING && unit && ` ${unit}`))));
  };

  return {
    element,
    /** @param {import("./oee_reader.js").LineRead} read */
    show: (read) => fill(element, headline(read.whole), above(read.whole), known(read.whole), times(read.whole), facts(read)),
  };
}
