/** Which machines are seen large enough to be drawn in detail. Pure. */

/** From this size on the screen a machine is drawn as its model [px]. */
export const DETAILED_FROM_PX = 9;
/** Without a graphics card a model has to be so large for its triangles: each costs processor time. */
const PIXELS_A_TRIANGLE = 0.27;
/** A machine that is drawn so stays so until it is this much smaller, that it does not flicker where the two meet. */
const HOLD = 0.85;

/**
 * From what size on the screen a model is drawn in place of a box.
 *
 * @param {number} triangles of the model
 * @param {boolean} inSoftware no graphics card draws
 * @returns {number} [px]
 */
export function detailedFrom(triangles, inSoftware) {
  return inSoftware ? Math.max(DETAILED_FROM_PX, Math.sqrt(PIXELS_A_TRIANGLE * triangles)) : DETAILED_FROM_PX;
}

/**
 * Sorts machines into near and far.
 *
 * @param {Uint8Array} near 1 for each that is near, taken as it was and written as it is
 * @param {Float32Array} middles of the machines, x y z each [m]
 * @param {Float32Array} sizes longest side of each [m]
 * @param {Float32Array} from what size on the screen each is near [px]
 * @param {readonly number[]} eye where the camera stands, x y z [m]
 * @param {number} perMetre how large a metre is at a distance of one metre [px]
 * @returns {number[]} numbers of those that changed sides
 */
export function sortNear(near, middles, sizes, from, [x, y, z], perMetre) {
  /** @type {number[]} */
  const changed = [];
  for (let k = 0; k < near.length; k++) {
    const dx = middles[3 * k] - x;
    const dy = middles[3 * k + 1] - y;
    const dz = middles[3 * k + 2] - z;
    const least = from[k] * (near[k] ? HOLD : 1);
    const now = sizes[k] * perMetre >= least * Math.sqrt(dx * dx + dy * dy + dz * dz) ? 1 : 0;
    if (now === near[k]) continue;
    near[k] = now;
    changed.push(k);
  }
  return changed;
}
