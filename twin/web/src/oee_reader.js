/** What the board shows, as it was last read: the interval, every line, and the line that is looked at. */

import { ApiError, getJson } from "./api.js";
import { firstLine } from "./kpi_data.js";

/** A running interval is read anew so often [ms]. */
const READ_EVERY = 60_000;
const RETRY_MS = 5_000;
/** Stops that are listed; the Pareto counts all. */
export const MOST_STOPS = 200;
/** Spells a station: about what a screen has pixels for. */
const MOST_SPELLS = 1_000;

/**
 * What is known of one line.
 *
 * @typedef {object} LineRead
 * @property {string} line id
 * @property {import("./kpi_data.js").KpiRow} whole
 * @property {import("./kpi_data.js").KpiRow[]} stations
 * @property {import("./kpi_data.js").StopsJson} stops
 * @property {import("./kpi_data.js").TimelineJson} timeline
 * @property {import("./kpi_data.js").EnergyJson} energy
 */

/** Reads the board, and reads it anew while its interval runs. */
export class OeeReader {
  /**
   * @param {import("./store.js").Store} store
   * @param {(error: unknown) => string} words of what went wrong
   * @param {() => void} changed called whenever something came
   */
  constructor(store, words, changed) {
    this.store = store;
    this.words = words;
    this.changed = changed;
    /** @type {import("./kpi_data.js").Interval | null} */
    this.interval = null;
    /** @type {import("./kpi_data.js").KpiRow[]} */
    this.lines = [];
    /** @type {LineRead | null} */
    this.line = null;
    /** @type {import("./kpi_data.js").ReasonRow[]} */
    this.reasons = [];
    this.trouble = "";
    this.reading = false;
    /** When the lines were read [ms, viewer's clock]; NaN = never. */
    this.readAt = NaN;
    /** @type {AbortController | null} */
    this.asking = null;
    this.triedAt = -Infinity;
  }

  /** Called once a second while the board is in sight. */
  tick() {
    if (this.reading) return;
    const due = this.trouble ? RETRY_MS : this.interval?.runs === false ? Infinity : READ_EVERY;
    if (Number.isNaN(this.readAt) || Date.now() - this.triedAt > due) void this.read();
  }

  /** Reads everything. */
  async read() {
    await this.#guarded(async (signal) => {
      const { period, back, line } = this.store.choice;
      if (this.reasons.length === 0) this.reasons = await getJson("./api/kpi/reasons", {}, signal);
      this.interval = await getJson("./api/kpi/interval", { of: period, back, ...(line && { place: line }) }, signal);
      const { rows } = await /** @type {Promise<{rows: import("./kpi_data.js").KpiRow[]}>} */ (getJson("./api/kpi", this.#between(), signal));
      this.lines = rows.filter((row) => row.level === "line");
      this.readAt = Date.now();
      this.changed();
      if (!this.lines.some((row) => row.id === line)) this.store.set({ line: firstLine(this.lines, this.store.choice.equipment) });
      await this.#readLine(signal);
    });
  }

  /** Looks at another line. @param {string} line id */
  async choose(line) {
    this.store.set({ line });
    await (this.interval ? this.#guarded((signal) => this.#readLine(signal)) : this.read());
  }

  /**
   * Does one reading, giving up what is under way; the board says how it went.
   *
   * @param {(signal: AbortSignal) => Promise<void>} work
   */
  async #guarded(work) {
    this.asking?.abort();
    const { signal } = this.asking = new AbortController();
    this.reading = true;
    this.triedAt = Date.now();
    this.changed();
    try {
      await work(signal);
      this.trouble = "";
    } catch (error) {
      if (signal.aborted) return;
      // a park without a line has a board that says so
      const none = error instanceof ApiError && error.code === "kpi.unknown_place";
      this.trouble = none ? "" : this.words(error);
      if (none) this.readAt = Date.now();
      if (!(error instanceof ApiError)) throw error;
    } finally {
      if (!signal.aborted) {
        this.reading = false;
        this.changed();
      }
    }
  }

  #between() {
    const { from_ms, to_ms } = /** @type {import("./kpi_data.js").Interval} */ (this.interval);
    return { from: from_ms, to: to_ms };
  }

  /** @param {AbortSignal} signal */
  async #readLine(signal) {
    const { line } = this.store.choice;
    if (!line) return;
    if (this.line?.line !== line) this.line = null;
    this.changed();
    const asked = { place: line, ...this.#between() };
    const [figures, stops, timeline, energy] = await Promise.all([
      /** @type {Promise<{rows: import("./kpi_data.js").KpiRow[]}>} */ (getJson("./api/kpi", asked, signal)),
      /** @type {Promise<import("./kpi_data.js").StopsJson>} */ (getJson("./api/kpi/stops", { ...asked, limit: MOST_STOPS }, signal)),
      /** @type {Promise<import("./kpi_data.js").TimelineJson>} */ (getJson("./api/kpi/timeline", { ...asked, most: MOST_SPELLS }, signal)),
      /** @type {Promise<import("./kpi_data.js").EnergyJson>} */ (getJson("./api/kpi/energy", asked, signal)),
    ]);
    const [whole, ...stations] = figures.rows;
    this.line = { line, whole, stations, stops, timeline, energy };
    // while the interval runs the list is some seconds older, and two figures of one line would be one too many
    this.lines = this.lines.map((row) => (row.id === line ? whole : row));
  }

  dispose() {
    this.asking?.abort();
  }
}
