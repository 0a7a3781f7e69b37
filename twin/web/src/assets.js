/**
 * The asset table: the newest of every tag and equipment, in columns indexed by tag and equipment number.
 *
 * The stream writes it, the scene and the panels read it; nobody but the stream touches the socket. Pure.
 */

const SEVERITY_SHIFT = 30;

/** Severity of an OPC UA status code, as in `twin.contract.status.Quality`. */
export const Quality = Object.freeze({ GOOD: 0, UNCERTAIN: 1, BAD: 2 });

/**
 * Reduces a status code to its severity; the reserved severity 3 counts as bad.
 *
 * @param {number} status
 * @returns {number} one of {@link Quality}
 */
export function qualityOf(status) {
  return Math.min(status >>> SEVERITY_SHIFT, Quality.BAD);
}

/**
 * What a frame changed.
 *
 * @typedef {object} Change
 * @property {Uint32Array} tags tag numbers with a new row
 * @property {Uint32Array} equipment equipment numbers whose condition was told
 * @property {boolean} snapshot
 */

/** Newest values of the park. */
export class AssetTable {
  /**
   * @param {number} tagCount
   * @param {number} equipmentCount
   */
  constructor(tagCount, equipmentCount) {
    this.value = new Float64Array(tagCount).fill(NaN);
    /** Source time [ms since the epoch]. */
    this.sourceTime = new Float64Array(tagCount);
    this.status = new Uint32Array(tagCount);
    this.stale = new Uint8Array(tagCount);
    /** 1 once a tag has ever had a row. */
    this.known = new Uint8Array(tagCount);
    this.condition = new Uint8Array(equipmentCount);
    /** @type {Map<number, string>} */
    this.text = new Map();
    this.tick = 0;
    /** When the newest frame was made [ms since the epoch, the server's clock]; 0 = none yet. */
    this.serverTime = 0;
  }

  /**
   * Takes one frame over.
   *
   * A snapshot replaces everything: a tag it does not name has no value, even if an older frame gave one.
   * Rows and equipment beyond the table (the park file changed) are left out; the caller compares revisions.
   *
   * @param {import("./frame.js").StreamFrame} frame
   * @returns {Change}
   */
  apply(frame) {
    if (frame.snapshot) this.forget();
    this.tick = frame.tick;
    this.serverTime = frame.serverTime;
    const last = this.value.length;
    for (let row = 0; row < frame.index.length; row++) {
      const tag = frame.index[row];
      if (tag >= last) continue;
      this.value[tag] = frame.value[row];
      this.sourceTime[tag] = frame.serverTime - frame.age[row];
      this.status[tag] = 0;
      this.stale[tag] = frame.stale[row];
      this.known[tag] = 1;
      if (this.text.size > 0) this.text.delete(tag);
    }
    for (let k = 0; k < frame.badPosition.length; k++) {
      const tag = frame.index[frame.badPosition[k]];
      if (tag < last) this.status[tag] = frame.badStatus[k];
    }
    for (const [row, text] of frame.text) {
      if (frame.index[row] < last) this.text.set(frame.index[row], text);
    }
    for (let k = 0; k < frame.equipment.length; k++) {
      if (frame.equipment[k] < this.condition.length) this.condition[frame.equipment[k]] = frame.condition[k];
    }
    return { tags: frame.index, equipment: frame.equipment, snapshot: frame.snapshot };
  }

  /**
   * Counts the equipment by condition.
   *
   * @param {number} conditions how many conditions there are
   * @returns {number[]}
   */
  countConditions(conditions) {
    /** @type {number[]} */
    const counts = new Array(conditions).fill(0);
    // by index: what goes through an iterator here is ten thousand objects a tick
    for (let equipment = 0; equipment < this.condition.length; equipment++) counts[this.condition[equipment]] += 1;
    return counts;
  }

  /** Takes over all that another table of the same park knows. @param {AssetTable} other */
  copyFrom(other) {
    for (const column of /** @type {const} */ (["value", "sourceTime", "status", "stale", "known", "condition"])) this[column].set(other[column]);
    this.text = new Map(other.text);
    this.tick = other.tick;
    this.serverTime = other.serverTime;
  }

  /** Knows nothing any more. */
  forget() {
    this.value.fill(NaN);
    this.sourceTime.fill(0);
    this.status.fill(0);
    this.stale.fill(0);
    this.known.fill(0);
    this.condition.fill(0);
    this.text.clear();
  }
}
