/** Keeps the list of alarms in step: read anew when the stream says that something happened, and now and then anyway. */

import { ApiError, getJson } from "./api.js";

/** Something happened: the list is read so long after, once for all that comes meanwhile [ms]. */
const SETTLE_MS = 300;
/** A storm of alarms does not make the page ask more often than this [ms]. */
const LEAST_PAUSE_MS = 1_500;
/** Nothing happened: it is read anyway, for an event may be missed [ms]. */
const QUIET_MS = 20_000;
const RETRY_MS = 4_000;
/** A server that has not answered by then is one that does not [ms]: the list is old, and the next reading is another. */
const ANSWER_MS = 15_000;
const PAGE = 1_000;
/** Of a greater flood only the newest are read, and the list says so. */
const MOST_PAGES = 5;
/** Of a flood so many of the newest are read each time, and all only so often [ms]: reading thousands is dear for both sides. */
const NEWEST = 200;
const WHOLE_EVERY_MS = 12_000;

/** @typedef {import("./alarm_book.js").AlarmRow} AlarmRow */
/** @typedef {{total: number, counts: Record<string, number>, alarms: AlarmRow[]}} AlarmsAnswer */

/** Reads alarms into a book. */
export class AlarmWatch {
  /**
   * @param {import("./alarm_book.js").AlarmBook} book
   * @param {() => void} changed called after each reading, good or not
   * @param {() => number | null} at the moment of the past that is shown [ms since the epoch]; null = now
   * @param {(error: unknown) => string} words of what went wrong
   */
  constructor(book, changed, at, words) {
    this.book = book;
    this.changed = changed;
    this.at = at;
    this.words = words;
    /** Counts up when what is under way is of another time. */
    this.turn = 0;
    this.startedAt = -Infinity;
    /** When all were read last. */
    this.wholeAt = -Infinity;
    /** The next reading has to be of all. */
    this.wanted = true;
    this.reading = false;
    this.again = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    void this.read();
  }

  /** From now on it is read of another time. */
  turnTo() {
    this.turn += 1;
    this.book.forget();
    this.changed();
    void this.read();
  }

  /** The server said that something happened. */
  hint() {
    if (this.reading) this.again = true;
    else this.#readIn(Math.max(SETTLE_MS, LEAST_PAUSE_MS - (performance.now() - this.startedAt)));
  }

  /** Reads all now. */
  async read() {
    this.wanted = true;
    await this.#read();
  }

  async #read() {
    clearTimeout(this.timer);
    if (this.reading) {
      this.again = true;
      return;
    }
    this.reading = true;
    this.again = false;
    this.startedAt = performance.now();
    const whole = this.wanted || this.startedAt - this.wholeAt >= WHOLE_EVERY_MS;
    this.wanted = false;
    const late = AbortSignal.timeout(ANSWER_MS);
    const { turn } = this;
    const at = this.at();
    try {
      const when = at === null ? {} : { at: Math.round(at) };
      const newest = whole ? null : await readNewest(late, when);
      const all = newest ? null : await readAlarms(late, when);
      if (turn === this.turn && newest) this.book.renew(newest, Date.now());
      if (turn === this.turn && all) {
        this.book.take(all, Date.now());
        this.wholeAt = this.startedAt;
      }
    } catch (error) {
      if (!(error instanceof ApiError || late.aborted)) throw error;
      this.book.fail(this.words(error));
      this.wanted ||= whole;
    } finally {
      this.reading = false;
      this.#readIn(this.again ? LEAST_PAUSE_MS : this.book.trouble ? RETRY_MS : QUIET_MS);
    }
    this.changed();
  }

  /** @param {number} ms */
  #readIn(ms) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.#read(), ms);
  }
}

/**
 * Reads the newest of a flood.
 *
 * @param {AbortSignal} late
 * @param {{at?: number}} when
 * @returns {Promise<AlarmsAnswer | null>} null if that is not less than all
 */
async function readNewest(late, when) {
  /** @type {AlarmsAnswer} */
  const answer = await getJson("./api/alarms", { limit: NEWEST, ...when }, late);
  return answer.total > 2 * NEWEST ? answer : null;
}

/**
 * Reads everything that is presented, and the causes that are not.
 *
 * @param {AbortSignal} late
 * @param {{at?: number}} when
 */
async function readAlarms(late, when) {
  /** @type {AlarmRow[]} */
  const rows = [];
  let total = 0;
  /** @type {Record<string, number>} */
  let counts = {};
  for (let page = 0; page < MOST_PAGES; page++) {
    /** @type {AlarmsAnswer} */
    const answer = await getJson("./api/alarms", { limit: PAGE, offset: page * PAGE, ...when }, late);
    rows.push(...answer.alarms);
    ({ total, counts } = answer);
    if (answer.alarms.length < PAGE) break;
  }
  const known = new Set(rows.map((row) => row.alarm));
  const unique = [...new Map(rows.map((row) => [row.alarm, row])).values()];
  const hidden = rows.some((row) => row.explained_by !== null && !known.has(row.explained_by));
  if (!hidden) return { rows: unique, total, counts, causes: [] };
  /** @type {{groups: {cause: AlarmRow}[]}} */
  const { groups } = await getJson("./api/alarms/groups", { limit: PAGE, ...when }, late);
  return { rows: unique, total, counts, causes: groups.map((group) => group.cause).filter((row) => !known.has(row.alarm)) };
}
