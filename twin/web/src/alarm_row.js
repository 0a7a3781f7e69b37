/** One line of the list of alarms: how urgent, what and where, how it stands, since when; unfolded, why and what to do. */

import { actionsOn, mayDo } from "./alarm_actions.js";
import { isWaiting, raisedAt } from "./alarm_book.js";
import { el, icon, say } from "./dom.js";
import { glyph } from "./glyphs.js";
import { alarmGlyph, priorityOf } from "./priority.js";

/** Members of a line that are drawn; of more the list says how many. */
const MOST_MEMBERS = 100;

/** @typedef {import("./alarm_book.js").AlarmRow} AlarmRow */

/**
 * What a row can ask for.
 *
 * @typedef {object} RowActions
 * @property {(action: import("./alarm_actions.js").AlarmAction, alarms: string[]) => void} act
 * @property {(row: AlarmRow) => void} visit
 * @property {(id: string, open: boolean) => void} unfold
 *
 * @typedef {object} AlarmLine
 * @property {HTMLElement} element
 * @property {(serverNow: number) => void} refresh ages
 */

/**
 * The name of an alarm: its signal and what is wrong with it. One of a state is named after what the state means.
 *
 * @param {import("./page.js").Context} context
 * @param {AlarmRow} row
 */
export function alarmName({ park, format }, row) {
  const tag = park.tagIndex.get(row.subject);
  const subject = tag === undefined ? park.sourceById.get(row.subject)?.display : park.signal(tag).display;
  const name = format.name(row.name);
  if (row.type === "discrete") return name;
  return subject ? `${format.name(subject)} · ${name}` : name;
}

/**
 * Where an alarm is: its machine, the nearest place and whose it is, and the whole way there.
 *
 * @param {import("./page.js").Context} context
 * @param {AlarmRow} row
 */
export function alarmPlace({ park, format, t }, row) {
  const equipment = park.equipmentById.get(row.equipment);
  if (!equipment) return { machine: t("alarm.at_source"), near: "", path: "" };
  const places = park.path(row.equipment).slice(1).map((name) => format.name(name));
  const near = [places.at(-1), places.length > 1 && places[0]].filter(Boolean).join(" · ");
  return { machine: format.name(equipment.display), near, path: places.join(" › ") };
}

/**
 * How an alarm stands, in words.
 *
 * @param {import("./page.js").Context} context
 * @param {AlarmRow} row
 */
export function alarmState({ t, format }, row) {
  if (row.state === "acknowledged" && row.acknowledged_by) return t("alarm.acknowledged_by", { person: row.acknowledged_by });
  if (row.state === "shelved" && row.shelved_until) return t("alarm.shelved_until", { time: format.minute(Date.parse(row.shelved_until)) });
  return t(`alarm_state.${row.state}`);
}

/**
 * The value that raised an alarm, beside its limit.
 *
 * @param {import("./page.js").Context} context
 * @param {AlarmRow} row
 */
export function alarmValue({ park, format }, row) {
  const tag = park.tagIndex.get(row.subject);
  if (tag === undefined || row.value === null || row.type === "discrete") return { value: "", limit: "" };
  const signal = park.signal(tag);
  const unit = format.unit(row.unit);
  const sign = { high: ">", high_high: ">", low: "<", low_low: "<" }[row.type];
  return {
    value: `${format.value(signal, row.value, undefined)} ${unit}`.trimEnd(),
    limit: row.limit === null || !sign ? "" : `${sign} ${format.value(signal, row.limit, undefined)}`,
  };
}

/**
 * @param {import("./page.js").Context} context
 * @param {import("./alarm_fold.js").Line} line
 * @param {boolean} open
 * @param {RowActions} actions
 * @returns {AlarmLine}
 */
export function createAlarmLine(context, line, open, actions) {
  const { t, format } = context;
  const { head, members } = line;
  const waiting = isWaiting(head);
  const { machine, near, path } = alarmPlace(context, head);
  const { value, limit } = alarmValue(context, head);
  const since = el("time", { class: "alarm-since", title: format.moment(raisedAt(head)) });
  // what is over cannot be acknowledged
  const toConfirm = context.store.choice.past ? [] : [head, ...members].filter(isWaiting).map((row) => row.alarm);
  const nested = open ? members.slice(0, MOST_MEMBERS).map((row) => createAlarmLine(context, { head: row, members: [], explains: false }, false, actions)) : [];
  const priority = t(`priority.${priorityOf(head.priority).name}`);
  const place = el("span", { class: "alarm-place", title: path ? `${path} › ${machine}` : machine }, el("b", {}, machine), near && el("span", {}, near));

  const element = el("li", { class: `alarm alarm-${priorityOf(head.priority).name}${waiting ? " alarm-waiting" : ""}${head.active ? "" : " alarm-over"}` },
    el("div", { class: "alarm-line" },
      el("button", {
        type: "button", class: "icon-button alarm-fold", "aria-expanded": String(open), "aria-label": t("alarm.more"), title: t("alarm.more"), "data-focus": `fold ${head.alarm}`,
        onclick: () => actions.unfold(head.alarm, !open),
      }, icon("chevron")),
      el("span", { class: "alarm-priority", title: priority }, glyph(alarmGlyph(head.priority, waiting)), el("span", { class: "alarm-word" }, priority)),
      el("button", {
        type: "button", class: "alarm-open", "data-focus": `open ${head.alarm}`, onclick: () => actions.visit(head), title: t(head.equipment ? "alarm.visit" : "alarm.more"),
      }, el("span", { class: "alarm-name" }, alarmName(context, head)), place),
      el("span", { class: "alarm-value", title: t("alarm.value_then") }, el("b", {}, value), limit && el("span", {}, limit)),
      el("span", { class: "alarm-state" }, alarmState(context, head)),
      members.length > 0 && el("button", {
        type: "button", class: "alarm-members", "data-focus": `members ${head.alarm}`, "aria-expanded": String(open), onclick: () => actions.unfold(head.alarm, !open),
      }, icon("chevron"), membersText()),
      since,
      confirmButton()),
    open && el("div", { class: "alarm-detail" }, ...detail()),
    nested.length > 0 && el("ul", { class: "alarm-list alarm-nested", "aria-label": membersText() }, ...nested.map((row) => row.element)),
    open && members.length > MOST_MEMBERS && el("p", { class: "alarm-note" }, t("alarm.not_drawn", { n: format.number(members.length - MOST_MEMBERS) })));
  element.dataset.alarm = head.alarm;

  function confirmButton() {
    if (toConfirm.length === 0 || !mayDo("acknowledge")) return el("span", {});
    const text = toConfirm.length > 1 ? t("alarm.acknowledge_all", { n: format.number(toConfirm.length) }) : t("alarm.do_acknowledge");
    return el("button", {
      type: "button", class: "button alarm-confirm", "data-focus": `confirm ${head.alarm}`, onclick: () => actions.act("acknowledge", toConfirm),
    }, icon("check"), el("span", {}, text));
  }
  function membersText() {
    const machines = new Set(members.map((row) => row.equipment)).size;
    return line.explains
      ? t("alarm.explains", { n: members.length, machines: format.number(machines) })
      : t("alarm.same_machine", { n: members.length });
  }
  function detail() {
    const advice = ["cause", "consequence", "response"].map((name) => {
      const text = head[/** @type {"cause" | "consequence" | "response"} */ (name)];
      return text && el("p", {}, el("b", {}, t(`alarm_advice.${name}`)), format.name(text));
    });
    const notes = [
      head.reason && el("p", {}, el("b", {}, t("alarm_advice.reason")), head.reason),
      head.comment && el("p", {}, el("b", {}, t("alarm_advice.comment")), head.comment),
    ];
    const some = [...advice, ...notes].some(Boolean);
    const offered = buttons();
    return [...(some ? [...advice, ...notes] : [el("p", { class: "muted" }, t("alarm.no_advice"))]), offered.length > 0 && el("div", { class: "alarm-buttons" }, ...offered)];
  }
  function buttons() {
    if (context.store.choice.past) return [];
    return actionsOn(head).map((action) => el("button", {
      type: "button", class: "button", "data-focus": `${action} ${head.alarm}`, onclick: () => actions.act(action, [head.alarm]),
    }, t(`alarm.do_${action}`)));
  }
  const refresh = (/** @type {number} */ serverNow) => {
    say(since, format.duration(Math.max(0, serverNow - raisedAt(head))));
    for (const row of nested) row.refresh(serverNow);
  };
  return { element, refresh };
}
