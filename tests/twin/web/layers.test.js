import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AssetTable } from "../../../twin/web/src/assets.js";
import { carried, flowNow, layersOf, LAYERS, layLines, membersOf, suppliesOf } from "../../../twin/web/src/layers.js";
import { Park } from "../../../twin/web/src/park.js";
import { lightOf, sunAt } from "../../../twin/web/src/sun.js";

/**
 * A substation in MW feeds two boards; the first board two machines; a machine has two feeds.
 */
function park() {
  const places = /** @type {Record<string, [number, number, number]>} */ ({ t: [0, 0, 0], b1: [100, 0, 0], b2: [300, 0, 0], m1: [100, 50, 0], m2: [300, 60, 0] });
  const ids = Object.keys(places);
  const signal = (/** @type {string} */ unit) => ({ name: "active_power", display: { vi: "x", en: "x" }, unit, data_type: "Double", low: null, high: null, decimals: 1, role: "", stale_after_s: null, limits: { low_low: null, low: null, high: null, high_high: null } });
  const links = [["t", "b1"], ["t", "b2"], ["b1", "m1"], ["b1", "m2"], ["b2", "m2"]];
  return new Park(/** @type {any} */ ({
    id: "p", display: { vi: "p", en: "p" }, timezone: "Asia/Ho_Chi_Minh", revision: "1", places: [], sources: [], site: [],
    kinds: { kw: { display: { vi: "", en: "" }, shape: "cabinet", signals: [signal("kW")] }, mw: { display: { vi: "", en: "" }, shape: "cabinet", signals: [signal("MW")] } },
    equipment: ids.map((id, index) => ({ index, id: `p/${id}`, kind: id === "b2" ? "mw" : "kw", display: { vi: id, en: id }, position: places[id], size: [1, 1, 1], rotation_deg: 0, simulated: true, note: null, first_tag: index, tag_count: 1 })),
    tags: { tag: ids.map((id) => `p/${id}:active_power`), equipment: ids.map((_, k) => k), signal: ids.map(() => "active_power"), source: ids.map(() => "s") },
    links: links.map(([upstream, downstream]) => ({ network: "electricity", upstream: `p/${upstream}`, downstream: `p/${downstream}` })),
  }));
}

const ELECTRICITY = LAYERS[0];

describe("layers", () => {
  test("only those the park has", () => assert.deepEqual(layersOf(park()).map((layer) => layer.name), ["electricity"]));

  test("a flow is told where there is no doubt whose it is, in the layer's unit", () => {
    const assets = new AssetTable(5, 5);
    assets.value.set([900, 120, 0.5, 40, 70]);
    assets.known.fill(1);
    const flows = suppliesOf(park(), ELECTRICITY).map((supply) => flowNow(supply, assets));
    // m2 has two feeds: what comes over b1, which feeds another as well, nobody measures; b2 feeds it alone, in MW
    assert.deepEqual(flows, [120, 500, 40, NaN, 500]);
    assets.stale[1] = 1;
    assets.status[3] = 0x80310000;
    assert.deepEqual(suppliesOf(park(), ELECTRICITY).map((supply) => flowNow(supply, assets)), [NaN, 500, NaN, NaN, 500], "stale or bad is not known");
  });

  test("branches that share a trunk are one line that carries their sum", () => {
    const stretches = layLines(suppliesOf(park(), ELECTRICITY));
    const trunk = stretches.filter(({ from, to }) => from[1] === 0 && to[1] === 0 && from[0] < 100);
    assert.equal(trunk.length, 1);
    assert.equal(carried(trunk[0], [120, 500, 40, NaN, 500]), 620);
    const beyond = stretches.filter(({ from, supplies }) => from[0] === 100 && supplies.includes(1));
    assert.equal(carried(beyond[0], [120, 500, 40, NaN, 500]), 500);
    for (const { from, to } of stretches) assert.ok((from[0] === to[0]) !== (from[1] === to[1]), "every stretch goes along one axis");
    assert.ok(Number.isNaN(carried({ from: [0, 0], to: [1, 0], supplies: [3] }, [120, 500, 40, NaN, 500])), "nothing known is no zero");
  });

  test("everything at an end of a line has a part in it", () => assert.deepEqual([...membersOf(park(), ELECTRICITY)], [1, 1, 1, 1, 1]));
});

describe("the day's light", () => {
  const noon = sunAt(12, 80);
  test("the sun rises in the east, stands south at noon, and sets in the west", () => {
    assert.ok(sunAt(7, 80).direction[0] > 0.9);
    assert.ok(sunAt(17, 80).direction[0] < -0.9);
    assert.ok(Math.abs(noon.direction[0]) < 1e-9 && noon.direction[2] > 0);
    assert.ok(sunAt(0, 80).up < 0);
  });
  test("at an equinox it stands as high as the latitude leaves of a right angle", () => {
    assert.ok(Math.abs((Math.asin(noon.up) * 180) / Math.PI - 69) < 1);
  });
  test("light never comes from so low that shadows hide the park, and is of length 1", () => {
    for (let hour = 0; hour < 24; hour += 0.5) {
      const { direction } = lightOf(sunAt(hour, 172));
      assert.ok(direction[1] > 0.37, `${hour}: ${direction}`);
      assert.ok(Math.abs(Math.hypot(...direction) - 1) < 0.02, `${hour}: ${Math.hypot(...direction)}`);
    }
    assert.equal(lightOf(noon).day, 1);
    assert.equal(lightOf(sunAt(1, 80)).day, 0);
  });
});
