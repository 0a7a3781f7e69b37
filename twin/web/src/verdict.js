/** The four verdicts as a person sees them: word, shape and colour together, and what is to be done next. Pure. */

/** @typedef {"pass" | "reject" | "review" | "cannot_judge"} Verdict */

/**
 * @typedef {object} Finding
 * @property {string} type
 * @property {[number, number, number, number]} box_px left, top, right, bottom
 * @property {[number, number, number, number] | null} box_mm
 * @property {number} score 1 = as hot as good products get
 * @property {number | null} [type_confidence] chance that the type is right, 0 to 1
 *
 * @typedef {object} Review
 * @property {string} id
 * @property {"good" | "defective"} truth
 * @property {string} defect
 * @property {string} by
 * @property {string} reason
 * @property {boolean} blind
 * @property {string} time
 *
 * @typedef {object} Measured
 * @property {string} name
 * @property {number | null} value_mm
 * @property {number | null} u_mm
 * @property {number} lower_mm
 * @property {number} upper_mm
 * @property {string} verdict
 *
 * @typedef {object} Inspection one product as the service tells it
 * @property {string} id
 * @property {number} sequence
 * @property {string} station
 * @property {string} product
 * @property {string} serial
 * @property {Verdict} verdict
 * @property {number | null} score
 * @property {number} review_from
 * @property {number} reject_from
 * @property {Finding[]} findings
 * @property {string} gate
 * @property {number} recipe_version
 * @property {string} recipe_sha256
 * @property {string | null} captured_at
 * @property {string} received_at
 * @property {number} width
 * @property {number} height
 * @property {boolean} picture_kept
 * @property {boolean} simulated
 * @property {string} code
 * @property {Measured[]} measurements
 * @property {Review[]} reviews
 */

/** Glyph of each verdict. @type {Readonly<Record<Verdict, string>>} */
export const VERDICT_GLYPHS = Object.freeze({ pass: "verdict_pass", reject: "verdict_reject", review: "verdict_review", cannot_judge: "verdict_cannot_judge" });

/** What the service calls a place that is unlike good products, when nobody has taught it a name for that or the place is like none of the types that it was taught. */
const UNNAMED = ["unlike_good", "unknown_type"];

/**
 * The name of a defect as a person reads it; "" if it has none.
 *
 * @param {string} type
 */
export function defectName(type) {
  return UNNAMED.includes(type) ? "" : type.replaceAll("_", " ");
}

/**
 * The name of what was found at a place, and how sure that is where the service can say.
 *
 * @param {Finding} finding
 */
export function defectLabel({ type, type_confidence: confidence }) {
  const name = defectName(type);
  return name && typeof confidence === "number" ? `${name} ${Math.round(100 * confidence)} %` : name;
}

/**
 * The names of what was found on a product, each once.
 *
 * @param {Inspection} inspection
 */
export function defectNames(inspection) {
  return [...new Set(inspection.findings.map((one) => defectName(one.type)).filter(Boolean))];
}

/**
 * Whether places and score say something: of a picture that cannot be judged they do not.
 *
 * @param {Inspection} inspection
 */
export function isMarked(inspection) {
  return inspection.verdict === "reject" || inspection.verdict === "review";
}

/**
 * What the last person said of a product: the last word counts.
 *
 * @param {Inspection} inspection
 * @returns {Review | null}
 */
export function lastWord(inspection) {
  return inspection.reviews[inspection.reviews.length - 1] ?? null;
}

/**
 * How far a score lies on the way from the review to the reject limit, for a bar: 0 to 1 over all of it, with the limits in it.
 *
 * @param {Inspection} inspection
 * @returns {{score: number, review: number, reject: number} | null} null where nothing was measured
 */
export function scoreBar({ score, review_from: review, reject_from: reject }) {
  if (score === null || !(reject > 0)) return null;
  const top = Math.max(1.5 * reject, 1.1 * score);
  return { score: Math.max(0, score / top), review: review / top, reject: reject / top };
}
