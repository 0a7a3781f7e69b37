/** Keeps the list of alarms in step: of what the stream says has changed it reads how it stands now. */

import { AlarmChanges } from "./alarm_changes.js";
import { ApiError, getJson } from "./api.js";

/** A server that has not answered by then is one that does not [ms]: the list is old, and the next reading is another. */
const ANSWER_MS = 15_000;
const PAGE = 1_000;
/** Of a greater flood only the newest are read, and the list says so. */
const MOST_PAGES = 5;
/** Alarms asked for by name in one request: ids are long, and there may be a proxy that takes no address over 8 kB. */
const NAMED_AT_ONCE = 50;

/** @typedef {import("./alarm_book.js").AlarmRow} AlarmRow */
/** @typedef {{total: number, counts: Record<string, number>, alarms: AlarmRow[]}} AlarmsAnswer */
/** @typedef {{rows: AlarmRow[], total: number, counts: Record<string, number>}} Read */

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
    this.changes = new AlarmChanges();
    /** Counts up when what is under way is of another time. */
    this.turn = 0;
    this.reading = false;
    /** All is to be read as soon as what is under way has ended. */
    this.again = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    void this.#read();
  }

  /** From now on it is read of another time. */
  turnTo() {
    this.turn += 1;
    this.book.forget();
    this.changed();
    void this.read();
  }

  /** Something happened to alarms. @param {import("./alarm_changes.js").AlarmNews} news */
  hint(news) {
    this.changes.note(news, performance.now());
    this.#plan();
  }

  /** What was read may be of another moment than what is shown: all is read as soon as may be. */
  renew() {
    this.changes.forget();
    this.#plan();
  }

  /** Reads all now. */
  async read() {
    this.changes.forget();
    this.again = this.reading;
    if (!this.reading) await this.#read();
  }

  async #read() {
    const { whole, named } = this.changes.begin(performance.now());
    if (!whole && named.length === 0) return this.#plan();
    clearTimeout(this.timer);
    this.reading = true;
    const late = AbortSignal.timeout(ANSWER_MS);
    const { turn } = this;
    const at = this.at();
    const when = at === null ? {} : { at: Math.round(at) };
    try {
      if (whole) {
        const all = await readAlarms(late, when);
        if (turn === this.turn) this.book.take(all, Date.now());
        this.changes.end(this.book.size, false);
      } else {
        const some = await readNamed(named, late, when);
        if (turn === this.turn) this.book.takeNamed(named, some, Date.now());
        this.changes.end(this.book.size, some.rows.some(({ explained_by: cause }) => cause !== null && !this.book.knows(cause)));
      }
    } catch (error) {
      if (!(error instanceof ApiError || late.aborted)) throw error;
      if (turn === this.turn) this.book.fail(this.words(error));
      this.changes.fail();
    } finally {
      this.reading = false;
      if (this.again) void this.read();
      else this.#plan();
    }
    this.changed();
  }

  /** Sets the clock for the next reading. */
  #plan() {
    if (this.reading) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.#read(), Math.max(0, this.changes.dueAt - performance.now()));
  }
}

/**
 * Reads some alarms.
 *
 * @param {string[]} named ids
 * @param {AbortSignal} late
 * @param {{at?: number}} when
 * @returns {Promise<Read>} rows only of those that are presented
 */
async function readNamed(named, late, when) {
  /** @type {Read} */
  const read = { rows: [], total: 0, counts: {} };
  for (let first = 0; first < named.length; first += NAMED_AT_ONCE) {
    const asked = new URLSearchParams(named.slice(first, first + NAMED_AT_ONCE).map((alarm) => ["alarm", alarm]));
    /** @type {AlarmsAnswer} */
    const { alarms, total, counts } = await getJson(`./api/alarms?${asked}`, when, late);
    read.rows.push(...alarms);
    Object.assign(read, { total, counts });
  }
  return read;
}

/**
 * Reads everything that is presented, and the causes that are not.
 *
 * @param {AbortSignal} late
 * @param {{at?: number}} when
 * @returns {Promise<Read & {causes: AlarmRow[]}>}
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
