/** What a person does to alarms, under their name: asks for what the server needs, sends it, says what became of it. */

import { ApiError, postJson } from "./api.js";
import { askForm } from "./dialog.js";
import { rememberedPerson, rememberPerson } from "./person.js";
import { refusalText, wordsOf } from "./refusal.js";
import { may } from "./session.js";

/** @typedef {"acknowledge" | "reset" | "shelve" | "unshelve" | "return-to-service" | "comment"} AlarmAction */

/** How long alarms can be shelved from here [min]; the server takes up to a week. */
const SHELVE_MIN = [15, 60, 240, 480, 1440];
/** So many alarms in one request; the server takes no more. */
const MOST_AT_ONCE = 1000;

/**
 * Whether who looks may do this to an alarm; a button for what they may not is not there.
 *
 * @param {AlarmAction} action
 */
export function mayDo(action) {
  return may(action === "return-to-service" ? "alarm.suppress" : "alarm.act");
}

/**
 * What who looks may do to an alarm as it stands, beside acknowledging it.
 *
 * @param {import("./alarm_book.js").AlarmRow} row
 * @returns {AlarmAction[]}
 */
export function actionsOn({ state, active }) {
  /** @type {AlarmAction[]} */
  const possible = state === "shelved" ? ["unshelve", "comment"]
    : state === "out_of_service" ? ["return-to-service", "comment"]
    : state === "suppressed_by_design" ? ["comment"]
    : state === "latched_acknowledged" && !active ? ["reset", "shelve", "comment"] : ["shelve", "comment"];
  return possible.filter(mayDo);
}

/**
 * Does an action; asks for a name the first time, and for what else it needs.
 *
 * @param {import("./page.js").Context} context
 * @param {AlarmAction} action
 * @param {string[]} alarms ids
 * @returns {Promise<string>} what could not be done and why, "" if nothing
 */
export async function actOnAlarms(context, action, alarms) {
  if (context.store.choice.past) return "";
  const asked = await details(context, action, alarms.length);
  if (asked === null) return "";
  /** @type {string[]} */
  const troubles = [];
  try {
    for (let first = 0; first < alarms.length; first += MOST_AT_ONCE) {
      const some = alarms.slice(first, first + MOST_AT_ONCE);
      /** @type {{refused: Record<string, string>}} */
      const { refused } = await postJson(`./api/alarms/${action}`, { alarms: some, ...asked });
      const { t, format } = context;
      troubles.push(...new Set(Object.values(refused).map((detail) => wordsOf(t, format.language, "alarm.refused", detail))));
    }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    troubles.push(refusalText(context, error));
  }
  await context.readAlarms();
  return troubles.length > 0 ? context.t("alarm.refused", { reason: troubles.slice(0, 3).join("; ") }) : "";
}

/**
 * @param {import("./page.js").Context} context
 * @param {AlarmAction} action
 * @param {number} n how many alarms
 * @returns {Promise<Record<string, string | number> | null>} fields of the request; null = the person does not want it
 */
async function details({ t, format }, action, n) {
  const known = rememberedPerson();
  const shelving = action === "shelve";
  const reasoned = shelving || action === "comment";
  if (known && !reasoned) return { by: known };
  /** @type {import("./dialog.js").Field[]} */
  const fields = [{ name: "by", label: t("person.name"), value: known, required: true }];
  if (reasoned) fields.push({ name: "reason", label: t(shelving ? "alarm.shelve_reason" : "alarm.comment_text"), required: true, long: true });
  if (shelving) {
    const options = SHELVE_MIN.map((minutes) => ({ value: String(minutes), label: format.duration(minutes * 60_000) }));
    fields.push({ name: "minutes", label: t("alarm.shelve_minutes"), value: "60", options });
  }
  const answer = await askForm({
    title: t(`alarm.ask_${action}`, { n }), detail: known ? "" : t("person.detail"), fields,
    yes: t(`alarm.do_${action}`), no: t("dialog.no"),
  });
  if (answer === null) return null;
  rememberPerson(answer.by);
  return { ...answer, ...(answer.minutes && { minutes: Number(answer.minutes) }) };
}
