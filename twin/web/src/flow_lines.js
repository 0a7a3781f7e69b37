/**
 * A layer's lines in the scene: as wide as what they carry, with arrows that run as fast. One draw call. They lie below the
 * ground and are seen through it, as the drawing of a network is.
 */

import {
  Color, Float32BufferAttribute, InstancedBufferAttribute, InstancedBufferGeometry, Mesh, ShaderMaterial,
} from "three";
import { carried, flowNow, stretchesOf, suppliesOf } from "./layers.js";

/** Widths of the thinnest and the widest line [px]. */
const WIDTH_PX = [2.2, 9];
/** The two lanes of a road lie side by side, and must not cover each other from afar. */
const LANE_PX = [1.6, 4.5];
/** Length of an arrow on the screen, about [px]. */
const ARROW_PX = 26;
/** Arrows a second of the line that carries most. */
const FASTEST = 1.6;
const HEIGHT_M = 0.35;
/** Shares: nothing measures it; measured, and nothing flows. */
const [UNKNOWN, NOTHING_FLOWS] = [-1, 0];

const VERTEX = `
  attribute vec4 ends;
  attribute float share;
  uniform float pxPerM;
  uniform vec2 widths;
  varying vec2 place;
  varying float flow;
  void main() {
    vec2 way = ends.zw - ends.xy;
    float along = length(way);
    vec2 unit = way / along;
    vec2 foot = mix(ends.xy, ends.zw, position.x);
    vec4 seen = viewMatrix * vec4(foot.x, ${HEIGHT_M}, foot.y, 1.0);
    float metre = max(1.0, -seen.z) / pxPerM;
    float width = metre * mix(widths.x, widths.y, max(0.0, share));
    // half a width longer at both ends, so that corners close
    vec2 at = foot + unit * (position.x * 2.0 - 1.0) * width * 0.5 + vec2(-unit.y, unit.x) * position.z * width * 0.5;
    place = vec2(dot(at - ends.xy, unit), position.z);
    flow = share;
    gl_Position = projectionMatrix * viewMatrix * vec4(at.x, ${HEIGHT_M}, at.y, 1.0);
  }`;

const FRAGMENT = `
  uniform vec3 colour;
  uniform float period;
  uniform float moved;
  varying vec2 place;
  varying float flow;
  void main() {
    float shine;
    if (flow < 0.0) {
      // not known: dots
      float phase = fract(place.x / (period * 0.35));
      if (phase > 0.5) discard;
      shine = 0.55;
    } else {
      float speed = flow == 0.0 ? 0.0 : 0.25 + 0.75 * flow;
      float phase = fract(place.x / period + abs(place.y) * 0.22 - moved * speed);
      shine = flow == 0.0 ? 0.38 : mix(0.5, 1.0, smoothstep(0.45, 0.55, phase) * (1.0 - smoothstep(0.92, 1.0, phase)));
    }
    gl_FragColor = vec4(colour, shine);
    #include <colorspace_fragment>
  }`;

/** The lines of one layer. */
export class FlowLines {
  /**
   * @param {import("./park.js").Park} park
   * @param {import("./layers.js").Layer} layer
   */
  constructor(park, layer) {
    this.layer = layer;
    this.supplies = suppliesOf(park, layer);
    this.stretches = stretchesOf(park, layer, this.supplies);
    this.flows = new Float64Array(this.supplies.length);
    /** The most that any line carries [unit of the layer]. */
    this.most = 0;
    const geometry = new InstancedBufferGeometry();
    geometry.setAttribute("position", new Float32BufferAttribute([0, 0, -1, 1, 0, -1, 1, 0, 1, 0, 0, 1], 3));
    geometry.setIndex([0, 2, 1, 0, 3, 2]);
    geometry.instanceCount = this.stretches.length;
    geometry.setAttribute("ends", new InstancedBufferAttribute(new Float32Array(this.stretches.flatMap(({ from, to }) => [...from, ...to])), 4));
    this.shares = new InstancedBufferAttribute(new Float32Array(this.stretches.length).fill(UNKNOWN), 1);
    geometry.setAttribute("share", this.shares);
    this.uniforms = {
      colour: { value: new Color() }, period: { value: 8 }, moved: { value: 0 }, pxPerM: { value: 1_000 }, widths: { value: layer.name === "roads" ? LANE_PX : WIDTH_PX },
    };
    this.mesh = new Mesh(geometry, new ShaderMaterial({
      vertexShader: VERTEX, fragmentShader: FRAGMENT, uniforms: this.uniforms, transparent: true, depthTest: false, depthWrite: false,
    }));
    this.mesh.name = `layer ${layer.name}`;
    this.mesh.frustumCulled = false;
    this.mesh.renderOrder = 8;
  }

  /** @param {import("./colour.js").Theme} theme */
  setTheme(theme) {
    this.uniforms.colour.value.set(this.layer.colour[theme]);
  }

  /** Takes over what is measured now. @param {import("./assets.js").AssetTable} assets */
  update(assets) {
    this.supplies.forEach((supply, k) => (this.flows[k] = flowNow(supply, assets)));
    const sums = this.stretches.map((stretch) => carried(stretch, this.flows));
    this.most = Math.max(0, ...sums.filter(Number.isFinite));
    sums.forEach((sum, k) => {
      // areas, not widths, are compared by the eye
      this.shares.array[k] = Number.isNaN(sum) ? UNKNOWN : sum <= 0 || this.most === 0 ? NOTHING_FLOWS : Math.max(0.02, Math.sqrt(sum / this.most));
    });
    this.shares.needsUpdate = true;
  }

  /**
   * Fits widths and arrows to what the camera sees.
   *
   * @param {import("three").PerspectiveCamera} camera
   * @param {number} distance to what is looked at [m]
   * @param {number} height of the picture [px]
   */
  fit(camera, distance, height) {
    this.uniforms.pxPerM.value = height / (2 * Math.tan((camera.fov * Math.PI) / 360));
    this.uniforms.period.value = 2 ** Math.round(Math.log2((ARROW_PX * distance) / this.uniforms.pxPerM.value));
  }

  /** @param {number} seconds since the last picture */
  move(seconds) {
    this.uniforms.moved.value = (this.uniforms.moved.value + seconds * FASTEST) % 4;
  }

  dispose() {
    this.mesh.geometry.dispose();
    this.mesh.material.dispose();
  }
}
