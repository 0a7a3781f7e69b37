/**
 * The machines of the park in two levels of detail: those that are seen large enough as models, all others as boxes in
 * one draw call. One InstancedMesh a surface of each shape, of which only the near machines are instances; it is made when
 * the first of them comes near. Shapes of which no machine is in view are not drawn.
 */

import {
  BoxGeometry, BufferAttribute, BufferGeometry, Color, Frustum, Group, InstancedMesh, Matrix4, Mesh, MeshLambertMaterial, Sphere, Vector3,
} from "three";
import { boxModel, FALL_BACK, materialOf, surfacesOf, tintedMaterial } from "./instancing.js";
import { writeMatrix } from "./layout3d.js";
import { DETAILED_FROM_PX, detailedFrom, sortNear } from "./nearness.js";
import { Standpoint } from "./standpoint.js";

/** Brightness of the sides of a box: those of models are darker than their tinted tops as well. */
const SIDE = 0.78;
/** Radius of the sphere around a machine, in its longest sides: that of a cube. */
const AROUND = Math.sqrt(3) / 2;

/**
 * Instances that stand for machines, one after the other.
 *
 * @typedef {object} Family
 * @property {string} shape
 * @property {Int32Array} numbers of the equipment that it may hold, in order
 * @property {import("three").Object3D | null} model of which its meshes are still to be made
 * @property {InstancedMesh[]} meshes
 * @property {InstancedMesh | null} tinted the one of them that carries the colour of the condition
 * @property {boolean} near holds machines while they are near; false: while they are far
 * @property {Sphere} seen around one of its machines, one in view if any is: what is looked at before it is drawn
 */

/** The machines of a park. */
export class Machines {
  /**
   * @param {readonly import("./park.js").Equipment[]} equipment
   * @param {(equipment: import("./park.js").Equipment) => string} shapeOf
   * @param {Map<string, import("three").Object3D>} models by shape
   * @param {boolean} inSoftware no graphics card draws
   */
  constructor(equipment, shapeOf, models, inSoftware = false) {
    this.group = new Group();
    this.group.name = "machines";
    /** Shapes that the scene file lacks; drawn as a cabinet. @type {Set<string>} */
    this.missing = new Set();
    this.matrices = new Float32Array(16 * equipment.length);
    this.middles = new Float32Array(3 * equipment.length);
    this.sizes = new Float32Array(equipment.length);
    /** From what size on the screen each is drawn as its model [px]. */
    this.from = new Float32Array(equipment.length).fill(DETAILED_FROM_PX);
    this.tints = new Float32Array(3 * equipment.length).fill(1);
    this.standpoint = new Standpoint();
    /** 1 for each machine that is drawn as its model. */
    this.near = new Uint8Array(equipment.length);
    /** Which instance of its family a machine is now. */
    this.slots = new Int32Array(equipment.length);
    /** Family of each machine while it is near. */
    this.familyOf = new Int32Array(equipment.length);
    /** @type {Map<string, number[]>} */
    const byShape = new Map();
    equipment.forEach((one, k) => {
      writeMatrix(one, this.matrices, 16 * k);
      const [x, y, z] = this.matrices.subarray(16 * k + 12);
      this.middles.set([x, y + one.size[2] / 2, z], 3 * k);
      this.sizes[k] = Math.max(...one.size);
      let shape = shapeOf(one);
      if (!models.has(shape)) {
        this.missing.add(shape);
        shape = FALL_BACK;
      }
      const list = byShape.get(shape) ?? [];
      if (list.push(k) === 1) byShape.set(shape, list);
    });
    /** @type {Family[]} */
    this.families = [];
    /** Of all that carries a tint. */
    this.solid = tintedMaterial();
    /** What everything but the tinted parts is multiplied with. */
    this.shaded = new Color(1, 1, 1);
    for (const [shape, numbers] of byShape) {
      const model = models.get(shape) ?? boxModel();
      const from = detailedFrom(trianglesOf(model), inSoftware);
      for (const number of numbers) {
        this.from[number] = from;
        this.familyOf[number] = this.families.length;
      }
      this.families.push({ shape, numbers: Int32Array.from(numbers), model, meshes: [], tinted: null, near: true, seen: new Sphere() });
    }
    this.far = this.#addFar(equipment.length);
    this.#fill(this.far);
  }

  /** How many machines are drawn. */
  get count() {
    return this.near.length;
  }

  /** Makes the meshes of a family. @param {Family} family */
  #make(family) {
    const { shape, model, numbers, seen } = family;
    family.model = null;
    for (const surface of model ? surfacesOf(model) : []) {
      const tinted = "tinted" in surface.geometry.attributes;
      const mesh = this.#addMesh(`${shape} ${surface.role}`, surface.geometry, tinted ? this.solid.material : materialOf(surface), numbers.length);
      mesh.castShadow = surface.role !== "blend";
      mesh.receiveShadow = surface.role !== "blend";
      mesh.boundingSphere = seen;
      mesh.frustumCulled = true;
      if (tinted) family.tinted = mesh;
      family.meshes.push(mesh);
    }
    if (family.tinted) tintable(family.tinted, numbers.length);
    this.#shade(family);
  }

  /** @param {number} count @returns {Family} */
  #addFar(count) {
    const mesh = this.#addMesh("far state", farBox(), this.solid.material, count);
    mesh.castShadow = true;
    tintable(mesh, count);
    return { shape: "", numbers: Int32Array.from({ length: count }, (_, k) => k), model: null, meshes: [mesh], tinted: mesh, near: false, seen: new Sphere() };
  }

  /**
   * @param {string} name
   * @param {BufferGeometry} geometry
   * @param {import("three").Material} material
   * @param {number} count
   */
  #addMesh(name, geometry, material, count) {
    const mesh = new InstancedMesh(geometry, material, count);
    mesh.name = name;
    mesh.frustumCulled = false; // one sphere around all machines is nearly always in view
    this.group.add(mesh);
    return mesh;
  }

  /**
   * Draws as models what is seen large enough from where the camera stands.
   *
   * @param {import("three").PerspectiveCamera} camera
   * @param {number} height of the picture [px]
   * @returns {boolean} whether any machine is drawn otherwise than before
   */
  fit(camera, height) {
    const perMetre = height / (2 * Math.tan((camera.fov * Math.PI) / 360));
    camera.updateMatrixWorld();
    if (!this.standpoint.moved(camera, 0, height)) return false;
    const changed = sortNear(this.near, this.middles, this.sizes, this.from, camera.position.toArray(), perMetre);
    if (changed.length > 0) {
      for (const family of new Set(changed.map((number) => this.families[this.familyOf[number]]))) this.#fill(family);
      this.#fill(this.far);
    }
    const view = new Frustum().setFromProjectionMatrix(new Matrix4().multiplyMatrices(camera.projectionMatrix, camera.matrixWorldInverse));
    for (const family of this.families) this.#look(family, view);
    return changed.length > 0;
  }

  /**
   * Looks whether any near machine of a family is in view. Where none is, its sphere is that of another: what the sun sees casts
   * its shadow all the same.
   *
   * @param {Family} family
   * @param {Frustum} view
   */
  #look({ numbers, seen }, view) {
    for (const number of numbers) {
      if (!this.near[number]) continue;
      seen.set(POINT.fromArray(this.middles, 3 * number), AROUND * this.sizes[number]);
      if (view.intersectsSphere(seen)) return;
    }
  }

  /** Puts into a family the machines that it is to show now. @param {Family} family */
  #fill(family) {
    const { numbers, near } = family;
    const wanted = near ? 1 : 0;
    if (family.model && numbers.some((number) => this.near[number] === wanted)) this.#make(family);
    const { meshes, tinted } = family;
    let count = 0;
    for (const number of numbers) {
      if (this.near[number] !== wanted) continue;
      this.slots[number] = count;
      const matrix = this.matrices.subarray(16 * number, 16 * number + 16);
      for (const mesh of meshes) mesh.instanceMatrix.array.set(matrix, 16 * count);
      tinted?.instanceColor?.array.set(this.tints.subarray(3 * number, 3 * number + 3), 3 * count);
      count += 1;
    }
    for (const mesh of meshes) {
      mesh.count = count;
      mesh.visible = count > 0;
      renew(mesh.instanceMatrix, 0, count);
    }
    if (tinted?.instanceColor) renew(tinted.instanceColor, 0, count);
  }

  /**
   * Tints one machine; the graphics card hears with the next picture of those that changed.
   *
   * @param {number} equipment equipment number
   * @param {Color} colour
   */
  tint(equipment, colour) {
    colour.toArray(this.tints, 3 * equipment);
    const { tinted } = this.near[equipment] ? this.families[this.familyOf[equipment]] : this.far;
    if (!tinted?.instanceColor) return;
    colour.toArray(tinted.instanceColor.array, 3 * this.slots[equipment]);
    renew(tinted.instanceColor, this.slots[equipment], 1);
  }

  /**
   * Dims or brightens everything but the tinted parts.
   *
   * @param {Color} colour
   */
  shade(colour) {
    this.shaded.copy(colour);
    this.solid.others.copy(colour);
    for (const family of this.families) this.#shade(family);
  }

  /** @param {Family} family */
  #shade({ meshes }) {
    for (const mesh of meshes) {
      const material = /** @type {MeshLambertMaterial} */ (mesh.material);
      if (material !== this.solid.material) material.color.copy(this.shaded);
    }
  }
}

/** @param {import("three").Object3D} model */
function trianglesOf(model) {
  let count = 0;
  model.traverse((node) => {
    if (node instanceof Mesh) count += (node.geometry.index ?? node.geometry.attributes.position).count / 3;
  });
  return count;
}

/** @param {InstancedMesh} mesh @param {number} count */
function tintable(mesh, count) {
  for (let k = 0; k < count; k++) mesh.setColorAt(k, WHITE);
}

/**
 * Has the graphics card take over some instances: of all that were changed since the last picture, one range.
 *
 * @param {import("three").InstancedBufferAttribute} attribute
 * @param {number} first instance
 * @param {number} count
 */
function renew(attribute, first, count) {
  if (count === 0) return;
  const [start, size] = [first * attribute.itemSize, count * attribute.itemSize];
  const [known] = attribute.updateRanges;
  const begin = known ? Math.min(known.start, start) : start;
  const end = known ? Math.max(known.start + known.count, start + size) : start + size;
  attribute.clearUpdateRanges();
  attribute.addUpdateRange(begin, end - begin);
  attribute.needsUpdate = true;
}

/** A unit box without a floor whose sides are darker than its top. */
function farBox() {
  const box = new BoxGeometry(1, 1, 1).translate(0, 0.5, 0);
  const normals = box.attributes.normal;
  const colours = new Float32Array(4 * normals.count).fill(1);
  for (let k = 0; k < normals.count; k++) colours.fill(normals.getY(k) > 0 ? 1 : SIDE, 4 * k, 4 * k + 3);
  box.setAttribute("color", new BufferAttribute(colours, 4));
  box.setAttribute("tinted", new BufferAttribute(new Float32Array(normals.count).fill(1), 1));
  return box;
}

const WHITE = new Color(1, 1, 1);
const POINT = new Vector3();
