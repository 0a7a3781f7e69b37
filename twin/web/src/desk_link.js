/** Whether what a desk asks is answered, and since when not. Pure: the time is an argument. */

import { ApiError } from "./api.js";

/** Remembers answers and failures of one service. */
export class Link {
  constructor() {
    /** Last answer [ms], NaN before the first. */
    this.heardAt = NaN;
    /** First failure since the last answer [ms], NaN while all is well. */
    this.lostAt = NaN;
    /** The last failure, null while all is well. @type {unknown} */
    this.error = null;
    /** Status of the last failure; 0 = the server itself could not be reached. */
    this.status = 0;
  }

  get lost() {
    return Number.isFinite(this.lostAt);
  }

  /** @param {number} now [ms] */
  heard(now) {
    this.heardAt = now;
    this.lostAt = NaN;
    this.error = null;
  }

  /**
   * @param {unknown} error
   * @param {number} now [ms]
   */
  missed(error, now) {
    if (!this.lost) this.lostAt = now;
    this.error = error;
    this.status = error instanceof ApiError ? error.status : 0;
  }
}

/**
 * Asks again and again, one question at a time; after a failure at most as rarely as `slowMs`.
 *
 * @param {() => Promise<void>} ask
 * @param {number} everyMs
 * @param {number} [slowMs]
 * @returns {() => void} stops
 */
export function keepAsking(ask, everyMs, slowMs = 3_000) {
  let over = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const again = async () => {
    let pause = everyMs;
    try {
      await ask();
    } catch {
      pause = Math.max(everyMs, slowMs);
    }
    if (!over) timer = setTimeout(again, pause);
  };
  void again();
  return () => {
    over = true;
    clearTimeout(timer);
  };
}
