/** What the desk of consents knows: what tenants share with the park, and the journal of it; read again while somebody looks. */

import { getJson, postJson } from "./api.js";
import { keepAsking } from "./desk_link.js";

/**
 * @typedef {object} GroupRow
 * @property {string} group
 * @property {string} name_vi
 * @property {string} name_en
 * @property {boolean} given
 * @property {string | null} since
 * @property {string} by
 * @property {string} reason
 *
 * @typedef {{tenant: string, groups: GroupRow[]}} TenantRow
 * @typedef {{part: string, needs: string[], withheld_by: string[]}} MissingRow
 * @typedef {{secured: boolean, tenants: TenantRow[], missing: MissingRow[]}} Consents
 * @typedef {{number: number, time: string, tenant: string, groups: string[], given: boolean, by: string, reason: string}} JournalLine
 */

const LOOK_MS = 4_000;

/** Views listen and read. */
export class ConsentsFeed {
  /** @param {import("./desk_link.js").Link} link */
  constructor(link) {
    this.link = link;
    /** @type {Consents | null} */
    this.consents = null;
    /** The newest first. @type {JournalLine[]} */
    this.lines = [];
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    this.heard = "";
    keepAsking(() => this.#look(), LOOK_MS);
  }

  /** @param {() => void} listener @returns {() => void} stops listening */
  listen(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * Shares a group with the park, or no more.
   *
   * @param {string} group
   * @param {boolean} given
   * @param {string} reason
   * @throws {import("./api.js").ApiError}
   */
  async change(group, given, reason) {
    await postJson("./api/consents", { groups: [group], given, reason });
    await this.#look();
  }

  async #look() {
    try {
      const [consents, { lines }] = await Promise.all([
        /** @type {Promise<Consents>} */ (getJson("./api/consents")), /** @type {Promise<{lines: JournalLine[]}>} */ (getJson("./api/consents/journal")),
      ]);
      this.link.heard(Date.now());
      const told = JSON.stringify([consents, lines]);
      if (told === this.heard) return; // nothing is built anew under a hand that points at it
      Object.assign(this, { consents, lines, heard: told });
      for (const listener of [...this.listeners]) listener();
    } catch (error) {
      this.link.missed(error, Date.now());
      if (!this.consents) for (const listener of [...this.listeners]) listener();
      throw error;
    }
  }
}
