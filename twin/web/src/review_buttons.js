/** What a person says of a product: good or defective, which defect, under a name; also to mend what was said before. */

import { askForm } from "./dialog.js";
import { el, icon } from "./dom.js";
import { rememberPerson, rememberedPerson } from "./person.js";
import { may } from "./session.js";
import { defectName, defectNames, lastWord } from "./verdict.js";

const KNOWN_DEFECTS = "parktwin.defects";
const MOST_DEFECTS = 12;

/**
 * @param {import("./desk_page.js").DeskContext} context
 * @param {import("./quality_feed.js").QualityFeed} feed
 * @param {import("./verdict.js").Inspection} row
 * @param {{big?: boolean, blind?: boolean, done?: () => void}} [options] blind: the person does not see the verdict
 * @returns {HTMLElement}
 */
export function reviewButtons(context, feed, row, { big = false, blind = false, done } = {}) {
  const { t } = context;
  if (!may("inspection.review")) return el("p", { class: "said" }, t("quality.not_to_review"));
  const size = big ? "big-button" : "";
  const said = feed.outbox.of(row.id)?.body ?? lastWord(row);
  const make = (/** @type {"good" | "defective"} */ truth) => el("button", {
    type: "button", class: `button ${size} review-${truth}`, "data-truth": truth, "aria-pressed": said ? String(said.truth === truth) : false,
    onclick: () => void sayIt(context, feed, row, truth, blind).then((told) => told && done?.()),
  }, icon(truth === "good" ? "check" : "close"), el("span", {}, t(`quality.say_${truth}`)));
  return el("div", { class: "review-buttons", role: "group", "aria-label": t("quality.say") }, make("good"), make("defective"));
}

/**
 * Asks for what is missing (the name once, the defect each time), then keeps it.
 *
 * @param {import("./desk_page.js").DeskContext} context
 * @param {import("./quality_feed.js").QualityFeed} feed
 * @param {import("./verdict.js").Inspection} row
 * @param {"good" | "defective"} truth
 * @param {boolean} blind
 * @returns {Promise<boolean>} whether something was said
 */
export async function sayIt({ t }, feed, row, truth, blind) {
  const known = rememberedPerson();
  let by = known;
  let defect = "";
  let reason = "";
  if (truth === "defective" || !known) {
    const names = knownDefects(row);
    const answer = await askForm({
      title: t(`quality.say_${truth}_title`, { serial: row.serial }),
      fields: [
        ...(truth === "defective" ? [
          { name: "defect", label: t("quality.defect"), value: names[0] ?? "", required: true, suggestions: names },
          { name: "reason", label: t("quality.reason"), long: true },
        ] : []),
        { name: "by", label: t("person.name"), value: known, required: true },
      ],
      yes: t("dialog.yes"), no: t("dialog.no"),
    });
    if (!answer) return false;
    by = answer.by;
    defect = answer.defect ?? "";
    reason = answer.reason ?? "";
    rememberPerson(by);
    if (defect) rememberDefect(defect);
  }
  feed.say(row, { truth, by, defect, reason, blind });
  return true;
}

/**
 * What was said of a product, and whether the service knows it yet.
 *
 * @param {import("./desk_page.js").DeskContext} context
 * @param {import("./quality_feed.js").QualityFeed} feed
 * @param {import("./verdict.js").Inspection} row
 * @returns {HTMLElement | null}
 */
export function saidLine({ t, format }, feed, row) {
  const waiting = feed.outbox.of(row.id);
  if (waiting) return el("p", { class: "said said-waiting" }, t("quality.said_waiting", { what: words(waiting.body, t), by: waiting.body.by }));
  const last = lastWord(row);
  if (!last) return null;
  return el("p", { class: "said" }, t("quality.said", { what: words(last, t), by: last.by, time: format.moment(Date.parse(last.time)) }));
}

/**
 * @param {{truth: "good" | "defective", defect: string}} said
 * @param {import("./i18n.js").Translate} t
 */
function words({ truth, defect }, t) {
  return defect ? `${t(`quality.say_${truth}`)} (${defectName(defect)})` : t(`quality.say_${truth}`);
}

/**
 * @param {import("./verdict.js").Inspection} row
 * @returns {string[]} the likeliest first
 */
function knownDefects(row) {
  /** @type {string[]} */
  const remembered = JSON.parse(localStorage.getItem(KNOWN_DEFECTS) ?? "[]");
  return [...new Set([...defectNames(row), ...remembered])];
}

/** @param {string} defect */
function rememberDefect(defect) {
  /** @type {string[]} */
  const known = JSON.parse(localStorage.getItem(KNOWN_DEFECTS) ?? "[]");
  localStorage.setItem(KNOWN_DEFECTS, JSON.stringify([defect, ...known.filter((one) => one !== defect)].slice(0, MOST_DEFECTS)));
}
