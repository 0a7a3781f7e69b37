/** The sources: is each one heard, what it delivers, and what it does not, by name. */

import { el, fill } from "./dom.js";
import { glyph } from "./glyphs.js";

/**
 * One row of `GET /api/sources`.
 *
 * @typedef {object} SourceRow
 * @property {string} id
 * @property {import("./park.js").Name} display
 * @property {boolean} simulated
 * @property {{protocol: string, endpoint: string, items: number}} config
 * @property {boolean} silent its connector has missed three heartbeats, or was never heard
 * @property {number | null} heard_ms when its connector was last heard [ms since the epoch]
 * @property {SourceReport | null} state what it said then
 * @property {{count: number, listed: Record<string, string>}} [unknown_tags] told, but not in the park file
 *
 * @typedef {object} SourceReport
 * @property {"connecting" | "connected" | "lost" | "stopped"} connection
 * @property {number} since_ms
 * @property {number} last_heard_ms 0 = never
 * @property {number} requested
 * @property {number} monitored
 * @property {{tag: string, node: string, status: number, reason: string}[]} failed
 * @property {number} readings
 * @property {number} unsent
 * @property {string} last_error
 * @property {{code: string, since_ms: number, detail: string}[]} conditions
 */

/** @typedef {"connected" | "partial" | "connecting" | "lost" | "stopped" | "silent"} SourceHealth */

/** Glyph of each state: the same shapes as for machines. */
const GLYPH = { connected: "good", partial: "warning", connecting: "no_data", lost: "critical", stopped: "stopped", silent: "stale" };
/** Conditions of a connector that the page has words for. */
const KNOWN_CONDITIONS = new Set(["outbox_full", "disk_full", "certificate_expires", "device_silent", "backfilling", "commands_off", "forged_message"]);

/**
 * How a source is, in one word. Pure.
 *
 * @param {SourceRow} row
 * @returns {SourceHealth}
 */
export function healthOf(row) {
  if (!row.state || row.silent) return "silent";
  if (row.state.connection !== "connected") return row.state.connection;
  return row.state.failed.length > 0 || row.state.conditions.length > 0 ? "partial" : "connected";
}

/**
 * True if there are sources and none of them sends. Pure.
 *
 * @param {SourceRow[]} rows
 */
export function noneSends(rows) {
  return rows.length > 0 && rows.every((row) => ["lost", "silent", "stopped"].includes(healthOf(row)));
}

/**
 * What keeps every value from being one of now though the server itself is heard: it cannot read the bus, or no source sends.
 * Pure.
 *
 * @param {SourceRow[]} rows
 * @param {Record<string, string>} reasons why the server is not well, by part
 * @returns {"no_bus" | "no_source" | null}
 */
export function feedTrouble(rows, reasons) {
  if (reasons.bus) return "no_bus";
  return noneSends(rows) ? "no_source" : null;
}

/**
 * When the last of the sources was heard, if none sends [ms since the epoch]; 0 = never. Pure.
 *
 * @param {SourceRow[]} rows
 */
export function lastHeard(rows) {
  return Math.max(0, ...rows.map((row) => row.state?.last_heard_ms || row.heard_ms || 0));
}

/**
 * An error without the address it begins with, which stands beside it. Pure.
 *
 * @param {string} error
 * @param {string} endpoint
 */
export function withoutAddress(error, endpoint) {
  return error.startsWith(endpoint) ? error.slice(endpoint.length).replace(/^[\s:,]+/, "") || error : error;
}

/**
 * @param {import("./page.js").Context} context
 * @returns {import("./page.js").Widget}
 */
export function createSources(context) {
  const { t } = context;
  const body = el("tbody", {});
  const columns = ["source", "state", "since", "signals", "heard", "trouble"];
  const element = el("div", { class: "sources" },
    el("table", { class: "sources-table" },
      el("thead", {}, el("tr", {}, ...columns.map((name) => el("th", { scope: "col" }, t(`sources.${name}`))))),
      body));
  const none = el("p", { class: "dock-note" });
  element.append(none);

  let drawn = "";
  const refresh = () => {
    const rows = context.sources();
    const serverNow = context.serverNow(context.now());
    // rows are built anew only when one differs in what is shown, so that a person can select text in them
    const key = JSON.stringify(rows.map((row) => [row, Math.floor((serverNow - (row.heard_ms ?? 0)) / 5_000)]));
    if (key === drawn) return;
    drawn = key;
    none.hidden = rows.length > 0;
    // the park file has them, and the server did not tell how they are
    none.textContent = t(context.park.sourceById.size > 0 ? "sources.not_read" : "sources.none");
    const open = new Set([...body.querySelectorAll("details[open]")].map((part) => part.getAttribute("data-part")));
    fill(body, ...rows.map((row) => sourceRow(context, row, serverNow)));
    // what a person unfolded stays so
    for (const part of body.querySelectorAll("details")) part.toggleAttribute("open", open.has(part.getAttribute("data-part")));
  };
  refresh();
  return { element, refresh, update: refresh };
}

/**
 * @param {import("./page.js").Context} context
 * @param {SourceRow} row
 * @param {number} serverNow
 */
function sourceRow({ t, format }, row, serverNow) {
  const health = healthOf(row);
  const { state } = row;
  const since = health === "silent" ? row.heard_ms : state?.since_ms;
  return el("tr", { class: `source-${health}` },
    el("th", { scope: "row" },
      el("b", {}, format.name(row.display)),
      row.simulated && el("span", { class: "tag-mark" }, t("panel.simulated")),
      el("span", { class: "source-endpoint" }, row.config.endpoint)),
    el("td", {}, el("span", { class: `source-state source-state-${health}` }, glyph(GLYPH[health]), t(`source.${health}`))),
    el("td", {}, since ? el("span", { title: format.moment(since) }, format.age(Math.max(0, serverNow - since))) : "–"),
    el("td", { class: "number" }, state ? t("sources.of", { monitored: format.number(state.monitored), requested: format.number(state.requested) }) : "–"),
    el("td", {}, state?.last_heard_ms ? el("span", { title: format.moment(state.last_heard_ms) }, format.clock(state.last_heard_ms)) : "–"),
    el("td", {}, ...troubles(t, row)));
}

/**
 * @param {import("./i18n.js").Translate} t
 * @param {SourceRow} row
 */
function troubles(t, row) {
  /** @type {HTMLElement[]} */
  const parts = [];
  const { state } = row;
  if (healthOf(row) === "silent") parts.push(el("p", {}, t(state ? "sources.silent_detail" : "sources.never_heard")));
  for (const condition of state?.conditions ?? []) {
    const words = KNOWN_CONDITIONS.has(condition.code) ? t(`sources.condition_${condition.code}`) : condition.code;
    parts.push(el("p", {}, el("b", {}, words), " ", condition.detail));
  }
  if (state && state.failed.length > 0) {
    parts.push(el("details", { "data-part": `${row.id} failed` },
      el("summary", {}, t("sources.failed", { n: state.failed.length })),
      el("ul", {}, ...state.failed.map((item) => el("li", {}, el("code", {}, item.tag), el("span", {}, item.reason))))));
  }
  if (row.unknown_tags && row.unknown_tags.count > 0) {
    parts.push(el("details", { "data-part": `${row.id} unknown` },
      el("summary", {}, t("sources.unknown", { n: row.unknown_tags.count })),
      el("ul", {}, ...Object.entries(row.unknown_tags.listed).map(([tag, reason]) => el("li", {}, el("code", {}, tag), el("span", {}, reason))))));
  }
  if (state?.last_error) parts.push(el("p", { class: "source-error", title: state.last_error }, t("sources.last_error", { error: withoutAddress(state.last_error, row.config.endpoint) })));
  if (parts.length === 0) parts.push(el("p", { class: "muted" }, t("sources.no_trouble")));
  return parts;
}
