/** What the quality desk knows of its station: the last products, what waits for a person, and what the shift made. */

import { getJson } from "./api.js";
import { keepAsking } from "./desk_link.js";
import { ReviewOutbox } from "./review_outbox.js";

/** @typedef {import("./verdict.js").Inspection} Inspection */
/** @typedef {{passed: number, rejected: number, review: number, cannot_judge: number}} Shift */

const LOOK_MS = 700;
const SLOW_MS = 8_000;
/** So many of the last products are kept in sight. */
export const KEPT = 12;
/** Every so many looks the last products are read again: somebody else may have said something of them. */
const LOOKS_TO_ALL = 12;

/** Follows one station; views listen and read. */
export class QualityFeed {
  /**
   * @param {import("./desk_link.js").Link} link
   * @param {import("./desk_place.js").Place} place `station` names the station
   */
  constructor(link, place) {
    this.link = link;
    this.place = place;
    this.outbox = new ReviewOutbox();
    /** The last products, the newest first. @type {Inspection[]} */
    this.rows = [];
    /** Which stations have a recipe: products with their active version. @type {Record<string, Record<string, number>>} */
    this.stations = {};
    this.stationsKnown = false;
    /** What waits for a person at this station, the newest first. @type {Inspection[]} */
    this.queue = [];
    this.queueMore = false;
    /** @type {Shift | null} */
    this.shift = null;
    /** Counts changes, so that views paint only what is new. */
    this.version = 0;
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    this.looks = 0;
    this.asked = "";
    keepAsking(() => this.#look(), LOOK_MS);
    keepAsking(() => this.#lookAround(), SLOW_MS);
    place.listen(() => this.station !== this.asked && void this.#look().catch(() => undefined));
  }

  /** The station that is shown: the one of the address, else the first that can inspect. */
  get station() {
    return this.place.get("station") || Object.keys(this.stations)[0] || "";
  }

  /** @param {() => void} listener @returns {() => void} stops listening */
  listen(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * Takes down what a person says; it shows at once, and is sent as soon as somebody hears it.
   *
   * @param {Inspection} row
   * @param {import("./review_outbox.js").Said["body"]} body
   */
  say(row, body) {
    this.outbox.add({ key: row.id, body });
    this.queue = this.queue.filter((one) => one.id !== row.id);
    this.#changed();
    void this.#send().catch(() => undefined);
  }

  /** Reads the queue anew, now. */
  async readQueue() {
    const station = this.station;
    if (!station) return;
    const answer = /** @type {{inspections: Inspection[], next_before: number | null}} */ (
      await getJson("./api/qc/review-queue", { station, limit: 100 }));
    this.queue = answer.inspections.filter((row) => !this.outbox.of(row.id));
    this.queueMore = answer.next_before !== null;
    this.#changed();
  }

  async #send() {
    await this.outbox.send((key, review) => {
      const row = this.rows.find((one) => one.id === key);
      if (row && !row.reviews.some((one) => one.id === review.id)) row.reviews.push(review);
      this.#changed();
    });
  }

  async #look() {
    try {
      if (!this.stationsKnown) await this.#readStations();
      const station = this.station;
      if (station !== this.asked) {
        this.asked = station;
        this.rows = [];
        this.queue = [];
        this.shift = null;
        this.looks = 0;
        this.#changed();
        void this.#lookAround().catch(() => undefined);
      }
      if (station) await this.#readRows(station);
      if (this.link.lost) this.#changed();
      this.link.heard(Date.now());
      await this.#send();
    } catch (error) {
      this.link.missed(error, Date.now());
      if (!this.stationsKnown) this.#changed(); // what waits for the first answer says why there is none
      throw error;
    }
  }

  /** @param {string} station */
  async #readRows(station) {
    const all = this.rows.length === 0 || this.looks % LOOKS_TO_ALL === 0;
    this.looks += 1;
    let rows = await newest(station, all ? KEPT : 1);
    const known = this.rows[0];
    if (!all && rows[0]?.id === known?.id) return;
    if (!all) rows = await newest(station, KEPT);
    if (station !== this.station) return;
    this.rows = rows;
    this.#changed();
  }

  async #readStations() {
    ({ stations: this.stations } = /** @type {{stations: Record<string, Record<string, number>>}} */ (await getJson("./api/qc/stations")));
    this.stationsKnown = true;
    this.#changed();
  }

  async #lookAround() {
    await this.#readStations();
    if (!this.station) return;
    await this.readQueue();
    const station = this.station;
    const { stations } = /** @type {{stations: (Shift & {station: string})[]}} */ (
      await getJson("./api/kpi/inspections", { place: station, from: "shift" }).catch(() => ({ stations: [] })));
    this.shift = stations.find((one) => one.station === station) ?? null;
    this.#changed();
  }

  #changed() {
    this.version += 1;
    for (const listener of [...this.listeners]) listener();
  }
}

/**
 * @param {string} station
 * @param {number} limit
 */
async function newest(station, limit) {
  const { inspections } = /** @type {{inspections: Inspection[]}} */ (await getJson("./api/qc/inspections", { station, limit }));
  return inspections;
}
