/** The list of lines on the board: how each does against what is aimed at, and how much of its time is known. */

import { el } from "./dom.js";
import { glyph } from "./glyphs.js";
import { aboveOne, byEnterprise, knownS, missedBy, standingOf } from "./kpi_data.js";

/**
 * @param {import("./page.js").Context} context
 * @param {(line: string) => void} choose
 */
export function createLines({ t, format, park }, choose) {
  const columns = /** @type {const} */ (["availability", "effectiveness", "quality"]);
  const element = el("table", { class: "oee-table" },
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, t("oee.line")), el("th", { scope: "col" }, t("oee.oee")),
      ...columns.map((name) => el("th", { scope: "col", class: "oee-factor", title: t(`oee.${name}_detail`) }, t(`oee.${name}`))), el("th", { scope: "col", title: t("oee.unknown_detail") }, t("oee.unknown")))));

  /** @param {import("./kpi_data.js").KpiRow} row @param {boolean} chosen */
  const line = (row, chosen) => {
    const standing = standingOf(row);
    const figures = standing === "whole" || standing === "partial";
    return el("tr", { class: `oee-row oee-${standing}`, "data-line": row.id },
      el("th", { scope: "row" }, el("button", { type: "button", class: "oee-name", "aria-pressed": String(chosen), onclick: () => choose(row.id) }, format.language === "vi" ? row.name_vi : row.name_en)),
      figures
        ? el("td", { class: "oee-figure" }, oeeBar(row), el("b", {}, format.percent(row.oee)), missedBy(row) > 0 && el("span", { class: "oee-missed", title: t("oee.missed", { n: format.number(missedBy(row), 1) }) }, "▼"), aboveOne(row) && el("span", { class: "oee-above", title: t("oee.above_one") }, "▲"))
        : el("td", { class: "oee-none" }, t(`oee.standing_${standing}`, { known: format.length(knownS(row) * 1000) })),
      ...columns.map((name) => el("td", { class: "number oee-factor" }, figures ? format.percent(row[name]) : "")),
      el("td", { class: "number" }, row.planned_s > 0 && (row.gap_share ?? 0) > 0 && standing !== "whole" ? glyph("stale") : null, row.planned_s > 0 ? ` ${format.percent(row.gap_share)}` : ""));
  };

  return {
    element,
    /** @param {import("./kpi_data.js").KpiRow[]} lines @param {string | null} chosen */
    show: (lines, chosen) => {
      const groups = byEnterprise(lines).map(({ enterprise, lines: members }) => {
        const name = park.nameOfPlace(enterprise);
        return el("tbody", {}, el("tr", { class: "oee-enterprise" }, el("th", { scope: "rowgroup", colspan: "6" }, name ? format.name(name) : enterprise)), ...members.map((row) => line(row, row.id === chosen)));
      });
      const had = document.activeElement?.closest("[data-line]")?.getAttribute("data-line");
      for (const old of element.querySelectorAll("tbody")) old.remove();
      element.append(...groups);
      // a person on the keyboard stays where they are when the figures come anew
      if (had) /** @type {HTMLElement | null} */ (element.querySelector(`[data-line="${CSS.escape(had)}"] button`))?.focus();
    },
  };
}

/**
 * OEE as a bar with a tick where it should reach; what is missing to it is hatched.
 *
 * @param {import("./kpi_data.js").KpiRow} row
 */
export function oeeBar(row) {
  const bar = el("i", { class: "oee-bar-done" });
  const share = Math.min(1, Math.max(0, row.oee ?? 0));
  bar.style.width = `${share * 100}%`;
  const missing = el("i", { class: "oee-bar-missing" });
  const target = el("i", { class: "oee-bar-target" });
  missing.hidden = missedBy(row) === 0;
  target.hidden = row.target === null;
  missing.style.left = `${share * 100}%`;
  missing.style.width = `${missedBy(row)}%`;
  target.style.left = `${(row.target ?? 0) * 100}%`;
  return el("span", { class: "oee-bar", "aria-hidden": "true" }, bar, missing, target);
}
