/**
 * The surfaces of a model: as few as can be drawn, so that however many machines of a kind stand in the park, they are one
 * draw call a surface. All that is solid is one surface: vertices carry their colour, and whether they take the colour of the
 * condition instead.
 */

import {
  BoxGeometry, BufferAttribute, BufferGeometry, Color, DoubleSide, FrontSide, Group, Mesh, MeshLambertMaterial,
} from "three";
import { mergeGeometries } from "three/addons/utils/BufferGeometryUtils.js";

/** Shape that stands in for one the scene file does not have. */
export const FALL_BACK = "cabinet";

/** A model for want of a better one: a box that is tinted all over. */
export function boxModel() {
  const material = new MeshLambertMaterial({ name: "state" });
  return new Group().add(new Mesh(new BoxGeometry(1, 1, 1).translate(0, 0.5, 0), material));
}

/**
 * A surface of a model, all its parts in the model's own frame.
 *
 * @typedef {object} Surface
 * @property {BufferGeometry} geometry position, normal and colour; `tinted`, 1 where a vertex takes the colour of the
 *   condition, if any does
 * @property {"solid" | "blend"} role
 * @property {number} opacity
 * @property {boolean} doubleSided
 * @property {boolean} vertexAlpha the vertices carry an alpha of their own
 * @property {string} name of the material in the file
 */

/**
 * Gathers a model into as few surfaces as can be drawn.
 *
 * @param {import("three").Object3D} root
 * @returns {Surface[]}
 */
export function surfacesOf(root) {
  root.updateMatrixWorld(true);
  const toRoot = root.matrixWorld.clone().invert();
  /** @type {Map<string, Surface & {parts: BufferGeometry[]}>} */
  const groups = new Map();
  root.traverse((node) => {
    if (!(node instanceof Mesh)) return;
    const material = /** @type {import("three").MeshStandardMaterial} */ (node.material);
    const tinted = material.name === "state";
    const role = material.transparent ? "blend" : "solid";
    const key = role === "blend" ? `blend ${material.name}` : role;
    let group = groups.get(key);
    if (!group) {
      group = {
        geometry: node.geometry, parts: [], role, opacity: material.opacity, name: material.name,
        doubleSided: material.side === DoubleSide, vertexAlpha: node.geometry.attributes.color?.itemSize === 4,
      };
      groups.set(key, group);
    }
    group.doubleSided ||= material.side === DoubleSide;
    group.vertexAlpha ||= node.geometry.attributes.color?.itemSize === 4;
    const part = coloured(node.geometry, tinted ? new Color(1, 1, 1) : material.color);
    const marks = new Uint8Array(part.attributes.position.count).fill(tinted ? 1 : 0);
    part.setAttribute("tinted", new BufferAttribute(marks, 1));
    group.parts.push(part.applyMatrix4(toRoot.clone().multiply(node.matrixWorld)));
  });
  return [...groups.values()].map((group) => ({
    ...group,
    vertexAlpha: group.role === "blend" && group.vertexAlpha,
    geometry: merged(group.parts),
  }));
}

/**
 * @param {BufferGeometry[]} parts
 * @returns {BufferGeometry} without marks where nothing is marked
 */
function merged(parts) {
  const geometry = parts.length === 1 ? parts[0] : mergeGeometries(parts);
  if (!geometry.attributes.tinted.array.includes(1)) geometry.deleteAttribute("tinted");
  return geometry;
}

/**
 * A copy with position, normal and RGBA colour only, so that parts can be merged.
 *
 * @param {BufferGeometry} geometry
 * @param {Color} factor multiplies the colours of the vertices
 */
function coloured(geometry, factor) {
  const copy = new BufferGeometry();
  const source = geometry.index ? geometry.toNonIndexed() : geometry;
  const count = source.attributes.position.count;
  copy.setAttribute("position", floats(source.attributes.position, 3));
  if (!source.attributes.normal) source.computeVertexNormals();
  copy.setAttribute("normal", floats(source.attributes.normal, 3));
  const colours = new Float32Array(4 * count).fill(1);
  const given = source.attributes.color;
  for (let k = 0; k < count; k++) {
    colours[4 * k] = factor.r * (given ? given.getX(k) : 1);
    colours[4 * k + 1] = factor.g * (given ? given.getY(k) : 1);
    colours[4 * k + 2] = factor.b * (given ? given.getZ(k) : 1);
    if (given && given.itemSize === 4) colours[4 * k + 3] = given.getW(k);
  }
  copy.setAttribute("color", new BufferAttribute(colours, 4));
  return copy;
}

/**
 * Gives all vertices of a geometry the colour white, so that what draws coloured ones draws it too.
 *
 * @template {BufferGeometry} G
 * @param {G} geometry
 * @returns {G} the same
 */
export function whitened(geometry) {
  geometry.setAttribute("color", new BufferAttribute(new Float32Array(4 * geometry.attributes.position.count).fill(1), 4));
  return geometry;
}

/**
 * @param {import("three").BufferAttribute | import("three").InterleavedBufferAttribute} attribute
 * @param {number} size
 */
function floats(attribute, size) {
  const values = new Float32Array(attribute.count * size);
  for (let k = 0; k < attribute.count; k++) {
    for (let axis = 0; axis < size; axis++) values[k * size + axis] = attribute.getComponent(k, axis);
  }
  return new BufferAttribute(values, size);
}

/**
 * @param {Surface} surface
 * @returns {MeshLambertMaterial}
 */
export function materialOf(surface) {
  return new MeshLambertMaterial({
    name: surface.name,
    vertexColors: true,
    side: surface.doubleSided ? DoubleSide : FrontSide,
    forceSinglePass: true, // sheets are too thin for their back to be drawn before their front, with a program of its own
    transparent: surface.role === "blend",
    opacity: surface.opacity,
    depthWrite: surface.role !== "blend",
  });
}

/**
 * What solid surfaces of machines are made of: marked vertices take the colour of the instance, all others that of `others`.
 *
 * @returns {{material: MeshLambertMaterial, others: Color}}
 */
export function tintedMaterial() {
  const others = new Color(1, 1, 1);
  const material = new MeshLambertMaterial({ name: "tinted", vertexColors: true });
  material.onBeforeCompile = (shader) => {
    shader.uniforms.others = { value: others };
    shader.vertexShader = shader.vertexShader
      .replace("#include <common>", "#include <common>\nattribute float tinted;\nuniform vec3 others;")
      .replace("#include <color_vertex>", "vColor = vec4(color.rgb * mix(others, instanceColor, tinted), 1.0);");
  };
  return { material, others };
}
