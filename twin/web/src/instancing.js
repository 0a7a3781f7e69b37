/**
 * One InstancedMesh per surface of each shape: however many machines of a kind stand in the park, they are one draw
 * call a surface. Opaque surfaces of a shape are merged, since their colour is carried by the vertices.
 */

import {
  BoxGeometry, BufferAttribute, BufferGeometry, Color, DoubleSide, FrontSide, Group, InstancedMesh, Mesh, MeshLambertMaterial,
} from "three";
import { mergeGeometries } from "three/addons/utils/BufferGeometryUtils.js";
import { writeMatrix } from "./layout3d.js";

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
 * @property {BufferGeometry} geometry position, normal and colour
 * @property {"opaque" | "state" | "blend"} role
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
    const role = material.name === "state" ? "state" : material.transparent ? "blend" : "opaque";
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
    const part = coloured(node.geometry, role === "state" ? new Color(1, 1, 1) : material.color);
    group.parts.push(part.applyMatrix4(toRoot.clone().multiply(node.matrixWorld)));
  });
  return [...groups.values()].map((group) => ({
    ...group,
    vertexAlpha: group.role === "blend" && group.vertexAlpha,
    geometry: group.parts.length === 1 ? group.parts[0] : mergeGeometries(group.parts),
  }));
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
    transparent: surface.role === "blend",
    opacity: surface.opacity,
    depthWrite: surface.role !== "blend",
  });
}

/** The machines of a park. */
export class Machines {
  /**
   * @param {readonly import("./park.js").Equipment[]} equipment
   * @param {(equipment: import("./park.js").Equipment) => string} shapeOf
   * @param {Map<string, import("three").Object3D>} models by shape
   */
  constructor(equipment, shapeOf, models) {
    this.group = new Group();
    this.group.name = "machines";
    /** Shapes that the scene file lacks; drawn as a cabinet. @type {Set<string>} */
    this.missing = new Set();
    /** Where each equipment is tinted. @type {{mesh: InstancedMesh, instance: number}[][]} */
    this.tinted = equipment.map(() => []);
    /** @type {Map<string, import("./park.js").Equipment[]>} */
    const byShape = new Map();
    for (const one of equipment) {
      let shape = shapeOf(one);
      if (!models.has(shape)) {
        this.missing.add(shape);
        shape = FALL_BACK;
      }
      const list = byShape.get(shape) ?? [];
      list.push(one);
      byShape.set(shape, list);
    }
    for (const [shape, list] of byShape) {
      const model = models.get(shape);
      if (model) this.#add(shape, list, surfacesOf(model));
    }
  }

  /** How many machines are drawn. */
  get count() {
    return this.tinted.length;
  }

  /**
   * @param {string} shape
   * @param {import("./park.js").Equipment[]} list
   * @param {Surface[]} surfaces
   */
  #add(shape, list, surfaces) {
    const matrices = new Float32Array(16 * list.length);
    list.forEach((one, k) => writeMatrix(one, matrices, 16 * k));
    for (const surface of surfaces) {
      const mesh = new InstancedMesh(surface.geometry, materialOf(surface), list.length);
      mesh.name = `${shape} ${surface.role}`;
      mesh.instanceMatrix.array.set(matrices);
      mesh.castShadow = surface.role !== "blend";
      mesh.receiveShadow = surface.role !== "blend";
      mesh.frustumCulled = false; // one sphere around all machines of a kind is nearly always in view
      if (surface.role === "state") {
        list.forEach((one, k) => {
          mesh.setColorAt(k, WHITE);
          this.tinted[one.index].push({ mesh, instance: k });
        });
      }
      this.group.add(mesh);
    }
  }

  /**
   * Tints one machine; the graphics card hears of all changes with the next picture.
   *
   * @param {number} equipment equipment number
   * @param {Color} colour
   */
  tint(equipment, colour) {
    for (const { mesh, instance } of this.tinted[equipment]) {
      mesh.setColorAt(instance, colour);
      if (mesh.instanceColor) mesh.instanceColor.needsUpdate = true;
    }
  }

  /**
   * Dims or brightens everything but the tinted parts.
   *
   * @param {Color} colour
   */
  shade(colour) {
    for (const mesh of this.group.children) {
      const { material, name } = /** @type {InstancedMesh<BufferGeometry, MeshLambertMaterial>} */ (mesh);
      if (!name.endsWith(" state")) material.color.copy(colour);
    }
  }
}

const WHITE = new Color(1, 1, 1);
