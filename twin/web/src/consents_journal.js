/** The journal of consents: who gave or took back what, when and why, the newest first. */

import { consentWords } from "./consents_words.js";
import { card, nothingYet, table } from "./desk_parts.js";
import { el, fill } from "./dom.js";
import { glyph } from "./glyphs.js";
import { ownTenant } from "./session.js";

/**
 * @param {import("./desk_page.js").DeskContext} context
 * @param {import("./consents_feed.js").ConsentsFeed} feed
 * @returns {import("./desk_page.js").View}
 */
export function createConsentsJournal(context, feed) {
  const { t, format } = context;
  const words = consentWords(context);
  const element = el("div", { class: "view-scroll" });
  const own = ownTenant() !== "";

  function paint() {
    if (!feed.consents) return fill(element, el("p", { class: "asked-note" }, nothingYet(context, t("desk.asking"))));
    const { lines } = feed;
    fill(element, card(t("consents.journal_title"), el("p", {}, t("consents.journal_detail")),
      lines.length === 0 ? el("p", { class: "product-nothing" }, t("consents.journal_empty"))
        : table([t("consents.time"), ...(own ? [] : [t("consents.tenant")]), t("consents.what"), t("consents.groups"), t("consents.by"), t("consents.reason")],
          lines.map((line) => [
            format.moment(Date.parse(line.time)), ...(own ? [] : [words.tenant(line.tenant)]),
            el("span", { class: "consent-state" }, glyph(line.given ? "good" : "no_data"), el("b", {}, t(line.given ? "consents.was_given" : "consents.was_revoked"))),
            line.groups.map(words.group).join(", "), line.by, line.reason || el("span", { class: "muted" }, t("consents.no_reason")),
          ]), t("consents.journal_title"))));
  }

  const stop = feed.listen(paint);
  return { element, show: paint, dispose: stop };
}
