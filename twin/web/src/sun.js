/** Where the sun stands over the park, so that the scene's light is that of the day. Pure. */

/** Latitude of the Red River delta; a park file says where its machines stand in metres, not where on Earth. */
const LATITUDE_DEG = 21;
/** Tilt of the Earth's axis. */
const TILT_DEG = 23.45;
/** So high the light comes from at the lowest: shadows of a rising sun would hide the park. */
const LOWEST = Math.sin((22 * Math.PI) / 180);

/**
 * Direction to the sun and its height, from the clock of the park: mean solar time, declination after Cooper (1969).
 *
 * @param {number} hour of the park's day, 0 to 24
 * @param {number} day of the year, 1 = 1 January
 * @returns {{direction: [number, number, number], up: number}} in scene coordinates (east, up, south), of length 1; up is the
 *   sine of the sun's height, below 0 at night
 */
export function sunAt(hour, day) {
  const radians = (/** @type {number} */ degrees) => (degrees * Math.PI) / 180;
  const [latitude, angle] = [radians(LATITUDE_DEG), radians((hour - 12) * 15)];
  const declination = radians(TILT_DEG) * Math.sin(radians((360 * (284 + day)) / 365));
  const up = Math.sin(latitude) * Math.sin(declination) + Math.cos(latitude) * Math.cos(declination) * Math.cos(angle);
  const east = -Math.cos(declination) * Math.sin(angle);
  const south = Math.sin(latitude) * Math.cos(declination) * Math.cos(angle) - Math.cos(latitude) * Math.sin(declination);
  return { direction: [east, up, south], up };
}

/**
 * From where the scene is lit: from the sun by day, from as high in the south by night (a yard's lamps), and never from so low
 * that shadows hide the park.
 *
 * @param {ReturnType<typeof sunAt>} sun
 * @returns {{direction: [number, number, number], day: number, low: number}} day: 1 by day, 0 by night; low: 1 at the horizon, 0 high up
 */
export function lightOf({ direction: [east, , south], up }) {
  const day = smooth(-0.1, 0.1, up);
  const height = Math.max(LOWEST, up);
  const flat = Math.hypot(east, south) || 1;
  const wide = Math.sqrt(1 - height ** 2) / flat;
  const lit = up > -0.1 ? [east * wide, height, south * wide] : [-0.45, 0.75, 0.48];
  return { direction: /** @type {[number, number, number]} */ (lit), day, low: 1 - smooth(0.1, 0.55, up) };
}

/** @param {number} from @param {number} to @param {number} value @returns {number} 0 up to `from`, 1 from `to` on, smooth between */
function smooth(from, to, value) {
  const part = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return part * part * (3 - 2 * part);
}
