/** The order in which a manager should look at machines, and the scale of the calendar. Pure. */

/** @typedef {import("./maintenance_feed.js").Forecast} Forecast */
/** @typedef {"act" | "watch" | "healthy" | "unknown"} Group */

/** @type {readonly Group[]} */
export const GROUPS = Object.freeze(["act", "watch", "healthy", "unknown"]);

/**
 * @typedef {object} Ranked
 * @property {Forecast} forecast
 * @property {Group} group
 * @property {number | null} waiting what waiting a week costs, in the currency of the plan; null where no work is planned
 * @property {number | null} risk probability to fail within a week
 */

/**
 * Ranks machines: those with planned work by what waiting a week costs, then those that wear by how likely they fail within a
 * week, then the healthy by how soon certainty ends, then those of which nothing is known.
 *
 * @param {readonly Forecast[]} forecasts
 * @param {ReadonlyMap<string, import("./maintenance_feed.js").Outlook>} outlooks
 * @param {readonly import("./maintenance_feed.js").Order[]} orders
 * @returns {Ranked[]}
 */
export function rank(forecasts, outlooks, orders) {
  const waiting = new Map(orders.map((order) => [order.machine, order.wait_week]));
  const ranked = forecasts.map((forecast) => {
    const risk = outlooks.get(forecast.machine)?.fails_week ?? null;
    const cost = waiting.get(forecast.machine) ?? null;
    return { forecast, group: groupOf(forecast, cost !== null), waiting: cost, risk };
  });
  const sooner = (/** @type {Ranked} */ one) => Date.parse(outlooks.get(one.forecast.machine)?.healthy_until ?? "") || Infinity;
  return ranked.sort((a, b) => GROUPS.indexOf(a.group) - GROUPS.indexOf(b.group)
    || (b.waiting ?? 0) - (a.waiting ?? 0) || (b.risk ?? 0) - (a.risk ?? 0)
    || (sooner(a) < sooner(b) ? -1 : sooner(a) > sooner(b) ? 1 : a.forecast.machine.localeCompare(b.forecast.machine)));
}

/**
 * @param {Forecast} forecast
 * @param {boolean} planned
 * @returns {Group}
 */
function groupOf(forecast, planned) {
  // a plan may be older than the forecast: what is called healthy now is not to be acted on
  if (forecast.remaining) return planned ? "act" : "watch";
  return forecast.state === "not_enough_data" ? "unknown" : "healthy";
}

const DAY_MS = 86_400_000;

/**
 * Places times on a calendar that begins now: 0 now, 1 at its end, `beyond` where they lie later.
 *
 * @param {number} now [ms]
 * @param {number} weeks
 */
export function calendarScale(now, weeks) {
  const span = 7 * weeks * DAY_MS;
  return {
    end: now + span,
    /** @param {number} time [ms] */
    at: (time) => Math.min(1, Math.max(0, (time - now) / span)),
    /** @param {number} time [ms] */
    beyond: (time) => time > now + span,
  };
}

/**
 * The Mondays of a calendar, as midnight in a zone.
 *
 * @param {number} now [ms]
 * @param {number} weeks
 * @param {string} timezone
 * @returns {number[]} [ms]
 */
export function mondays(now, weeks, timezone) {
  const day = new Intl.DateTimeFormat("en-GB", { timeZone: timezone, weekday: "short" });
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone: timezone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  const [hours, minutes, seconds] = clock.format(now).split(":").map(Number);
  const midnight = now - ((hours * 60 + minutes) * 60 + seconds) * 1_000 - (now % 1_000);
  const weekday = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].indexOf(day.format(now));
  const monday = midnight - weekday * DAY_MS;
  return Array.from({ length: weeks + 1 }, (_, k) => monday + 7 * k * DAY_MS);
}
