/** How far the park reaches, and what of it the view starts with. Pure. */

import { Box3, Vector3 } from "three";
import { toScene } from "./layout3d.js";

/** How much of the place around the machines is in the first view: 0 none, 1 all. */
const HOME_SURROUNDINGS = 0.4;

/**
 * The box around the machines and all that the park file draws; the scene file's ground goes far beyond.
 *
 * @param {import("./park.js").SiteElement[]} site
 * @param {import("./camera.js").Bounds} machines
 * @returns {import("./camera.js").Bounds}
 */
export function extentOf(site, machines) {
  const box = new Box3(new Vector3(...machines.min), new Vector3(...machines.max));
  for (const { points, height } of site) {
    for (const [x, y] of points) box.expandByPoint(new Vector3(...toScene([x, y, height])));
  }
  return { min: box.min.toArray(), max: box.max.toArray() };
}

/**
 * What the view starts with: the machines and some of the place around them.
 *
 * @param {import("./camera.js").Bounds} machines
 * @param {import("./camera.js").Bounds} park
 * @returns {import("./camera.js").Bounds}
 */
export function homeOf(machines, park) {
  const between = (/** @type {number} */ near, /** @type {number} */ far) => near + (far - near) * HOME_SURROUNDINGS;
  return {
    min: machines.min.map((value, axis) => between(value, park.min[axis])),
    max: machines.max.map((value, axis) => between(value, park.max[axis])),
  };
}
