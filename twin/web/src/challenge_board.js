/** How stations stand with their challenge checks: which are blocked and why, which pieces they want to see, what was shown. */

import { ApiError, getJson, postFile, postJson } from "./api.js";
import { keepAsking } from "./desk_link.js";

/**
 * @typedef {{piece: string, truth: "good" | "defective"}} Piece
 *
 * @typedef {object} Standing
 * @property {string} station
 * @property {string} product
 * @property {number} recipe_version
 * @property {boolean} blocked
 * @property {{vi: string, en: string}} why
 * @property {Piece[]} pieces
 * @property {number} every_hours
 * @property {boolean} changeover
 * @property {string[]} shown
 * @property {string | null} passed_at
 *
 * @typedef {object} Shown
 * @property {string} piece
 * @property {"good" | "defective"} truth
 * @property {import("./verdict.js").Verdict} verdict
 * @property {number | null} score
 * @property {boolean} right
 * @property {string[]} missing
 * @property {boolean} blocked
 *
 * @typedef {object} Entry
 * @property {"plan" | "blocked" | "shown" | "passed" | "failed"} kind
 * @property {string} time
 * @property {string} by
 * @property {string} why
 * @property {number} recipe_version
 * @property {string} piece
 * @property {"good" | "defective" | ""} truth
 * @property {import("./verdict.js").Verdict | ""} verdict
 * @property {number | null} score
 * @property {Piece[] | null} pieces
 *
 * @typedef {{by: string, reason: string, pieces: Piece[], every_hours: number, changeover: boolean}} Plan
 */

const LOOK_MS = 3_000;
const MOST_ENTRIES = 200;

/** Reads; views listen. Of stations out of sight it asks only while somebody looks at all of them. */
export class ChallengeBoard {
  /** @param {import("./quality_feed.js").QualityFeed} feed */
  constructor(feed) {
    this.feed = feed;
    /** By station and product, joined by a line feed. @type {Map<string, Standing>} */
    this.standings = new Map();
    /** Of the station and product that is looked at, the newest first. @type {Entry[]} */
    this.entries = [];
    /** Whose journal is read; null while nobody looks at one. @type {{station: string, product: string} | null} */
    this.chosen = null;
    /** Whether somebody looks at all stations. */
    this.all = false;
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    this.told = "";
    keepAsking(() => this.look(), LOOK_MS);
  }

  /** @param {() => void} listener @returns {() => void} stops listening */
  listen(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Products of stations that can inspect, those of the station in sight first. */
  pairs() {
    const stations = Object.entries(this.feed.stations).map(([station, products]) => Object.keys(products).sort().map((product) => ({ station, product })));
    return stations.flat().sort((a, b) => Number(b.station === this.feed.station) - Number(a.station === this.feed.station));
  }

  /** @param {string} station @param {string} product */
  of(station, product) {
    return this.standings.get(`${station}\n${product}`) ?? null;
  }

  /** How many products are blocked at the station in sight. */
  get blockedHere() {
    return [...this.standings.values()].filter((one) => one.station === this.feed.station && one.blocked).length;
  }

  /** Reads anew, now. */
  async look() {
    const { chosen } = this;
    const asked = this.pairs().filter(({ station }) => this.all || station === this.feed.station);
    const read = await Promise.all(asked.map(({ station, product }) => standing(station, product)));
    const entries = chosen ? /** @type {Entry[]} */ (await getJson(address(chosen, "/journal"), { product: chosen.product, limit: MOST_ENTRIES })) : [];
    if (chosen !== this.chosen) return;
    for (const one of read) if (one) this.standings.set(`${one.station}\n${one.product}`, one);
    this.entries = entries.reverse();
    const told = JSON.stringify([[...this.standings.values()], this.entries]);
    if (told === this.told) return;
    this.told = told;
    for (const listener of [...this.listeners]) listener();
  }

  /**
   * Shows the station's picture of a piece.
   *
   * @param {Standing} at
   * @param {string} piece
   * @param {Blob} picture
   * @param {string} by
   * @returns {Promise<Shown>}
   * @throws {ApiError}
   */
  async show(at, piece, picture, by) {
    const query = new URLSearchParams({ piece, by, product: at.product });
    return /** @type {Shown} */ (await postFile(`${address(at)}?${query}`, picture));
  }

  /**
   * Says which pieces a station must be shown.
   *
   * @param {Standing} at
   * @param {Plan} plan
   * @throws {ApiError}
   */
  async plan(at, plan) {
    await postJson(`${address(at, "/plan")}?${new URLSearchParams({ product: at.product })}`, plan);
    await this.look();
  }
}

/** @param {{station: string}} at @param {string} [below] */
function address({ station }, below = "") {
  return `./api/qc/stations/${station.split("/").map(encodeURIComponent).join("/")}/challenge${below}`;
}

/**
 * @param {string} station
 * @param {string} product
 * @returns {Promise<Standing | null>} null if there is no such product any more
 */
async function standing(station, product) {
  try {
    return await getJson(address({ station }), { product });
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}
