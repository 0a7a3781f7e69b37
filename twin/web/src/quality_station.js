/**
 * The full screen at a station: the last product, its verdict to be read from three metres, where and why, and what is to be
 * done with it. Everything can be reached with gloves and with the keyboard alone.
 */

import { nothingYet } from "./desk_parts.js";
import { el, fill, icon, say } from "./dom.js";
import { glyph } from "./glyphs.js";
import { productPicture } from "./product_picture.js";
import { nextStep, whyWords } from "./quality_words.js";
import { reviewButtons, saidLine } from "./review_buttons.js";
import { may } from "./session.js";
import { isMarked, scoreBar, VERDICT_GLYPHS } from "./verdict.js";

/** After so long without a product the last one is called an old one [ms]. */
const QUIET_MS = 120_000;
const HEAT = "parktwin.heat";

/**
 * @param {import("./desk_page.js").DeskContext} context
 * @param {import("./quality_feed.js").QualityFeed} feed
 * @returns {import("./desk_page.js").View}
 */
export function createStationView(context, feed) {
  const { t, format, link } = context;
  const panel = el("section", { class: "verdict", "aria-live": "assertive", "aria-atomic": "true" });
  const age = el("p", { class: "verdict-age" });
  const picture = el("div", { class: "station-picture" });
  const strip = el("div", { class: "station-strip", role: "listbox", "aria-label": t("quality.recent"), tabindex: "0" });
  const figures = el("dl", { class: "station-figures" });
  const heat = heatToggle(localStorage.getItem(HEAT) !== "off");
  const live = el("button", { type: "button", class: "button big-button", hidden: true, onclick: () => pin(null) }, icon("home"), el("span", {}, t("quality.to_newest")));
  const full = el("button", { type: "button", class: "button big-button", onclick: () => void fullScreen() }, icon("expand"), el("span", {}, t("quality.full_screen")));
  const element = el("div", { class: "station" },
    el("div", { class: "station-left" }, panel, age, figures),
    el("div", { class: "station-right" },
      el("div", { class: "station-bar" }, heat.button, live, el("div", { class: "header-space" }), full),
      picture),
    strip);

  /** Id of the product that a person holds in sight, null = always the newest. @type {string | null} */
  let pinned = null;
  let painted = "";

  /** @param {boolean} on */
  function heatToggle(on) {
    const button = el("button", { type: "button", class: "button big-button", "aria-pressed": String(on), onclick: () => {
      const now = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(now));
      localStorage.setItem(HEAT, now ? "on" : "off");
      paint(true);
    } }, icon("heat"), el("span", {}, t("quality.heat")));
    return { button, on: () => button.getAttribute("aria-pressed") === "true" };
  }

  async function fullScreen() {
    if (document.fullscreenElement) await document.exitFullscreen();
    else await document.documentElement.requestFullscreen();
  }

  /** @param {string | null} id */
  function pin(id) {
    pinned = id === feed.rows[0]?.id ? null : id;
    paint(true);
    refresh();
  }

  const shown = () => feed.rows.find((row) => row.id === pinned) ?? feed.rows[0] ?? null;

  /** @param {boolean} [anew] */
  function paint(anew = false) {
    const row = shown();
    if (pinned && row?.id !== pinned) pinned = null;
    const waiting = row && feed.outbox.of(row.id);
    const key = `${feed.station} ${row?.id} ${row?.reviews.length} ${waiting?.body.truth} ${pinned} ${feed.stationsKnown} ${row ? "" : nothingText()}`;
    if (anew || key !== painted) {
      const same = row !== null && painted.split(" ")[1] === row.id && !anew;
      painted = key;
      paintPanel(row);
      if (!same) fill(picture, row ? productPicture(row, t, { heat: heat.on() && isMarked(row), boxes: isMarked(row) }) : el("p", { class: "product-nothing" }, nothingText()));
      live.hidden = pinned === null;
    }
    paintStrip();
    paintFigures();
  }

  function nothingWord() {
    if (feed.stationsKnown) return t("quality.waiting");
    if (!link.lost) return t("quality.asking_short");
    if (link.status === 0) return t("quality.no_answer");
    return t(link.status === 403 ? "desk.no_right" : "quality.in_trouble");
  }

  function nothingText() {
    if (!feed.stationsKnown) return nothingYet(context, t("quality.asking"));
    return t(feed.station ? "quality.no_product" : "quality.no_station");
  }

  /** @param {import("./verdict.js").Inspection | null} row */
  function paintPanel(row) {
    panel.className = `verdict verdict-${row?.verdict ?? "none"}`;
    panel.dataset.product = row?.id ?? "";
    if (!row) return fill(panel, el("p", { class: "verdict-word" }, nothingWord()));
    const measured = row.measurements.filter((one) => one.verdict !== "accept");
    fill(panel,
      el("div", { class: "verdict-head" }, glyph(VERDICT_GLYPHS[row.verdict]), el("p", { class: "verdict-word" }, t(`quality.verdict_${row.verdict}`))),
      el("p", { class: "verdict-serial" }, el("span", { class: "muted" }, t("quality.serial")), " ", el("b", {}, row.serial)),
      row.verdict === "pass" ? null : el("p", { class: "verdict-why" }, whyWords(row, t)),
      ...measured.map((one) => el("p", { class: "verdict-measured" }, t("quality.measured", {
        name: one.name, value: one.value_mm === null ? format.number(NaN) : format.number(one.value_mm, 3),
        low: format.number(one.lower_mm, 3), high: format.number(one.upper_mm, 3),
      }))),
      row.verdict === "cannot_judge" ? null : bar(row),
      row.gate.startsWith("blocked:") && may("inspection.judge") && el("button", { type: "button", class: "button big-button", "data-focus": "to-challenge", onclick: () => context.place.set({ view: "challenge", product: row.product }) }, icon("check"), el("span", {}, t("challenge.go"))),
      el("p", { class: "verdict-next" }, icon("chevron"), el("span", {}, nextStep(row, t))),
      row.verdict === "review" || row.verdict === "cannot_judge" || row.reviews.length > 0 || feed.outbox.of(row.id)
        ? reviewButtons(context, feed, row, { big: true }) : null,
      saidLine(context, feed, row));
  }

  /** @param {import("./verdict.js").Inspection} row */
  function bar(row) {
    const at = scoreBar(row);
    if (!at || row.score === null) return null;
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 100 6");
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("class", "score-bar");
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", t("quality.score", { score: format.number(row.score, 2), review: format.number(row.review_from, 2), reject: format.number(row.reject_from, 2) }));
    for (const [name, x, width] of /** @type {[string, number, number][]} */ ([
      ["score-back", 0, 100], ["score-fill", 0, 100 * Math.min(1, at.score)], ["score-mark", 100 * at.review, 0.6], ["score-mark", 100 * at.reject, 1.2],
    ])) {
      const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      rect.setAttribute("x", String(x));
      rect.setAttribute("width", String(width));
      rect.setAttribute("height", "6");
      rect.setAttribute("class", name);
      svg.append(rect);
    }
    return el("div", { class: "score" }, svg, el("span", {}, t("quality.score", {
      score: format.number(row.score, 2), review: format.number(row.review_from, 2), reject: format.number(row.reject_from, 2),
    })));
  }

  let stripped = "";
  function paintStrip() {
    const chosen = shown()?.id ?? "";
    const key = `${feed.version} ${chosen}`;
    if (key === stripped) return;
    stripped = key;
    const focused = strip.contains(document.activeElement);
    fill(strip, ...feed.rows.map((row) => el("button", {
      type: "button", class: `strip-item verdict-of-${row.verdict}`, role: "option", "aria-selected": String(row.id === chosen), tabindex: "-1",
      onclick: () => pin(row.id),
    }, el("span", { class: "unseen" }, t(`quality.verdict_${row.verdict}`)), glyph(VERDICT_GLYPHS[row.verdict]), el("span", { class: "strip-serial" }, row.serial), el("span", { class: "strip-time" }, format.clock(Date.parse(row.received_at))))));
    if (focused) strip.focus();
  }

  function paintFigures() {
    const { shift } = feed;
    const cells = /** @type {[string, string][]} */ ([
      ["product", shown()?.product ?? format.number(NaN)],
      ["shift_pass", shift ? format.number(shift.passed) : format.number(NaN)],
      ["shift_reject", shift ? format.number(shift.rejected) : format.number(NaN)],
      ["waiting_review", feed.stationsKnown ? `${format.number(feed.queue.length)}${feed.queueMore ? "+" : ""}` : format.number(NaN)],
    ]);
    const key = cells.flat().join(" ");
    if (figures.dataset.key === key) return;
    figures.dataset.key = key;
    fill(figures, ...cells.map(([name, text]) => el("div", {}, el("dt", {}, t(`quality.figure_${name}`)), el("dd", {}, text))));
  }

  function refresh() {
    const row = shown();
    paint();
    const since = row ? Date.now() - Date.parse(row.received_at) : 0;
    const old = Boolean(row) && (link.lost || (pinned === null && since > QUIET_MS));
    element.classList.toggle("station-old", old);
    if (!row) return;
    say(age, link.lost ? t("quality.old", { time: format.clock(Date.parse(row.received_at)) })
      : pinned ? t("quality.looked_back", { time: format.clock(Date.parse(row.received_at)) })
        : t(old ? "quality.quiet" : "quality.judged", { time: format.clock(Date.parse(row.received_at)), age: format.age(since) }));
  }

  /** @param {number} step */
  function move(step) {
    const k = feed.rows.findIndex((row) => row.id === shown()?.id);
    const next = feed.rows[k + step];
    if (next) pin(next.id);
  }

  const stop = feed.listen(() => element.isConnected && refresh());
  return {
    element,
    show: refresh,
    refresh,
    key: (event) => {
      if (event.key === "ArrowLeft") move(-1);
      else if (event.key === "ArrowRight") move(1);
      else if (event.key === "Escape") pin(null);
      else return;
      event.preventDefault();
    },
    dispose: stop,
  };
}
