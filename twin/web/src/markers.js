/**
 * Markers above machines that ask for a look: the glyph of the condition, always facing the viewer and always of the
 * same size on the screen. All of them are one draw call.
 */

import {
  CanvasTexture, Float32BufferAttribute, InstancedBufferAttribute, InstancedBufferGeometry, Mesh, ShaderMaterial,
  SRGBColorSpace, Vector2,
} from "three";
import { CONDITIONS } from "./colour.js";
import { drawGlyph } from "./glyphs.js";
import { toScene } from "./layout3d.js";

const CELL_PX = 96;
/** Size on the screen [CSS px]. */
export const MARKER_PX = 26;

const VERTEX = `
  attribute vec3 anchor;
  attribute float cell;
  uniform vec2 viewport;
  uniform float size;
  varying vec2 place;
  void main() {
    vec4 clip = projectionMatrix * modelViewMatrix * vec4(anchor, 1.0);
    vec2 offset = (position.xy + vec2(0.0, 0.75)) * size * 2.0 / viewport;
    clip.xy += offset * clip.w;
    place = vec2((cell + position.x + 0.5) / ${CONDITIONS.length}.0, position.y + 0.5);
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

/** The markers of a park. */
export class Markers {
  /** @param {readonly import("./park.js").Equipment[]} equipment */
  constructor(equipment) {
    this.anchors = equipment.map((one) => {
      const [x, y, z] = toScene(one.position);
      return [x, y + one.size[2], z];
    });
    this.canvas = document.createElement("canvas");
    this.canvas.width = CELL_PX * CONDITIONS.length;
    this.canvas.height = CELL_PX;
    this.texture = new CanvasTexture(this.canvas);
    this.texture.colorSpace = SRGBColorSpace;

    const geometry = new InstancedBufferGeometry();
    geometry.setAttribute("position", new Float32BufferAttribute([-0.5, -0.5, 0, 0.5, -0.5, 0, 0.5, 0.5, 0, -0.5, 0.5, 0], 3));
    geometry.setIndex([0, 1, 2, 0, 2, 3]);
    this.anchor = new InstancedBufferAttribute(new Float32Array(3 * equipment.length), 3);
    this.cell = new InstancedBufferAttribute(new Float32Array(equipment.length), 1);
    geometry.setAttribute("anchor", this.anchor);
    geometry.setAttribute("cell", this.cell);
    geometry.instanceCount = 0;
    this.geometry = geometry;
    this.material = new ShaderMaterial({
      vertexShader: VERTEX,
      fragmentShader: FRAGMENT,
      uniforms: { atlas: { value: this.texture }, viewport: { value: new Vector2(1, 1) }, size: { value: MARKER_PX } },
      transparent: true,
      depthTest: false,
      depthWrite: false,
      premultipliedAlpha: false,
    });
    this.mesh = new Mesh(geometry, this.material);
    this.mesh.name = "markers";
    this.mesh.frustumCulled = false;
    this.mesh.renderOrder = 10;
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
    CONDITIONS.forEach((condition, k) => {
      const colour = condition.colour[theme];
      drawGlyph(context, condition.name, { x: k * CELL_PX, y: 0, size: CELL_PX }, { colour, ink, halo });
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
   * @param {Uint8Array} condition of each equipment
   * @param {(equipment: number, condition: number) => boolean} shown
   */
  update(condition, shown) {
    // the most urgent is drawn last, so that it is never covered by a lesser one
    const marked = [...condition.keys()].filter((equipment) => shown(equipment, condition[equipment]));
    marked.sort((a, b) => (CONDITIONS[condition[a]]?.urgency ?? 0) - (CONDITIONS[condition[b]]?.urgency ?? 0));
    marked.forEach((equipment, k) => {
      const [x, y, z] = this.anchors[equipment];
      this.anchor.setXYZ(k, x, y, z);
      this.cell.setX(k, Math.min(condition[equipment], CONDITIONS.length - 1));
    });
    this.anchor.needsUpdate = true;
    this.cell.needsUpdate = true;
    this.geometry.instanceCount = marked.length;
    this.mesh.visible = marked.length > 0;
  }

  /** How many are shown. */
  get count() {
    return this.geometry.instanceCount;
  }
}
