/**
 * Numbers, ages and times as the reader's language writes them, times in the park's zone. Pure: the time is an argument.
 */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Dash for a value that is not there: never a zero. */
export const NOTHING = "–";

/**
 * Units of the park file that are no symbols of the SI, by the word of the locale files that is written for them.
 *
 * @type {Readonly<Record<string, string>>}
 */
const UNITS = { pcs: "pieces", "pcs/min": "pieces_per_min", "pcs/h": "pieces_per_h", rpm: "rpm" };

/** Writes for one language and one zone. */
export class Format {
  /**
   * @param {import("./i18n.js").Language} language
   * @param {import("./i18n.js").Translate} t
   * @param {string} timezone IANA name
   */
  constructor(language, t, timezone) {
    this.language = language;
    this.t = t;
    this.timezone = timezone;
    this.locale = language === "vi" ? "vi-VN" : "en-GB";
    /** @type {Map<number, Intl.NumberFormat>} */
    this.numbers = new Map();
    this.clockFormat = this.#time({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
    this.minuteFormat = this.#time({ hour: "2-digit", minute: "2-digit" });
    this.dayFormat = this.#time({ day: "2-digit", month: "2-digit" });
    this.dateFormat = this.#time({ weekday: "short", day: "2-digit", month: "2-digit", year: "numeric" });
    this.momentFormat = this.#time({
      day: "2-digit", month: "2-digit", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit",
    });
  }

  /** @param {Intl.DateTimeFormatOptions} options */
  #time(options) {
    return new Intl.DateTimeFormat(this.locale, { timeZone: this.timezone, hourCycle: "h23", ...options });
  }

  /**
   * The name in the reader's language.
   *
   * @param {import("./park.js").Name} name
   */
  name(name) {
    return name[this.language];
  }

  /**
   * @param {number} value
   * @param {number} decimals digits after the point
   */
  number(value, decimals = 0) {
    if (!Number.isFinite(value)) return NOTHING;
    let format = this.numbers.get(decimals);
    if (!format) {
      format = new Intl.NumberFormat(this.locale, {
        minimumFractionDigits: decimals, maximumFractionDigits: decimals,
      });
      this.numbers.set(decimals, format);
    }
    const text = format.format(value);
    return /^-0([.,]0*)?$/.test(text) ? text.slice(1) : text;
  }

  /**
   * A unit as the reader writes it: symbols of the SI everywhere, words for what is counted or turns, and none for pH.
   *
   * @param {string} unit as the park file has it
   */
  unit(unit) {
    if (unit === "pH") return "";
    const name = UNITS[unit];
    return name ? this.t(`unit.${name}`) : unit;
  }

  /**
   * The value of a tag: a number with its decimals, a yes or no, a state in words, or a text as it came.
   *
   * @param {import("./park.js").Signal} signal
   * @param {number} value
   * @param {string | undefined} text
   */
  value(signal, value, text) {
    if (signal.role === "state" && Number.isInteger(value)) return this.state(PACKML_NAMES[value] ?? String(value));
    if (text !== undefined) return signal.role === "state" ? this.state(text) : text;
    if (signal.data_type === "Boolean" && Number.isFinite(value)) return this.t(value ? "value.true" : "value.false");
    return this.number(value, signal.decimals);
  }

  /**
   * A PackML state in words; a word that is no PackML state stays as the machine said it.
   *
   * @param {string} text
   */
  state(text) {
    return PACKML.has(text.toLowerCase()) ? this.t(`packml.${text.toLowerCase()}`) : text;
  }

  /**
   * A length of time in its largest whole unit: `3 s`, `12 min`.
   *
   * @param {number} ms
   */
  duration(ms) {
    if (!Number.isFinite(ms)) return NOTHING;
    if (ms < MINUTE) return this.t("time.seconds", { n: Math.max(0, Math.floor(ms / SECOND)) });
    if (ms < HOUR) return this.t("time.minutes", { n: Math.floor(ms / MINUTE) });
    if (ms < DAY) return this.t("time.hours", { n: Math.floor(ms / HOUR) });
    return this.t("time.days", { n: Math.floor(ms / DAY) });
  }

  /**
   * A length of time in its two largest units: `42 s`, `12 min 5 s`, `7 h 40 min`.
   *
   * @param {number} ms
   */
  length(ms) {
    if (!Number.isFinite(ms)) return NOTHING;
    const whole = ms < HOUR ? Math.round(ms / SECOND) * SECOND : Math.round(ms / MINUTE) * MINUTE;
    const [unit, smaller] = whole < MINUTE ? [SECOND, 0] : whole < HOUR ? [MINUTE, SECOND] : whole < DAY ? [HOUR, MINUTE] : [DAY, HOUR];
    const rest = smaller ? Math.floor((whole % unit) / smaller) * smaller : 0;
    return [this.duration(whole), rest > 0 && this.duration(rest)].filter(Boolean).join(" ");
  }

  /**
   * @param {number | null} share 0 to 1
   * @param {number} [decimals]
   */
  percent(share, decimals = 1) {
    return share === null || !Number.isFinite(share) ? NOTHING : `${this.number(share * 100, decimals)} %`;
  }

  /**
   * @param {number} ms
   */
  age(ms) {
    if (!Number.isFinite(ms)) return NOTHING;
    return ms < SECOND ? this.t("time.now") : this.t("time.ago", { duration: this.duration(ms) });
  }

  /** Time of day with seconds. @param {number} time [ms since the epoch]; of a moment that nobody knows, a dash */
  clock(time) {
    return written(this.clockFormat, time);
  }

  /** Time of day with minutes. @param {number} time [ms since the epoch] */
  minute(time) {
    return written(this.minuteFormat, time);
  }

  /** Day and month. @param {number} time [ms since the epoch] */
  day(time) {
    return written(this.dayFormat, time).replace("-", "/");
  }

  /** Day of the week and date. @param {number} time [ms since the epoch] */
  date(time) {
    return written(this.dateFormat, time);
  }

  /** Date and time of day. @param {number} time [ms since the epoch] */
  moment(time) {
    return written(this.momentFormat, time);
  }
}

/** @param {Intl.DateTimeFormat} format @param {number} time [ms since the epoch] */
function written(format, time) {
  return Number.isFinite(time) ? format.format(time) : NOTHING;
}

/** States of ISA-TR88.00.02 by their number. */
const PACKML_NAMES = Object.freeze([
  "undefined", "clearing", "stopped", "starting", "idle", "suspended", "execute", "stopping", "aborting", "aborted",
  "holding", "held", "unholding", "suspending", "unsuspending", "resetting", "completing", "complete",
]);
const PACKML = new Set(PACKML_NAMES);
