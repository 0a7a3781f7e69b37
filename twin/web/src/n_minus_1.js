/** The loss of every single element (N-1), the worst first: what a park would lean on most. */

import { ApiError, getJson } from "./api.js";
import { el, fill, say } from "./dom.js";
import { refusalText } from "./refusal.js";
import { ownTenant } from "./session.js";

const MOST = 50;
/** The server reckons anew after two minutes. */
const READ_EVERY = 120_000;
/** What is counted of each loss. */
const COUNTS = /** @type {const} */ (["lines", "overloads", "affected", "tenants"]);

/**
 * @typedef {import("./hypothesis.js").Element & {affected: number, lines: number, tenants: number, overloads: number,
 *   worst_percent: number | null, lost_kw: number, soonest_min: number | null}} Loss
 */

/**
 * @param {import("./page.js").Context} context
 * @param {(equipment: string, name: import("./park.js").Name) => void} choose
 */
export function createSingleLosses(context, choose) {
  const { t, format, park } = context;
  // who else is hit is not told to a tenant
  const counts = COUNTS.filter((name) => name !== "tenants" || ownTenant() === "");
  const columns = ["element", ...counts, "power", "soonest"];
  const body = el("tbody", {});
  const state = el("p", { class: "dock-note", role: "status" });
  const table = el("table", { class: "losses-table", hidden: true },
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "#"), ...columns.map((name) => el("th", { scope: "col" }, t(`losses.${name}`))))), body);
  const element = el("div", { class: "losses", role: "region", tabindex: "0", "aria-label": t("whatif.view_losses") }, state, table);
  let readAt = -Infinity;
  let reading = false;
  let begun = 0;

  const read = async () => {
    reading = true;
    begun = performance.now();
    refresh();
    try {
      const { at, contingencies } = await /** @type {Promise<{at: string, contingencies: Loss[]}>} */ (getJson("./api/what-if/elements", { most: MOST }));
      say(state, t("losses.reckoned", { time: format.clock(Date.parse(at)), n: contingencies.length }));
      fill(body, ...contingencies.map(row));
      table.hidden = false;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      say(state, t("losses.failed", { reason: refusalText(context, error) }));
    } finally {
      reading = false;
      readAt = performance.now();
    }
  };
  /** @param {Loss} one @param {number} k */
  const row = (one, k) => {
    const places = park.path(one.id).slice(1).map((name) => format.name(name));
    return el("tr", {},
      el("td", { class: "number" }, format.number(k + 1)),
      el("th", { scope: "row" }, el("button", { type: "button", class: "link what-name", title: t("losses.try"), onclick: () => choose(one.id, one.name) }, format.name(one.name)), places.length > 0 && el("span", { class: "muted" }, ` · ${places.at(-1)}`)),
      ...counts.map((name) => el("td", { class: "number" }, one[name] > 0 ? format.number(one[name]) : "–")),
      el("td", { class: "number" }, format.number(one.lost_kw)),
      el("td", { class: "number" }, one.soonest_min === null ? "–" : format.length(one.soonest_min * 60_000)));
  };
  const refresh = () => {
    if (reading) say(state, t("losses.reckoning", { duration: format.length(performance.now() - begun) }));
    else if (performance.now() - readAt > READ_EVERY) void read();
  };
  return { element, open: refresh, refresh };
}
