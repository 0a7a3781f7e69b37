/** Which pieces a station must be shown, and when: asked of a person, under a name and with a reason. */

import { troubleWords } from "./challenge_words.js";
import { askForm } from "./dialog.js";
import { rememberPerson, rememberedPerson } from "./person.js";

/**
 * @param {import("./desk_page.js").DeskContext} context
 * @param {import("./challenge_board.js").ChallengeBoard} board
 * @param {import("./challenge_board.js").Standing} at
 */
export async function planDialog(context, board, at) {
  const { t } = context;
  const named = (/** @type {string} */ truth) => at.pieces.filter((one) => one.truth === truth).map((one) => one.piece).join(", ");
  let asked = { good: named("good"), defective: named("defective"), hours: String(at.every_hours), changeover: String(at.changeover), reason: "" };
  let detail = t("challenge.plan_detail");
  for (;;) {
    const answer = await askForm({
      title: t("challenge.plan_title", { product: at.product }), detail,
      fields: [
        { name: "good", label: t("challenge.plan_good"), value: asked.good },
        { name: "defective", label: t("challenge.plan_defective"), value: asked.defective },
        { name: "hours", label: t("challenge.plan_hours"), value: asked.hours },
        { name: "changeover", label: t("challenge.plan_changeover"), value: asked.changeover, options: ["true", "false"].map((value) => ({ value, label: t(`challenge.plan_changeover_${value}`) })) },
        { name: "reason", label: t("quality.reason"), value: asked.reason, long: true, required: true },
        { name: "by", label: t("person.name"), value: rememberedPerson(), required: true },
      ],
      yes: t("dialog.yes"), no: t("dialog.no"),
    });
    if (!answer) return;
    asked = /** @type {typeof asked} */ (answer);
    rememberPerson(answer.by);
    try {
      await board.plan(at, {
        by: answer.by, reason: answer.reason, every_hours: Number(answer.hours.replace(",", ".")) || 0, changeover: answer.changeover === "true",
        pieces: [...pieces(answer.good, "good"), ...pieces(answer.defective, "defective")],
      });
      return;
    } catch (error) {
      detail = troubleWords(context, error); // the form comes again with what was written
    }
  }
}

/**
 * @param {string} text names, with commas between them
 * @param {"good" | "defective"} truth
 * @returns {import("./challenge_board.js").Piece[]}
 */
function pieces(text, truth) {
  return text.split(",").map((piece) => piece.trim()).filter(Boolean).map((piece) => ({ piece, truth }));
}
