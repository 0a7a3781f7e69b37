/**
 * Names in the scene: one badge per place with machines (its worst condition and how many need a look), and the names
 * of machines that are near. Badges never cover each other: the more urgent stays.
 */

import { Vector3 } from "three";
import { attentionOf } from "./attention.js";
import { conditionOf } from "./colour.js";
import { el, fill, say } from "./dom.js";
import { glyph } from "./glyphs.js";
import { boundsOf, toScene } from "./layout3d.js";

/** A machine gets its name once it is this high on the screen [px]. */
const NAMED_FROM_PX = 64;
/** A place needs no badge once it takes more than this share of the window: its machines are named then. */
const PLACE_UP_TO = 0.34;
/** Room for the marker of a machine [px]. */
const MARKER_LIFT = 38;
const MOST_NAMES = 28;
const MARGIN_PX = 6;

/**
 * @typedef {object} Label
 * @property {HTMLElement} element
 * @property {Vector3} anchor
 * @property {number} lift how far above its anchor it floats [px]
 * @property {number} priority higher is placed first
 * @property {number} radius size of what it names [m]
 * @property {"place" | "equipment"} kind
 * @property {number[]} equipment numbers of what it stands for
 * @property {number} width [px], 0 = to be measured
 * @property {number} height [px]
 */

/** The layer of names over the scene. */
export class Labels {
  /**
   * @param {HTMLElement} layer
   * @param {import("./park.js").Park} park
   * @param {(place: string) => void} visit called with a place that was clicked
   */
  constructor(layer, park, visit) {
    this.layer = layer;
    this.park = park;
    /** Boxes that belong to what lies over the scene: left, top, right, bottom [px]. @type {[number, number, number, number][]} */
    this.reserved = [];
    this.point = new Vector3();
    /** @type {Map<string, import("./park.js").Equipment[]>} */
    const byPlace = new Map();
    for (const one of park.equipment) {
      const place = one.id.slice(0, one.id.lastIndexOf("/"));
      byPlace.set(place, [...(byPlace.get(place) ?? []), one]);
    }
    /** @type {Label[]} */
    this.places = [...byPlace].map(([place, members]) => this.#place(place, members, visit));
    /** @type {Label[]} */
    this.machines = park.equipment.map((one) => this.#machine(one));
    /** @type {Set<number>} */
    this.always = new Set();
  }

  /**
   * @param {string} place
   * @param {import("./park.js").Equipment[]} members
   * @param {(place: string) => void} visit
   * @returns {Label}
   */
  #place(place, members, visit) {
    const box = boundsOf(members);
    const element = el("button", { class: "scene-badge", type: "button", tabindex: "-1", onclick: () => visit(place) });
    element.dataset.place = place;
    element.hidden = true;
    this.layer.append(element);
    return {
      element, kind: "place", equipment: members.map((one) => one.index), priority: 0, width: 0, height: 0, lift: 52,
      anchor: new Vector3((box.min[0] + box.max[0]) / 2, box.max[1], (box.min[2] + box.max[2]) / 2),
      radius: Math.hypot(box.max[0] - box.min[0], box.max[2] - box.min[2]) / 2,
    };
  }

  /**
   * @param {import("./park.js").Equipment} one
   * @returns {Label}
   */
  #machine(one) {
    const [x, y, z] = toScene(one.position);
    const element = el("div", { class: "scene-name" });
    element.hidden = true;
    this.layer.append(element);
    return {
      element, kind: "equipment", equipment: [one.index], priority: 0, width: 0, height: 0, lift: 4,
      anchor: new Vector3(x, y + one.size[2], z), radius: one.size[2],
    };
  }

  /**
   * Writes the names in the reader's language.
   *
   * @param {import("./format.js").Format} format
   * @param {Uint8Array} condition
   */
  write(format, condition) {
    this.format = format;
    for (const label of this.machines) {
      say(label.element, format.name(this.park.equipment[label.equipment[0]].display));
      label.width = 0;
    }
    for (const label of this.places) label.element.dataset.said = "";
    this.updateConditions(condition);
  }

  /**
   * @param {Uint8Array} condition of each equipment
   * @param {number | null} [filter] count only this condition
   * @param {ReadonlyMap<string, import("./alarm_book.js").AlarmRow>} [alarms] the most urgent active one by machine
   */
  updateConditions(condition, filter = null, alarms = new Map()) {
    if (!this.format) return;
    for (const label of this.machines) {
      label.lift = conditionOf(condition[label.equipment[0]]).marked || alarms.has(this.park.equipment[label.equipment[0]].id) ? MARKER_LIFT : 6;
    }
    for (const label of this.places) {
      let worst = attentionOf(filter ?? 0, undefined);
      let wrong = 0;
      for (const equipment of label.equipment) {
        const one = attentionOf(condition[equipment], alarms.get(this.park.equipment[equipment].id));
        if (filter === null ? one.marked : condition[equipment] === filter) wrong += 1;
        if (filter === null && one.rank > worst.rank) worst = one;
      }
      const name = this.park.nameOfPlace(label.element.dataset.place ?? "");
      const text = name ? this.format.name(name) : label.element.dataset.place ?? "";
      const said = `${worst.glyph} ${wrong} ${text}`;
      if (label.element.dataset.said === said) continue;
      label.element.dataset.said = said;
      label.width = 0;
      label.priority = 100 + worst.rank;
      fill(label.element, wrong > 0 && glyph(worst.glyph), el("span", {}, text),
        wrong > 0 && el("span", { class: `scene-badge-count ${worst.colour}` }, `${wrong}/${label.equipment.length}`));
    }
  }

  /**
   * Puts every label where its thing is seen now.
   *
   * @param {import("three").PerspectiveCamera} camera
   * @param {number} width of the layer [px]
   * @param {number} height
   */
  place(camera, width, height) {
    const perMetre = height / (2 * Math.tan((camera.fov * Math.PI) / 360));
    /** @type {{label: Label, x: number, y: number, priority: number}[]} */
    const wanted = [];
    for (const label of [...this.places, ...this.machines]) {
      const distance = camera.position.distanceTo(label.anchor);
      const size = (label.radius * perMetre) / distance;
      const forced = label.kind === "equipment" && this.always.has(label.equipment[0]);
      const near = label.kind === "equipment" ? size > NAMED_FROM_PX : size < width * PLACE_UP_TO;
      const point = this.point.copy(label.anchor).project(camera);
      const outside = Math.abs(point.x) > 1 || Math.abs(point.y) > 1 || point.z > 1;
      if (outside || !(near || forced)) label.element.hidden = true;
      else {
        wanted.push({
          label, x: ((point.x + 1) * width) / 2, y: ((1 - point.y) * height) / 2,
          priority: forced ? 1000 : label.priority - distance / 10_000,
        });
      }
    }
    this.#settle(wanted.sort((a, b) => b.priority - a.priority), width);
  }

  /**
   * @param {{label: Label, x: number, y: number}[]} wanted most important first
   * @param {number} width
   */
  #settle(wanted, width) {
    /** @type {[number, number, number, number][]} */
    const taken = [...this.reserved];
    let names = 0;
    for (const { label, x, y } of wanted) {
      const { element } = label;
      element.hidden = false;
      if (label.width === 0) {
        label.width = element.offsetWidth;
        label.height = element.offsetHeight;
      }
      const left = Math.min(Math.max(x - label.width / 2, MARGIN_PX), Math.max(MARGIN_PX, width - label.width - MARGIN_PX));
      const top = y - label.height - label.lift;
      const box = /** @type {[number, number, number, number]} */ ([left, top, left + label.width, top + label.height]);
      const covered = taken.some((other) =>
        box[0] < other[2] + MARGIN_PX && other[0] < box[2] + MARGIN_PX &&
        box[1] < other[3] + MARGIN_PX && other[1] < box[3] + MARGIN_PX);
      if (top < MARGIN_PX || covered || (label.kind === "equipment" && names >= MOST_NAMES)) {
        element.hidden = true;
        continue;
      }
      if (label.kind === "equipment") names += 1;
      taken.push(box);
      element.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
    }
  }

  /** Takes all labels away. */
  dispose() {
    for (const label of [...this.places, ...this.machines]) label.element.remove();
  }
}

/**
 * Where buttons and words lie over the scene: no label is put below them.
 *
 * @param {HTMLElement} host of the scene
 * @returns {[number, number, number, number][]} left, top, right, bottom [px] from the host's corner
 */
export function overlaysOf(host) {
  const frame = host.getBoundingClientRect();
  const over = [...(host.parentElement?.querySelectorAll(".layer-buttons, .layer-meaning, .scene-controls, .hypothesis") ?? [])];
  return over.map((one) => one.getBoundingClientRect()).filter(({ width }) => width > 0)
    .map(({ left, top, right, bottom }) => [left - frame.left, top - frame.top, right - frame.left, bottom - frame.top]);
}
