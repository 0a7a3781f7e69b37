/** Why a station is blocked, and what went wrong with a piece, in the reader's language. Pure. */

import { refusalText } from "./refusal.js";

/**
 * @param {string} why as the service says it in English, of a standing or of the journal
 * @param {import("./i18n.js").Translate} t
 */
export function causeWords(why, t) {
  const due = /challenge due \((\w+)\)/.exec(why);
  if (due) return t(`challenge.cause_${due[1]}`);
  const failed = /(?:failed \()?([^(]+): (good|defective), judged (pass|review|reject|cannot_judge)/.exec(why);
  return failed ? t("challenge.cause_failed", { piece: failed[1], truth: t(`challenge.is_${failed[2]}`), verdict: t(`quality.verdict_${failed[3]}`) }) : why;
}

/**
 * @param {import("./desk_page.js").DeskContext} context
 * @param {unknown} error
 */
export function troubleWords(context, error) {
  const text = error instanceof Error ? error.message : String(error);
  return /was shown before/.test(text) ? context.t("challenge.shown_before") : refusalText(context, error);
}
