/** Parts that the views of the desks share: what is being asked for, what failed and what helps, cards, tables. */

import { el, fill } from "./dom.js";
import { refusalText } from "./refusal.js";

/**
 * A view that asks when it comes into sight: says what it waits for, then shows it, or says what went wrong and asks again when
 * told to. What was shown before stays, under a word about its age, when asking again fails.
 *
 * @template T
 * @param {import("./desk_page.js").DeskContext} context
 * @param {HTMLElement} body
 * @param {() => Promise<T>} ask
 * @param {(answer: T) => (Node | null)[]} show
 * @returns {{ask: () => Promise<void>, element: HTMLElement}}
 */
export function askedBody(context, body, ask, show) {
  const { t, format } = context;
  const note = el("p", { class: "asked-note", role: "status" });
  const element = el("div", { class: "asked" }, note, body);
  let last = NaN;
  let number = 0;
  const again = async () => {
    number += 1;
    const mine = number;
    note.hidden = false;
    note.className = "asked-note";
    fill(note, t(Number.isFinite(last) ? "desk.asking_again" : "desk.asking"));
    try {
      const answer = await ask();
      if (mine !== number) return;
      fill(body, ...show(answer));
      last = Date.now();
      note.hidden = true;
    } catch (error) {
      if (mine !== number) return;
      note.className = "asked-note asked-failed";
      fill(note, el("b", {}, t("desk.refused")), " ", refusalText(context, error),
        Number.isFinite(last) && el("span", {}, " ", t("desk.last_known", { time: format.clock(last) })),
        " ", el("button", { type: "button", class: "button", onclick: () => void again() }, t("desk.try_again")));
    }
  };
  return { element, ask: again };
}

/**
 * What a view says that has nothing to show yet: that it asks, or why nothing came and that the page asks again by itself.
 *
 * @param {import("./desk_page.js").DeskContext} context
 * @param {string} asking what it says while it asks
 */
export function nothingYet(context, asking) {
  const { t, link } = context;
  if (!link.lost) return asking;
  return link.status === 403 ? t("desk.not_yours") : `${refusalText(context, link.error)} ${t("desk.tries_again")}`;
}

/**
 * @param {string} title
 * @param {...import("./dom.js").Child} children
 */
export function card(title, ...children) {
  return el("section", { class: "card" }, el("h2", {}, title), ...children);
}

/**
 * @param {readonly string[]} heads
 * @param {readonly import("./dom.js").Child[][]} rows
 * @param {string} [name] for who cannot see it
 */
export function table(heads, rows, name) {
  return el("div", { class: "table-host", tabindex: "0", role: "region", "aria-label": name ?? heads[0] },
    el("table", { class: "table" },
      el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, head)))),
      el("tbody", {}, ...rows.map((cells) => el("tr", {}, ...cells.map((cell) => el("td", {}, cell)))))));
}

/**
 * A figure with its name and what it rests on.
 *
 * @param {string} name
 * @param {string} text
 * @param {string} [detail]
 * @param {"good" | "warning" | "critical" | ""} [state]
 */
export function figure(name, text, detail = "", state = "") {
  return el("div", { class: `figure ${state && `figure-${state}`}` }, el("span", { class: "figure-name" }, name), el("b", { class: "figure-text" }, text), detail && el("span", { class: "figure-detail" }, detail));
}
