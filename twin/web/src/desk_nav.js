/** The desks of the page, and the way from one to another. A desk that is not there is not offered. */

import { getJson } from "./api.js";
import { el, fill } from "./dom.js";
import { seesConsents } from "./session.js";

/** @typedef {"twin" | "quality" | "maintenance" | "consents"} DeskName */

/** Address of each desk, beside the page. @type {Readonly<Record<DeskName, string>>} */
const ADDRESSES = Object.freeze({ twin: "./", quality: "./quality", maintenance: "./maintenance", consents: "./consents" });

/**
 * Which desk an address means; anything else is the twin.
 *
 * @param {string} pathname
 * @returns {DeskName}
 */
export function deskOf(pathname) {
  const last = pathname.split("/").pop() ?? "";
  return last in ADDRESSES && last !== "twin" ? /** @type {DeskName} */ (last) : "twin";
}

/**
 * Makes the links; they appear once the server has said which desks there are.
 *
 * @param {import("./i18n.js").Translate} t
 * @param {DeskName} current
 * @returns {HTMLElement}
 */
export function createDeskNav(t, current) {
  const nav = el("nav", { class: "desk-nav", "aria-label": t("desk.nav"), hidden: true });
  void fillNav(nav, t, current);
  return nav;
}

/**
 * @param {HTMLElement} nav
 * @param {import("./i18n.js").Translate} t
 * @param {DeskName} current
 */
async function fillNav(nav, t, current) {
  /** @type {DeskName[]} */
  let desks = ["twin"];
  try {
    ({ desks } = /** @type {{desks: DeskName[]}} */ (await getJson("./api/desks")));
  } catch {
    // a tenant has none, the page works without; whatever keeps the server away is told elsewhere
  }
  if (seesConsents()) desks = [...desks, "consents"];
  if (desks.length < 2) return;
  fill(nav, ...desks.map((name) => el("a", {
    class: "desk-link", href: ADDRESSES[name], "aria-current": name === current && "page",
  }, t(`desk.${name}`))));
  nav.hidden = false;
}
