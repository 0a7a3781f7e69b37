/** What the viewer has chosen: one small observable record, so that widgets never call each other. Pure. */

/**
 * @typedef {object} Choice
 * @property {string | null} equipment id of the selected equipment
 * @property {string | null} tag whose trend is shown
 * @property {number | null} condition only equipment in this condition is shown
 * @property {string | null} hovered id of the equipment under the pointer
 * @property {import("./dock.js").Tab | null} dock which tab of the dock is open
 * @property {string | null} priority only alarms of this priority are listed
 * @property {number} range of the trend [s]
 * @property {string | null} line id of the line that the board looks at
 * @property {import("./kpi_data.js").Period} period of the board
 * @property {number} back how many periods before the one that runs
 * @property {"dark" | "light"} theme
 * @property {import("./layers.js").Network | null} layer network that is shown over the park
 * @property {readonly import("./hypothesis.js").Change[]} changes of the what-if
 * @property {ReadonlyMap<string, import("./hypothesis.js").Mark> | null} marks of its consequence by equipment; null = none is painted
 * @property {boolean} past the page shows the past
 * @property {boolean} timeBar the time bar is there
 * @property {boolean} drawer the list is drawn out, where the window is too narrow to show it always
 */

/** @typedef {(changed: Set<keyof Choice>) => void} ChoiceListener */

/** Holds the choice and tells who listens. */
export class Store {
  /** @param {Choice} initial */
  constructor(initial) {
    this.choice = Object.freeze({ ...initial });
    /** @type {Set<ChoiceListener>} */
    this.listeners = new Set();
  }

  /**
   * Changes some fields; listeners hear only of those that are really different.
   *
   * @param {Partial<Choice>} fields
   */
  set(fields) {
    const before = this.choice;
    this.choice = Object.freeze({ ...before, ...fields });
    const keys = /** @type {(keyof Choice)[]} */ (Object.keys(fields));
    const changed = new Set(keys.filter((key) => before[key] !== this.choice[key]));
    if (changed.size > 0) for (const listener of [...this.listeners]) listener(changed);
  }

  /**
   * @param {ChoiceListener} listener
   * @returns {() => void} stops listening
   */
  listen(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

/**
 * Reads the place in the address: `#<equipment id>` or `#<tag>`.
 *
 * @param {string} hash
 * @returns {{equipment: string | null, tag: string | null}}
 */
export function readPlace(hash) {
  const text = decodeURIComponent(hash.replace(/^#/, ""));
  if (!text) return { equipment: null, tag: null };
  const colon = text.indexOf(":");
  return colon < 0 ? { equipment: text, tag: null } : { equipment: text.slice(0, colon), tag: text };
}
