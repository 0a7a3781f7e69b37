/**
 * The park in 3D. It reads the asset table, never the socket, and draws only when something has changed: an idle page
 * costs nothing.
 */

import { Color, Raycaster, Scene, Vector2, Vector3 } from "three";
import { Viewpoint } from "./camera.js";
import { Daylight, MOODS } from "./daylight.js";
import { extentOf, homeOf } from "./extent.js";
import { FlowLines } from "./flow_lines.js";
import { Highlight } from "./highlight.js";
import { boxModel, FALL_BACK } from "./instancing.js";
import { Labels, overlaysOf } from "./labels.js";
import { layersOf, membersOf } from "./layers.js";
import { boundsOf } from "./layout3d.js";
import { MachinePaint } from "./machine_paint.js";
import { Machines } from "./machines.js";
import { nearestPoint, PickBoxes } from "./picking.js";
import { listenToPointer } from "./pointer.js";
import { Painter } from "./renderer.js";
import { zoneAhead } from "./zone.js";

/** @typedef {import("./colour.js").Theme} Theme */

/** A machine that the pointer misses by less than this is still meant [px]. */
const REACH_PX = 16;
/** Colour of the frame around the selected machine: the accent of the page. */
const ACCENT = { dark: "#58a8ff", light: "#0b62c9" };
const HOVER = { dark: "#dfe7ee", light: "#27313a" };
/** Pictures of a layer whose arrows run come so often [ms]: calm to look at, and little work. */
const FLOW_EVERY_MS = 60;
/** What lies over the scene is measured at most so often [ms]. */
const OVERLAYS_EVERY_MS = 900;
/** The sun moves on so often [ms]. */
const LIGHT_EVERY_MS = 600_000;

/**
 * @typedef {object} SceneListener
 * @property {(equipment: string | null) => void} hover
 * @property {(equipment: string | null) => void} select
 */

/** The scene. */
export class ParkScene {
  /**
   * @param {HTMLElement} host holds the canvas and the layer of names
   * @param {import("./park.js").Park} park
   * @param {import("./assets.js").AssetTable} assets
   * @param {SceneListener} listener
   * @param {Painter | null} painter null = it makes its own
   * @throws {import("./renderer.js").NoWebGlError}
   */
  constructor(host, park, assets, listener, painter = null) {
    this.host = host;
    this.park = park;
    this.assets = assets;
    this.listener = listener;
    this.scene = new Scene();
    this.painter = painter ?? new Painter();
    this.renderer = this.painter.renderer;
    this.canvas = this.renderer.domElement;
    this.canvas.className = "scene-canvas";
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "img");
    this.names = document.createElement("div");
    this.names.className = "scene-names";
    host.prepend(this.canvas, this.names);

    this.boxes = new PickBoxes(park.equipment);
    this.points = new Float32Array(3 * park.equipment.length);
    /** The lines of the layer that is shown. @type {FlowLines | null} */
    this.lines = null;
    this.drawnAt = 0;
    this.overlaidAt = -Infinity;
    /** Which step of the day's light is drawn. */
    this.litAt = -1;
    this.selected = new Highlight(0.1);
    this.hovered = new Highlight(0);
    this.raycaster = new Raycaster();
    this.colour = new Color();
    /** @type {Machines | null} */
    this.machines = null;
    /** @type {import("three").Mesh[]} */
    this.site = [];
    /** Colour of the ground where the scene file's ground fades out. */
    this.land = new Color("#cdd3cd");
    /** @type {Theme} */
    this.theme = "dark";
    /** Machines whose names are always shown, -1 = none. */
    this.named = { selected: -1, hovered: -1 };
    this.pictures = 0;
    /** Machines were drawn in another detail since their shadows were. */
    this.refitted = false;
    this.asked = false;
    /** Pictures are drawn: it has been told to show itself. */
    this.shown = false;
    this.size = { width: 1, height: 1 };
    this.labels = new Labels(this.names, park, (place) => this.visit(place));
    this.paint = new MachinePaint(park, assets, this.labels);
    this.scene.add(...this.paint.meshes, this.selected.group, this.hovered.group);
  }

  /**
   * Builds the scene. Nothing is drawn before {@link show}.
   *
   * @param {import("./scene_file.js").SceneFile | null} file null draws every machine as a box
   */
  load(file) {
    const { models, site, land } = file ?? boxesOnly();
    this.site = site;
    if (land) this.land = land;
    if (site.length > 0) this.scene.add(...site);
    this.machines = new Machines(this.park.equipment, (one) => this.park.json.kinds[one.kind].shape, models, this.painter.inSoftware);
    this.scene.add(this.machines.group);

    const machines = boundsOf(this.park.equipment);
    const extent = extentOf(this.park.json.site, machines);
    this.daylight = new Daylight(extent, this.land, this.painter.inSoftware);
    this.scene.add(this.daylight.group);
    this.scene.fog = this.daylight.fog;
    this.viewpoint = new Viewpoint(this.canvas, extent, homeOf(machines, extent), this.daylight.far, () => this.ask());
    listenToPointer(this.canvas, this.listener, this);
    this.canvas.addEventListener("webglcontextrestored", () => this.#repaint());
    this.setTheme(this.theme);
    this.#measure();
    new ResizeObserver(() => this.#measure()).observe(this.host);
    this.viewpoint.goHome(true);
  }

  /** Starts to draw. */
  show() {
    this.shown = true;
    this.ask();
  }

  #measure() {
    const { clientWidth: width, clientHeight: height } = this.host;
    if (width === 0 || height === 0 || (width === this.size.width && height === this.size.height)) return;
    this.size = { width, height };
    this.renderer.setSize(width, height, false);
    this.paint.setViewport(width, height);
    this.viewpoint?.resize(width, height);
    this.ask();
  }

  /** Asks for a picture; many asks are one picture. */
  ask() {
    if (this.asked || !this.shown) return;
    this.asked = true;
    requestAnimationFrame((now) => this.#draw(now));
  }

  /** @param {number} now [ms] */
  #draw(now) {
    this.asked = false;
    if (!this.viewpoint) return;
    const more = this.viewpoint.step(now);
    this.#fitDetail(more);
    this.paint.paint(this.machines);
    this.#flow(now);
    this.painter.draw(this.scene, this.viewpoint.camera, more);
    if (this.pictures === 0) this.#overlaid(now);
    this.labels.place(this.viewpoint.camera, this.size.width, this.size.height);
    this.pictures += 1;
    if (more || this.refitted || this.#overlaid(now)) this.ask();
  }

  /**
   * Looks where buttons and words lie over the scene. It is done when all names have been put down, since the browser lays
   * the page out then and need not do so twice.
   *
   * @param {number} now [ms]
   * @returns {boolean} whether they lie otherwise than when the names were put down
   */
  #overlaid(now) {
    if (now - this.overlaidAt <= OVERLAYS_EVERY_MS) return false;
    this.overlaidAt = now;
    const boxes = overlaysOf(this.host);
    if (String(boxes) === String(this.labels.reserved)) return false;
    this.labels.reserve(boxes);
    return true;
  }

  /**
   * Draws as models what is large enough now; what casts a shadow is then another thing, once the picture rests.
   *
   * @param {boolean} moving
   */
  #fitDetail(moving) {
    if (!this.viewpoint || !this.machines || !this.daylight) return;
    const { shadow } = this.daylight.sun;
    const first = this.pictures === 0;
    this.refitted = this.machines.fit(this.viewpoint.camera, this.size.height) || this.refitted || first;
    // nobody waits for shadows: what draws them is not even compiled before the first picture
    shadow.intensity = first ? 0 : 1;
    shadow.needsUpdate = !first && (shadow.needsUpdate || (this.refitted && !moving));
    if (shadow.needsUpdate) this.refitted = false;
  }

  /** Takes over what the stream has changed. */
  changed() {
    this.lines?.update(this.assets);
    this.ask();
  }

  /** Takes over what the stream has measured where no condition changed: only a layer shows that. */
  measured() {
    if (this.lines) this.changed();
  }

  /**
   * Has the arrows of a layer run. Without a graphics card, and for who wants no motion, they stand: they still point.
   *
   * @param {number} now [ms]
   */
  #flow(now) {
    const { lines, viewpoint } = this;
    if (!lines || !viewpoint) return;
    lines.fit(viewpoint.camera, viewpoint.camera.position.distanceTo(viewpoint.controls.target), this.size.height);
    if (this.painter.inSoftware || viewpoint.calm.matches || lines.most === 0) return;
    lines.move(Math.min(0.2, (now - this.drawnAt) / 1_000));
    this.drawnAt = now;
    setTimeout(() => this.ask(), FLOW_EVERY_MS);
  }

  /**
   * Shows one network of the park over it, all machines that have no part in it held back.
   *
   * @param {import("./layers.js").Network | null} name
   */
  setLayer(name) {
    if (this.lines) {
      this.scene.remove(this.lines.mesh);
      this.lines.dispose();
    }
    const layer = layersOf(this.park).find((one) => one.name === name);
    this.lines = layer ? new FlowLines(this.park, layer) : null;
    this.paint.setMembers(layer ? membersOf(this.park, layer) : null);
    if (this.lines) {
      this.lines.setTheme(this.theme);
      this.lines.update(this.assets);
      this.scene.add(this.lines.mesh);
    }
    this.#repaint();
  }

  #repaint() {
    this.paint.forget();
    this.ask();
  }

  /** @param {Theme} theme */
  setTheme(theme) {
    this.theme = theme;
    const mood = MOODS[theme];
    this.daylight?.set(mood);
    this.paint.setTheme(theme);
    this.lines?.setTheme(theme);
    this.selected.setColour(ACCENT[theme]);
    this.hovered.setColour(HOVER[theme]);
    this.machines?.shade(this.colour.set(mood.machines));
    for (const mesh of this.site) {
      /** @type {import("three").MeshLambertMaterial} */ (mesh.material).color.set(mood.site);
    }
    this.#repaint();
  }

  /**
   * Lights the park as the sun does at a moment.
   *
   * @param {number} time [ms since the epoch]
   */
  setTime(time) {
    const minutes = Math.floor(time / LIGHT_EVERY_MS);
    if (!this.daylight || minutes === this.litAt) return;
    this.litAt = minutes;
    const there = new Date(time + zoneAhead(time, this.park.timezone));
    const day = Math.floor((there.getTime() - Date.UTC(there.getUTCFullYear(), 0, 0)) / 86_400_000);
    this.daylight.setHour(there.getUTCHours() + there.getUTCMinutes() / 60, day);
    this.ask();
  }

  /** @param {number | null} condition only equipment in this condition stands out; null = no filter */
  setFilter(condition) {
    this.paint.setFilter(condition);
    this.ask();
  }

  /**
   * Paints the consequence of a what-if in place of what is.
   *
   * @param {ReadonlyMap<string, import("./hypothesis.js").Mark> | null} marks by equipment; null = what is
   */
  setMarks(marks) {
    this.paint.setMarks(marks);
    this.ask();
  }

  /**
   * Puts a badge on each machine with an active alarm.
   *
   * @param {import("./alarm_book.js").AlarmBook} book
   */
  setAlarms(book) {
    if (this.paint.setAlarms(book)) this.ask();
  }

  /** @param {import("./format.js").Format} format */
  setLanguage(format) {
    this.canvas.setAttribute("aria-label", format.t("scene.label", { park: format.name(this.park.display) }));
    this.labels.write(format);
    this.ask();
  }

  /** @param {string | null} id */
  select(id) {
    const equipment = (id && this.park.equipmentById.get(id)) || null;
    this.selected.put(equipment);
    this.named.selected = equipment?.index ?? -1;
    this.#nameAlways();
  }

  /** @param {string | null} id */
  hover(id) {
    const equipment = (id && this.park.equipmentById.get(id)) || null;
    this.hovered.put(equipment);
    this.named.hovered = equipment?.index ?? -1;
    this.#nameAlways();
  }

  #nameAlways() {
    this.labels.nameAlways([this.named.selected, this.named.hovered]);
    this.ask();
  }

  goHome() {
    this.viewpoint?.goHome();
  }

  /** @param {number} factor below 1 comes nearer */
  zoom(factor) {
    this.viewpoint?.zoom(factor);
  }

  /** @param {string} id of an equipment */
  flyTo(id) {
    const equipment = this.park.equipmentById.get(id);
    if (equipment) this.viewpoint?.flyTo(boundsOf([equipment]), { fill: 0.26 });
  }

  /** @param {string} place flies to all machines below it */
  visit(place) {
    const members = this.park.equipment.filter((one) => one.id.startsWith(`${place}/`));
    if (members.length > 0) this.viewpoint?.flyTo(boundsOf(members), { fill: 0.8 });
  }

  /**
   * Where a machine is on the page.
   *
   * @param {number} equipment equipment number
   * @returns {{x: number, y: number, visible: boolean}} [px] from the corner of the window
   */
  screenPosition(equipment) {
    const one = this.park.equipment[equipment];
    if (!this.viewpoint) return { x: 0, y: 0, visible: false };
    this.viewpoint.camera.updateMatrixWorld();
    const box = boundsOf([one]);
    const point = new Vector3(
      (box.min[0] + box.max[0]) / 2, (box.min[1] + box.max[1]) / 2, (box.min[2] + box.max[2]) / 2,
    ).project(this.viewpoint.camera);
    const frame = this.canvas.getBoundingClientRect();
    return {
      x: frame.left + ((point.x + 1) * frame.width) / 2,
      y: frame.top + ((1 - point.y) * frame.height) / 2,
      visible: Math.abs(point.x) < 1 && Math.abs(point.y) < 1 && point.z < 1,
    };
  }

  /**
   * The machine under a point of the window.
   *
   * @param {number} clientX [px]
   * @param {number} clientY
   * @returns {string | null}
   */
  at(clientX, clientY) {
    if (!this.viewpoint) return null;
    const frame = this.canvas.getBoundingClientRect();
    const pointer = new Vector2(
      ((clientX - frame.left) / frame.width) * 2 - 1, 1 - ((clientY - frame.top) / frame.height) * 2,
    );
    this.raycaster.setFromCamera(pointer, this.viewpoint.camera);
    const { origin, direction } = this.raycaster.ray;
    let found = this.boxes.pick(origin.toArray(), direction.toArray());
    if (found < 0) {
      for (let equipment = 0; equipment < this.boxes.count; equipment++) {
        const { x, y, visible } = this.screenPosition(equipment);
        this.points.set([x, y, visible ? 1 : 0], 3 * equipment);
      }
      found = nearestPoint(this.points, clientX, clientY, REACH_PX);
    }
    return found < 0 ? null : this.park.equipment[found].id;
  }
}

/** What stands in for a scene file. @returns {import("./scene_file.js").SceneFile} */
function boxesOnly() {
  return { models: new Map([[FALL_BACK, boxModel()]]), site: [], land: null };
}
