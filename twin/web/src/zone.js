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

/** Day and month first and 24 hours, as people of both languages of the page write it here. */
const WRITTEN = /^(?:(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})[\s,]+)?(\d{1,2})[:h](\d{2})(?::(\d{2}))?$/;

/**
 * A moment as a person types it: `31/01/2026 08:00:00`, on the park's clock.
 *
 * @param {number} time [ms since the epoch]
 * @param {string} zone IANA name
 */
export function toWritten(time, zone) {
  const [date, clock] = new Date(time + zoneAhead(time, zone)).toISOString().slice(0, 19).split("T");
  return `${date.split("-").reverse().join("/")} ${clock}`;
}

/**
 * What a person typed: as {@link toWritten} writes it, the seconds left out or not, and without a date of the same day.
 *
 * @param {string} text
 * @param {string} zone IANA name
 * @param {number} now says which day is meant where none is typed [ms since the epoch]
 * @returns {number} [ms since the epoch]; NaN if it is no date and time
 */
export function fromWritten(text, zone, now) {
  const found = WRITTEN.exec(text.trim());
  if (!found) return NaN;
  const today = new Date(now + zoneAhead(now, zone));
  const [day, month, year] = found[1] ? found.slice(1, 4).map(Number) : [today.getUTCDate(), today.getUTCMonth() + 1, today.getUTCFullYear()];
  const [hour, minute, second] = found.slice(4, 7).map((part) => Number(part ?? 0));
  if (hour > 23 || minute > 59 || second > 59) return NaN;
  const there = Date.UTC(year, month - 1, day, hour, minute, second);
  const read = new Date(there);
  if (read.getUTCDate() !== day || read.getUTCMonth() !== month - 1) return NaN; // no 31st of February
  // at the edge of summer time the first guess is an hour off, and the second is right
  const first = there - zoneAhead(there, zone);
  return there - zoneAhead(first, zone);
}
