/** What was commanded at a machine, and what came of it; a second person decides here on what waits. */

import { ApiError, postJson } from "./api.js";
import { givenText } from "./command_form.js";
import { askForm } from "./dialog.js";
import { el, fill, say } from "./dom.js";
import { glyph } from "./glyphs.js";
import { rememberedPerson } from "./person.js";
import { refusalText } from "./refusal.js";
import { may } from "./session.js";

/**
 * One row of `GET /api/commands`.
 *
 * @typedef {object} RequestRow
 * @property {string} id
 * @property {import("./park.js").Name | null} name
 * @property {string} command
 * @property {import("./command_form.js").Given | null} value
 * @property {string} reason
 * @property {string} state
 * @property {boolean} final
 * @property {import("./park.js").Name} text how it stands
 * @property {string} requested_by
 * @property {string} requested_at RFC 3339
 * @property {string} decided_by
 */

/** The same shapes as everywhere: done, under way, refused, not known. @type {Record<string, string>} */
const STATE_GLYPH = {
  waiting: "stale", issued: "no_data", accepted: "no_data", written: "no_data", held: "good", done: "good", timed_out: "warning",
  refused: "bad", failed: "bad", unknown: "uncertain", blocked: "bad", declined: "bad", withdrawn: "stopped", lapsed: "stopped", unanswered: "uncertain",
};

/**
 * @param {import("./page.js").Context} context
 * @param {() => void} decided called after a person has decided
 */
export function createCommandRequests(context, decided) {
  const { t, format } = context;
  const list = el("ul", { class: "command-requests", "aria-live": "polite" });
  const refusal = el("p", { class: "alarm-strip alarm-refusal", role: "alert" });
  refusal.hidden = true;
  const element = el("div", {}, refusal, list);
  let painted = "";

  /** @param {RequestRow} request @param {"approve" | "decline" | "withdraw"} decision */
  const decide = async (request, decision) => {
    const own = decision === "withdraw";
    const known = rememberedPerson();
    const answer = await askForm({
      title: t(`command.ask_${decision}`), detail: t(own ? "command.own_detail" : "command.second_detail", { person: request.requested_by }),
      fields: [
        { name: "by", label: t("person.name"), value: own ? request.requested_by : known === request.requested_by ? "" : known, required: true },
        { name: "reason", label: t("command.reason"), long: true, required: decision === "decline" },
      ],
      yes: t(`command.do_${decision}`), no: t("dialog.no"),
    });
    if (!answer) return;
    let trouble = "";
    try {
      await postJson(`./api/commands/${request.id}/${decision}`, answer);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      trouble = t("command.refused", { reason: refusalText(context, error) });
    }
    refusal.hidden = !trouble;
    say(refusal, trouble);
    decided();
  };

  /**
   * @param {RequestRow} request
   * @param {import("./command_form.js").Offer[]} offers
   */
  const row = (request, offers) => {
    const waiting = request.state === "waiting";
    // what a command without a choice writes says nothing to a person
    const offer = offers.find(({ command }) => command === request.command);
    const value = request.value === null || !offer?.argument ? "" : ` → ${givenText(context, offer.shows ?? "", request.value, offer.argument.unit)}`;
    return el("li", { class: `command-request${request.final ? "" : " command-open"}` },
      glyph(STATE_GLYPH[request.state] ?? "uncertain"),
      el("div", {},
        el("b", {}, (request.name ? format.name(request.name) : request.command) + value),
        el("p", {}, format.name(request.text)),
        el("p", { class: "muted" }, t("command.asked_by", { person: request.requested_by, time: format.clock(Date.parse(request.requested_at)), reason: request.reason }),
          request.decided_by && ` ${t("command.decided_by", { person: request.decided_by })}`),
        waiting && el("div", { class: "alarm-buttons" },
          ...(/** @type {const} */ (["approve", "decline", "withdraw"])).filter((decision) => may(decision === "withdraw" ? "command.request" : "command.approve")).map((decision) => el("button", {
            type: "button", class: decision === "approve" ? "button button-main" : "button", onclick: () => void decide(request, decision),
          }, t(`command.do_${decision}`))))));
  };
  /**
   * @param {RequestRow[]} requests
   * @param {import("./command_form.js").Offer[]} offers
   */
  const update = (requests, offers) => {
    const key = JSON.stringify(requests);
    if (key === painted) return;
    painted = key;
    fill(list, ...requests.map((request) => row(request, offers)));
  };
  return { element, update };
}
