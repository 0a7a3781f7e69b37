/**
 * The networks of the park as layers of the scene: which lines there are, which measured flow each of them carries, and how
 * branches add up to trunks. Pure.
 */

import { toScene } from "./layout3d.js";
import { hasRoads, laneSupplies, roadMembers, roadStretches } from "./roads.js";

/** @typedef {"electricity" | "water" | "wastewater" | "air" | "steam" | "gas" | "material" | "roads"} Network */

/**
 * @typedef {object} Layer
 * @property {Network} name
 * @property {Record<import("./colour.js").Theme, string>} colour none of them means an alarm (ISA-101)
 * @property {string} unit of its flows, "" where none is measured
 * @property {readonly string[]} intake signals that say what an equipment takes from this network, the first it has counts
 * @property {readonly string[]} output signals that say what it gives into it
 */

/** @type {readonly Layer[]} */
export const LAYERS = Object.freeze([
  { name: "electricity", colour: { dark: "#c6b4ff", light: "#6a46c8" }, unit: "kW", intake: ["active_power", "power"], output: ["active_power", "power"] },
  { name: "water", colour: { dark: "#57b4ff", light: "#0b68c4" }, unit: "m³/h", intake: ["flow", "water_flow", "make_up_flow", "makeup_flow", "feedwater_flow"], output: ["flow"] },
  { name: "wastewater", colour: { dark: "#c9a27a", light: "#7b5529" }, unit: "m³/h", intake: ["flow", "feed"], output: ["effluent_flow", "blowdown_flow", "bleed_flow", "flow"] },
  { name: "air", colour: { dark: "#6fdcd2", light: "#0b7a72" }, unit: "Nm³/h", intake: ["air_flow", "inflow", "flow"], output: ["delivery", "outflow", "flow"] },
  { name: "steam", colour: { dark: "#e3e8ee", light: "#56646f" }, unit: "kg/h", intake: ["steam_flow", "flow"], output: ["steam_flow", "flow"] },
  { name: "gas", colour: { dark: "#f0a8dc", light: "#9a2f83" }, unit: "Nm³/h", intake: ["gas_flow", "nitrogen_flow", "flow"], output: ["gas_flow", "flow"] },
  { name: "material", colour: { dark: "#b8cf8e", light: "#4f6b1d" }, unit: "", intake: [], output: [] },
  { name: "roads", colour: { dark: "#86d98f", light: "#237a2f" }, unit: "1/h", intake: [], output: [] },
]);

/**
 * One supply, from who gives to who takes.
 *
 * @typedef {object} Supply
 * @property {[number, number]} from x and z in the scene [m]
 * @property {[number, number]} to
 * @property {string} upstream
 * @property {number} tag number of the tag that says its flow; -1 = nothing measures it
 * @property {number} factor from the tag's unit to that of the layer
 * @property {(assets: import("./assets.js").AssetTable) => number} [flow] what tells it where no single tag does
 * @property {[number, number][]} [way] points it runs over, x and z in the scene, where that is known
 */

/**
 * A straight stretch of line; it carries what all its supplies carry.
 *
 * @typedef {object} Stretch
 * @property {[number, number]} from
 * @property {[number, number]} to
 * @property {number[]} supplies
 */

/** The layers that a park has anything to show of. @param {import("./park.js").Park} park */
export function layersOf(park) {
  const known = new Set(park.json.links.map((link) => link.network));
  return LAYERS.filter((layer) => (layer.name === "roads" ? hasRoads(park) : known.has(layer.name)));
}

/**
 * The supplies of a layer. What one is measured by is told only where there is no doubt: at its taker if that has no other
 * giver, else at its giver if that has no other taker.
 *
 * @param {import("./park.js").Park} park
 * @param {Layer} layer
 * @returns {Supply[]}
 */
export function suppliesOf(park, layer) {
  if (layer.name === "roads") return laneSupplies(park);
  const links = park.json.links.filter((link) => link.network === layer.name);
  const [givers, takers] = [countBy(links, "downstream"), countBy(links, "upstream")];
  return links.flatMap(({ upstream, downstream }) => {
    const [from, to] = [placeOf(park, upstream), placeOf(park, downstream)];
    if (!from || !to) return [];
    const measured = (givers.get(downstream) === 1 && flowTag(park, downstream, layer.intake, layer.unit))
      || (takers.get(upstream) === 1 && flowTag(park, upstream, layer.output, layer.unit)) || { tag: -1, factor: 1 };
    return [{ from, to, upstream, ...measured }];
  });
}

/**
 * The lines of a layer: roads lie where they lie, of all others only the ends are known.
 *
 * @param {import("./park.js").Park} park
 * @param {Layer} layer
 * @param {readonly Supply[]} supplies
 */
export function stretchesOf(park, layer, supplies) {
  return layer.name === "roads" ? roadStretches(park, supplies) : layLines(supplies);
}

/**
 * Lays lines as a fitter would: from each giver a trunk east or west, branches off it to the north and the south. Where
 * branches share the trunk it is one line that carries their sum.
 *
 * @param {readonly Supply[]} supplies
 * @returns {Stretch[]}
 */
export function layLines(supplies) {
  /** @type {Map<string, number[]>} */
  const trunks = new Map();
  supplies.forEach(({ upstream, from, to }, k) => {
    if (from[0] === to[0]) return;
    const key = `${upstream} ${to[0] > from[0]}`;
    trunks.set(key, [...(trunks.get(key) ?? []), k]);
  });
  /** @type {Stretch[]} */
  const stretches = [];
  for (const members of trunks.values()) {
    const { from: [begin, z] } = supplies[members[0]];
    const nearest = members.toSorted((a, b) => Math.abs(supplies[a].to[0] - begin) - Math.abs(supplies[b].to[0] - begin));
    let x = begin;
    nearest.forEach((k, at) => {
      const next = supplies[k].to[0];
      if (next === x) return;
      stretches.push({ from: [x, z], to: [next, z], supplies: nearest.slice(at) });
      x = next;
    });
  }
  supplies.forEach(({ from, to }, k) => {
    if (from[1] !== to[1]) stretches.push({ from: [to[0], from[1]], to, supplies: [k] });
  });
  return stretches;
}

/**
 * What a stretch carries [unit of the layer]; NaN if none of its supplies is known now.
 *
 * @param {Stretch} stretch
 * @param {ArrayLike<number>} flows of the supplies, NaN = not known
 */
export function carried(stretch, flows) {
  let sum = NaN;
  for (const supply of stretch.supplies) {
    if (!Number.isNaN(flows[supply])) sum = (Number.isNaN(sum) ? 0 : sum) + flows[supply];
  }
  return sum;
}

/**
 * The flow of a supply now; what is stale or bad is not known.
 *
 * @param {Supply} supply
 * @param {import("./assets.js").AssetTable} assets
 */
export function flowNow({ tag, factor, flow }, assets) {
  if (flow) return flow(assets);
  if (tag < 0 || !assets.known[tag] || assets.stale[tag] || assets.status[tag] >>> 30 >= 2) return NaN;
  return assets.value[tag] * factor;
}

/** The numbers of all equipment of a layer. @param {import("./park.js").Park} park @param {Layer} layer */
export function membersOf(park, layer) {
  if (layer.name === "roads") return roadMembers(park);
  const members = new Uint8Array(park.equipment.length);
  for (const link of park.json.links) {
    if (link.network !== layer.name) continue;
    for (const end of [link.upstream, link.downstream]) {
      for (const one of park.equipment) if (one.id === end || one.id.startsWith(`${end}/`)) members[one.index] = 1;
    }
  }
  return members;
}

/**
 * The tag that says what an equipment takes or gives.
 *
 * @param {import("./park.js").Park} park
 * @param {string} id
 * @param {readonly string[]} names
 * @param {string} unit
 */
export function flowTag(park, id, names, unit) {
  const equipment = park.equipmentById.get(id);
  if (!equipment) return null;
  for (const name of names) {
    const tag = park.tagIndex.get(`${id}:${name}`);
    if (tag === undefined) continue;
    const measured = park.signal(tag).unit;
    if (measured === unit) return { tag, factor: 1 };
    if (unit === "kW" && measured === "MW") return { tag, factor: 1_000 };
  }
  return null;
}

/**
 * Where a line ends: at an equipment, or in the middle of a place.
 *
 * @param {import("./park.js").Park} park
 * @param {string} id
 * @returns {[number, number] | null}
 */
function placeOf(park, id) {
  const one = park.equipmentById.get(id);
  const all = one ? [one] : park.equipment.filter((candidate) => candidate.id.startsWith(`${id}/`));
  if (all.length === 0) return null;
  const middle = (/** @type {number} */ axis) => all.reduce((sum, { position }) => sum + position[axis], 0) / all.length;
  const [x, , z] = toScene([middle(0), middle(1), 0]);
  return [x, z];
}

/**
 * @param {readonly {upstream: string, downstream: string}[]} links
 * @param {"upstream" | "downstream"} end
 */
function countBy(links, end) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const link of links) counts.set(link[end], (counts.get(link[end]) ?? 0) + 1);
  return counts;
}
