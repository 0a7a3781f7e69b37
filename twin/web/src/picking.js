/**
 * Which machine is under the pointer: a ray against the turned box of each equipment. Pure.
 *
 * Boxes are columns rather than meshes, so a sweep of 10,000 machines at each move of the pointer stays far below
 * a millisecond, and does not depend on how finely a machine is modelled.
 */

import { toScene } from "./layout3d.js";

const FIELDS = 8; // centre x, y, z; half width, height, depth; cos, sin

/** The boxes of a park. */
export class PickBoxes {
  /** @param {readonly import("./park.js").Equipment[]} equipment */
  constructor(equipment) {
    this.count = equipment.length;
    this.columns = new Float64Array(FIELDS * equipment.length);
    equipment.forEach((one, k) => {
      const [width, depth, height] = one.size;
      const [x, y, z] = toScene(one.position);
      const turn = (one.rotation_deg * Math.PI) / 180;
      this.columns.set(
        [x, y + height / 2, z, width / 2, height / 2, depth / 2, Math.cos(turn), Math.sin(turn)],
        FIELDS * k,
      );
    });
  }

  /**
   * The nearest box that a ray hits.
   *
   * @param {readonly number[]} origin x, y, z in scene coordinates
   * @param {readonly number[]} direction need not be of length 1
   * @returns {number} equipment number, -1 if none
   */
  pick(origin, direction) {
    let nearest = Infinity;
    let found = -1;
    for (let k = 0; k < this.count; k++) {
      const distance = this.#distance(FIELDS * k, origin, direction);
      if (distance < nearest) {
        nearest = distance;
        found = k;
      }
    }
    return found;
  }

  /**
   * How far along the ray a box is entered (slab test in the box's own frame); Infinity if it is missed.
   *
   * @param {number} at
   * @param {readonly number[]} origin
   * @param {readonly number[]} direction
   */
  #distance(at, origin, direction) {
    const box = this.columns;
    const [dx, dy, dz] = [origin[0] - box[at], origin[1] - box[at + 1], origin[2] - box[at + 2]];
    const cos = box[at + 6];
    const sin = box[at + 7];
    const start = [cos * dx - sin * dz, dy, sin * dx + cos * dz];
    const way = [
      cos * direction[0] - sin * direction[2], direction[1], sin * direction[0] + cos * direction[2],
    ];
    let enter = 0;
    let leave = Infinity;
    for (let axis = 0; axis < 3; axis++) {
      const half = box[at + 3 + axis];
      if (way[axis] === 0) {
        if (Math.abs(start[axis]) > half) return Infinity;
        continue;
      }
      const one = (-half - start[axis]) / way[axis];
      const other = (half - start[axis]) / way[axis];
      enter = Math.max(enter, Math.min(one, other));
      leave = Math.min(leave, Math.max(one, other));
    }
    return enter <= leave ? enter : Infinity;
  }
}

/**
 * The point nearest to the pointer, for machines too small on the screen to be hit by a ray.
 *
 * @param {Float32Array} points x, y [px] and a flag (0 = not on the screen) of each equipment
 * @param {number} x of the pointer [px]
 * @param {number} y
 * @param {number} reach [px]
 * @returns {number} equipment number, -1 if none is within reach
 */
export function nearestPoint(points, x, y, reach) {
  let best = reach * reach;
  let found = -1;
  for (let k = 0; 3 * k < points.length; k++) {
    if (points[3 * k + 2] === 0) continue;
    const distance = (points[3 * k] - x) ** 2 + (points[3 * k + 1] - y) ** 2;
    if (distance < best) {
      best = distance;
      found = k;
    }
  }
  return found;
}
