/**
 * A long list of which only the rows in sight are in the document: ten thousand machines cost the page no more than
 * forty. Rows are told apart by identity; each knows its height.
 */

/** Rows are kept so far above and below what is in sight [px], that there is none missing while one scrolls. */
const MARGIN_PX = 320;

/** @typedef {{height: number, gap: number}} Sized height of a row and empty room above it [px] */

/** @template {Sized} Row */
export class RowWindow {
  /**
   * @param {HTMLElement} list that scrolls
   * @param {(row: Row) => HTMLElement} make an element for a row that comes into sight; it is placed absolutely
   */
  constructor(list, make) {
    this.list = list;
    this.make = make;
    this.sheet = document.createElement("div");
    this.sheet.className = "row-sheet";
    this.sheet.setAttribute("role", "none");
    list.append(this.sheet);
    /** @type {readonly Row[]} */
    this.rows = [];
    /** Where each row begins [px], and where the last ends. */
    this.tops = new Float64Array(1);
    /** Rows that are in the document. @type {Map<Row, HTMLElement>} */
    this.elements = new Map();
    /** @type {Map<Row, number>} */
    this.places = new Map();
    list.addEventListener("scroll", () => this.#draw(), { passive: true });
    this.watcher = new ResizeObserver(() => this.#draw());
    this.watcher.observe(list);
  }

  /** The element of a row, null while it is out of sight. @param {Row} row */
  elementOf(row) {
    return this.elements.get(row) ?? null;
  }

  /** @param {Row} row whether it is one of the list's rows now */
  has(row) {
    return this.places.has(row);
  }

  /** Shows these rows in place of those before. @param {readonly Row[]} rows */
  setRows(rows) {
    this.rows = rows;
    this.places = new Map(rows.map((row, place) => [row, place]));
    this.tops = new Float64Array(rows.length + 1);
    rows.forEach((row, place) => (this.tops[place + 1] = this.tops[place] + row.gap + row.height));
    this.sheet.style.height = `${this.tops[rows.length]}px`;
    this.#draw();
  }

  /** Scrolls no more than is needed to have a row in sight. @param {Row} row @returns {HTMLElement | null} */
  reveal(row) {
    const place = this.places.get(row);
    if (place === undefined) return null;
    const { list, tops } = this;
    const [top, bottom] = [tops[place], tops[place + 1]];
    if (top < list.scrollTop) list.scrollTop = top;
    else if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = bottom - list.clientHeight;
    this.#draw(place);
    return this.elementOf(row);
  }

  dispose() {
    this.watcher.disconnect();
  }

  /**
   * Puts the rows in sight into the document. One that has the focus stays, else the keyboard would lose its place.
   *
   * @param {number} [also] place of a row that is wanted as well
   */
  #draw(also = -1) {
    const { list, rows, tops } = this;
    // a list that has just become shorter is still told to be scrolled beyond its end
    const top = Math.max(0, Math.min(list.scrollTop, tops[rows.length] - list.clientHeight));
    const [from, to] = [top - MARGIN_PX, top + list.clientHeight + MARGIN_PX];
    /** @type {number[]} */
    const wanted = [];
    for (let place = firstBelow(tops, from); place < rows.length && tops[place] < to; place++) wanted.push(place);
    for (const [row, element] of this.elements) {
      const place = this.places.get(row) ?? -1;
      if (element === document.activeElement && place >= 0) wanted.push(place);
    }
    if (also >= 0) wanted.push(also);
    const places = [...new Set(wanted)].sort((a, b) => a - b);
    const kept = new Set(places.map((place) => rows[place]));
    for (const [row, element] of this.elements) {
      if (kept.has(row)) continue;
      this.elements.delete(row);
      element.remove();
    }
    // rows keep their order, so an element that stays is never moved: moving would take its focus
    let next = this.sheet.firstChild;
    for (const place of places) {
      const element = this.#elementAt(place);
      if (element === next) next = next.nextSibling;
      else this.sheet.insertBefore(element, next);
    }
  }

  /** @param {number} place */
  #elementAt(place) {
    const row = this.rows[place];
    let element = this.elements.get(row);
    if (!element) this.elements.set(row, (element = this.make(row)));
    const where = `${this.tops[place] + row.gap}px`;
    if (element.style.top !== where) element.style.top = where;
    return element;
  }
}

/**
 * The first row that ends below a height.
 *
 * @param {Float64Array} tops ascending
 * @param {number} height [px]
 */
function firstBelow(tops, height) {
  let [low, high] = [0, tops.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tops[middle + 1] > height) high = middle;
    else low = middle + 1;
  }
  return low;
}
