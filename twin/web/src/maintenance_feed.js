/** What the maintenance desk knows: forecasts, their calendar, the plan, crews and spares; read again while somebody looks. */

import { getJson, postJson } from "./api.js";
import { keepAsking } from "./desk_link.js";

/**
 * @typedef {"healthy" | "degrading" | "failing" | "not_enough_data"} HealthState
 * @typedef {{p05: number, p10: number, p50: number, p90: number, p95: number}} Quantiles
 *
 * @typedef {object} Forecast
 * @property {string} machine
 * @property {string} time
 * @property {number} running_h
 * @property {HealthState} state
 * @property {string} kind
 * @property {number | null} health 0 to 1
 * @property {boolean} indicative
 * @property {Quantiles | null} remaining running hours
 * @property {number | null} healthy_beyond_h
 * @property {{mode: string, iso14224: string, mechanism: string, probability: number, name_vi: string, name_en: string}[]} modes
 * @property {{signal: string, contribution: number, vi: string, en: string}[]} reasons
 * @property {string} [trend_vi]
 * @property {string} [trend_en]
 * @property {{block: string, remaining_h: number, vi: string, en: string}[]} [steps]
 * @property {{life: string, distance: number, remaining_h: number, mode: string, vi: string, en: string}[]} [similar]
 * @property {string} note_vi
 * @property {string} note_en
 * @property {string} model
 * @property {string} model_version
 * @property {number} gap_share
 *
 * @typedef {object} Outlook
 * @property {string} machine
 * @property {string | null} p10 by then it has failed with 10 %
 * @property {string | null} p50
 * @property {string | null} p90
 * @property {string | null} healthy_until
 * @property {number | null} fails_week
 * @property {boolean} calendar_known
 *
 * @typedef {object} Order
 * @property {string} machine
 * @property {string} kind_vi
 * @property {string} kind_en
 * @property {"repair" | "inspect"} task
 * @property {string} what_vi
 * @property {string} what_en
 * @property {string} crew
 * @property {string} begin
 * @property {string} end
 * @property {"proposed" | "accepted"} state
 * @property {{part: string, name_vi: string, name_en: string, count: number}[]} parts
 * @property {number} cost_planned
 * @property {number} cost_failed
 * @property {number} fails_before
 * @property {number} wait_week
 * @property {boolean} stops_production
 * @property {string} why_vi
 * @property {string} why_en
 *
 * @typedef {{machine: string, why: string, why_vi: string, why_en: string, risk: number | null}} Left
 * @typedef {{made: string, horizon: string, currency: string, example: boolean, saved: number, gap: number, orders: Order[], left: Left[], broken: string[]}} Plan
 * @typedef {{id: string, name_vi: string, name_en: string, skills: string[], shifts: {begin: string, end: string}[]}} Crew
 * @typedef {{part: string, name_vi: string, name_en: string, on_hand: number, coming: number, lead_days: number, expected: number, enough: number, service_level: number, meets: number, order: number, price: number, order_by: string | null}} Spare
 */

const LOOK_MS = 10_000;

/** Reads the service; views listen and read. */
export class MaintenanceFeed {
  /** @param {import("./desk_link.js").Link} link */
  constructor(link) {
    this.link = link;
    /** @type {Forecast[]} the most urgent first */
    this.forecasts = [];
    /** @type {Map<string, Outlook>} */
    this.outlooks = new Map();
    /** @type {Plan | null} */
    this.plan = null;
    /** @type {Crew[]} */
    this.crews = [];
    /** @type {Spare[]} */
    this.spares = [];
    /** What keeps the plan from being made; null if it is there. @type {unknown} */
    this.planTrouble = null;
    this.version = 0;
    this.known = false;
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    keepAsking(() => this.read(), LOOK_MS);
  }

  /** @param {() => void} listener @returns {() => void} stops listening */
  listen(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** @param {string} machine */
  orderOf(machine) {
    return this.plan?.orders.find((order) => order.machine === machine) ?? null;
  }

  /** @param {string} machine */
  leftOf(machine) {
    return this.plan?.left.find((left) => left.machine === machine) ?? null;
  }

  /** Reads all of it anew. */
  async read() {
    try {
      const [{ forecasts }, outlooks] = await Promise.all([
        /** @type {Promise<{forecasts: Forecast[]}>} */ (getJson("./api/maintenance/forecasts")),
        /** @type {Promise<Outlook[]>} */ (getJson("./api/maintenance/outlook")),
      ]);
      this.forecasts = forecasts;
      this.outlooks = new Map(outlooks.map((one) => [one.machine, one]));
      this.known = true;
      this.link.heard(Date.now());
      this.#changed();
      await this.#readPlan();
    } catch (error) {
      this.link.missed(error, Date.now());
      this.#changed();
      throw error;
    }
  }

  /**
   * Tells a decision about a work order and reads what is planned then.
   *
   * @param {Record<string, string>} decision
   * @throws {import("./api.js").ApiError} it cannot be held
   */
  async decide(decision) {
    await postJson("./api/maintenance/work-orders/decisions", decision);
    await this.#readPlan();
  }

  /** Has the plan made anew of the newest forecasts. */
  async planAnew() {
    await this.#readPlan({ anew: "true" });
  }

  /**
   * The plan takes longer than the forecasts, and may fail alone.
   *
   * @param {Record<string, string>} [query]
   */
  async #readPlan(query = {}) {
    try {
      const plan = await getJson("./api/maintenance/plan", query);
      const [crews, spares] = await Promise.all([
        getJson("./api/maintenance/crews"), getJson("./api/maintenance/spares"),
      ]);
      this.plan = /** @type {Plan} */ (plan);
      this.crews = /** @type {Crew[]} */ (crews);
      this.spares = /** @type {Spare[]} */ (spares);
      this.planTrouble = null;
    } catch (error) {
      this.planTrouble = error;
    }
    this.#changed();
  }

  #changed() {
    this.version += 1;
    for (const listener of [...this.listeners]) listener();
  }
}
