/**
 * Which alarms have changed since they were read, and what of the list is read when. Pure.
 *
 * The stream names what changes: that is all that has to be read. The whole list is read where that does not do: it is read for
 * the first time, names were lost, a supply changed (it explains others), more changed than can be asked for by name.
 */

/** Something happened: it is read so long after, once for all that comes meanwhile [ms]. */
const SETTLE_MS = 300;
/** A storm of alarms does not make the page ask more often than this [ms]. */
const LEAST_PAUSE_MS = 1_500;
/** All of a long list is not read more often than this [ms]: thousands of rows are dear for both sides. */
const LONG_PAUSE_MS = 6_000;
/** More rows make a long list. */
const LONG_ROWS = 1_000;
/** So often all is read anyway [ms], for an event may be missed. */
const WHOLE_EVERY_MS = 30_000;
const RETRY_MS = 4_000;
/** Of so many the rows are asked for by name at a time; what is left comes next, or with the whole list. */
export const MOST_NAMED = 300;

/**
 * What the stream says of alarms.
 *
 * @typedef {object} AlarmNews
 * @property {string} event
 * @property {readonly {alarm: string, alarm_class: string}[]} entries of the journal
 * @property {boolean} missed some are not among them
 */

/** What to read: all, or what is named; nothing if it names nothing. @typedef {{whole: boolean, named: string[]}} Reading */

/** Knows what is to be read. Times are of one clock that never goes back [ms]. */
export class AlarmChanges {
  constructor() {
    /** Ids of what has changed, in the order in which it did. @type {Set<string>} */
    this.named = new Set();
    /** All is to be read. */
    this.whole = true;
    /** When the first of what is named was told. */
    this.notedAt = -Infinity;
    /** When the last reading began. */
    this.startedAt = -Infinity;
    /** When the last reading of all began. */
    this.wholeAt = -Infinity;
    /** How many rows there were. */
    this.rows = 0;
    this.failed = false;
  }

  /** Nothing of what was read need hold any more. */
  forget() {
    this.named.clear();
    this.whole = true;
    this.wholeAt = -Infinity;
  }

  /** @param {AlarmNews} news @param {number} now */
  note({ entries, missed }, now) {
    if (this.notedAt === -Infinity) this.notedAt = now;
    for (const { alarm } of entries) this.named.add(alarm);
    if (missed || this.named.size > MOST_NAMED || entries.some((entry) => entry.alarm_class === "supply")) this.whole = true;
  }

  /** When the next reading is due. */
  get dueAt() {
    const soonest = Math.max(this.notedAt + SETTLE_MS, this.startedAt + (this.failed ? RETRY_MS : LEAST_PAUSE_MS));
    return this.named.size > 0 ? soonest : Math.max(soonest, this.#wholeDueAt());
  }

  #wholeDueAt() {
    return this.wholeAt + (!this.whole ? WHOLE_EVERY_MS : this.rows > LONG_ROWS ? LONG_PAUSE_MS : LEAST_PAUSE_MS);
  }

  /** A reading begins. @param {number} now @returns {Reading} */
  begin(now) {
    this.notedAt = -Infinity;
    if (now >= this.#wholeDueAt()) {
      this.named.clear();
      this.whole = false;
      this.startedAt = this.wholeAt = now;
      return { whole: true, named: [] };
    }
    const named = [...this.named].slice(0, MOST_NAMED);
    for (const alarm of named) this.named.delete(alarm);
    if (named.length > 0) this.startedAt = now;
    return { whole: false, named };
  }

  /**
   * It ended.
   *
   * @param {number} rows how many there are now
   * @param {boolean} lacking what it brought hangs on what is not known
   */
  end(rows, lacking) {
    this.rows = rows;
    this.failed = false;
    this.whole ||= lacking;
  }

  /** It brought nothing. */
  fail() {
    this.failed = true;
    this.forget();
  }
}
