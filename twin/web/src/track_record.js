/** Whether past forecasts came true, with numbers: by kind of machine, and life by life. */

import { getJson } from "./api.js";
import { askedBody, card, table } from "./desk_parts.js";
import { el } from "./dom.js";
import { machineName, runningHours } from "./maintenance_words.js";
import { percent } from "./quality_words.js";

/**
 * @typedef {{model: string, ended: number, failed: number, coverage: number | null, alpha_lambda: number | null, horizon_h: number | null, ranked_first: number | null, false_alarms: number, unexpected: number, demoted: boolean}} RecordRow
 * @typedef {{machine: string, version: string, what: string, mode: string, forecasts: number, covered: number | null, error_half: number | null, horizon_h: number | null, ranked_first: boolean | null, false_alarm: boolean, unexpected: boolean}} LifeRow
 */

/** What the interval promises. */
const PROMISED = 0.9;

/**
 * @param {import("./desk_page.js").DeskContext} context
 * @returns {import("./desk_page.js").View}
 */
export function createTrackRecord(context) {
  const { t, format, park } = context;
  const kindName = (/** @type {string} */ kind) => {
    const known = park.json.kinds[kind];
    return known ? format.name(known.display) : kind.replaceAll("_", " ");
  };
  const body = el("div", { class: "cards" });
  const asking = askedBody(context, body,
    () => /** @type {Promise<{models: RecordRow[], lives: LifeRow[]}>} */ (getJson("./api/maintenance/track-record")),
    ({ models, lives }) => models.length === 0 ? [card(t("maintenance.record"), el("p", {}, t("maintenance.record_none")))] : [
      card(t("maintenance.record"),
        table([t("maintenance.kind"), t("maintenance.ended"), t("maintenance.coverage"), t("maintenance.alpha_lambda"), t("maintenance.horizon"), t("maintenance.ranked_first"), t("maintenance.false_alarms"), t("maintenance.unexpected"), t("maintenance.standing")],
          models.map((row) => [kindName(row.model), t("maintenance.ended_failed", { n: row.ended, failed: row.failed }), coverage(row.coverage), percent(row.alpha_lambda, format),
            row.horizon_h === null ? format.number(NaN) : runningHours(row.horizon_h, format), percent(row.ranked_first, format), format.number(row.false_alarms), format.number(row.unexpected),
            row.demoted ? el("b", { class: "demoted" }, t("maintenance.demoted")) : t("maintenance.in_force")]), t("maintenance.record")),
        el("p", { class: "basis" }, t("maintenance.record_basis"))),
      card(t("maintenance.lives"),
        table([t("maintenance.machine"), t("maintenance.what"), t("maintenance.forecasts_made"), t("maintenance.covered"), t("maintenance.error_half"), t("maintenance.horizon"), t("maintenance.remarks")],
          lives.map((row) => [machineName(row.machine, park, format).name, t(`maintenance.life_${row.what}`), format.number(row.forecasts), coverage(row.covered), percent(row.error_half, format),
            row.horizon_h === null ? format.number(NaN) : runningHours(row.horizon_h, format), remarks(row)]), t("maintenance.lives"))),
    ]);

  /** @param {number | null} share */
  function coverage(share) {
    return el("span", { class: share !== null && share < PROMISED - 0.1 ? "below" : "" }, percent(share, format));
  }

  /** @param {LifeRow} row */
  function remarks(row) {
    return [row.unexpected && t("maintenance.was_unexpected"), row.false_alarm && t("maintenance.was_false"), row.ranked_first === true && t("maintenance.was_right")].filter(Boolean).join("; ");
  }

  const element = el("div", { class: "view-scroll" }, asking.element);
  return { element, show: () => void asking.ask() };
}
