/** Key figures as the API tells them, and what a board makes of them before it draws: order, holes, targets. Pure. */

/**
 * @typedef {"shift" | "day" | "week" | "month"} Period
 * @typedef {{name: string, from_ms: number, to_ms: number, runs: boolean}} Interval
 * @typedef {"producing" | "setup" | "waiting" | "held" | "failed" | "stopped"} Use
 *
 * A place, line or station of `GET /api/kpi`; null where nothing can be reckoned.
 *
 * @typedef {object} KpiRow
 * @property {string} id
 * @property {string} name_vi
 * @property {string} name_en
 * @property {string} level
 * @property {number | null} availability shares are 0 to 1
 * @property {number | null} effectiveness above 1 where the ideal cycle is too long
 * @property {number | null} quality
 * @property {number | null} oee
 * @property {number | null} throughput_per_h
 * @property {number | null} gap_share of the planned time that is not known
 * @property {number} planned_s
 * @property {Record<Use, number>} times_s
 * @property {number} good
 * @property {number} rejected
 * @property {string} piece_vi
 * @property {string} piece_en
 * @property {number | null} target
 * @property {number} unseen
 *
 * @typedef {{station: string, start: string, end: string, state: string, lost_s: number, reason: string, because_of: string,
 *   alarm: string, corrected_by: string, comment: string}} StopRow
 * @typedef {{reason: string, parent: string, name_vi: string, name_en: string, lost_s: number, count: number, share: number}} LossRow
 * @typedef {{failures: number, mtbf_h: number | null, mttr_h: number | null, micro_stops: number, micro_stop_s: number,
 *   changeovers: number, pareto: LossRow[], total: number, stops: StopRow[]}} StopsJson
 * @typedef {{id: string, parent: string, name_vi: string, name_en: string, guessed: boolean}} ReasonRow
 * @typedef {{station: string, sets_pace: boolean, start_ms: number[], what: string[], joined: number}} SpellsRow
 * @typedef {{from_ms: number, to_ms: number, stations: SpellsRow[]}} TimelineJson
 * @typedef {{kwh_per_good: number | null, electricity: {value: number, gap_share: number | null}}} EnergyJson
 */

/** @type {readonly Period[]} */
export const PERIODS = Object.freeze(/** @type {Period[]} */ (["shift", "day", "week", "month"]));
/** What planned time goes into, the good first; `unknown` is what nothing is known of. */
export const SPENT = Object.freeze(/** @type {const} */ (["producing", "setup", "waiting", "held", "failed", "stopped", "unknown"]));
/** A ratio of less known time than this is chance, and is not shown [s]. */
export const LEAST_KNOWN_S = 600;
/** From so much unknown time on a figure is marked: it may be another once the whole is known. */
export const MARKED_GAP = 0.1;

/**
 * How far a figure can be taken at its word.
 *
 * @param {KpiRow} row
 * @returns {"unplanned" | "unknown" | "partial" | "whole"}
 */
export function standingOf(row) {
  if (row.planned_s === 0) return "unplanned";
  if (row.oee === null || knownS(row) < LEAST_KNOWN_S) return "unknown";
  return (row.gap_share ?? 0) >= MARKED_GAP ? "partial" : "whole";
}

/** Planned time that is known [s]. @param {KpiRow} row */
export function knownS(row) {
  return row.planned_s * (1 - (row.gap_share ?? 1));
}

/**
 * How far a line is below what is aimed at, in points; 0 = it is not, or nobody can say.
 *
 * @param {KpiRow} row
 */
export function missedBy(row) {
  if (row.target === null || row.oee === null || ["unplanned", "unknown"].includes(standingOf(row))) return 0;
  return Math.max(0, row.target - row.oee) * 100;
}

/**
 * Whether a line made more than its planned cycles allow: it ran faster than planned, or its cycle is given too long.
 *
 * @param {KpiRow} row
 */
export function aboveOne(row) {
  return (row.effectiveness ?? 0) > 1 && ["whole", "partial"].includes(standingOf(row));
}

/**
 * The line a board opens with: that of the selected machine, else the one that misses most, else the first that has figures.
 *
 * @param {KpiRow[]} lines
 * @param {string | null} equipment id
 * @returns {string | null}
 */
export function firstLine(lines, equipment) {
  const here = lines.find((row) => equipment?.startsWith(`${row.id}/`));
  if (here) return here.id;
  const worst = [...lines].sort((one, other) => missedBy(other) - missedBy(one))[0];
  if (worst && missedBy(worst) > 0) return worst.id;
  return (lines.find((row) => ["whole", "partial"].includes(standingOf(row))) ?? lines[0])?.id ?? null;
}

/**
 * Planned time in parts that add up to it [s].
 *
 * @param {KpiRow} row
 * @returns {{what: typeof SPENT[number], s: number}[]}
 */
export function spentTimes(row) {
  const unknown = row.planned_s * (row.gap_share ?? 0);
  return SPENT.map((what) => ({ what, s: what === "unknown" ? unknown : row.times_s[what] }));
}

/**
 * Lines under the enterprise they belong to, in the order told.
 *
 * @param {KpiRow[]} lines
 * @returns {{enterprise: string, lines: KpiRow[]}[]}
 */
export function byEnterprise(lines) {
  /** @type {Map<string, KpiRow[]>} */
  const groups = new Map();
  for (const row of lines) {
    const enterprise = row.id.split("/").slice(0, 2).join("/");
    groups.set(enterprise, [...(groups.get(enterprise) ?? []), row]);
  }
  return [...groups].map(([enterprise, members]) => ({ enterprise, lines: members }));
}

/**
 * A reason and all that it is part of.
 *
 * @param {readonly {id: string, parent: string}[]} reasons
 * @param {string} id
 * @returns {string[]} from the top
 */
export function reasonPath(reasons, id) {
  /** @type {string[]} */
  const path = [];
  for (let one = reasons.find((reason) => reason.id === id); one; one = reasons.find((reason) => reason.id === one?.parent)) path.unshift(one.id);
  return path;
}

/**
 * The spell that a moment lies in.
 *
 * @param {SpellsRow} row
 * @param {number} time [ms since the epoch]
 * @param {number} end of the last spell
 * @returns {{what: string, start: number, end: number} | null}
 */
export function spellAt(row, time, end) {
  let low = 0;
  let high = row.start_ms.length - 1;
  if (high < 0 || time < row.start_ms[0] || time >= end) return null;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (row.start_ms[middle] <= time) low = middle;
    else high = middle - 1;
  }
  return { what: row.what[low], start: row.start_ms[low], end: row.start_ms[low + 1] ?? end };
}
