/** Building elements without a framework. */

/** @typedef {Node | string | null | undefined | false} Child */

/**
 * Makes an element. `on<event>` properties are listeners, the others attributes; `false` and `null` leave one out and
 * `true` sets it empty.
 *
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} name
 * @param {Record<string, any>} [properties]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function el(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(key, value === true ? "" : String(value));
    }
  }
  element.append(...present(children));
  return element;
}

/**
 * Replaces the children of an element.
 *
 * @param {Element} element
 * @param {...Child} children
 */
export function fill(element, ...children) {
  element.replaceChildren(...present(children));
}

/**
 * Sets a text only where it differs, so that nothing is laid out again for nothing.
 *
 * @param {Node} node
 * @param {string} text
 */
export function say(node, text) {
  const only = node.childNodes.length === 1 ? node.firstChild : null;
  if (only instanceof Text) {
    if (only.data !== text) only.data = text; // the same node goes on: only its letters are laid out anew
  } else if (node.textContent !== text) node.textContent = text;
}

/** @param {Child[]} children */
function present(children) {
  return /** @type {(Node | string)[]} */ (
    children.filter((child) => child !== null && child !== undefined && child !== false)
  );
}

const SVG = "http://www.w3.org/2000/svg";

/** Line icons on a 16 x 16 grid. @type {Record<string, string>} */
const ICONS = {
  close: "M4 4L12 12M12 4L4 12",
  search: "M7 2.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 1 1 0 -9M10.4 10.4L13.5 13.5",
  target: "M8 1.5V4.5M8 11.5V14.5M1.5 8H4.5M11.5 8H14.5M8 4.8a3.2 3.2 0 1 1 0 6.4a3.2 3.2 0 1 1 0 -6.4",
  home: "M2.5 7.6L8 2.8L13.5 7.6M4 6.6V13H12V6.6",
  plus: "M8 3.5V12.5M3.5 8H12.5",
  minus: "M3.5 8H12.5",
  sun: "M8 5a3 3 0 1 1 0 6a3 3 0 1 1 0 -6M8 1.2V2.6M8 13.4V14.8M1.2 8H2.6M13.4 8H14.8M3.2 3.2L4.2 4.2M11.8 11.8L12.8 12.8M12.8 3.2L11.8 4.2M4.2 11.8L3.2 12.8",
  moon: "M13.2 9.6A5.6 5.6 0 1 1 6.4 2.8A4.6 4.6 0 0 0 13.2 9.6z",
  chevron: "M6 4L10 8L6 12",
  menu: "M2.5 4.5H13.5M2.5 8H13.5M2.5 11.5H13.5",
  help: "M5.8 6.2a2.2 2.2 0 1 1 3.2 2c-0.7 0.4 -1 0.8 -1 1.5M8 11.9V12.2M8 1.6a6.4 6.4 0 1 1 0 12.8a6.4 6.4 0 1 1 0 -12.8z",
  person: "M8 2.4a2.6 2.6 0 1 1 0 5.2a2.6 2.6 0 1 1 0 -5.2M2.8 13.6a5.2 4.6 0 0 1 10.4 0",
  check: "M3 8.5L6.5 12L13 4.5",
  bell: "M8 1.8V3M3.5 11.5H12.5C11.4 10.4 11.4 9.4 11.4 7.2A3.4 3.4 0 0 0 4.6 7.2C4.6 9.4 4.6 10.4 3.5 11.5M6.8 13.6H9.2",
  back: "M10 4L6 8L10 12",
  expand: "M2.5 6V2.5H6M10 2.5H13.5V6M13.5 10V13.5H10M6 13.5H2.5V10",
  heat: "M8 1.5C9 4 11.8 5.6 11.8 9.2A3.8 3.8 0 0 1 4.2 9.2C4.2 7.4 5.4 6.6 5.8 5.2C6.8 5.8 7.2 6.6 7.3 7.4C8.2 6 8.5 4 8 1.5z",
  history: "M2.2 8a5.8 5.8 0 1 0 1.9 -4.3M4.1 1.4V3.9H6.6M8 4.9V8.2L10.4 9.6",
  play: "M5 3.2L12.2 8L5 12.8z",
  pause: "M5.6 3.2V12.8M10.4 3.2V12.8",
  step_back: "M11.5 3.6L5.8 8L11.5 12.4zM4.2 3.6V12.4",
  step_on: "M4.5 3.6L10.2 8L4.5 12.4zM11.8 3.6V12.4",
  branch: "M2.5 8H6M6 8C8.5 8 8.5 4 11 4H13.5M6 8C8.5 8 8.5 12 11 12H13.5M11.6 2L13.6 4L11.6 6M11.6 10L13.6 12L11.6 14",
  board: "M3 13.5V8.5M8 13.5V3M13 13.5V6",
  trend: "M2 12L6 7.5L9 10L14 4",
};

/**
 * Draws a line icon in the colour of the text; decorative, so its button needs a label.
 *
 * @param {string} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}
