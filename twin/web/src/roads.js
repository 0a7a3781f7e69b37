/**
 * The roads of the park as a layer: its stretches from junction to junction, and on those where a gate counts vehicles, a lane
 * each way with what passes an hour. Vehicles keep to the right, as in Viet Nam. Pure.
 */

import { toScene } from "./layout3d.js";

/** Counters of a gate, by the way that they count. */
const COUNTERS = { in: ["motorbikes_in", "cars_in", "trucks_in"], out: ["motorbikes_out", "cars_out", "trucks_out"] };
/** Signals that tell of a road itself: what has one belongs to the layer. */
const OF_ROADS = [...COUNTERS.in, ...COUNTERS.out, "illuminance"];
/** A gate stands on a road if it is no farther from its middle than half its width and this [m]. */
const BESIDE_M = 2;
/** A road that ends so far from the edge of another one still meets it [m]. */
const GAP_M = 2;
/** So long has to be counted before it is told what passes an hour, and no longer than so far back [ms]. */
const [LEAST_MS, MOST_MS] = [60_000, 900_000];
/** Counts are kept so often [ms]. */
const KEEP_EVERY_MS = 5_000;

/** @typedef {[number, number]} Point x east, y north [m] */
/** @typedef {{points: Point[], width: number, joined: [boolean, boolean]}} Piece joined: whether it meets another road at its begin and its end */

/** @param {import("./park.js").Park} park */
export function hasRoads(park) {
  return park.json.site.some(({ kind }) => kind === "road");
}

/** Cuts the roads where they meet. @param {import("./park.js").Park} park @returns {Piece[]} */
export function piecesOf(park) {
  const roads = park.json.site.filter(({ kind }) => kind === "road");
  return roads.flatMap((road) => {
    const { points, width } = road;
    /** How far along the road each of its points is [m]. */
    const along = [0];
    for (const [from, to] of straight(points)) along.push(along[along.length - 1] + distance(from, to));
    const total = along[along.length - 1];
    const meets = roads.filter((other) => other !== road)
      .flatMap((other) => straight(points).flatMap(([from, to], k) => crossings(from, to, width, other).map((far) => along[k] + far)))
      .sort((one, other) => one - other);
    // what is nearer than the road is wide is one junction
    const inner = meets.filter((far, k) => far > width && far < total - width && !(k > 0 && far - meets[k - 1] < width));
    const bounds = [0, ...inner, total];
    return straight(bounds).map(([from, to], k) => ({
      width,
      points: [pointAt(points, along, from), ...points.filter((_, n) => along[n] > from && along[n] < to), pointAt(points, along, to)],
      joined: /** @type {[boolean, boolean]} */ ([k > 0 || meets.some((far) => far <= width), k < inner.length || meets.some((far) => far >= total - width)]),
    }));
  });
}

/** @param {readonly Point[]} points @param {readonly number[]} along how far each is [m] @param {number} far [m] @returns {Point} */
function pointAt(points, along, far) {
  const next = Math.max(1, along.findIndex((one) => one >= far));
  return between(points[next - 1], points[next], (far - along[next - 1]) / (along[next] - along[next - 1]));
}

/**
 * How far along a straight stretch of road another road is met [m].
 *
 * @param {Point} a
 * @param {Point} b
 * @param {number} width of the stretch [m]
 * @param {import("./park.js").SiteElement} other
 */
function crossings(a, b, width, other) {
  const length = distance(a, b);
  return straight(other.points).flatMap(([c, d]) => {
    const [rx, ry, sx, sy] = [b[0] - a[0], b[1] - a[1], d[0] - c[0], d[1] - c[1]];
    const cross = rx * sy - ry * sx;
    if (cross === 0) return [];
    const along = (((c[0] - a[0]) * sy - (c[1] - a[1]) * sx) / cross) * length;
    const across = (((c[0] - a[0]) * ry - (c[1] - a[1]) * rx) / cross) * distance(c, d);
    // a side road ends at the edge of the one it meets, not in its middle
    const [reach, otherReach] = [other.width / 2 + GAP_M, width / 2 + GAP_M];
    const met = along >= -reach && along <= length + reach && across >= -otherReach && across <= distance(c, d) + otherReach;
    return met ? [Math.min(length, Math.max(0, along))] : [];
  });
}

/**
 * The lanes that are counted: one into the park and one out of it for each gate on a road.
 *
 * @param {import("./park.js").Park} park
 * @returns {import("./layers.js").Supply[]}
 */
export function laneSupplies(park) {
  const pieces = piecesOf(park);
  return park.equipment.flatMap((gate) => {
    const [x, y] = gate.position;
    const piece = pieces.find((one) => standsOn([x, y], one));
    const ways = /** @type {const} */ (["in", "out"]).map((way) => counterTags(park, gate.id, COUNTERS[way]));
    if (!piece || ways.some((tags) => tags.length === 0)) return [];
    const inward = inwardFrom([x, y], piece);
    return ways.map((tags, k) => {
      const lane = beside(k === 0 ? inward : inward.toReversed(), piece.width / 4).map(onGround);
      const passing = new Passing(tags);
      return { from: lane[0], to: lane[lane.length - 1], upstream: gate.id, tag: -1, factor: 1, way: lane, flow: (assets) => passing.perHour(assets) };
    });
  });
}

/**
 * All stretches of the layer: lanes that are counted, and the middle of every road that is not.
 *
 * @param {import("./park.js").Park} park
 * @param {readonly import("./layers.js").Supply[]} supplies
 * @returns {import("./layers.js").Stretch[]}
 */
export function roadStretches(park, supplies) {
  const counted = supplies.flatMap(({ way = [] }, k) => straight(way).map(([from, to]) => ({ from, to, supplies: [k] })));
  const gates = new Set(supplies.map(({ upstream }) => upstream));
  const places = park.equipment.filter(({ id }) => gates.has(id)).map(({ position: [x, y] }) => /** @type {Point} */ ([x, y]));
  const silent = piecesOf(park).filter((piece) => !places.some((at) => standsOn(at, piece)));
  return [...counted, ...silent.flatMap(({ points }) => straight(points.map(onGround)).map(([from, to]) => ({ from, to, supplies: [] })))];
}

/** Machines that tell of the roads: gates that count and lamps that light them. @param {import("./park.js").Park} park */
export function roadMembers(park) {
  return Uint8Array.from(park.equipment, ({ kind }) => Number(park.json.kinds[kind].signals.some(({ name }) => OF_ROADS.includes(name))));
}

/** What passes a counter an hour, by what it has counted while it was watched. */
export class Passing {
  /** @param {readonly number[]} tags numbers of counters whose sum counts */
  constructor(tags) {
    this.tags = tags;
    /** @type {{time: number, count: number}[]} */
    this.kept = [];
  }

  /** @param {import("./assets.js").AssetTable} assets @returns {number} vehicles an hour; NaN = not known */
  perHour(assets) {
    if (this.tags.some((tag) => !assets.known[tag] || assets.stale[tag] || assets.status[tag] >>> 30 >= 2)) return NaN;
    const count = this.tags.reduce((sum, tag) => sum + assets.value[tag], 0);
    const time = assets.serverTime;
    const newest = this.kept.at(-1);
    // a counter that was set to zero, or another moment of the past: what was counted before says nothing
    if (newest && (count < newest.count || time < newest.time || time - newest.time > MOST_MS)) this.kept = [];
    if (this.kept.length === 0 || time - this.kept[this.kept.length - 1].time >= KEEP_EVERY_MS) this.kept.push({ time, count });
    while (time - this.kept[0].time > MOST_MS) this.kept.shift();
    const span = time - this.kept[0].time;
    return span < LEAST_MS ? NaN : ((count - this.kept[0].count) / span) * 3_600_000;
  }
}

/** @param {import("./park.js").Park} park @param {string} id @param {readonly string[]} names */
function counterTags(park, id, names) {
  return names.flatMap((name) => park.tagIndex.get(`${id}:${name}`) ?? []);
}

/** @param {Point} at @param {Piece} piece */
function standsOn(at, { points, width }) {
  return straight(points).some(([from, to]) => away(at, from, to) <= width / 2 + BESIDE_M);
}

/** The points of a piece from outside the park to its inside. @param {Point} gate @param {Piece} piece */
function inwardFrom(gate, { points, joined }) {
  const fromEnd = joined[0] !== joined[1] ? joined[0] : distance(gate, points[points.length - 1]) < distance(gate, points[0]);
  return fromEnd ? points.toReversed() : points;
}

/** A way moved to its right. @param {readonly Point[]} way @param {number} by [m] @returns {Point[]} */
function beside(way, by) {
  return way.map((point, k) => {
    const [a, b] = [way[Math.max(0, k - 1)], way[Math.min(way.length - 1, k + 1)]];
    const length = distance(a, b) || 1;
    return [point[0] + ((b[1] - a[1]) / length) * by, point[1] - ((b[0] - a[0]) / length) * by];
  });
}

/** @template T @param {readonly T[]} way @returns {[T, T][]} */
function straight(way) {
  return way.slice(1).map((to, k) => [way[k], to]);
}

/** @param {Point} point @returns {[number, number]} x and z in the scene */
function onGround([x, y]) {
  const [east, , south] = toScene([x, y, 0]);
  return [east, south];
}

/** @param {Point} a @param {Point} b */
function distance(a, b) {
  return Math.hypot(b[0] - a[0], b[1] - a[1]);
}

/** @param {Point} a @param {Point} b @param {number} share @returns {Point} */
function between(a, b, share) {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share];
}

/** How far a point is from a line between two others [m]. @param {Point} point @param {Point} a @param {Point} b */
function away(point, a, b) {
  const length = distance(a, b);
  const share = length === 0 ? 0 : ((point[0] - a[0]) * (b[0] - a[0]) + (point[1] - a[1]) * (b[1] - a[1])) / length ** 2;
  return distance(point, between(a, b, Math.min(1, Math.max(0, share))));
}
