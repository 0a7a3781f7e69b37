/**
 * The past, shown or played: a second stream whose frames are of then. While it is open the live stream goes on into a
 * table of its own, so that the way back costs nothing.
 */

import { AssetTable } from "./assets.js";
import { openStream } from "./stream.js";

/** A moving thumb asks for no more than one moment in so long [ms]. */
const SETTLE_MS = 180;
const RETRY_MS = 2_500;
/** Close codes of a replay after which asking again helps: too slow, too many, history away, lost. */
const PASSING = new Set([1001, 1006, 4408, 4429, 4503]);
/** How fast the past can be played, seconds of it a second. */
export const SPEEDS = Object.freeze([1, 10, 60, 600]);

/**
 * @typedef {object} PastListener
 * @property {() => void} entered the present has been left; nothing of then is known yet
 * @property {() => void} left the table is of now again
 * @property {(frame: import("./frame.js").StreamFrame) => void} frame of then
 * @property {() => void} begun it is shown from another moment on: alarms may stand otherwise
 * @property {(news: import("./alarm_changes.js").AlarmNews) => void} alarms something happened to them
 * @property {() => void} changed how it stands
 */

/** Shows the past. */
export class Past {
  /**
   * @param {import("./park.js").Park} park
   * @param {AssetTable} assets that the page shows
   * @param {(at: number, speed: number) => URL} url of the replay
   * @param {(buffer: ArrayBuffer) => import("./frame.js").StreamFrame | null} decode
   * @param {PastListener} listener
   */
  constructor(park, assets, url, decode, listener) {
    this.assets = assets;
    this.url = url;
    this.decode = decode;
    this.listener = listener;
    /** What the live stream says meanwhile. */
    this.live = new AssetTable(park.tagCount, park.equipment.length);
    /** True from leaving the present until coming back. */
    this.on = false;
    /** The moment that is shown or asked for [ms since the epoch]. */
    this.at = NaN;
    this.speed = 0;
    /** @type {"opening" | "shown" | "away" | "refused"} */
    this.state = "opening";
    /** @type {{close: () => void} | null} */
    this.stream = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.turn = 0;
  }

  /** True while it moves. */
  get playing() {
    return this.on && this.speed > 0;
  }

  /** Shows a moment and stands still there. @param {number} at [ms since the epoch] */
  show(at) {
    this.#ask(at, 0, SETTLE_MS);
  }

  /** Plays on from the moment that is shown. @param {number} speed seconds of the past a second */
  play(speed) {
    if (this.on) this.#ask(this.at, speed, 0);
  }

  pause() {
    if (this.on) this.#ask(this.at, 0, 0);
  }

  /** Goes back to the present. */
  leave() {
    if (!this.on) return;
    this.#close();
    this.on = false;
    this.speed = 0;
    this.assets.copyFrom(this.live);
    this.listener.left();
  }

  /**
   * @param {number} at [ms since the epoch]
   * @param {number} speed
   * @param {number} after [ms]
   */
  #ask(at, speed, after) {
    this.#close();
    this.at = at;
    this.speed = speed;
    this.state = "opening";
    if (!this.on) {
      this.on = true;
      this.live.copyFrom(this.assets);
      this.assets.forget();
      this.listener.entered();
    }
    this.timer = setTimeout(() => this.#open(this.turn), after);
    this.listener.changed();
  }

  #close() {
    this.turn += 1;
    clearTimeout(this.timer);
    this.stream?.close();
    this.stream = null;
  }

  /** @param {number} turn what comes for another is too late */
  #open(turn) {
    let replaying = false;
    const mine = () => turn === this.turn;
    this.stream = openStream(this.url(Math.round(this.at), this.speed), {
      opened: () => {},
      closed: (code) => mine() && this.#lost(code),
      frame: (buffer) => {
        // a server that knows no past would send the present in its place
        if (mine() && !replaying) return this.#lost(4400);
        const frame = mine() ? this.decode(buffer) : null;
        if (!frame) return;
        this.at = frame.serverTime;
        this.state = "shown";
        this.listener.frame(frame);
        this.listener.changed();
      },
      event: (told) => {
        if (!mine()) return;
        if (told.event === "replay") {
          replaying = true;
          this.listener.begun();
        }
        if (told.event === "alarms") this.listener.alarms(/** @type {import("./alarm_changes.js").AlarmNews} */ (told));
        if (told.event === "replay_ended") this.leave();
      },
    }, { once: true });
  }

  /** @param {number} code of the close */
  #lost(code) {
    if (code === 1000 && this.playing) return this.leave();
    this.stream?.close();
    this.stream = null;
    this.state = PASSING.has(code) ? "away" : "refused";
    const { turn } = this;
    if (this.state === "away") this.timer = setTimeout(() => turn === this.turn && this.#open(turn), RETRY_MS);
    this.listener.changed();
  }
}
