/** Overloads that are coming: what will be beyond what it may carry within a day, when, how likely, and what relieves it. */

import { ApiError, getJson } from "./api.js";
import { el, fill, say } from "./dom.js";
import { refusalText } from "./refusal.js";
import { svg } from "./svg.js";

const PERMITTED_PERCENT = [100, 90, 80, 70, 60];
/** A forecast holds for a quarter of an hour; while the server still reads its history there is soon a better one. */
const READ_EVERY = 300_000;
const READ_AGAIN = 8_000;
const WIDTH = 180;
const HEIGHT = 30;
/** A day is shown a little above the limit. */
const TOP_PERCENT = 130;

/**
 * @typedef {import("./hypothesis.js").Element & {low_percent: (number | null)[], middle_percent: (number | null)[],
 *   high_percent: (number | null)[], chance: (number | null)[], possible_at: string | null, likely_at: string | null,
 *   highest_chance: number, worst_at: string, over_kw: number, relief: (import("./hypothesis.js").Element & {kw: number})[],
 *   record: {ahead_min: number, off_kw: number | null, as_yesterday_kw: number | null, within: number | null}[]}} Ahead
 * @typedef {{percent: number, at: string[], elements: Ahead[], unknown: import("./hypothesis.js").Element[], history_days: number,
 *   reading: boolean, trouble: string}} Overloads
 */

/**
 * Points of a band between two quantiles, there and back; what is not known is left out.
 *
 * @param {readonly number[]} times ms
 * @param {readonly (number | null)[]} low
 * @param {readonly (number | null)[]} high
 */
export function bandPoints(times, low, high) {
  const there = linePoints(times, high);
  const back = linePoints(times, low);
  return [...there, ...back.reverse()];
}

/**
 * Points of a line on the face of the little picture.
 *
 * @param {readonly number[]} times ms
 * @param {readonly (number | null)[]} percent
 */
export function linePoints(times, percent) {
  const first = times[0];
  const span = Math.max(times[times.length - 1] - first, 1);
  /** @type {[number, number][]} */
  const points = [];
  percent.forEach((value, k) => {
    if (value === null) return;
    points.push([(WIDTH * (times[k] - first)) / span, HEIGHT * (1 - Math.min(value, TOP_PERCENT) / TOP_PERCENT)]);
  });
  return points;
}

/**
 * @param {import("./page.js").Context} context
 */
export function createOverloadsAhead(context) {
  const { t, format, park, store } = context;
  const columns = ["element", "day", "highest", "chance"];
  const body = el("tbody", {});
  const state = el("p", { class: "dock-note", role: "status" });
  const unknown = el("p", { class: "dock-note" });
  const permitted = el("select", { class: "input" }, ...PERMITTED_PERCENT.map((percent) => el("option", { value: String(percent) }, format.percent(percent / 100, 0))));
  permitted.addEventListener("change", () => void read());
  const table = el("table", { class: "losses-table", hidden: true }, el("thead", {}, el("tr", {}, ...columns.map((name) => el("th", { scope: "col" }, t(`overloads.${name}`))))), body);
  const element = el("div", { class: "losses overloads", role: "region", tabindex: "0", "aria-label": t("whatif.view_overloads") },
    el("div", { class: "overloads-head" }, el("label", { class: "what-lasts" }, el("span", {}, t("overloads.permitted")), permitted), state),
    table, unknown);
  let readAt = -Infinity;
  let every = READ_EVERY;
  let asked = 0;
  let reading = false;
  let begun = 0;

  const read = async () => {
    const number = ++asked;
    reading = true;
    begun = performance.now();
    refresh();
    try {
      const found = /** @type {Overloads} */ (await getJson("./api/networks/electricity/overloads", { percent: Number(permitted.value) }));
      if (number === asked) paint(found);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (number === asked) {
        every = READ_EVERY;
        say(state, t("overloads.failed", { reason: refusalText(context, error) }));
      }
    } finally {
      if (number === asked) {
        reading = false;
        readAt = performance.now();
      }
    }
  };
  /** @param {Overloads} found */
  const paint = (found) => {
    every = found.reading ? READ_AGAIN : READ_EVERY;
    const coming = found.elements.filter((one) => one.possible_at !== null).length;
    const days = format.number(found.history_days, 1);
    const told = found.elements.length === 0 ? t("overloads.too_short", { days }) : coming ? t("overloads.coming", { n: coming, days }) : t("overloads.none", { days });
    say(state, `${told}${found.reading ? ` ${t("overloads.reading")}` : ""}${found.trouble ? ` ${t("overloads.no_flow")}` : ""}`);
    state.title = found.trouble;
    const times = found.at.map((time) => Date.parse(time));
    fill(body, ...found.elements.map((one) => row(one, times)));
    table.hidden = found.elements.length === 0;
    // where nothing can be forecast, one sentence says so and no list
    unknown.hidden = found.unknown.length === 0 || found.elements.length === 0;
    say(unknown, t("overloads.unknown", { names: found.unknown.map((one) => format.name(one.name)).join(", ") }));
  };
  /** @param {Ahead} one @param {number[]} times */
  const row = (one, times) => {
    const places = park.path(one.id).slice(1).map((name) => format.name(name));
    const worst = times.indexOf(Date.parse(one.worst_at));
    const [middle, high] = [one.middle_percent, one.high_percent].map((percents) => format.number(percents[worst] ?? NaN));
    const at = (/** @type {string} */ time) => format.minute(Date.parse(time));
    const hour = one.record.find((judged) => judged.ahead_min === 60);
    const skill = hour && hour.off_kw !== null && hour.within !== null ? t("overloads.skill", { kw: format.number(hour.off_kw), within: format.percent(hour.within, 0) }) : t("overloads.no_skill");
    const level = one.likely_at !== null ? "likely" : one.possible_at !== null ? "possible" : "calm";
    const when = one.likely_at ?? one.possible_at;
    const told = when !== null && t(one.likely_at !== null ? "overloads.likely" : "overloads.possible", { time: at(when), kw: format.number(one.over_kw) });
    const relief = one.relief.map((load) => t("overloads.load", { name: format.name(load.name), kw: format.number(load.kw) })).join(", ");
    return el("tr", { class: `overload-${level}` },
      el("th", { scope: "row" }, el("button", { type: "button", class: "link what-name", title: skill, onclick: () => store.set({ equipment: one.id }) }, format.name(one.name)), places.length > 0 && el("span", { class: "muted" }, ` · ${places.at(-1)}`),
        told && el("p", {}, told), told && relief !== "" && el("p", { class: "muted" }, t("overloads.relief", { loads: relief }))),
      el("td", {}, picture(one, times)),
      el("td", { class: "number" }, middle === high ? middle : t("overloads.percents", { middle, high })),
      el("td", { class: "number" }, one.highest_chance >= 0.005 ? format.percent(one.highest_chance, 0) : "–"));
  };
  /** @param {Ahead} one @param {number[]} times */
  const picture = (one, times) => {
    const limit = HEIGHT * (1 - 100 / TOP_PERCENT);
    return svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", class: "overload-day", role: "img", "aria-label": t("overloads.picture") },
      svg("polygon", { class: "overload-band", points: bandPoints(times, one.low_percent, one.high_percent).join(" ") }),
      svg("polyline", { class: "overload-middle", points: linePoints(times, one.middle_percent).join(" ") }),
      svg("line", { class: "overload-limit", x1: 0, x2: WIDTH, y1: limit, y2: limit }));
  };
  const refresh = () => {
    if (reading) say(state, t("overloads.asking", { duration: format.length(performance.now() - begun) }));
    else if (performance.now() - readAt > every) void read();
  };
  return { element, open: refresh, refresh };
}
