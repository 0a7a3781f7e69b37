/** Who sits here: the name that goes with whatever a person does, kept for as long as this tab lives. */

import { askForm } from "./dialog.js";
import { signedInName } from "./session.js";

const STORED = "parktwin.person";

/** @returns {string} "" if nobody has said it yet */
export function rememberedPerson() {
  return signedInName() || (sessionStorage.getItem(STORED) ?? "");
}

/** @param {string} name */
export function rememberPerson(name) {
  sessionStorage.setItem(STORED, name.trim());
}

/**
 * Asks for the name, whether or not it is known, and remembers it; of who is signed in nothing is asked.
 *
 * @param {import("./i18n.js").Translate} t
 * @returns {Promise<string>} "" if the person does not say
 */
export async function askPerson(t) {
  if (signedInName()) return signedInName();
  const answer = await askForm({
    title: t("person.ask"), detail: t("person.detail"), fields: [{ name: "by", label: t("person.name"), value: rememberedPerson(), required: true }],
    yes: t("dialog.yes"), no: t("dialog.no"),
  });
  if (!answer) return "";
  rememberPerson(answer.by);
  return answer.by;
}
