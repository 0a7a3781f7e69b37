/** What each tenant shares, as people of the park see it: they can change nothing of it, and read here what they lack and by whose word. */

import { consentWords } from "./consents_words.js";
import { card, nothingYet, table } from "./desk_parts.js";
import { el, fill } from "./dom.js";
import { glyph } from "./glyphs.js";

/** @typedef {import("./consents_feed.js").Consents} Consents */

/**
 * @param {import("./desk_page.js").DeskContext} context
 * @param {import("./consents_feed.js").ConsentsFeed} feed
 * @returns {import("./desk_page.js").View}
 */
export function createSharedTable(context, feed) {
  const { t, format } = context;
  const words = consentWords(context);
  const element = el("div", { class: "view-scroll consents-park" });

  function paint() {
    const { consents } = feed;
    if (!consents) return fill(element, el("p", { class: "asked-note" }, nothingYet(context, t("desk.asking"))));
    if (!consents.secured) return fill(element, card(t("consents.open_title"), el("p", {}, t("consents.open_detail"))));
    if (consents.tenants.length === 0) return fill(element, card(t("consents.nobody_title"), el("p", {}, t("consents.nobody_detail"))));
    fill(element, overview(consents), missing(consents));
  }

  /** @param {Consents} consents */
  function overview({ tenants }) {
    return card(t("consents.table_title"), el("p", {}, t("consents.table_detail")),
      table([t("consents.tenant"), ...tenants[0].groups.map(({ group }) => words.group(group))],
        tenants.map(({ tenant, groups }) => [el("b", {}, words.tenant(tenant)), ...groups.map(cell)]), t("consents.table_title")));
  }

  /** @param {import("./consents_feed.js").GroupRow} one */
  function cell(one) {
    return el("div", { class: `consent-cell ${one.given ? "consent-given" : ""}`, "data-group": one.group },
      el("span", { class: "consent-state" }, glyph(one.given ? "good" : "no_data"), el("b", {}, t(one.given ? "consents.given_short" : "consents.not_given_short"))),
      one.since && el("span", { class: "muted" }, format.date(Date.parse(one.since))),
      one.since && el("span", { class: "muted" }, one.by),
      one.reason && el("span", { class: "muted consent-reason" }, `“${one.reason}”`));
  }

  /** @param {Consents} consents */
  function missing({ tenants, missing: parts }) {
    const lacking = tenants.map(({ tenant, groups }) => ({ tenant, groups: groups.filter((one) => !one.given) })).filter(({ groups }) => groups.length > 0);
    if (lacking.length === 0) return card(t("consents.missing_title"), el("p", {}, t("consents.missing_none")));
    return card(t("consents.missing_title"), el("p", {}, t("consents.missing_detail")),
      parts.length > 0 && el("h3", {}, t("consents.missing_parts")),
      ...parts.map((one) => el("p", { class: "finding finding-warning", "data-part": one.part }, el("b", {}, t(`consents.part_${one.part}`)), " ",
        t("consents.part_needs", { groups: one.needs.map(words.group).join(", "), tenants: one.withheld_by.map(words.tenant).join(", ") }))),
      el("h3", {}, t("consents.missing_of_tenants")),
      ...lacking.map(({ tenant, groups }) => el("div", { class: "finding", "data-tenant": tenant }, el("b", {}, words.tenant(tenant)),
        el("ul", {}, ...groups.map(({ group }) => el("li", {}, el("b", {}, words.group(group)), `: ${t(`consents.without_${group}`)}`))))),
      el("p", { class: "basis" }, t("consents.always")));
  }

  const stop = feed.listen(paint);
  return { element, show: paint, dispose: stop };
}
