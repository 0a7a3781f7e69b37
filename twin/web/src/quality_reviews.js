/** The review queue: what the camera left to a person, one product after the other; with the verdict hidden it measures agreement. */

import { nothingYet } from "./desk_parts.js";
import { el, fill, icon } from "./dom.js";
import { glyph } from "./glyphs.js";
import { productPicture } from "./product_picture.js";
import { whyWords } from "./quality_words.js";
import { reviewButtons } from "./review_buttons.js";
import { isMarked, VERDICT_GLYPHS } from "./verdict.js";

/**
 * @param {import("./desk_page.js").DeskContext} context
 * @param {import("./quality_feed.js").QualityFeed} feed
 * @returns {import("./desk_page.js").View}
 */
export function createReviewQueue(context, feed) {
  const { t, format } = context;
  const list = el("div", { class: "queue-list", role: "listbox", "aria-label": t("quality.reviews"), tabindex: "0" });
  const work = el("div", { class: "queue-work" });
  const blind = el("button", { type: "button", class: "button", "aria-pressed": "false", title: t("quality.blind_detail"), onclick: () => {
    blind.setAttribute("aria-pressed", String(blind.getAttribute("aria-pressed") !== "true"));
    paint(true);
  } }, icon("target"), el("span", {}, t("quality.blind")));
  const count = el("p", { class: "queue-count", role: "status" });
  const sending = el("p", { class: "said said-waiting", hidden: true });
  const element = el("div", { class: "queue" }, el("div", { class: "view-bar" }, count, sending, el("div", { class: "header-space" }), blind), list, work);

  /** Id of the product that is looked at. */
  let chosen = "";
  let painted = "";

  const hidden = () => blind.getAttribute("aria-pressed") === "true";
  const shown = () => feed.queue.find((row) => row.id === chosen) ?? feed.queue[0] ?? null;

  /** @param {boolean} [anew] */
  function paint(anew = false) {
    const row = shown();
    const yet = feed.stationsKnown ? "" : nothingYet(context, t("quality.asking"));
    const key = `${feed.queue.map((one) => one.id).join()} ${row?.id} ${hidden()} ${feed.outbox.waiting.length} ${feed.stationsKnown} ${yet}`;
    if (!anew && key === painted) return;
    painted = key;
    fill(count, feed.stationsKnown ? t("quality.queue_count", { n: feed.queue.length }) + (feed.queueMore ? "+" : "") : "");
    sending.hidden = feed.outbox.waiting.length === 0 && !feed.outbox.refused;
    fill(sending, feed.outbox.refused ? t("quality.said_refused", { why: feed.outbox.refused }) : t("quality.said_unsent", { n: feed.outbox.waiting.length }));
    fill(list, ...feed.queue.map((one) => el("button", {
      type: "button", class: `queue-item ${hidden() ? "" : `verdict-of-${one.verdict}`}`, role: "option", "aria-selected": String(one.id === row?.id), tabindex: "-1",
      onclick: () => choose(one.id),
    }, !hidden() && glyph(VERDICT_GLYPHS[one.verdict]), el("b", {}, one.serial), el("span", { class: "muted" }, format.moment(Date.parse(one.received_at))))));
    if (!row) {
      fill(work, el("p", { class: "product-nothing" }, yet || t("quality.queue_empty")));
      return;
    }
    if (work.dataset.key !== `${row.id} ${hidden()}`) {
      work.dataset.key = `${row.id} ${hidden()}`;
      fill(work,
        el("div", { class: "station-picture" }, productPicture(row, t, { heat: !hidden() && isMarked(row), boxes: !hidden() && isMarked(row) })),
        el("div", { class: "queue-side" },
          el("p", { class: "verdict-serial" }, el("span", { class: "muted" }, t("quality.serial")), " ", el("b", {}, row.serial)),
          el("p", {}, t("quality.judged_at", { time: format.moment(Date.parse(row.received_at)), product: row.product })),
          !hidden() && el("p", { class: "verdict-why" }, whyWords(row, t)),
          !hidden() && isMarked(row) && row.score !== null && el("p", { class: "muted" }, t("quality.score", { score: format.number(row.score, 2), review: format.number(row.review_from, 2), reject: format.number(row.reject_from, 2) })),
          reviewButtons(context, feed, row, { big: true, blind: hidden(), done: next }),
          el("p", { class: "muted queue-keys" }, t("quality.queue_keys"))));
    }
  }

  /** Goes on to the product that has taken the place of the one just said. */
  function next() {
    paint(true);
    /** @type {HTMLElement | null} */ (work.querySelector(".review-good"))?.focus();
  }

  /** @param {string} id */
  function choose(id) {
    chosen = id;
    paint(true);
    list.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }

  const stop = feed.listen(() => element.isConnected && paint());
  return {
    element,
    show: () => {
      void feed.readQueue().catch(() => undefined);
      paint();
    },
    key: (event) => {
      const k = feed.queue.findIndex((row) => row.id === shown()?.id);
      const row = event.key === "ArrowDown" ? feed.queue[k + 1] : event.key === "ArrowUp" ? feed.queue[k - 1] : null;
      if (!row) return;
      event.preventDefault();
      choose(row.id);
    },
    dispose: stop,
  };
}
