/** Reasons and instructions of the quality desk in the reader's language. Pure. */

import { defectNames } from "./verdict.js";

/**
 * What the service says that made a picture one that cannot be judged, by what is to be mended. It says so in English.
 *
 * @type {readonly [RegExp, string][]}
 */
const GATES = [
  [/^blocked: challenge failed/, "challenge_failed"], [/^blocked: challenge/, "challenge_due"],
  [/^contrast /, "contrast"], [/black or white/, "exposure"], [/not the shape/, "framing"], [/not the size/, "size"],
  [/laid straight|registration|turned|shift/, "place"], [/code/, "code"],
  [/: (below its limits|to be looked at from|rejected from) ?/, "type"],
];

/**
 * Says why a picture was not judged by its score, in the reader's language as far as that is known.
 *
 * @param {string} gate as the service says it
 * @param {import("./i18n.js").Translate} t
 */
export function gateWords(gate, t) {
  const found = GATES.find(([pattern]) => pattern.test(gate));
  return found ? t(`quality.gate_${found[1]}`) : gate;
}

/**
 * Says what is to be done with a product now.
 *
 * @param {import("./verdict.js").Inspection} row
 * @param {import("./i18n.js").Translate} t
 */
export function nextStep(row, t) {
  return row.verdict === "review" && row.findings.length === 0 ? t("quality.look_all_over") : t(`quality.next_${row.verdict}`);
}

/**
 * Says what was found on a product that did not pass.
 *
 * @param {import("./verdict.js").Inspection} row
 * @param {import("./i18n.js").Translate} t
 */
export function whyWords(row, t) {
  if (row.gate) return gateWords(row.gate, t);
  if (row.findings.length === 0) return t("quality.no_place");
  const names = defectNames(row);
  return names.length > 0 ? t("quality.findings", { n: row.findings.length, names: names.join(", ") }) : t("quality.findings_unnamed", { n: row.findings.length });
}

/**
 * A share in percent, with as many digits as it needs.
 *
 * @param {number | null} share
 * @param {import("./format.js").Format} format
 */
export function percent(share, format) {
  if (share === null) return format.number(NaN);
  return `${format.number(100 * share, share !== 0 && share < 0.0995 ? 1 : 0)} %`;
}
