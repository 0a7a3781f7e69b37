/**
 * A check under way: pieces shown one by one, from files or as the camera's next products. Ends at the first piece that is judged
 * wrong, since the service then wants all of them anew.
 */

import { getFile } from "./api.js";

/** @typedef {import("./challenge_board.js").Standing} Standing */

/** Of one station and product. */
export class ChallengeRun {
  /**
   * @param {import("./challenge_board.js").ChallengeBoard} board
   * @param {() => void} changed
   */
  constructor(board, changed) {
    this.board = board;
    this.changed = changed;
    /** What came of the pieces shown since the check began, the last word of each. @type {Map<string, import("./challenge_board.js").Shown>} */
    this.outcomes = new Map();
    /** Pieces that are still to come as products under the camera, the next one first. @type {string[]} */
    this.coming = [];
    /** Piece that is being judged; "" if none. */
    this.busy = "";
    /** @type {unknown} */
    this.trouble = null;
    /** Products that were there before, or are taken. @type {Set<string>} */
    this.taken = new Set();
    this.by = "";
    /** @type {Standing | null} */
    this.at = null;
  }

  /**
   * Shows one piece.
   *
   * @param {Standing} at
   * @param {string} piece
   * @param {Blob} picture
   * @param {string} by
   */
  async show(at, piece, picture, by) {
    this.busy = piece;
    this.trouble = null;
    this.changed();
    try {
      const shown = await this.board.show(at, piece, picture, by);
      if ([...this.outcomes.values()].some((one) => !one.right) || at.shown.length === 0 && this.outcomes.has(piece)) this.outcomes.clear();
      this.outcomes.set(piece, shown);
      if (!shown.right) this.coming = [];
    } catch (error) {
      this.trouble = error;
      this.coming = [];
    }
    this.busy = "";
    this.changed();
    await this.board.look().catch(() => undefined); // what keeps it away is told above the page
  }

  /**
   * Takes the camera's next products for pieces, in their order.
   *
   * @param {Standing} at
   * @param {readonly string[]} pieces
   * @param {string} by
   */
  follow(at, pieces, by) {
    this.at = at;
    this.by = by;
    this.coming = [...pieces];
    this.trouble = null;
    this.taken = new Set(this.board.feed.rows.map(({ id }) => id));
    this.changed();
  }

  /** Takes no more products. */
  stop() {
    this.coming = [];
    this.changed();
  }

  /** Called when the feed has changed: takes the oldest product that is new. */
  async look() {
    const { at, coming: [piece] } = this;
    if (!at || !piece || this.busy) return;
    const row = this.board.feed.rows.findLast((one) => one.station === at.station && one.product === at.product && !this.taken.has(one.id));
    if (!row) return;
    this.taken.add(row.id);
    this.busy = piece;
    this.changed();
    try {
      const picture = await getFile(`./api/qc/inspections/${row.id}/picture`);
      this.coming.shift();
      await this.show(this.board.of(at.station, at.product) ?? at, piece, picture, this.by);
    } catch (error) {
      this.trouble = error;
      this.coming = [];
      this.busy = "";
      this.changed();
    }
    await this.look();
  }
}
