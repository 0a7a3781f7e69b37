import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AssetTable } from "../../../twin/web/src/assets.js";
import { flowNow, layersOf, LAYERS, membersOf, stretchesOf, suppliesOf } from "../../../twin/web/src/layers.js";
import { Park } from "../../../twin/web/src/park.js";
import { Passing, piecesOf } from "../../../twin/web/src/roads.js";

const NO_LIMITS = { low_low: null, low: null, high: null, high_high: null };
const signal = (/** @type {string} */ name) => ({ name, display: { vi: name, en: name }, unit: "", data_type: "UInt32", low: null, high: null, decimals: 0, role: "", stale_after_s: null, limits: NO_LIMITS });
const COUNTED = ["trucks_in", "cars_in", "trucks_out"];
const ROADS = LAYERS[LAYERS.length - 1];

/**
 * A main road from west to east; a street crosses it, an alley ends at its edge. A gate counts at the south end of the street.
 *
 * @param {boolean} [gates]
 */
function park(gates = true) {
  const road = (/** @type {string} */ id, /** @type {number} */ width, /** @type {[number, number][]} */ ...points) => ({ id, kind: "road", display: null, points, height: 0, width });
  const machines = [["lamp", 20, 8], ["mill", 60, 40], ...(gates ? [["gate", 100, -95]] : [])];
  return new Park(/** @type {any} */ ({
    id: "p", display: { vi: "p", en: "p" }, timezone: "Asia/Ho_Chi_Minh", revision: "1", places: [], sources: [], links: [],
    site: [road("main", 14, [0, 0], [200, 0]), road("street", 10, [100, -100], [100, 80]), road("alley", 6, [50, 7], [50, 60], [70, 60])],
    kinds: { lamp: { display: {}, shape: "lamp", signals: [signal("illuminance")] }, mill: { display: {}, shape: "mill", signals: [signal("speed")] }, gate: { display: {}, shape: "barrier", signals: COUNTED.map(signal) } },
    equipment: machines.map(([kind, x, y], index) => ({ index, id: `p/${kind}`, kind, display: {}, position: [x, y, 0], size: [1, 1, 1], rotation_deg: 0, simulated: true, note: null, first_tag: 0, tag_count: 0 })),
    tags: { tag: gates ? COUNTED.map((name) => `p/gate:${name}`) : [], equipment: [], signal: [], source: [] },
  }));
}

describe("roads", () => {
  test("are cut where they meet, also where one ends at the other's edge", () => {
    const cut = piecesOf(park()).map(({ points, joined }) => [points, joined]);
    assert.deepEqual(cut, [
      [[[0, 0], [50, 0]], [false, true]], [[[50, 0], [100, 0]], [true, true]], [[[100, 0], [200, 0]], [true, false]],
      [[[100, -100], [100, 0]], [false, true]], [[[100, 0], [100, 80]], [true, false]],
      [[[50, 7], [50, 60], [70, 60]], [true, false]],
    ]);
  });

  test("a gate has a lane in and a lane out, each on its right side and up to the first junction", () => {
    const supplies = suppliesOf(park(), ROADS);
    // the scene's z is south
    assert.deepEqual(supplies.map(({ way }) => way), [[[102.5, 100], [102.5, -0]], [[97.5, -0], [97.5, 100]]]);
    const stretches = stretchesOf(park(), ROADS, supplies);
    assert.deepEqual(stretches.map((one) => one.supplies), [[0], [1], [], [], [], [], [], []], "of the others nothing is known, and the gate's road is not drawn twice");
  });

  test("without a gate they are there, and nothing is counted", () => {
    assert.deepEqual(layersOf(park(false)).map(({ name }) => name), ["roads"]);
    assert.deepEqual(suppliesOf(park(false), ROADS), []);
    assert.equal(stretchesOf(park(false), ROADS, []).length, 7);
    const roadless = park();
    roadless.json.site = [];
    assert.deepEqual(layersOf(roadless), []);
    assert.deepEqual(suppliesOf(roadless, ROADS), [], "a gate on no road tells of none");
  });

  test("what belongs to them is what counts or lights them", () => assert.deepEqual([...membersOf(park(), ROADS)], [1, 0, 1]));

  test("what passes an hour is told from what was counted for a minute at least", () => {
    const assets = new AssetTable(3, 3);
    const [inward, outward] = suppliesOf(park(), ROADS);
    const at = (/** @type {number} */ seconds, /** @type {number[]} */ ...counts) => {
      assets.known.fill(1);
      assets.value.set(counts);
      assets.serverTime = 1_767_225_600_000 + seconds * 1_000;
      return [flowNow(inward, assets), flowNow(outward, assets)];
    };
    assert.deepEqual([flowNow(inward, assets)], [NaN], "never told");
    assert.deepEqual(at(0, 1_000, 500, 70), [NaN, NaN]);
    assert.deepEqual(at(30, 1_001, 502, 70), [NaN, NaN]);
    assert.deepEqual(at(60, 1_002, 504, 71), [360, 60]);
    assets.stale[0] = 1;
    assert.ok(Number.isNaN(flowNow(inward, assets)), "a counter that is stale is not known");
    assets.stale[0] = 0;
    assert.deepEqual(at(90, 0, 1, 72), [NaN, 80], "one that starts anew says nothing of what was before");
    assert.deepEqual(at(150, 1, 1, 72), [60, 48]);
    assert.deepEqual(at(-500, 1, 1, 60), [NaN, NaN], "nor does another moment");
  });

  test("no more than a quarter of an hour counts", () => {
    const assets = new AssetTable(1, 1);
    assets.known.fill(1);
    const passing = new Passing([0]);
    for (let minute = 0; minute <= 60; minute++) {
      assets.value[0] = minute < 40 ? minute * 10 : 400;
      assets.serverTime = 1e12 + minute * 60_000;
      passing.perHour(assets);
    }
    assert.equal(passing.perHour(assets), 0);
    assert.equal(passing.kept.length, 16);
  });
});
