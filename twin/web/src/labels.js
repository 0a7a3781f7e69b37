/**
 * Names in the scene: one badge per place with machines (its worst condition and how many need a look), and the names
 * of machines that are near. Badges never cover each other: the more urgent stays.
 */

import { Vector3 } from "three";
import { attentionOf } from "./attention.js";
import { conditionOf } from "./colour.js";
import { el, fill, say } from "./dom.js";
import { glyph } from "./glyphs.js";
import { boundsOf, topsOf } from "./layout3d.js";
import { Standpoint } from "./standpoint.js";

/** A machine gets its name once it is this high on the screen [px]. */
const NAMED_FROM_PX = 64;
/** A place needs no badge once it takes more than this share of the window: its machines are named then. */
const PLACE_UP_TO = 0.34;
/** Room for the marker of a machine [px]. */
const MARKER_LIFT = 38;
const MOST_NAMES = 28;
/** The nearest so many are tried for a place of their own, since near names cover each other. */
const MOST_TRIED = 3 * MOST_NAMES;
const MARGIN_PX = 6;

/**
 * @typedef {object} Label
 * @property {HTMLElement} element
 * @property {Vector3} anchor
 * @property {number} lift how far above its anchor it floats [px]
 * @property {number} priority higher is placed first
 * @property {number} width [px], 0 = to be measured
 * @property {number} height [px]
 * @property {string | null} at where its element is shown; null = it is hidden. Remembered here, since to ask the element is dear
 *
 * @typedef {Label & {id: string, members: number[], radius: number, words: HTMLElement, long: number, said: string, look: string, form: string}} PlaceLabel
 *   members: numbers of the equipment it stands for; radius of what it names [m]; words: its name; long: how wide that is [px],
 *   0 = to be measured; look: glyph and colour it has now; form: what stands around its name, as digits are all as wide as each other
 *
 * @typedef {{label: Label, x: number, y: number, priority: number}} Wish
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
    /** What each form adds to the width of a name, and its height [px]: measured once for all places. @type {Map<string, [number, number]>} */
    this.forms = new Map();
    this.standpoint = new Standpoint();
    /** Something that the places of the labels depend on is another than when they were put down. */
    this.unsettled = true;
    this.point = new Vector3();
    this.tops = topsOf(park.equipment);
    this.heights = Float32Array.from(park.equipment, (one) => one.size[2]);
    /** @type {Uint8Array} */
    this.condition = new Uint8Array(park.equipment.length);
    /** Only machines in this condition are counted; null = all that ask for a look. @type {number | null} */
    this.filter = null;
    /** The most urgent active alarm by machine. @type {ReadonlyMap<string, import("./alarm_book.js").AlarmRow>} */
    this.alarms = new Map();
    /** @type {Map<string, number[]>} */
    const byPlace = new Map();
    for (const { id, index } of park.equipment) {
      const place = id.slice(0, id.lastIndexOf("/"));
      const members = byPlace.get(place) ?? [];
      if (members.push(index) === 1) byPlace.set(place, members);
    }
    /** @type {PlaceLabel[]} */
    this.places = [...byPlace].map(([place, members]) => this.#place(place, members, visit));
    /** Number of the place of each machine. */
    this.placeOf = new Int32Array(park.equipment.length);
    this.places.forEach(({ members }, k) => members.forEach((one) => (this.placeOf[one] = k)));
    /** Names of machines that are shown now: elements for ten thousand would cost more than they say. @type {Map<number, Label>} */
    this.named = new Map();
    /** Elements of names that are not shown. @type {Label[]} */
    this.spare = [];
    /** @type {Set<number>} */
    this.always = new Set();
  }

  /**
   * @param {string} id
   * @param {number[]} members
   * @param {(place: string) => void} visit
   * @returns {PlaceLabel}
   */
  #place(id, members, visit) {
    const box = boundsOf(members.map((one) => this.park.equipment[one]));
    const element = el("button", { class: "scene-badge", type: "button", tabindex: "-1", hidden: true, onclick: () => visit(id) });
    element.dataset.place = id;
    this.layer.append(element);
    return {
      element, id, members, words: el("span"), long: 0, said: "", look: "", form: "", priority: 0, width: 0, height: 0, lift: 52, at: null,
      anchor: new Vector3((box.min[0] + box.max[0]) / 2, box.max[1], (box.min[2] + box.max[2]) / 2),
      radius: Math.hypot(box.max[0] - box.min[0], box.max[2] - box.min[2]) / 2,
    };
  }

  /** The label of a machine, made when it is first shown. @param {number} equipment */
  #nameOf(equipment) {
    let label = this.named.get(equipment);
    if (!label) {
      label = this.spare.pop() ?? this.#newName();
      say(label.element, this.format?.name(this.park.equipment[equipment].display) ?? "");
      label.anchor.fromArray(this.tops, 3 * equipment);
      label.width = 0;
      this.named.set(equipment, label);
    }
    const { id } = this.park.equipment[equipment];
    label.lift = conditionOf(this.condition[equipment]).marked || this.alarms.has(id) ? MARKER_LIFT : 6;
    return label;
  }

  /** @returns {Label} */
  #newName() {
    const element = el("div", { class: "scene-name", hidden: true });
    this.layer.append(element);
    return { element, priority: 0, width: 0, height: 0, lift: 4, at: null, anchor: new Vector3() };
  }

  /**
   * Writes the names in the reader's language.
   *
   * @param {import("./format.js").Format} format
   */
  write(format) {
    this.format = format;
    for (const [equipment, label] of this.named) {
      say(label.element, format.name(this.park.equipment[equipment].display));
    }
    for (const place of this.places) {
      place.said = place.look = "";
      this.#count(place);
    }
    this.#measureAnew();
  }

  /** Has all sizes measured with the next picture: the words are others, or the window. */
  #measureAnew() {
    this.unsettled = true;
    this.forms.clear();
    for (const label of this.named.values()) label.width = 0;
    for (const place of this.places) place.width = place.long = 0;
  }

  /** @param {Iterable<number>} equipment whose names are shown however far they are */
  nameAlways(equipment) {
    this.always = new Set(equipment);
    this.unsettled = true;
  }

  /** @param {[number, number, number, number][]} boxes of what lies over the scene: left, top, right, bottom [px] */
  reserve(boxes) {
    this.reserved = boxes;
    this.unsettled = true;
  }

  /**
   * @param {readonly number[]} changed equipment numbers of which something is another than before
   * @param {Uint8Array} condition of each equipment
   * @param {number | null} filter count only this condition
   * @param {ReadonlyMap<string, import("./alarm_book.js").AlarmRow>} alarms the most urgent active one by machine
   */
  updateConditions(changed, condition, filter, alarms) {
    this.condition = condition;
    this.filter = filter;
    this.alarms = alarms;
    for (const place of new Set(changed.map((equipment) => this.placeOf[equipment]))) this.#count(this.places[place]);
    this.unsettled ||= this.named.size > 0; // a machine's name makes room for its marker
  }

  /** Says of a place what is worst there, and how many machines ask for a look. @param {PlaceLabel} label */
  #count(label) {
    if (!this.format) return;
    const { filter } = this;
    let worst = attentionOf(filter ?? 0, undefined);
    let wrong = 0;
    for (let k = 0; k < label.members.length; k++) { // by index: ten thousand a tick
      const equipment = label.members[k];
      const one = attentionOf(this.condition[equipment], this.alarms.get(this.park.equipment[equipment].id));
      if (filter === null ? one.marked : this.condition[equipment] === filter) wrong += 1;
      if (filter === null && one.rank > worst.rank) worst = one;
    }
    const name = this.park.nameOfPlace(label.id);
    const text = name ? this.format.name(name) : label.id;
    const said = `${worst.glyph} ${wrong} ${text}`;
    if (label.said === said) return;
    const count = `${wrong}/${label.members.length}`;
    label.said = said;
    say(label.words, text);
    const form = wrong > 0 ? count.replaceAll(/\d/g, "0") : "";
    const priority = 100 + worst.rank;
    if (form !== label.form || priority !== label.priority) {
      const around = this.forms.get(form);
      [label.width, label.height] = around && label.long > 0 ? [label.long + around[0], around[1]] : [0, 0];
      label.form = form;
      label.priority = priority;
      this.unsettled = true;
    }
    const look = wrong > 0 ? `${worst.glyph} ${worst.colour}` : "calm";
    if (look === label.look) {
      if (wrong > 0) say(/** @type {Element} */ (label.element.lastElementChild), count);
      return;
    }
    label.look = look;
    fill(label.element, wrong > 0 && glyph(worst.glyph), label.words,
      wrong > 0 && el("span", { class: `scene-badge-count ${worst.colour}` }, count));
  }

  /**
   * Puts every label where its thing is seen now, where that is another place than before.
   *
   * @param {import("three").PerspectiveCamera} camera
   * @param {number} width of the layer [px]
   * @param {number} height
   */
  place(camera, width, height) {
    const { width: before, height: above } = this.standpoint;
    const moved = this.standpoint.moved(camera, width, height);
    if (!moved && !this.unsettled) return;
    if (width !== before || height !== above) this.#measureAnew(); // letters may be of another size there
    this.unsettled = false;
    const perMetre = height / (2 * Math.tan((camera.fov * Math.PI) / 360));
    /** @type {Wish[]} */
    const wanted = [];
    for (const label of this.places) {
      const distance = camera.position.distanceTo(label.anchor);
      const small = (label.radius * perMetre) / distance < width * PLACE_UP_TO;
      const wish = small && this.#wish(label, camera, width, height, label.priority - distance / 10_000);
      if (wish) wanted.push(wish);
      else hide(label);
    }
    const seen = this.#namesInSight(camera, width, height, perMetre);
    for (const [equipment, label] of this.named) {
      if (seen.has(equipment)) continue;
      hide(label);
      this.named.delete(equipment);
      this.spare.push(label);
    }
    wanted.push(...seen.values());
    this.#settle(wanted.sort((a, b) => b.priority - a.priority), width);
  }

  /**
   * The machines that are near enough for their names, as many as can be shown.
   *
   * @param {import("three").PerspectiveCamera} camera
   * @param {number} width [px]
   * @param {number} height
   * @param {number} perMetre [px] at a distance of one metre
   * @returns {Map<number, Wish>} by equipment number
   */
  #namesInSight(camera, width, height, perMetre) {
    const { x, y, z } = camera.position;
    /** @type {{equipment: number, distance: number}[]} */
    const near = [];
    for (let equipment = 0; equipment < this.heights.length; equipment++) {
      const dx = this.tops[3 * equipment] - x;
      const dy = this.tops[3 * equipment + 1] - y;
      const dz = this.tops[3 * equipment + 2] - z;
      const distance = Math.sqrt(dx * dx + dy * dy + dz * dz);
      const forced = this.always.has(equipment);
      if (forced || this.heights[equipment] * perMetre > NAMED_FROM_PX * distance) near.push({ equipment, distance: forced ? 0 : distance });
    }
    /** @type {Map<number, Wish>} */
    const seen = new Map();
    for (const { equipment, distance } of near.sort((a, b) => a.distance - b.distance)) {
      if (seen.size === MOST_TRIED) break;
      const point = this.point.fromArray(this.tops, 3 * equipment).project(camera);
      if (outside(point)) continue;
      const label = this.#nameOf(equipment);
      seen.set(equipment, { label, ...onScreen(point, width, height), priority: this.always.has(equipment) ? 1000 : -distance / 10_000 });
    }
    return seen;
  }

  /**
   * @param {Label} label
   * @param {import("three").PerspectiveCamera} camera
   * @param {number} width [px]
   * @param {number} height
   * @param {number} priority
   * @returns {Wish | null} null if it is out of sight
   */
  #wish(label, camera, width, height, priority) {
    const point = this.point.copy(label.anchor).project(camera);
    return outside(point) ? null : { label, ...onScreen(point, width, height), priority };
  }

  /**
   * @param {Wish[]} wanted most important first
   * @param {number} width
   */
  #settle(wanted, width) {
    // all are measured before the first is moved, so that the page is laid out once
    const unmeasured = wanted.filter(({ label }) => label.width === 0);
    for (const { label } of unmeasured) show(label, label.at ?? "");
    for (const { label } of unmeasured) {
      ({ width: label.width, height: label.height } = label.element.getBoundingClientRect());
      if ("words" in label) {
        const place = /** @type {PlaceLabel} */ (label);
        place.long = place.words.getBoundingClientRect().width;
        this.forms.set(place.form, [place.width - place.long, place.height]);
      }
    }
    /** @type {[number, number, number, number][]} */
    const taken = [...this.reserved];
    let names = 0;
    for (const { label, x, y } of wanted) {
      const left = Math.min(Math.max(x - label.width / 2, MARGIN_PX), Math.max(MARGIN_PX, width - label.width - MARGIN_PX));
      const top = y - label.height - label.lift;
      const box = /** @type {[number, number, number, number]} */ ([left, top, left + label.width, top + label.height]);
      const covered = taken.some((other) =>
        box[0] < other[2] + MARGIN_PX && other[0] < box[2] + MARGIN_PX &&
        box[1] < other[3] + MARGIN_PX && other[1] < box[3] + MARGIN_PX);
      const isName = !("members" in label);
      if (top < MARGIN_PX || covered || (isName && names >= MOST_NAMES)) {
        hide(label);
        continue;
      }
      if (isName) names += 1;
      taken.push(box);
      show(label, `translate(${Math.round(left)}px, ${Math.round(top)}px)`);
    }
  }
}

/** @param {Vector3} point projected */
function outside({ x, y, z }) {
  return Math.abs(x) > 1 || Math.abs(y) > 1 || z > 1;
}

/** @param {Vector3} point projected @param {number} width [px] @param {number} height */
function onScreen(point, width, height) {
  return { x: ((point.x + 1) * width) / 2, y: ((1 - point.y) * height) / 2 };
}

/** @param {Label} label */
function hide(label) {
  if (label.at === null) return;
  label.at = null;
  label.element.hidden = true;
}

/** @param {Label} label @param {string} where */
function show(label, where) {
  if (label.at === where) return;
  if (label.at === null) label.element.hidden = false;
  label.at = where;
  label.element.style.transform = where;
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
