/**
 * How far the picture can be trusted: live, late or offline, and how old it is. Pure; the clock is an argument.
 *
 * The server's clock and the viewer's may differ by minutes. The smallest difference ever seen between the two
 * is taken as that of a frame which came at once, so whatever a frame shows above it is delay.
 */

/** @typedef {"connecting" | "live" | "late" | "offline" | "past"} Picture past: of then, and not meant to be of now */

/**
 * @typedef {object} PictureState
 * @property {Picture} picture
 * @property {number} age of the picture [ms]; NaN before the first frame
 */

/** A picture older than this is late: two ticks at 2 Hz were missed and a third is due. */
export const LATE_AFTER_MS = 2_000;
/** A picture older than this is no picture of now. */
export const OFFLINE_AFTER_MS = 10_000;
/** The best delay is forgotten slowly, so that a clock that is set back does not look late for ever. */
const DRIFT_MS_PER_FRAME = 0.5;

/** Keeps the age of the picture. */
export class PictureClock {
  constructor() {
    this.open = false;
    this.serverTime = 0;
    /** Viewer's time minus server's time of the quickest frame [ms]. */
    this.offset = Infinity;
  }

  /**
   * Call when the socket opens or closes.
   *
   * @param {boolean} open
   */
  setOpen(open) {
    this.open = open;
  }

  /**
   * Call for each frame.
   *
   * @param {number} serverTime when it was made [ms, server's clock]
   * @param {number} receivedAt when it came [ms, viewer's clock]
   */
  receive(serverTime, receivedAt) {
    this.serverTime = serverTime;
    this.offset = Math.min(this.offset + DRIFT_MS_PER_FRAME, receivedAt - serverTime);
  }

  /**
   * What the server's clock shows now, as far as this viewer can know.
   *
   * @param {number} now viewer's clock [ms]
   */
  serverNow(now) {
    return Number.isFinite(this.offset) ? now - this.offset : now;
  }

  /**
   * @param {number} now viewer's clock [ms]
   * @returns {PictureState}
   */
  state(now) {
    if (this.serverTime === 0) return { picture: "connecting", age: NaN };
    const age = Math.max(0, this.serverNow(now) - this.serverTime);
    if (!this.open || age >= OFFLINE_AFTER_MS) return { picture: "offline", age };
    return { picture: age >= LATE_AFTER_MS ? "late" : "live", age };
  }
}

/** Waits between attempts to reconnect: doubling from the first to the last, each with up to half of jitter. */
export const BACK_OFF_MS = Object.freeze({ first: 500, last: 8_000 });

/**
 * @param {number} attempt 0 for the first try after a loss
 * @param {number} random between 0 and 1, so that a hall full of screens does not come back in step
 * @returns {number} how long to wait [ms]
 */
export function backOff(attempt, random) {
  const whole = Math.min(BACK_OFF_MS.first * 2 ** attempt, BACK_OFF_MS.last);
  return whole * (1 - random / 2);
}
