/** The viewer's place in the park: orbit with limits, flights, and a way home. */

import { MathUtils, PerspectiveCamera, Vector3 } from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";

const FLIGHT_MS = 850;
const NEAREST_M = 4;
/** From where a machine is looked at: south-east and above, which shows its front. */
const DIRECTION = new Vector3(0.6, 0.72, 1).normalize();
/** From where the park is looked at: higher, so that the halls do not hide each other. */
const HOME_DIRECTION = new Vector3(0.42, 0.9, 1).normalize();

/** @typedef {{min: number[], max: number[]}} Bounds */

/** Camera and controls. */
export class Viewpoint {
  /**
   * @param {HTMLElement} surface what the pointer drags on
   * @param {Bounds} park what must stay in sight [m]
   * @param {Bounds} home what the view starts with [m]
   * @param {number} far how far can be seen [m]
   * @param {() => void} changed called when the picture must be drawn anew
   */
  constructor(surface, park, home, far, changed) {
    this.camera = new PerspectiveCamera(38, 1, 1, far * 2);
    this.home = home;
    this.park = park;
    this.changed = changed;
    /** @type {{from: Vector3, to: Vector3, fromTarget: Vector3, toTarget: Vector3, start: number} | null} */
    this.flight = null;
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");

    const controls = new OrbitControls(this.camera, surface);
    controls.enableDamping = true;
    controls.dampingFactor = 0.12;
    controls.screenSpacePanning = false;
    controls.zoomToCursor = true;
    controls.minDistance = NEAREST_M;
    controls.maxDistance = Math.hypot(park.max[0] - park.min[0], park.max[2] - park.min[2]) * 1.6;
    controls.maxPolarAngle = MathUtils.degToRad(84);
    controls.keyPanSpeed = 24;
    controls.listenToKeyEvents(surface);
    controls.addEventListener("change", changed);
    controls.addEventListener("start", () => (this.flight = null));
    this.controls = controls;
  }

  /**
   * @param {number} width [px]
   * @param {number} height
   */
  resize(width, height) {
    this.camera.aspect = width / Math.max(1, height);
    this.camera.updateProjectionMatrix();
  }

  /**
   * Moves on by one picture.
   *
   * @param {number} now [ms]
   * @returns {boolean} true if there is more to come
   */
  step(now) {
    if (this.flight) {
      const { from, to, fromTarget, toTarget, start } = this.flight;
      const part = Math.min(1, (now - start) / FLIGHT_MS);
      const eased = part < 0.5 ? 4 * part ** 3 : 1 - (2 - 2 * part) ** 3 / 2;
      this.camera.position.lerpVectors(from, to, eased);
      this.controls.target.lerpVectors(fromTarget, toTarget, eased);
      if (part === 1) this.flight = null;
    }
    const moved = this.controls.update();
    this.#stayInPark();
    return moved || this.flight !== null;
  }

  /** Keeps what is looked at inside the park, so that nobody gets lost in the fog. */
  #stayInPark() {
    const target = this.controls.target;
    const held = target.clone().clamp(
      new Vector3(this.park.min[0], 0, this.park.min[2]),
      new Vector3(this.park.max[0], Math.max(this.park.max[1], 1), this.park.max[2]),
    );
    if (held.equals(target)) return;
    this.camera.position.add(held).sub(target);
    target.copy(held);
  }

  /**
   * Flies to where a box fills a good part of the window.
   *
   * @param {Bounds} box [m]
   * @param {{direction?: Vector3, fill?: number, atOnce?: boolean}} [how] fill: share of the window the box takes, 0 to 1
   */
  flyTo(box, { direction = DIRECTION, fill = 0.42, atOnce = false } = {}) {
    const { centre, distance } = fit(box, direction, this.camera, fill);
    const to = centre.clone().addScaledVector(direction, Math.max(NEAREST_M * 1.2, distance));
    if (atOnce || this.calm.matches) {
      this.camera.position.copy(to);
      this.controls.target.copy(centre);
      this.flight = null;
    } else {
      this.flight = {
        from: this.camera.position.clone(), to, fromTarget: this.controls.target.clone(), toTarget: centre,
        start: performance.now(),
      };
    }
    this.changed();
  }

  /** @param {boolean} [atOnce] */
  goHome(atOnce = false) {
    this.flyTo(this.home, { direction: HOME_DIRECTION, fill: 0.92, atOnce });
  }

  /**
   * Comes nearer or goes farther.
   *
   * @param {number} factor below 1 comes nearer
   */
  zoom(factor) {
    const away = this.camera.position.clone().sub(this.controls.target);
    const length = MathUtils.clamp(away.length() * factor, this.controls.minDistance, this.controls.maxDistance);
    this.flight = {
      from: this.camera.position.clone(), to: this.controls.target.clone().add(away.setLength(length)),
      fromTarget: this.controls.target.clone(), toTarget: this.controls.target.clone(),
      start: performance.now() - FLIGHT_MS * 0.55,
    };
    this.changed();
  }
}

/** Rounds until the box stands in the middle of the window; each leaves a fraction of what was off. */
const CENTRING_ROUNDS = 6;

/**
 * Where to look, and from how far, so that a box stands in the middle of the window and just fills a share of it. What
 * is near looks larger: the middle of the box is not the middle of its picture.
 *
 * @param {Bounds} box
 * @param {Vector3} direction from the box to the camera, of length 1
 * @param {PerspectiveCamera} camera
 * @param {number} share
 */
function fit(box, direction, camera, share) {
  const centre = new Vector3().fromArray(box.min).add(new Vector3().fromArray(box.max)).multiplyScalar(0.5);
  const right = new Vector3(0, 1, 0).cross(direction).normalize();
  const up = direction.clone().cross(right);
  const away = new Vector3(-direction.x, 0, -direction.z).normalize();
  const tall = Math.tan(MathUtils.degToRad(camera.fov) / 2) * share;
  const wide = tall * camera.aspect;
  const corners = Array.from({ length: 8 }, (_, corner) =>
    new Vector3(...[0, 1, 2].map((axis) => (corner & (1 << axis) ? box.max[axis] : box.min[axis]))));
  let distance = 0;
  for (let round = 0; round <= CENTRING_ROUNDS; round++) {
    const offsets = corners.map((corner) => corner.clone().sub(centre));
    distance = Math.max(...offsets.map((offset) => offset.dot(direction)
      + Math.max(Math.abs(offset.dot(right)) / wide, Math.abs(offset.dot(up)) / tall)));
    if (round === CENTRING_ROUNDS) break;
    /** @param {Vector3} axis */
    const middle = (axis) => {
      const slopes = offsets.map((offset) => offset.dot(axis) / (distance - offset.dot(direction)));
      return (Math.min(...slopes) + Math.max(...slopes)) / 2;
    };
    const [acrossBy, awayBy] = [middle(right) * distance, (middle(up) * distance) / up.dot(away)];
    centre.addScaledVector(right, acrossBy).addScaledVector(away, awayBy);
  }
  return { centre, distance };
}
