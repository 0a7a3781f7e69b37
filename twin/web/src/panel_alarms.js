/** The alarms of the selected machine: what is wrong, why, what it leads to and what to do. */

import { actionsOn, actOnAlarms, mayDo } from "./alarm_actions.js";
import { isWaiting, raisedAt } from "./alarm_book.js";
import { alarmName, alarmState, alarmValue } from "./alarm_row.js";
import { el, fill, icon, say } from "./dom.js";
import { glyph } from "./glyphs.js";
import { alarmGlyph, priorityOf } from "./priority.js";

/** So many are shown before a person asks for all. */
const FIRST = 3;

/**
 * @param {import("./page.js").Context} context
 * @param {string} equipment id
 * @returns {import("./page.js").Widget}
 */
export function createPanelAlarms(context, equipment) {
  const { alarms: book, t, format } = context;
  const title = el("h3", {});
  const everyone = el("button", { type: "button", class: "button", onclick: () => void act("acknowledge", book.at(equipment).filter(isWaiting).map((row) => row.alarm)) }, icon("check"), t("panel_alarms.acknowledge_all"));
  const cards = el("ul", { class: "panel-alarm-list" });
  const more = el("button", { type: "button", class: "link panel-alarms-more", onclick: () => {
    all = true;
    paint();
  } });
  const refusal = el("p", { class: "alarm-strip alarm-refusal", role: "alert" });
  const element = el("section", { class: "panel-part panel-alarms", "aria-label": t("dock.alarms") }, el("header", { class: "panel-part-head" }, title, everyone), refusal, cards, more);
  /** @type {Map<string, boolean>} what a person opened or closed */
  const opened = new Map();
  /** @type {[HTMLElement, import("./alarm_book.js").AlarmRow][]} */
  let ages = [];
  let painted = "";
  let all = false;

  /** @param {import("./alarm_actions.js").AlarmAction} action @param {string[]} ids */
  const act = async (action, ids) => {
    const trouble = await actOnAlarms(context, action, ids);
    refusal.hidden = !trouble;
    say(refusal, trouble);
  };

  /**
   * @param {import("./alarm_book.js").AlarmRow} row
   * @param {boolean} first
   */
  const card = (row, first) => {
    const waiting = isWaiting(row);
    const { value, limit } = alarmValue(context, row);
    const since = el("time", { class: "alarm-since", title: format.moment(raisedAt(row)) });
    ages.push([since, row]);
    const advice = /** @type {const} */ (["cause", "consequence", "response"]).map((name) => {
      const text = row[name];
      return text && el("p", {}, el("b", {}, t(`alarm_advice.${name}`)), format.name(text));
    });
    const some = advice.some(Boolean) || row.comment || row.reason;
    const offered = context.store.choice.past ? [] : actionsOn(row);
    const confirms = waiting && !context.store.choice.past && mayDo("acknowledge");
    const details = el("details", { open: opened.get(row.alarm) ?? first, ontoggle: () => opened.set(row.alarm, details.open) },
      el("summary", { class: "panel-alarm-head" },
        el("span", { title: t(`priority.${priorityOf(row.priority).name}`) }, glyph(alarmGlyph(row.priority, waiting))),
        el("span", { class: "alarm-name" }, alarmName(context, row)), since,
        el("span", { class: "panel-alarm-state" }, alarmState(context, row), value && el("span", { class: "alarm-value", title: t("alarm.value_then") }, el("b", {}, value), limit))),
      el("div", { class: "alarm-detail" },
        ...advice,
        row.reason && el("p", {}, el("b", {}, t("alarm_advice.reason")), row.reason),
        row.comment && el("p", {}, el("b", {}, t("alarm_advice.comment")), row.comment),
        !some && el("p", { class: "muted" }, t("alarm.no_advice")),
        (confirms || offered.length > 0) && el("div", { class: "alarm-buttons" },
          confirms && el("button", { type: "button", class: "button button-main", onclick: () => void act("acknowledge", [row.alarm]) }, t("alarm.do_acknowledge")),
          ...offered.map((action) => el("button", { type: "button", class: "button", onclick: () => void act(action, [row.alarm]) }, t(`alarm.do_${action}`))))));
    return el("li", { class: `panel-alarm alarm-${priorityOf(row.priority).name}${waiting ? " alarm-waiting" : ""}${row.active ? "" : " alarm-over"}` }, details);
  };

  const paint = () => {
    const rows = book.at(equipment);
    const key = JSON.stringify([rows, all, context.store.choice.past]);
    if (key === painted) return;
    painted = key;
    ages = [];
    element.hidden = rows.length === 0;
    say(title, t("panel_alarms.title", { n: format.number(rows.length) }));
    const waiting = rows.filter(isWaiting).length;
    everyone.hidden = waiting < 2 || context.store.choice.past || !mayDo("acknowledge");
    fill(cards, ...rows.slice(0, all ? rows.length : FIRST).map((row, k) => card(row, k === 0)));
    more.hidden = all || rows.length <= FIRST;
    say(more, t("panel_alarms.more", { n: format.number(rows.length - FIRST) }));
  };
  const refresh = () => {
    paint();
    const serverNow = context.serverNow(context.now());
    for (const [since, row] of ages) say(since, format.duration(Math.max(0, serverNow - raisedAt(row))));
  };
  refusal.hidden = true;
  refresh();
  return { element, refresh };
}
