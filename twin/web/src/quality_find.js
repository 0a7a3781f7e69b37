/** A product by its serial number: every time it was looked at, what was said of it, and whether judging again gives the same. */

import { getJson, postJson } from "./api.js";
import { askedBody } from "./desk_parts.js";
import { el, fill, icon } from "./dom.js";
import { glyph } from "./glyphs.js";
import { productPicture } from "./product_picture.js";
import { whyWords } from "./quality_words.js";
import { refusalText } from "./refusal.js";
import { reviewButtons, saidLine } from "./review_buttons.js";
import { isMarked, VERDICT_GLYPHS } from "./verdict.js";

/** @typedef {import("./verdict.js").Inspection} Inspection */

/**
 * @param {import("./desk_page.js").DeskContext} context
 * @param {import("./quality_feed.js").QualityFeed} feed
 * @returns {import("./desk_page.js").View}
 */
export function createProductSearch(context, feed) {
  const { t, format, place, park } = context;
  const input = el("input", { class: "input big-input", type: "search", name: "serial", autocomplete: "off", maxlength: "128", "aria-label": t("quality.find_serial"), placeholder: t("quality.find_serial") });
  const body = el("div", { class: "found" });
  /** @type {Inspection[]} */
  let rows = [];
  const asking = askedBody(context, body, async () => {
    const { inspections } = /** @type {{inspections: Inspection[]}} */ (await getJson("./api/qc/inspections", { serial: place.get("serial"), limit: 50 }));
    rows = inspections;
    return inspections;
  }, (found) => found.length === 0
    ? [el("p", { class: "product-nothing" }, t("quality.find_none", { serial: place.get("serial") }))]
    : found.map(one));
  const form = el("form", { class: "view-bar find-form", onsubmit: (/** @type {Event} */ event) => {
    event.preventDefault();
    const serial = input.value.trim();
    if (!serial) return input.focus();
    if (serial === place.get("serial")) void asking.ask();
    else place.set({ serial });
  } }, input, el("button", { type: "submit", class: "button button-main big-button" }, icon("search"), el("span", {}, t("quality.find"))));
  const element = el("div", { class: "view-scroll" }, form, asking.element);
  let asked = "";

  /** @param {Inspection} row */
  function one(row) {
    const name = park.equipmentById.get(row.station)?.display;
    const picture = el("div", { class: "found-picture" }, productPicture(row, t, { heat: false, boxes: isMarked(row) }));
    const again = el("p", { class: "found-again", role: "status" });
    const heat = el("button", { type: "button", class: "button", "aria-pressed": "false", onclick: () => {
      const on = heat.getAttribute("aria-pressed") !== "true";
      heat.setAttribute("aria-pressed", String(on));
      fill(picture, productPicture(row, t, { heat: on, boxes: isMarked(row) }));
    } }, icon("heat"), el("span", {}, t("quality.heat")));
    const judge = el("button", { type: "button", class: "button", title: t("quality.judge_again_detail"), onclick: () => void judgeAgain(row, again) }, el("span", {}, t("quality.judge_again")));
    const said = el("div", {});
    const paintSaid = () => fill(said, saidLine(context, feed, row), reviewButtons(context, feed, row, { done: paintSaid }));
    paintSaid();
    return el("article", { class: `card found-one verdict-of-${row.verdict}`, "data-product": row.id },
      picture,
      el("div", { class: "found-text" },
        el("h2", {}, glyph(VERDICT_GLYPHS[row.verdict]), " ", t(`quality.verdict_${row.verdict}`), " · ", row.serial),
        el("p", {}, t("quality.found_at", { station: name ? format.name(name) : row.station, product: row.product, version: row.recipe_version })),
        el("p", {}, row.captured_at && `${t("quality.found_captured", { time: format.moment(Date.parse(row.captured_at)) })} `, t("quality.found_judged", { time: format.moment(Date.parse(row.received_at)) })),
        row.verdict !== "pass" && el("p", {}, whyWords(row, t)),
        row.score !== null && row.verdict !== "cannot_judge" && el("p", { class: "muted" }, t("quality.score", { score: format.number(row.score, 2), review: format.number(row.review_from, 2), reject: format.number(row.reject_from, 2) })),
        said,
        row.reviews.length > 1 && el("p", { class: "muted" }, t("quality.said_before", { n: row.reviews.length - 1 })),
        el("div", { class: "found-buttons" }, heat, judge), again,
        el("p", { class: "found-hash muted" }, t("quality.recipe_hash", { hash: row.recipe_sha256.slice(0, 16) }))));
  }

  /** @param {Inspection} row @param {HTMLElement} told */
  async function judgeAgain(row, told) {
    fill(told, t("desk.asking"));
    try {
      const { same, differences } = /** @type {{same: boolean, differences: Record<string, unknown>}} */ (await postJson(`./api/qc/inspections/${row.id}/judge-again`, {}));
      fill(told, t(same ? "quality.again_same" : "quality.again_differs", { names: Object.keys(differences).join(", ") }));
    } catch (error) {
      fill(told, refusalText(context, error));
    }
  }

  return {
    element,
    show: () => {
      const serial = place.get("serial");
      if (serial === asked) return;
      asked = serial;
      input.value = serial;
      if (serial) void asking.ask();
      else fill(body);
    },
    refresh: () => {
      for (const row of rows) {
        const waiting = feed.outbox.of(row.id);
        const article = /** @type {HTMLElement | null} */ (body.querySelector(`[data-product="${row.id}"]`));
        if (!article || (article.dataset.said ?? "") === (waiting?.body.truth ?? "")) continue;
        article.dataset.said = waiting?.body.truth ?? "";
        if (!waiting) void asking.ask();
      }
    },
  };
}
