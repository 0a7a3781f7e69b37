/** Who sits here: the name that goes with whatever a person does, kept for as long as this tab lives. */

const STORED = "parktwin.person";

/** @returns {string} "" if nobody has said it yet */
export function rememberedPerson() {
  return sessionStorage.getItem(STORED) ?? "";
}

/** @param {string} name */
export function rememberPerson(name) {
  sessionStorage.setItem(STORED, name.trim());
}
