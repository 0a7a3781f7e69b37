/**
 * What machines look like: the tint of their condition, the markers and badges above them, and what a filter, a layer or a
 * what-if makes of it. Only what is no longer as it was painted is painted again.
 */

import { Color } from "three";
import {
  badgeOf, badgeShift, createBadges, createHypothesisMarkers, createMarkers, markerShift, marksByNumber, NO_BADGE,
} from "./badges.js";
import { conditionOf } from "./colour.js";
import { MARKS, UNMARKED } from "./hypothesis.js";

/** @typedef {import("./colour.js").Theme} Theme */

/** How far machines that a filter leaves out sink into the ground. */
const FILTERED = { dark: "#39434d", light: "#cfd5d9" };
/** Nothing is painted yet. */
const UNPAINTED = 255;

/** The paint of the machines of a park. */
export class MachinePaint {
  /**
   * @param {import("./park.js").Park} park
   * @param {import("./assets.js").AssetTable} assets
   * @param {import("./labels.js").Labels} labels
   */
  constructor(park, assets, labels) {
    this.park = park;
    this.assets = assets;
    this.labels = labels;
    this.markers = createMarkers(park.equipment);
    this.badges = createBadges(park.equipment);
    this.hypothesis = createHypothesisMarkers(park.equipment);
    /** @type {Theme} */
    this.theme = "dark";
    /** Only machines in this condition stand out; null = no filter. @type {number | null} */
    this.filter = null;
    /** 1 for each machine that stands out, null = all. @type {Uint8Array | null} */
    this.members = null;
    /** Number of the mark of each machine while a what-if is painted. @type {Uint8Array | null} */
    this.marks = null;
    /** The most urgent active alarm by machine. @type {ReadonlyMap<string, import("./alarm_book.js").AlarmRow>} */
    this.worst = new Map();
    /** Version of the alarms whose badges are shown. */
    this.alarmed = -1;
    /** Badge of each machine. */
    this.alarms = new Uint8Array(park.equipment.length).fill(NO_BADGE);
    /** Conditions as they are painted. */
    this.painted = new Uint8Array(park.equipment.length).fill(UNPAINTED);
    /** @type {Map<string, Color>} */
    this.colours = new Map();
  }

  /** What it adds to the scene. */
  get meshes() {
    return [this.markers.mesh, this.badges.mesh, this.hypothesis.mesh];
  }

  /** Has everything painted anew with the next picture. */
  forget() {
    this.painted.fill(UNPAINTED);
  }

  /**
   * @param {number} width of the canvas [CSS px]
   * @param {number} height
   */
  setViewport(width, height) {
    for (const set of [this.markers, this.badges, this.hypothesis]) set.setViewport(width, height);
  }

  /** @param {Theme} theme */
  setTheme(theme) {
    this.theme = theme;
    for (const set of [this.markers, this.badges, this.hypothesis]) set.setTheme(theme);
    this.forget();
  }

  /** @param {number | null} condition only equipment in this condition stands out; null = no filter */
  setFilter(condition) {
    this.filter = condition;
    this.forget();
  }

  /** @param {Uint8Array | null} members 1 for each machine that stands out, null = all */
  setMembers(members) {
    this.members = members;
    this.forget();
  }

  /** @param {ReadonlyMap<string, import("./hypothesis.js").Mark> | null} marks by equipment; null = what is */
  setMarks(marks) {
    this.marks = marks && marksByNumber(this.park.equipment, marks);
    this.forget();
  }

  /**
   * Takes over the alarms of the machines where the most urgent is another than before.
   *
   * @param {import("./alarm_book.js").AlarmBook} book
   * @returns {boolean} whether any badge is another than before
   */
  setAlarms(book) {
    this.worst = book.worst();
    let changed = false;
    for (const id of book.turnedSince(this.alarmed)) {
      const { index } = this.park.equipmentById.get(id) ?? {};
      const badge = badgeOf(this.worst.get(id));
      if (index === undefined || badge === this.alarms[index]) continue;
      this.alarms[index] = badge;
      this.painted[index] = UNPAINTED;
      changed = true;
    }
    this.alarmed = book.version;
    return changed;
  }

  /**
   * Paints the machines whose condition is not what is painted.
   *
   * @param {import("./machines.js").Machines | null} machines
   */
  paint(machines) {
    const { assets: { condition }, painted, filter, worst } = this;
    /** @type {number[]} */
    const changed = [];
    for (let equipment = 0; equipment < condition.length; equipment++) {
      if (painted[equipment] === condition[equipment]) continue;
      painted[equipment] = condition[equipment];
      machines?.tint(equipment, this.#colour(this.#tintOf(equipment, condition[equipment])));
      changed.push(equipment);
    }
    if (changed.length === 0) return;
    this.labels.updateConditions(changed, condition, filter, worst);
    this.#mark();
  }

  #mark() {
    const { assets: { condition }, marks, filter, alarms } = this;
    // what would be and what is are never in one picture
    if (marks !== null || this.hypothesis.count > 0) {
      this.hypothesis.update(marks ?? condition, (_, mark) => marks !== null && mark !== UNMARKED, () => markerShift());
    }
    const marked = (/** @type {number} */ one) => marks === null && (filter === null ? conditionOf(one).marked : one === filter);
    this.markers.update(condition, (_, one) => marked(one), () => markerShift());
    this.badges.update(
      alarms,
      (equipment, badge) => marks === null && badge !== NO_BADGE && (filter === null || condition[equipment] === filter),
      (equipment) => badgeShift(marked(condition[equipment])),
    );
  }

  /**
   * @param {number} equipment number
   * @param {number} condition its number
   */
  #tintOf(equipment, condition) {
    if (this.marks) return this.marks[equipment] === UNMARKED ? FILTERED[this.theme] : MARKS[this.marks[equipment]].colour[this.theme];
    const shown = (this.filter === null || this.filter === condition) && (this.members === null || this.members[equipment] === 1);
    return shown ? conditionOf(condition).tint[this.theme] : FILTERED[this.theme];
  }

  /** @param {string} css */
  #colour(css) {
    let colour = this.colours.get(css);
    if (!colour) this.colours.set(css, (colour = new Color(css)));
    return colour;
  }
}
