/** Challenge checks at a station: what is blocked and why, the pieces that are due, the check itself, and what came of earlier ones. */

import { historyCard } from "./challenge_history.js";
import { planDialog } from "./challenge_plan.js";
import { ChallengeRun } from "./challenge_run.js";
import { causeWords, troubleWords } from "./challenge_words.js";
import { nothingYet } from "./desk_parts.js";
import { el, fill, icon } from "./dom.js";
import { glyph } from "./glyphs.js";
import { askPerson, rememberedPerson } from "./person.js";
import { may, signedInName } from "./session.js";
import { VERDICT_GLYPHS } from "./verdict.js";

/** @typedef {import("./challenge_board.js").Standing} Standing */

const PICTURES = "image/jpeg,image/png,image/bmp,image/tiff";
const HOUR_MS = 3_600_000;

/**
 * @param {import("./desk_page.js").DeskContext} context
 * @param {import("./challenge_board.js").ChallengeBoard} board
 * @param {(station: string) => string} stationName
 * @returns {import("./desk_page.js").View}
 */
export function createChallengeView(context, board, stationName) {
  const { t, format, place } = context;
  const { feed } = board;
  const body = el("div", { class: "challenge" });
  const element = el("div", { class: "view-scroll" }, body);
  let run = new ChallengeRun(board, () => paint());
  let painted = "";

  /** The product in sight: the one of the address, else the first that is blocked here, else the first that has pieces. */
  function chosen() {
    const here = board.pairs().map(({ station, product }) => board.of(station, product)).filter((one) => one?.station === feed.station);
    return here.find((one) => one?.product === place.get("product")) ?? here.find((one) => one?.blocked) ?? here.find((one) => one && one.pieces.length > 0) ?? here[0] ?? null;
  }

  function look() {
    const at = chosen();
    if (at?.station !== board.chosen?.station || at?.product !== board.chosen?.product) {
      board.chosen = at && { station: at.station, product: at.product };
      board.entries = [];
      run = new ChallengeRun(board, () => paint());
      void board.look().catch(() => undefined);
    }
    paint();
  }

  function paint() {
    if (!element.isConnected) return;
    const at = chosen();
    const key = JSON.stringify([at, at ? "" : emptyText(), [...board.standings.values()], board.entries, [...run.outcomes.values()], run.coming, run.busy, String(run.trouble), feed.station, feed.stationsKnown]);
    if (key === painted) return;
    painted = key;
    const focused = element.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement)?.dataset.focus : "";
    fill(body, ...(at ? [state(at), at.pieces.length > 0 ? pieces(at) : null, others(at), historyCard(context, board.entries)] : [el("p", { class: "product-nothing" }, emptyText())]));
    if (focused) /** @type {HTMLElement | null} */ (body.querySelector(`[data-focus="${focused}"]`) ?? body.querySelector("button"))?.focus();
  }

  function paintAnew() {
    painted = "";
    paint();
  }

  function emptyText() {
    if (!feed.stationsKnown) return nothingYet(context, t("quality.asking"));
    return feed.station && feed.stations[feed.station] ? nothingYet(context, t("desk.asking")) : t("quality.no_station");
  }

  /** @param {Standing} at */
  function state(at) {
    const none = at.pieces.length === 0;
    const until = at.passed_at && at.every_hours > 0 ? Date.parse(at.passed_at) + at.every_hours * HOUR_MS : NaN;
    return el("section", { class: `challenge-state ${at.blocked ? "challenge-blocked" : none ? "" : "challenge-free"}`, role: "status" },
      glyph(at.blocked ? "verdict_reject" : none ? "no_data" : "verdict_pass"),
      el("div", {},
        el("h2", {}, t(`challenge.state_${at.blocked ? "blocked" : none ? "no_plan" : "free"}`, { product: at.product })),
        el("p", { class: "challenge-why" }, at.blocked ? causeWords(at.why.en, t) : none ? t("challenge.no_plan_detail")
          : !at.passed_at ? "" : Number.isFinite(until) ? t("challenge.passed_until", { moment: format.moment(Date.parse(at.passed_at)), until: format.moment(until) })
            : t("challenge.passed", { moment: format.moment(Date.parse(at.passed_at)) })),
        at.blocked && el("p", {}, t("challenge.release"))),
      may("recipe.change") && el("button", { type: "button", class: "button big-button", "data-focus": "plan", onclick: () => void planDialog(context, board, at) }, el("span", {}, t(none ? "challenge.set_plan" : "challenge.change_plan"))));
  }

  /** @param {Standing} at */
  function pieces(at) {
    const due = at.pieces.filter(({ piece }) => !at.shown.includes(piece)).map(({ piece }) => piece);
    const still = run.busy !== "" || run.coming.length > 0;
    const shows = may("inspection.judge");
    return el("section", { class: "card" },
      el("h2", {}, t("challenge.pieces"), " ", at.blocked && el("span", { class: "muted" }, t("challenge.pieces_done", { n: at.shown.length, of: at.pieces.length }))),
      shows && el("p", {}, t("challenge.how")),
      shows && el("div", { class: "teach-buttons" },
        run.coming.length > 0
          ? el("button", { type: "button", class: "button big-button", "data-focus": "camera", onclick: () => run.stop() }, icon("close"), el("span", {}, t("challenge.stop")))
          : el("button", { type: "button", class: `button big-button ${at.blocked ? "button-main" : ""}`, "data-focus": "camera", disabled: still, onclick: () => void follow(at, due) }, icon("play"), el("span", {}, t("challenge.follow", { n: due.length }))),
        !signedInName() && el("button", { type: "button", class: "button big-button", "data-focus": "person", disabled: still, onclick: () => void askPerson(t).then(paintAnew) }, icon("person"), el("span", {}, rememberedPerson() || t("person.nobody")))),
      el("p", { class: "challenge-note", role: "status" }, note()),
      el("ol", { class: "pieces" }, ...at.pieces.map((one) => pieceRow(at, one, still, shows))));
  }

  function note() {
    if (run.busy) return t("challenge.judging", { piece: run.busy });
    if (run.coming.length > 0) return el("b", {}, t("challenge.lay", { piece: run.coming[0], n: run.coming.length }));
    if (run.trouble) return el("b", { class: "below" }, troubleWords(context, run.trouble));
    const wrong = [...run.outcomes.values()].find((one) => !one.right);
    if (wrong) return el("b", { class: "below" }, t("challenge.wrong", { piece: wrong.piece }));
    return run.outcomes.size > 0 && [...run.outcomes.values()].at(-1)?.missing.length === 0 ? el("b", {}, t("challenge.all_right")) : "";
  }

  /**
   * @param {Standing} at
   * @param {import("./challenge_board.js").Piece} one
   * @param {boolean} still
   * @param {boolean} shows
   */
  function pieceRow(at, { piece, truth }, still, shows) {
    const outcome = run.outcomes.get(piece);
    const right = at.shown.includes(piece) || (outcome?.right && !at.blocked);
    const wrong = outcome && !outcome.right;
    const next = run.coming[0] === piece || run.busy === piece;
    const input = el("input", { type: "file", class: "unseen", accept: PICTURES, name: `piece-${piece}`, disabled: still, tabindex: "-1", "aria-label": t("challenge.picture_of", { piece }), onchange: () => void show(at, piece, input.files?.[0]) });
    return el("li", { class: `piece ${right ? "piece-right" : wrong ? "piece-wrong" : ""} ${next ? "piece-next" : ""}`, "data-piece": piece, "aria-current": next && "step" },
      glyph(wrong ? "verdict_reject" : right ? "verdict_pass" : "no_data"),
      el("div", { class: "piece-what" }, el("b", {}, piece), el("span", {}, t(`challenge.must_${truth}`))),
      el("div", { class: "piece-outcome" },
        el("b", {}, t(`challenge.piece_${wrong ? "wrong" : right ? "right" : at.blocked ? "due" : "held"}`)),
        outcome && el("span", {}, glyph(VERDICT_GLYPHS[outcome.verdict]), " ", t("challenge.was_judged", { verdict: t(`quality.verdict_${outcome.verdict}`), score: outcome.score === null ? format.number(NaN) : format.number(outcome.score, 2) }))),
      shows && el("span", {}, input, el("button", { type: "button", class: "button big-button", "data-focus": `piece-${piece}`, disabled: still, onclick: () => input.click() }, icon("plus"), el("span", {}, t("challenge.picture")))));
  }

  /** @param {Standing} at */
  function others(at) {
    const rest = board.pairs().map(({ station, product }) => board.of(station, product)).filter((one) => one && one !== at && (one.blocked || one.pieces.length > 0));
    if (rest.length === 0) return null;
    return el("section", { class: "card" }, el("h2", {}, t("challenge.others")),
      el("div", { class: "challenge-others" }, ...rest.map((one) => one && el("button", {
        type: "button", class: "button big-button", "data-focus": `other-${one.station}-${one.product}`, onclick: () => place.set({ station: one.station, product: one.product }),
      }, glyph(one.blocked ? "verdict_reject" : "verdict_pass"), el("span", {}, `${stationName(one.station)} · ${one.product} · ${t(one.blocked ? "challenge.blocked_short" : "challenge.free_short")}`)))));
  }

  /** @param {Standing} at @param {string} piece @param {File | undefined} file */
  async function show(at, piece, file) {
    const by = file && (rememberedPerson() || await askPerson(t));
    if (file && by) await run.show(at, piece, file, by);
  }

  /** @param {Standing} at @param {string[]} due */
  async function follow(at, due) {
    const by = rememberedPerson() || await askPerson(t);
    if (by) run.follow(at, due, by);
  }

  const stops = [board.listen(look), place.listen(look), feed.listen(() => {
    void run.look();
    if (!chosen()) paint();
  })];
  return {
    element,
    show: () => {
      board.all = true;
      look();
    },
    hide: () => {
      board.all = false;
      board.chosen = null;
      run.stop();
    },
    refresh: paint,
    key: (event) => {
      if (event.key !== "Escape" || run.coming.length === 0) return;
      run.stop();
      event.preventDefault();
    },
    dispose: () => {
      board.all = false;
      board.chosen = null;
      for (const stop of stops) stop();
    },
  };
}
