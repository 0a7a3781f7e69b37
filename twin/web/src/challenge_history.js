/** What happened with the challenge checks of a station and product, the newest first. */

import { causeWords } from "./challenge_words.js";
import { card, table } from "./desk_parts.js";
import { el } from "./dom.js";
import { glyph } from "./glyphs.js";

/** @typedef {import("./challenge_board.js").Entry} Entry */

/** Glyph of each kind. */
const GLYPHS = Object.freeze({ plan: "stale", blocked: "verdict_cannot_judge", shown: "no_data", passed: "verdict_pass", failed: "verdict_reject" });

/**
 * @param {import("./desk_page.js").DeskContext} context
 * @param {readonly Entry[]} entries
 */
export function historyCard({ t, format }, entries) {
  /** @param {Entry} one */
  const detail = (one) => {
    if (one.kind === "plan") {
      const pieces = one.pieces ?? [];
      return [pieces.length === 0 ? t("challenge.plan_none") : t("challenge.plan_pieces", { pieces: pieces.map(({ piece }) => piece).join(", ") }), one.why && `“${one.why}”`].filter(Boolean).join(" ");
    }
    if (one.kind === "shown" && one.truth && one.verdict) {
      return t("challenge.entry_shown", { piece: one.piece, truth: t(`challenge.is_${one.truth}`), verdict: t(`quality.verdict_${one.verdict}`), score: one.score === null ? format.number(NaN) : format.number(one.score, 2) });
    }
    return one.why && causeWords(one.why, t);
  };
  return card(t("challenge.history"), entries.length === 0 ? el("p", { class: "product-nothing" }, t("challenge.history_empty"))
    : table([t("challenge.time"), t("challenge.what"), t("challenge.detail"), t("challenge.by"), t("challenge.recipe")], entries.map((one) => [
      format.moment(Date.parse(one.time)), el("span", { class: "challenge-kind" }, glyph(GLYPHS[one.kind]), el("b", {}, t(`challenge.kind_${one.kind}`))),
      detail(one), one.by || t("challenge.by_station"), one.recipe_version > 0 ? format.number(one.recipe_version) : "",
    ]), t("challenge.history")));
}
