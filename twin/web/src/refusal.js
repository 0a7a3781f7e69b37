/** What the server refused, in the reader's language: its stable code chooses the words, its own text goes along where it names values. */

import { ApiError } from "./api.js";

/** Codes that have words in the locales. */
const KNOWN = new Set([
  "unreachable", "unauthenticated", "forbidden", "too_many_requests", "request", "unforeseen",
  "alarm.unknown", "alarm.action", "alarm.refused",
  "bus.unavailable", "bus.refused", "bus.full",
  "command.unknown", "command.value", "command.refused", "command.interlock", "command.approval", "command.open",
  "database.unavailable", "database.busy", "database.full",
  "history.time", "history.query", "history.unknown_tag", "history.timeout", "history.unavailable",
  "kpi.unknown_place", "kpi.interval", "kpi.reason",
  "network.unknown", "network.change", "network.not_converged",
  "state.unknown_equipment", "state.unknown_tag", "desk.away", "scene.not_ready",
]);
/** Of these the server's own text names a value or a rule that a person needs to mend the request. */
const DETAILED = new Set([
  "request", "alarm.action", "command.value", "command.interlock", "command.approval", "history.query", "kpi.interval", "network.change", "network.unknown",
]);
/** Words for a code that has none. @type {Readonly<Record<number, string>>} */
const BY_STATUS = { 401: "unauthenticated", 403: "forbidden", 429: "too_many_requests", 502: "away", 503: "away", 504: "away" };

/**
 * @param {import("./page.js").Context | {t: import("./i18n.js").Translate, format: {language: string}}} context
 * @param {unknown} error
 * @returns {string}
 */
export function refusalText({ t, format }, error) {
  const detail = error instanceof Error ? error.message : String(error);
  if (!(error instanceof ApiError)) return detail;
  return wordsOf(t, format.language, error.code, detail, error.status);
}

/**
 * @param {import("./i18n.js").Translate} t
 * @param {string} language
 * @param {string} code of the problem
 * @param {string} detail as the server said it, in English
 * @param {number} [status] of the answer
 */
export function wordsOf(t, language, code, detail, status = 0) {
  const bare = code === "http"; // what stands before the server answered, and tells no problem
  // the server speaks English, and says more than a code can
  if (language === "en" && code !== "unreachable" && !bare) return detail;
  if (!KNOWN.has(code)) {
    const name = BY_STATUS[status] ?? (status >= 500 ? "failing" : "");
    return name ? t(`refusal.${name}`, { status }) : t("refusal.other", { detail });
  }
  const text = t(`refusal.${code}`);
  return DETAILED.has(code) && detail ? t("refusal.with_detail", { text, detail }) : text;
}
