/**
 * Light, sky, fog and the land around the park, for each theme: soft day on a light page, dusk on a dark one. The sun stands
 * where it does at the hour that is shown.
 */

import {
  BackSide, BufferAttribute, CircleGeometry, Color, DirectionalLight, Fog, Group, HemisphereLight, Mesh,
  MeshBasicMaterial, MeshLambertMaterial, SphereGeometry,
} from "three";
import { whitened } from "./instancing.js";
import { lightOf, sunAt } from "./sun.js";

/**
 * @typedef {object} Mood
 * @property {string} zenith colour of the sky above
 * @property {string} horizon colour of the sky and the fog at the horizon
 * @property {string} site multiplies the colours of the ground and the buildings
 * @property {string} land multiplies the ground around the park once more, so that the park stands out
 * @property {string} machines multiplies the colours of the machines
 * @property {[string, string, number]} sky hemisphere light: from above, from below, intensity
 * @property {[string, number]} sun colour, intensity
 */

/** @type {Record<import("./colour.js").Theme, Mood>} */
export const MOODS = {
  dark: {
    zenith: "#0c1117", horizon: "#18212a", site: "#8d9aae", land: "#59626e", machines: "#f1f5f9",
    sky: ["#c6d6ea", "#39455a", 1.9], sun: ["#fff0e0", 2.6],
  },
  light: {
    zenith: "#bcd3e6", horizon: "#e6edf2", site: "#ffffff", land: "#ffffff", machines: "#ffffff",
    sky: ["#ffffff", "#b9c2bd", 1.75], sun: ["#fffaf2", 1.9],
  },
};

/** Sides of the map of shadows; without a graphics card, half: every pixel costs processor time. */
const SHADOW_PX = 4096;
const SHADOW_IN_SOFTWARE_PX = 2048;
/** What the sun's light turns to at the horizon. */
const LOW_SUN = new Color("#ff9d5c");
/** Shares of the day's light that are left by night. */
const [NIGHT_SUN, NIGHT_SKY] = [0.35, 0.8];

/** The surroundings of a park. */
export class Daylight {
  /**
   * @param {{min: number[], max: number[]}} bounds of the park in scene coordinates [m]
   * @param {Color} ground colour of the park's ground at its edge, so that there is no seam to the land around it
   * @param {boolean} inSoftware no graphics card draws
   */
  constructor(bounds, ground, inSoftware) {
    this.ground = ground;
    const centre = [0, 1, 2].map((axis) => (bounds.min[axis] + bounds.max[axis]) / 2);
    const radius = Math.hypot(bounds.max[0] - bounds.min[0], bounds.max[2] - bounds.min[2]) / 2;
    this.radius = radius;
    this.centre = centre;
    /** @type {Mood} */
    this.mood = MOODS.dark;
    /** The light of the hour. */
    this.light = lightOf(sunAt(10, 80));
    this.group = new Group();
    this.group.name = "daylight";

    this.hemisphere = new HemisphereLight();
    this.sun = new DirectionalLight();
    this.sun.target.position.set(centre[0], 0, centre[2]);
    this.sun.castShadow = true;
    this.sun.shadow.mapSize.setScalar(inSoftware ? SHADOW_IN_SOFTWARE_PX : SHADOW_PX);
    const lens = this.sun.shadow.camera;
    [lens.left, lens.right, lens.bottom, lens.top] = [-radius, radius, -radius, radius];
    [lens.near, lens.far] = [radius * 0.2, radius * 3];
    this.sun.shadow.normalBias = 0.08;
    this.sun.shadow.bias = -0.0004;
    this.sun.shadow.autoUpdate = false; // nothing that casts a shadow moves
    this.sun.shadow.needsUpdate = true;

    const far = radius * 9;
    this.fog = new Fog(0, radius * 2.2, radius * 6.5);
    // with colours of its vertices: so it is drawn by the program that draws the site
    this.landMaterial = new MeshLambertMaterial({ vertexColors: true });
    const land = new Mesh(whitened(new CircleGeometry(far, 48).rotateX(-Math.PI / 2)), this.landMaterial);
    land.position.set(centre[0], -0.6, centre[2]);
    this.dome = new SphereGeometry(far, 24, 16, 0, Math.PI * 2, 0, Math.PI * 0.56);
    const sky = new Mesh(this.dome, new MeshBasicMaterial({ vertexColors: true, side: BackSide, fog: false, depthWrite: false }));
    sky.position.set(centre[0], 0, centre[2]);
    sky.renderOrder = -1;
    this.group.add(this.hemisphere, this.sun, this.sun.target, land, sky);
    this.far = far;
  }

  /** @param {Mood} mood */
  set(mood) {
    this.hemisphere.color.set(mood.sky[0]);
    this.hemisphere.groundColor.set(mood.sky[1]);
    this.mood = mood;
    this.#shine();
    this.fog.color.set(mood.horizon);
    this.landMaterial.color.copy(this.ground).multiply(new Color(mood.site)).multiply(new Color(mood.land));
    const [zenith, horizon, mixed] = [new Color(mood.zenith), new Color(mood.horizon), new Color()];
    const place = this.dome.attributes.position;
    const colours = new Float32Array(3 * place.count);
    for (let k = 0; k < place.count; k++) {
      const height = Math.max(0, place.getY(k) / this.far);
      mixed.lerpColors(horizon, zenith, Math.min(1, height * 2.2) ** 0.7);
      mixed.toArray(colours, 3 * k);
    }
    this.dome.setAttribute("color", new BufferAttribute(colours, 3));
  }

  /**
   * Moves the sun to where it stands at an hour of the park's day; its shadows are drawn anew.
   *
   * @param {number} hour 0 to 24
   * @param {number} day of the year
   */
  setHour(hour, day) {
    this.light = lightOf(sunAt(hour, day));
    this.#shine();
  }

  #shine() {
    const { light, mood, centre, radius } = this;
    const [east, up, south] = light.direction;
    this.sun.position.set(centre[0] + 1.5 * radius * east, 1.5 * radius * up, centre[2] + 1.5 * radius * south);
    this.sun.color.set(mood.sun[0]).lerp(LOW_SUN, 0.6 * light.low * light.day);
    this.sun.intensity = mood.sun[1] * (NIGHT_SUN + (1 - NIGHT_SUN) * light.day);
    this.hemisphere.intensity = mood.sky[2] * (NIGHT_SKY + (1 - NIGHT_SKY) * light.day);
    this.sun.shadow.needsUpdate = true;
  }
}
