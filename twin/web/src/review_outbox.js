/**
 * What people said of products and the service has not taken down yet: kept by the browser, through a break of the network and
 * a reload, and sent in order. A word that arrives twice does no harm: of a product the last word counts.
 */

import { ApiError, postJson } from "./api.js";

/** @typedef {{key: string, body: {truth: "good" | "defective", by: string, defect: string, reason: string, blind: boolean}}} Said */

const STORED = "parktwin.reviews";

/** Reviews on their way. */
export class ReviewOutbox {
  /** @param {Storage} [storage] */
  constructor(storage = localStorage) {
    this.storage = storage;
    /** @type {Said[]} */
    this.waiting = JSON.parse(storage.getItem(STORED) ?? "[]");
    /** What the service refused for good, to be read by a person: the last one. */
    this.refused = "";
    this.sending = false;
  }

  /** @param {Said} said */
  add(said) {
    this.waiting.push(said);
    this.#keep();
  }

  /**
   * The last word on a product that has not left yet.
   *
   * @param {string} key
   */
  of(key) {
    return this.waiting.findLast((said) => said.key === key) ?? null;
  }

  /**
   * Sends what waits, the oldest first, and stops at the first that cannot be told now.
   *
   * @param {(key: string, review: import("./verdict.js").Review) => void} taken hears what the service wrote down
   * @returns {Promise<void>}
   * @throws {ApiError} the service is away
   */
  async send(taken) {
    if (this.sending) return;
    this.sending = true;
    try {
      while (this.waiting.length > 0) {
        const [{ key, body }] = this.waiting;
        try {
          taken(key, await postJson(`./api/qc/inspections/${key}/reviews`, body));
        } catch (error) {
          const final = error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 401;
          if (!final) throw error;
          this.refused = /** @type {ApiError} */ (error).message;
        }
        this.waiting.shift();
        this.#keep();
      }
    } finally {
      this.sending = false;
    }
  }

  #keep() {
    this.storage.setItem(STORED, JSON.stringify(this.waiting));
  }
}
