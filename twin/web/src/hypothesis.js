/** What would be: the marks that the consequence of a what-if puts on equipment, by shape and colour. Pure. */

/**
 * @typedef {"changed" | "lost" | "later" | "beyond"} Mark
 * @typedef {{vi: string, en: string}} Name
 * @typedef {{id: string, name: Name}} Element
 *
 * One change of a what-if, as `POST /api/what-if` takes it.
 *
 * @typedef {object} Change
 * @property {"open" | "off" | "derate" | "output"} change
 * @property {string} [equipment] id
 * @property {string} [line] id
 * @property {number} [percent]
 *
 * @typedef {object} Consequence
 * @property {(Element & {lacks: string[], after_min: number})[]} affected
 * @property {(Element & {equipment: string[], lost_share: number, lost_units: number | null, unit: Name | null})[]} lines
 * @property {Element[]} tenants
 * @property {(Element & {percent: number, before: number | null})[]} overloads
 * @property {(Element & {percent: number})[]} voltages
 * @property {(Element & {becomes: "empty" | "full", minutes: number | null, before: number | null})[]} reserves
 * @property {number} lost_kw
 * @property {number} lost_kwh
 * @property {{of: string, name: Name, phone: string, affected: number}[]} calls
 * @property {Name[]} notes
 */

/** Marks in the order of their cells; the greater urgency is drawn over the lesser. */
export const MARKS = Object.freeze([
  { name: /** @type {Mark} */ ("changed"), colour: { dark: "#f4f7fa", light: "#182028" }, urgency: 4 },
  { name: /** @type {Mark} */ ("lost"), colour: { dark: "#58a8ff", light: "#0b62c9" }, urgency: 2 },
  { name: /** @type {Mark} */ ("later"), colour: { dark: "#4fc7bd", light: "#0b746d" }, urgency: 1 },
  { name: /** @type {Mark} */ ("beyond"), colour: { dark: "#ff9f6b", light: "#a84300" }, urgency: 3 },
]);

/** Number of equipment without a mark. */
export const UNMARKED = 255;

/**
 * Which equipment gets which mark; what is changed goes before what is overloaded, that before what is lost.
 *
 * @param {readonly Change[]} changes
 * @param {Consequence} consequence
 * @returns {Map<string, Mark>}
 */
export function marksOf(changes, consequence) {
  /** @type {Map<string, Mark>} */
  const marks = new Map();
  for (const one of consequence.affected) marks.set(one.id, one.after_min > 0 ? "later" : "lost");
  for (const one of [...consequence.voltages, ...consequence.overloads]) marks.set(one.id, "beyond");
  for (const one of consequence.reserves) marks.set(one.id, "later");
  for (const { equipment } of changes) if (equipment) marks.set(equipment, "changed");
  return marks;
}

/**
 * Adds a change; one of the same thing is replaced, for it cannot be both open and derated.
 *
 * @param {readonly Change[]} changes
 * @param {Change} change
 * @returns {readonly Change[]}
 */
export function withChange(changes, change) {
  return [...changes.filter((one) => targetOf(one) !== targetOf(change)), change];
}

/** @param {Change} change */
export function targetOf(change) {
  return change.line ?? change.equipment ?? "";
}
