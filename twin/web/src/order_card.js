/** A work order: what, when, by whom, with which parts, why then, and what a person decides about it. */

import { askForm } from "./dialog.js";
import { el, fill, icon } from "./dom.js";
import { chance, money, told, withNames } from "./maintenance_words.js";
import { rememberPerson, rememberedPerson } from "./person.js";
import { refusalText } from "./refusal.js";
import { may } from "./session.js";

const MOST_SHIFTS = 60;

/**
 * @param {import("./desk_page.js").DeskContext} context
 * @param {import("./maintenance_feed.js").MaintenanceFeed} feed
 * @param {import("./maintenance_feed.js").Order} order
 * @returns {HTMLElement}
 */
export function orderCard(context, feed, order) {
  const { t, format } = context;
  const currency = feed.plan?.currency ?? "VND";
  const crew = feed.crews.find((one) => one.id === order.crew);
  const trouble = el("p", { class: "order-trouble", role: "alert", hidden: true });
  const decide = async (/** @type {Promise<Record<string, string> | null>} */ asked) => {
    const decision = await asked;
    if (!decision) return;
    trouble.hidden = false;
    trouble.classList.remove("order-refused");
    fill(trouble, t("maintenance.planning_anew"));
    try {
      await feed.decide({ machine: order.machine, ...decision });
      trouble.hidden = true;
    } catch (error) {
      trouble.classList.add("order-refused");
      fill(trouble, t("maintenance.not_held"), " ", refusalText(context, error));
    }
  };
  const accepted = order.state === "accepted";
  return el("div", { class: `order order-${order.state}`, "data-order": order.machine },
    el("p", { class: "order-what" }, el("b", {}, told(order, "what", format)), el("span", { class: `tag-mark order-mark-${order.state}` }, t(`maintenance.order_${order.state}`))),
    el("p", {}, t("maintenance.order_when", { day: format.date(Date.parse(order.begin)), begin: format.minute(Date.parse(order.begin)), end: format.minute(Date.parse(order.end)), crew: crew ? told(crew, "name", format) : order.crew })),
    el("p", { class: "order-why" }, withNames(told(order, "why", format), context.park, format)),
    el("dl", { class: "order-figures" },
      ...pair(t("maintenance.cost_planned"), money(order.cost_planned, currency, format)),
      ...pair(t("maintenance.cost_failed"), money(order.cost_failed, currency, format)),
      ...pair(t("maintenance.fails_before"), chance(order.fails_before, format)),
      ...pair(t("maintenance.parts"), order.parts.length > 0 ? order.parts.map((part) => `${part.count} × ${told(part, "name", format)}`).join(", ") : t("maintenance.no_parts"))),
    may("maintenance.plan") && el("div", { class: "order-buttons" },
      !accepted && el("button", { type: "button", class: "button button-main", "data-decision": "accept", onclick: () => void decide(ask(context, "accept")) }, icon("check"), el("span", {}, t("maintenance.accept"))),
      el("button", { type: "button", class: "button", "data-decision": "move", onclick: () => void decide(askMove(context, feed, order)) }, el("span", {}, t("maintenance.move"))),
      accepted
        ? el("button", { type: "button", class: "button", "data-decision": "withdraw", onclick: () => void decide(ask(context, "withdraw")) }, el("span", {}, t("maintenance.withdraw")))
        : el("button", { type: "button", class: "button", "data-decision": "reject", onclick: () => void decide(ask(context, "reject")) }, icon("close"), el("span", {}, t("maintenance.reject")))),
    trouble);
}

/** @param {string} name @param {string} text */
function pair(name, text) {
  return [el("dt", {}, name), el("dd", {}, text)];
}

/**
 * Asks who decides, and why where it is against the plan.
 *
 * @param {import("./desk_page.js").DeskContext} context
 * @param {"accept" | "reject" | "withdraw"} what
 * @returns {Promise<Record<string, string> | null>}
 */
async function ask({ t }, what) {
  const known = rememberedPerson();
  if (what === "accept" && known) return { what, decided_by: known };
  const answer = await askForm({
    title: t(`maintenance.ask_${what}_title`), detail: t(`maintenance.ask_${what}_detail`),
    fields: [
      ...(what === "reject" ? [{ name: "reason", label: t("maintenance.reason"), long: true, required: true }] : []),
      { name: "decided_by", label: t("person.name"), value: known, required: true },
    ],
    yes: t("dialog.yes"), no: t("dialog.no"),
  });
  if (!answer) return null;
  rememberPerson(answer.decided_by);
  return { what, ...answer };
}

/**
 * @param {import("./desk_page.js").DeskContext} context
 * @param {import("./maintenance_feed.js").MaintenanceFeed} feed
 * @param {import("./maintenance_feed.js").Order} order
 * @returns {Promise<Record<string, string> | null>}
 */
async function askMove({ t, format }, feed, order) {
  const now = Date.now();
  const shifts = feed.crews.flatMap((crew) => crew.shifts.map((shift) => ({ crew, ...shift })))
    .filter(({ begin }) => Date.parse(begin) > now)
    .sort((a, b) => Date.parse(a.begin) - Date.parse(b.begin)).slice(0, MOST_SHIFTS);
  const value = (/** @type {{crew: {id: string}, begin: string}} */ { crew, begin }) => `${begin} ${crew.id}`;
  const current = shifts.find((one) => one.crew.id === order.crew && Date.parse(one.begin) <= Date.parse(order.begin) && Date.parse(order.begin) < Date.parse(one.end));
  const answer = await askForm({
    title: t("maintenance.move_title"), detail: t("maintenance.move_detail"),
    fields: [
      { name: "shift", label: t("maintenance.shift"), value: current ? value(current) : "", options: shifts.map((one) => ({
        value: value(one), label: t("maintenance.shift_of", { day: format.date(Date.parse(one.begin)), begin: format.minute(Date.parse(one.begin)), end: format.minute(Date.parse(one.end)), crew: told(one.crew, "name", format) }),
      })) },
      { name: "reason", label: t("maintenance.reason"), long: true },
      { name: "decided_by", label: t("person.name"), value: rememberedPerson(), required: true },
    ],
    yes: t("dialog.yes"), no: t("dialog.no"),
  });
  if (!answer) return null;
  rememberPerson(answer.decided_by);
  const [begin, ...crew] = answer.shift.split(" ");
  return { what: "move", begin, crew: crew.join(" "), reason: answer.reason, decided_by: answer.decided_by };
}
