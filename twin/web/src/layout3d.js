/**
 * From the park's coordinates (x east, y north, z up [m]) to the scene's (glTF: y up, z south). Pure.
 *
 * Unit models stand in a box of 1 x 1 x 1 on the ground; an instance matrix scales, turns and places one.
 */

/**
 * @param {readonly [number, number, number]} point in park coordinates
 * @returns {[number, number, number]} in scene coordinates
 */
export function toScene([x, y, z]) {
  return [x, z, -y];
}

/**
 * Writes the column-major 4 x 4 instance matrix of an equipment.
 *
 * @param {import("./park.js").Equipment} equipment
 * @param {Float32Array | number[]} target
 * @param {number} [offset]
 */
export function writeMatrix(equipment, target, offset = 0) {
  const [width, depth, height] = equipment.size;
  const [x, y, z] = toScene(equipment.position);
  const turn = (equipment.rotation_deg * Math.PI) / 180;
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const columns = [
    cos * width, 0, -sin * width, 0,
    0, height, 0, 0,
    sin * depth, 0, cos * depth, 0,
    x, y, z, 1,
  ];
  for (let k = 0; k < 16; k++) target[offset + k] = columns[k];
}

/**
 * Middles of the tops of equipment, in scene coordinates.
 *
 * @param {readonly import("./park.js").Equipment[]} equipment
 * @returns {Float32Array} x y z each, in order
 */
export function topsOf(equipment) {
  const tops = new Float32Array(3 * equipment.length);
  equipment.forEach(({ position: [east, north, up], size }, k) => tops.set(toScene([east, north, up + size[2]]), 3 * k));
  return tops;
}

/**
 * Axis-aligned box around equipment, in scene coordinates.
 *
 * @param {readonly import("./park.js").Equipment[]} equipment at least one
 * @returns {{min: [number, number, number], max: [number, number, number]}}
 */
export function boundsOf(equipment) {
  /** @type {[number, number, number]} */
  const min = [Infinity, Infinity, Infinity];
  /** @type {[number, number, number]} */
  const max = [-Infinity, -Infinity, -Infinity];
  for (const one of equipment) {
    const [x, y, z] = toScene(one.position);
    const turn = (one.rotation_deg * Math.PI) / 180;
    const [cos, sin] = [Math.abs(Math.cos(turn)), Math.abs(Math.sin(turn))];
    const halfX = (cos * one.size[0] + sin * one.size[1]) / 2;
    const halfZ = (sin * one.size[0] + cos * one.size[1]) / 2;
    grow(min, max, [x - halfX, y, z - halfZ]);
    grow(min, max, [x + halfX, y + one.size[2], z + halfZ]);
  }
  return { min, max };
}

/**
 * @param {number[]} min
 * @param {number[]} max
 * @param {number[]} point
 */
function grow(min, max, point) {
  for (let axis = 0; axis < 3; axis++) {
    min[axis] = Math.min(min[axis], point[axis]);
    max[axis] = Math.max(max[axis], point[axis]);
  }
}
