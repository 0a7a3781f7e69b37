/** Moments on the park's clock: how far its zone is ahead, whole steps of an axis, and a typed date and time. Pure. */

/** Steps of an axis [min]. */
const STEPS_MIN = [5, 10, 15, 30, 60, 120, 240, 480, 1440, 2880, 10080];
const LABEL_PX = 74;

/**
 * How far a zone is ahead of UTC at a moment [ms].
 *
 * @param {number} time [ms since the epoch]
 * @param {string} zone IANA name
 */
export function zoneAhead(time, zone) {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
  }).formatToParts(time);
  const at = (/** @type {string} */ type) => Number(parts.find((part) => part.type === type)?.value);
  return Date.UTC(at("year"), at("month") - 1, at("day"), at("hour"), at("minute"), at("second")) - Math.floor(time / 1_000) * 1_000;
}

/**
 * Moments of an axis, on whole steps of the park's clock.
 *
 * @param {number} from [ms since the epoch]
 * @param {number} to
 * @param {number} width [px]
 * @param {string} zone IANA name
 */
export function ticks(from, to, width, zone) {
  const most = Math.max(2, Math.floor(width / LABEL_PX));
  const step = (STEPS_MIN.find((minutes) => (to - from) / (minutes * 60_000) <= most) ?? 20_160) * 60_000;
  const ahead = zoneAhead(from, zone);
  /** @type {number[]} */
  const found = [];
  for (let time = Math.ceil((from + ahead) / step) * step - ahead; time < to; time += step) found.push(time);
  return found;
}

/**
 * A moment as an input of date and time holds it: `2026-01-31T08:00:00`, on the park's clock.
 *
 * @param {number} time [ms since the epoch]
 * @param {string} zone IANA name
 */
export function toLocal(time, zone) {
  return new Date(time + zoneAhead(time, zone)).toISOString().slice(0, 19);
}

/**
 * @param {string} local as {@link toLocal} writes it
 * @param {string} zone IANA name
 * @returns {number} [ms since the epoch]; NaN if it is no date and time
 */
export function fromLocal(local, zone) {
  const there = Date.parse(`${local}Z`);
  if (Number.isNaN(there)) return NaN;
  // at the edge of summer time the first guess is an hour off, and the second is right
  const first = there - zoneAhead(there, zone);
  return there - zoneAhead(first, zone);
}
