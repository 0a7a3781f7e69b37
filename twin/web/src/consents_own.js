/** What one's own plant shares with the park, field group by field group; who may change it gives and takes back here. */

import { consentWords } from "./consents_words.js";
import { nothingYet } from "./desk_parts.js";
import { askForm } from "./dialog.js";
import { el, fill, icon } from "./dom.js";
import { glyph } from "./glyphs.js";
import { refusalText } from "./refusal.js";
import { may, ownTenant } from "./session.js";

/** @typedef {import("./consents_feed.js").GroupRow} GroupRow */

/**
 * @param {import("./desk_page.js").DeskContext} context
 * @param {import("./consents_feed.js").ConsentsFeed} feed
 * @returns {import("./desk_page.js").View}
 */
export function createOwnConsents(context, feed) {
  const { t, format } = context;
  const words = consentWords(context);
  const note = el("p", { class: "asked-note", role: "status" });
  const list = el("div", { class: "consents" });
  const element = el("div", { class: "view-scroll" }, note, list);
  const changes = may("consent.change");

  function paint() {
    const groups = feed.consents?.tenants[0]?.groups;
    if (!groups) return fill(note, nothingYet(context, t("desk.asking")));
    if (note.dataset.about !== "refused") fill(note, t(changes ? "consents.own_lead" : "consents.own_lead_read", { tenant: words.tenant(ownTenant()), n: groups.filter((one) => one.given).length, of: groups.length }));
    fill(list, ...groups.map(row));
  }

  /** @param {GroupRow} one */
  function row(one) {
    return el("section", { class: `card consent ${one.given ? "consent-given" : ""}`, "data-group": one.group },
      el("div", { class: "consent-state" }, glyph(one.given ? "good" : "no_data"), el("b", {}, t(one.given ? "consents.given" : "consents.not_given"))),
      el("div", { class: "consent-what" },
        el("h2", {}, words.group(one.group), " ", el("span", { class: "consent-covers" }, format.language === "vi" ? one.name_vi : one.name_en)),
        one.given && one.since
          ? el("p", { class: "muted" }, t("consents.since", { moment: format.moment(Date.parse(one.since)), by: one.by }), el("br"), one.reason ? t("consents.why", { reason: one.reason }) : t("consents.no_reason"))
          : el("p", { class: "muted" }, t("consents.then_missing", { what: t(`consents.without_${one.group}`) }))),
      changes && el("button", { type: "button", class: "button big-button", onclick: () => void change(one) },
        icon(one.given ? "close" : "check"), el("span", {}, t(one.given ? "consents.revoke" : "consents.give"))));
  }

  /** @param {GroupRow} one */
  async function change(one) {
    const given = !one.given;
    const name = words.group(one.group);
    const answer = await askForm({
      title: t(given ? "consents.ask_give" : "consents.ask_revoke", { name }),
      detail: t(given ? "consents.ask_give_detail" : "consents.ask_revoke_detail", { what: format.language === "vi" ? one.name_vi : one.name_en, without: t(`consents.without_${one.group}`) }),
      fields: [{ name: "reason", label: t("consents.reason"), required: true, long: true }],
      yes: t(given ? "consents.give" : "consents.revoke"), no: t("dialog.no"),
    });
    if (!answer) return;
    try {
      await feed.change(one.group, given, answer.reason);
      note.dataset.about = "";
      note.className = "asked-note";
    } catch (error) {
      note.dataset.about = "refused";
      note.className = "asked-note asked-failed";
      fill(note, t("consents.refused", { name }), " ", refusalText(context, error));
    }
    paint();
    /** @type {HTMLElement | null} */ (list.querySelector(`[data-group="${one.group}"] button`))?.focus();
  }

  const stop = feed.listen(paint);
  return { element, show: paint, dispose: stop };
}
