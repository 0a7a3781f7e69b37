/**
 * Markers above machines that ask for a look: a glyph, always facing the viewer and always of the same size on the
 * screen. All markers of one set are one draw call.
 */

import {
  CanvasTexture, Float32BufferAttribute, InstancedBufferAttribute, InstancedBufferGeometry, Mesh, ShaderMaterial,
  SRGBColorSpace, Vector2,
} from "three";
import { drawGlyph } from "./glyphs.js";
import { topsOf } from "./layout3d.js";

const CELL_PX = 96;
/** Size of the marker of a condition on the screen [CSS px]. */
export const MARKER_PX = 26;

/**
 * What a marker can show.
 *
 * @typedef {object} Cell
 * @property {string} glyph
 * @property {Record<import("./colour.js").Theme, string>} colour
 * @property {number} urgency the more urgent is drawn over the less urgent
 */

const VERTEX = `
  attribute vec3 anchor;
  attribute float cell;
  attribute vec2 shift;
  uniform vec2 viewport;
  uniform float size;
  uniform float cells;
  varying vec2 place;
  void main() {
    vec4 clip = projectionMatrix * modelViewMatrix * vec4(anchor, 1.0);
    vec2 offset = (position.xy * size + shift) * 2.0 / viewport;
    clip.xy += offset * clip.w;
    place = vec2((cell + position.x + 0.5) / cells, position.y + 0.5);
    gl_Position = clip;
  }`;

const FRAGMENT = `
  uniform sampler2D atlas;
  varying vec2 place;
  void main() {
    gl_FragColor = texture2D(atlas, place);
    if (gl_FragColor.a < 0.02) discard;
    #include <colorspace_fragment>
  }`;

/** One set of markers of a park. */
export class Markers {
  /**
   * @param {readonly import("./park.js").Equipment[]} equipment
   * @param {readonly Cell[]} cells by the number that {@link update} is given
   * @param {{size: number, name: string, order: number}} look size on the screen [CSS px]; a greater order is drawn later
   */
  constructor(equipment, cells, { size, name, order }) {
    this.cells = cells;
    /** Machines that are marked, by cell. @type {number[][]} */
    this.marked = cells.map(() => []);
    /** The cells, the most urgent last: it is drawn last and never covered by a lesser one. */
    this.ranks = cells.map((_, cell) => cell).sort((a, b) => cells[a].urgency - cells[b].urgency);
    this.tops = topsOf(equipment);
    this.canvas = document.createElement("canvas");
    this.canvas.width = CELL_PX * cells.length;
    this.canvas.height = CELL_PX;
    this.texture = new CanvasTexture(this.canvas);
    this.texture.colorSpace = SRGBColorSpace;

    const geometry = new InstancedBufferGeometry();
    geometry.setAttribute("position", new Float32BufferAttribute([-0.5, -0.5, 0, 0.5, -0.5, 0, 0.5, 0.5, 0, -0.5, 0.5, 0], 3));
    geometry.setIndex([0, 1, 2, 0, 2, 3]);
    this.anchor = new InstancedBufferAttribute(new Float32Array(3 * equipment.length), 3);
    this.cell = new InstancedBufferAttribute(new Float32Array(equipment.length), 1);
    this.shift = new InstancedBufferAttribute(new Float32Array(2 * equipment.length), 2);
    geometry.setAttribute("anchor", this.anchor);
    geometry.setAttribute("cell", this.cell);
    geometry.setAttribute("shift", this.shift);
    geometry.instanceCount = 0;
    this.geometry = geometry;
    this.material = new ShaderMaterial({
      vertexShader: VERTEX,
      fragmentShader: FRAGMENT,
      uniforms: {
        atlas: { value: this.texture }, viewport: { value: new Vector2(1, 1) }, size: { value: size }, cells: { value: cells.length },
      },
      transparent: true,
      depthTest: false,
      depthWrite: false,
      premultipliedAlpha: false,
    });
    this.mesh = new Mesh(geometry, this.material);
    this.mesh.name = name;
    this.mesh.frustumCulled = false;
    this.mesh.renderOrder = order;
  }

  /**
   * Draws the glyphs anew in the colours of a theme.
   *
   * @param {import("./colour.js").Theme} theme
   */
  setTheme(theme) {
    const context = this.canvas.getContext("2d");
    if (!context) return;
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    const [ink, halo] = theme === "dark" ? ["#10151a", "#10151a"] : ["#ffffff", "#ffffff"];
    this.cells.forEach(({ glyph, colour: colours }, k) => {
      const colour = colours[theme];
      drawGlyph(context, glyph, { x: k * CELL_PX, y: 0, size: CELL_PX }, { colour, ink, halo });
    });
    this.texture.needsUpdate = true;
  }

  /**
   * @param {number} width of the canvas [CSS px]
   * @param {number} height
   */
  setViewport(width, height) {
    this.material.uniforms.viewport.value.set(width, height);
  }

  /**
   * Shows a marker above each machine that `shown` names.
   *
   * @param {Uint8Array} values number of the cell of each equipment
   * @param {(equipment: number, value: number) => boolean} shown
   * @param {(equipment: number) => readonly [number, number]} shift how far right of and above the top of its machine [CSS px]
   */
  update(values, shown, shift) {
    const { tops, marked } = this;
    for (const list of marked) list.length = 0;
    for (let equipment = 0; equipment < values.length; equipment++) {
      const value = values[equipment];
      if (shown(equipment, value)) marked[Math.min(value, marked.length - 1)].push(equipment);
    }
    let count = 0;
    for (const cell of this.ranks) {
      for (const equipment of marked[cell]) {
        const [right, up] = shift(equipment);
        this.anchor.setXYZ(count, tops[3 * equipment], tops[3 * equipment + 1], tops[3 * equipment + 2]);
        this.cell.setX(count, cell);
        this.shift.setXY(count, right, up);
        count += 1;
      }
    }
    this.geometry.instanceCount = count;
    if (count === 0) return;
    for (const attribute of [this.anchor, this.cell, this.shift]) {
      attribute.clearUpdateRanges();
      attribute.addUpdateRange(0, count * attribute.itemSize);
      attribute.needsUpdate = true;
    }
  }

  /** How many are shown. */
  get count() {
    return this.geometry.instanceCount;
  }
}
