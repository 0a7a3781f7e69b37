/** Who the page is shown to: a person who signed in, or whoever sits at a demo that asks for nobody. */

import { ApiError, getJson } from "./api.js";
import { el, icon } from "./dom.js";

/** @typedef {{kind: "person" | "token" | "demo", name: string, display: string, roles: string[], permissions: string[], tenant: string}} Me */

/** @type {Me | null} */
let me = null;

/**
 * Asks the server; until it has answered nobody is known.
 *
 * @returns {Promise<boolean>} whether it has
 */
export async function loadSession() {
  try {
    me = await getJson("./api/me");
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    toSignIn(error);
    return false;
  }
}

/** Goes to the sign-in page if the session is over; for when something else has failed. */
export async function checkSession() {
  try {
    await getJson("./api/me");
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    toSignIn(error);
  }
}

/** @returns {string} the name that the server writes down, "" where it takes what a person says */
export function signedInName() {
  return me?.kind === "person" ? `${me.display} (${me.name})` : "";
}

/** @returns {string} id of the enterprise whose person this is; "" for people of the park */
export function ownTenant() {
  return me?.tenant ?? "";
}

/** Whether there is anything to see of consents: where nobody signs in, nobody has any to give. */
export function seesConsents() {
  return me?.kind === "person" && may("consent.read");
}

/**
 * Whether who looks may do something; what they may not is not on the page.
 *
 * @param {string} permission as the server's table names it
 */
export function may(permission) {
  return me === null || me.kind === "demo" || me.permissions.includes(permission);
}

/**
 * What the header says of it: that nothing is secured, or who is signed in, with the way out.
 *
 * @param {import("./i18n.js").Translate} t
 * @param {boolean} simulated whether the park is
 * @returns {HTMLElement[]}
 */
export function sessionMarks(t, simulated) {
  const demo = me?.kind === "demo";
  const marks = [];
  if (simulated || demo) {
    marks.push(el("span", { class: "demo-mark", title: t(demo ? "header.demo_detail" : "header.simulated_detail") },
      simulated && el("b", {}, t("header.demo")), demo && el("span", { class: "demo-more" }, t("header.demo_open"))));
  }
  if (me?.kind === "person") {
    marks.push(el("form", { method: "post", action: "./sign-out", class: "session" },
      el("button", { type: "submit", class: "button", title: t("header.sign_out", { name: signedInName() }) }, icon("person"), el("span", {}, me.display))));
  }
  return marks;
}

/** @param {ApiError} error */
function toSignIn(error) {
  if (error.status === 401) location.assign("./sign-in");
}
