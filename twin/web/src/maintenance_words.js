/** Money, running hours and machines as the maintenance desk writes them. Pure. */

/** Shape of each state of health. @type {Readonly<Record<import("./maintenance_feed.js").HealthState, string>>} */
export const HEALTH_GLYPHS = Object.freeze({ failing: "critical", degrading: "warning", healthy: "good", not_enough_data: "no_data" });

/**
 * An amount to two or three digits, as people say it.
 *
 * @param {number} amount
 * @param {string} currency
 * @param {import("./format.js").Format} format
 */
export function money(amount, currency, format) {
  const { t } = format;
  const size = Math.abs(amount);
  const digits = (/** @type {number} */ value) => format.number(value, Math.abs(value) >= 100 || Number.isInteger(Math.round(value * 10) / 10) ? 0 : 1);
  if (currency !== "VND") return `${currency} ${format.number(amount)}`;
  if (size >= 1e9) return t("money.billion", { n: digits(amount / 1e9) });
  if (size >= 1e5) return t("money.million", { n: digits(amount / 1e6) });
  return t("money.dong", { n: format.number(amount) });
}

/**
 * A probability in percent; only what is certain is 0 or 100.
 *
 * @param {number} probability
 * @param {import("./format.js").Format} format
 */
export function chance(probability, format) {
  if (probability > 0 && probability < 0.005) return format.t("maintenance.under_1");
  if (probability > 0.995 && probability < 1) return format.t("maintenance.over_99");
  return `${format.number(100 * probability)} %`;
}

/**
 * Running hours in the unit that suits them.
 *
 * @param {number} hours
 * @param {import("./format.js").Format} format
 */
export function runningHours(hours, format) {
  return format.t("maintenance.hours", { n: format.number(hours, hours < 10 ? 1 : 0) });
}

/**
 * What a machine is called, and where it stands: the nearest place first, which tells it from others of its name where there is
 * no room for all.
 *
 * @param {string} id
 * @param {import("./park.js").Park} park
 * @param {import("./format.js").Format} format
 * @returns {{name: string, place: string}} the id's last part if the park does not know it
 */
export function machineName(id, park, format) {
  const equipment = park.equipmentById.get(id);
  const parts = id.split("/");
  const places = parts.slice(1, -1).map((_, k) => park.placeNames.get(parts.slice(0, k + 2).join("/"))).filter((name) => name !== undefined);
  return {
    name: equipment ? format.name(equipment.display) : parts[parts.length - 1],
    place: places.length > 0 ? places.toReversed().map((name) => format.name(name)).join(" · ") : parts.slice(0, -1).join(" / "),
  };
}

const MACHINE = /[\w-]+(?:\/[\w-]+)+/g;

/**
 * A text of the service with machines called by their names, which it does not know: it writes their ids.
 *
 * @param {string} text
 * @param {import("./park.js").Park} park
 * @param {import("./format.js").Format} format
 */
export function withNames(text, park, format) {
  return text.replace(MACHINE, (id) => {
    if (!park.equipmentById.has(id)) return id;
    const { name, place } = machineName(id, park, format);
    // the nearest place and the company: the report puts brackets of its own around it
    const places = place.split(" · ");
    return [name, ...new Set([places[0], places[places.length - 1]])].join(", ");
  });
}

/**
 * The machine that a text names first.
 *
 * @param {string} text
 * @param {import("./park.js").Park} park
 * @returns {string | undefined} id
 */
export function firstMachine(text, park) {
  return text.match(MACHINE)?.find((one) => park.equipmentById.has(one));
}

/**
 * The words of a pair that the service tells in both languages.
 *
 * @param {any} row
 * @param {string} field without its language
 * @param {import("./format.js").Format} format
 * @returns {string}
 */
export function told(row, field, format) {
  return row[`${field}_${format.language}`] ?? "";
}

/**
 * Day of the week, short.
 *
 * @param {number} time [ms since the epoch]
 * @param {import("./format.js").Format} format
 */
export function weekday(time, format) {
  return new Intl.DateTimeFormat(format.locale, { timeZone: format.timezone, weekday: "short" }).format(time);
}
