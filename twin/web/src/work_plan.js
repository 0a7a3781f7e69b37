/** The work of a week: crews down, days across, with their shifts behind; below it the spare parts to order. */

import { card, nothingYet, table } from "./desk_parts.js";
import { el, fill, icon, say } from "./dom.js";
import { mondays } from "./forecast_rank.js";
import { chance, machineName, money, told, weekday } from "./maintenance_words.js";
import { orderCard } from "./order_card.js";
import { refusalText } from "./refusal.js";

const DAY_MS = 86_400_000;
const WEEKS = 12;

/**
 * @param {import("./desk_page.js").DeskContext} context
 * @param {import("./maintenance_feed.js").MaintenanceFeed} feed
 * @returns {import("./desk_page.js").View}
 */
export function createWorkPlan(context, feed) {
  const { t, format, park, place } = context;
  const head = el("div", { class: "view-bar" });
  const grid = el("div", { class: "week", role: "table", "aria-label": t("maintenance.plan") });
  const below = el("div", { class: "cards" });
  const detail = el("aside", { class: "detail", "aria-label": t("maintenance.planned_work"), hidden: true });
  const element = el("div", { class: "split" }, el("div", { class: "view-scroll" }, head, grid, below), detail);
  const again = el("button", { type: "button", class: "button", title: t("maintenance.plan_anew_detail"), onclick: () => {
    again.disabled = true;
    say(again, t("maintenance.planning_anew"));
    void feed.planAnew().finally(() => {
      again.disabled = false;
      say(again, t("maintenance.plan_anew"));
    });
  } }, t("maintenance.plan_anew"));
  let week = -1;
  let painted = "";

  function paint() {
    const chosen = place.get("machine");
    const key = `${feed.version} ${week} ${chosen}`;
    if (key === painted) return;
    painted = key;
    const { plan } = feed;
    grid.hidden = !plan; // a table without rows is none
    if (!plan) {
      fill(below);
      fill(grid);
      fill(head, el("p", { class: "asked-note" }, feed.planTrouble === null ? nothingYet(context, t("maintenance.planning")) : `${refusalText(context, feed.planTrouble)} ${t("desk.tries_again")}`));
      return;
    }
    const starts = mondays(Date.now(), WEEKS, park.timezone);
    if (week < 0) week = firstWeek(starts, plan.orders);
    const begin = starts[week];
    const mine = plan.orders.filter((order) => Date.parse(order.begin) < begin + 7 * DAY_MS && Date.parse(order.end) > begin);
    fill(head,
      el("button", { type: "button", class: "icon-button", disabled: week === 0, "aria-label": t("maintenance.week_before"), title: t("maintenance.week_before"), onclick: () => go(-1) }, icon("back")),
      el("h2", { class: "week-name" }, t("maintenance.week_of", { first: format.date(begin), last: format.date(begin + 6 * DAY_MS) })),
      el("button", { type: "button", class: "icon-button", disabled: week === WEEKS - 1, "aria-label": t("maintenance.week_after"), title: t("maintenance.week_after"), onclick: () => go(1) }, icon("chevron")),
      el("span", { class: "muted" }, t("maintenance.week_jobs", { n: mine.length, of: plan.orders.length })),
      el("div", { class: "header-space" }),
      again,
      el("span", { class: "muted" }, t("maintenance.plan_made", { time: format.moment(Date.parse(plan.made)), saved: money(plan.saved, plan.currency, format) })));
    fill(grid,
      el("div", { class: "week-row week-heads", role: "row" }, el("span", { role: "columnheader" }, t("maintenance.crew")), ...Array.from({ length: 7 }, (_, k) => {
        const time = begin + k * DAY_MS;
        return el("span", { role: "columnheader", class: time + DAY_MS < Date.now() ? "week-past" : time <= Date.now() ? "week-today" : "" }, weekday(time, format), " ", format.day(time));
      })),
      ...feed.crews.map((crew) => crewRow(crew, begin, mine.filter((order) => order.crew === crew.id), chosen)));
    fill(below, ...(feed.plan?.broken.length ? [card(t("maintenance.broken"), el("p", {}, plan.broken.map((id) => machineName(id, park, format).name).join(", ")))] : []),
      sparesCard(), leftCard(), el("p", { class: "basis" }, plan.example ? t("maintenance.example") : "", " ", t("maintenance.plan_basis", { gap: money(plan.gap, plan.currency, format) })));
    const order = feed.orderOf(chosen);
    detail.hidden = !order;
    if (order) {
      const { name, place: where } = machineName(order.machine, park, format);
      fill(detail,
        el("header", { class: "detail-head" }, el("div", {}, el("h2", {}, name), el("p", { class: "muted" }, where)),
          el("button", { type: "button", class: "icon-button", "aria-label": t("maintenance.close"), title: t("maintenance.close"), onclick: () => place.set({ machine: "" }) }, icon("close"))),
        orderCard(context, feed, order),
        el("button", { type: "button", class: "link", onclick: () => place.set({ view: "forecasts" }) }, t("maintenance.see_forecast")));
    }
  }

  /** @param {number} step */
  function go(step) {
    week = Math.min(WEEKS - 1, Math.max(0, week + step));
    paint();
  }

  /**
   * @param {import("./maintenance_feed.js").Crew} crew
   * @param {number} begin of the week [ms]
   * @param {import("./maintenance_feed.js").Order[]} orders
   * @param {string} chosen
   */
  function crewRow(crew, begin, orders, chosen) {
    const hours = orders.reduce((sum, order) => sum + (Date.parse(order.end) - Date.parse(order.begin)) / 3_600_000, 0);
    const name = el("span", { role: "rowheader", class: "week-crew" }, el("b", {}, told(crew, "name", format)), el("span", { class: "muted" }, t("maintenance.crew_hours", { n: format.number(hours, Number.isInteger(hours) ? 0 : 1) })));
    const days = Array.from({ length: 7 }, (_, k) => {
      const [first, last] = [begin + k * DAY_MS, begin + (k + 1) * DAY_MS];
      const shifts = crew.shifts.filter((shift) => Date.parse(shift.begin) >= first && Date.parse(shift.begin) < last);
      const jobs = orders.filter((order) => Date.parse(order.begin) >= first && Date.parse(order.begin) < last);
      return el("div", { role: "cell", class: `week-day ${shifts.length > 0 ? "week-shift" : ""}` },
        ...(shifts.length > 0 ? [el("span", { class: "week-hours" }, shifts.map((shift) => `${format.minute(Date.parse(shift.begin))}–${format.minute(Date.parse(shift.end))}`).join(", "))] : []),
        ...jobs.map((order) => job(order, chosen)));
    });
    return el("div", { class: "week-row", role: "row" }, name, ...days);
  }

  /** @param {import("./maintenance_feed.js").Order} order @param {string} chosen */
  function job(order, chosen) {
    const { name, place: where } = machineName(order.machine, park, format);
    return el("button", {
      type: "button", class: `job job-${order.state} job-${order.task}`, "data-machine": order.machine, "aria-pressed": String(order.machine === chosen), title: told(order, "why", format),
      onclick: () => place.set({ machine: order.machine === chosen ? "" : order.machine }),
    },
      el("b", {}, name), el("span", { class: "job-place" }, where.split(" · ")[0]), el("span", {}, told(order, "what", format)),
      el("span", { class: "job-foot" }, `${format.minute(Date.parse(order.begin))}–${format.minute(Date.parse(order.end))}`, order.state === "accepted" ? icon("check") : null, order.stops_production ? el("span", { class: "job-stop" }, t("maintenance.stops")) : null));
  }

  function sparesCard() {
    const title = t("maintenance.spares");
    const rows = feed.spares.filter((part) => part.order > 0 || part.expected >= 0.05 || part.meets < part.service_level);
    if (rows.length === 0) return card(title, el("p", { class: "muted" }, t("maintenance.spares_enough")));
    const currency = feed.plan?.currency ?? "VND";
    return card(title, table([t("maintenance.part"), t("maintenance.on_hand"), t("maintenance.coming"), t("maintenance.expected"), t("maintenance.meets"), t("maintenance.lead"), t("maintenance.to_order")],
      rows.map((part) => [told(part, "name", format), format.number(part.on_hand), format.number(part.coming), format.number(part.expected, 1), `${chance(part.meets, format)} / ${chance(part.service_level, format)}`, t("maintenance.days", { n: part.lead_days }),
        part.order > 0 ? el("b", { class: "to-order" }, t("maintenance.order_now", { n: part.order, price: money(part.price, currency, format) })) : part.order_by ? t("maintenance.order_by", { day: format.date(Date.parse(part.order_by)) }) : t("maintenance.order_none")]), title));
  }

  function leftCard() {
    const left = (feed.plan?.left ?? []).filter((one) => !["healthy", "not_enough_data"].includes(one.why));
    const title = t("maintenance.left");
    if (left.length === 0) return null;
    return card(title, table([t("maintenance.machine"), t("maintenance.why_not"), t("maintenance.risk")],
      left.map((one) => [machineName(one.machine, park, format).name, told(one, "why", format), one.risk === null ? format.number(NaN) : chance(one.risk, format)]), title));
  }

  const stops = [feed.listen(() => element.isConnected && paint()), place.listen(() => element.isConnected && paint())];
  return {
    element,
    show: paint,
    key: (event) => {
      if (event.key === "ArrowLeft") go(-1);
      else if (event.key === "ArrowRight") go(1);
      else if (event.key === "Escape") place.set({ machine: "" });
    },
    dispose: () => {
      for (const stop of stops) stop();
    },
  };
}

/**
 * The first week with work, else this one.
 *
 * @param {number[]} starts
 * @param {import("./maintenance_feed.js").Order[]} orders
 */
function firstWeek(starts, orders) {
  if (orders.length === 0) return 0;
  const first = Math.min(...orders.map((order) => Date.parse(order.begin)));
  return Math.max(0, starts.findLastIndex((start, k) => start <= first && k < WEEKS));
}
