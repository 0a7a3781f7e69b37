import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { boundsOf, toScene, writeMatrix } from "../../../twin/web/src/layout3d.js";
import { barLayout } from "../../../twin/web/src/limit_bar.js";
import { DETAILED_FROM_PX, detailedFrom, sortNear } from "../../../twin/web/src/nearness.js";
import { Park } from "../../../twin/web/src/park.js";
import { nearestPoint, PickBoxes } from "../../../twin/web/src/picking.js";

/** @param {Partial<import("../../../twin/web/src/park.js").Equipment>} fields @returns {import("../../../twin/web/src/park.js").Equipment} */
function machine(fields) {
  return {
    index: 0, id: "p/a/m", kind: "k", display: { vi: "m", en: "m" }, position: [0, 0, 0], size: [1, 1, 1], rotation_deg: 0,
    simulated: false, note: null, first_tag: 0, tag_count: 0, ...fields,
  };
}

/** @param {ArrayLike<number>} got @param {number[]} expected */
function near(got, expected) {
  assert.equal(got.length, expected.length);
  expected.forEach((value, k) => assert.ok(Math.abs(got[k] - value) < 1e-6, `${k}: ${got[k]} is not ${value}`));
}

/** @param {number[]} matrix column-major @param {number[]} point */
function apply(matrix, [x, y, z]) {
  return [0, 1, 2].map((row) => matrix[row] * x + matrix[4 + row] * y + matrix[8 + row] * z + matrix[12 + row]);
}

describe("layout", () => {
  test("park's east, north, up become x, -z, y", () => near(toScene([1, 2, 3]), [1, 3, -2]));

  test("a model's corners land where the park file says", () => {
    /** @type {number[]} */
    const matrix = new Array(16).fill(0);
    writeMatrix(machine({ position: [10, 20, 1], size: [4, 2, 3] }), matrix);
    near(apply(matrix, [0.5, 1, -0.5]), toScene([12, 21, 4]));
    near(apply(matrix, [-0.5, 0, 0.5]), toScene([8, 19, 1]));
  });

  test("a quarter turn to the left brings the east side north", () => {
    /** @type {number[]} */
    const matrix = new Array(16).fill(0);
    writeMatrix(machine({ size: [4, 2, 3], rotation_deg: 90 }), matrix);
    near(apply(matrix, [0.5, 0, 0]), toScene([0, 2, 0]));
  });

  test("bounds hold every turned machine", () => {
    const { min, max } = boundsOf([machine({ size: [4, 2, 3], rotation_deg: 90 }), machine({ position: [10, 0, 0] })]);
    near(min, [-1, 0, -2]);
    near(max, [10.5, 3, 2]);
  });
});

describe("picking", () => {
  const boxes = new PickBoxes([machine({}), machine({ position: [5, 0, 0], size: [4, 1, 1], rotation_deg: 90 })]);

  test("from above, each box is hit where it stands", () => {
    assert.equal(boxes.pick([0.4, 10, 0.4], [0, -1, 0]), 0);
    assert.equal(boxes.pick([5, 10, 1.9], [0, -1, 0]), 1);
    assert.equal(boxes.pick([6.9, 10, 0], [0, -1, 0]), -1);
  });
  test("the nearer of two in line is meant", () => {
    assert.equal(boxes.pick([-10, 0.5, 0], [1, 0, 0]), 0);
    assert.equal(boxes.pick([20, 0.5, 0], [-1, 0, 0]), 1);
  });
  test("what lies behind is not hit", () => assert.equal(boxes.pick([0, 10, 0], [0, 1, 0]), -1));
  test("a near miss takes the nearest that is on the screen", () => {
    const points = Float32Array.of(100, 100, 1, 110, 100, 0, 130, 100, 1);
    assert.equal(nearestPoint(points, 108, 100, 12), 0);
    assert.equal(nearestPoint(points, 115, 100, 10), -1);
  });
});

describe("limit bar", () => {
  const limits = { low_low: null, low: 20, high: 80, high_high: 90 };
  const base = { name: "x", display: { vi: "", en: "" }, unit: "", data_type: "Double", decimals: 0, role: "", stale_after_s: null };

  test("lays zones over the range without holes", () => {
    const layout = barLayout({ ...base, low: 0, high: 100, limits });
    assert.deepEqual(layout?.zones, [
      { from: 0, to: 0.2, level: "warning" }, { from: 0.2, to: 0.8, level: "normal" },
      { from: 0.8, to: 0.9, level: "warning" }, { from: 0.9, to: 1, level: "critical" },
    ]);
  });
  test("limits that are narrow in a wide range fill the bar", () => {
    const layout = barLayout({ ...base, low: 0, high: 10_000, limits });
    assert.ok(layout && layout.low === 0 && layout.high < 130);
  });
  test("where only high limits are, the normal values below them have room", () => {
    const layout = barLayout({ ...base, low: 0, high: 1_000, limits: { ...limits, low: null, high: 500, high_high: 520 } });
    assert.ok(layout && layout.low <= 440);
  });
  test("without a range the limits make one, with room beyond them", () => {
    const layout = barLayout({ ...base, low: null, high: null, limits });
    assert.ok(layout && layout.low < 20 && layout.high > 90);
  });
  test("with nothing to show there is no bar", () => {
    const none = { low_low: null, low: null, high: null, high_high: null };
    assert.equal(barLayout({ ...base, low: null, high: null, limits: none }), null);
  });
});

describe("park", () => {
  const signal = { name: "t", display: { vi: "", en: "" }, unit: "°C", data_type: "Double", low: 0, high: 9, decimals: 1, role: "", stale_after_s: null, limits: { low_low: null, low: null, high: null, high_high: null } };
  const park = new Park({
    id: "p", display: { vi: "Khu", en: "Park" }, timezone: "Asia/Ho_Chi_Minh", revision: "0", links: [], site: [], sources: [],
    kinds: { k: { display: { vi: "Lò", en: "Oven" }, shape: "cabinet", signals: [signal] } },
    places: [{ id: "p/a", level: "enterprise", display: { vi: "A", en: "A" } }, { id: "p/a/b", level: "site", display: { vi: "B", en: "B" } }],
    equipment: [machine({ id: "p/a/b/m1", tag_count: 1 }), machine({ index: 1, id: "p/a/b/m2", first_tag: 1, tag_count: 1 })],
    tags: { tag: ["p/a/b/m1:t", "p/a/b/m2:t"], equipment: [0, 1], signal: ["t", "t"], source: ["", ""], overrides: { 1: { ...signal, unit: "K" } } },
  });

  test("makes a tree of places and machines", () => {
    const [a] = park.tree();
    assert.deepEqual([a.id, a.children[0].id, a.children[0].children.map((node) => node.id)], ["p/a", "p/a/b", ["p/a/b/m1", "p/a/b/m2"]]);
  });
  test("a place that only holds another place is told beside it, not above it", () => {
    const deep = new Park({ ...park.json, equipment: [machine({ id: "p/a/b/c/m1" })], places: [...park.json.places, { id: "p/a/b/c", level: "line", display: { vi: "C", en: "C" } }] });
    const [a] = deep.tree();
    assert.deepEqual([a.children[0].id, a.children[0].via.map((name) => name.vi)], ["p/a/b/c", ["B"]]);
  });
  test("an equipment's own signal goes before its kind's", () => {
    assert.deepEqual([park.signal(0).unit, park.signal(1).unit], ["°C", "K"]);
  });
  test("names the places above a machine", () => {
    assert.deepEqual(park.path("p/a/b/m1").map((name) => name.vi), ["Khu", "A", "B"]);
  });
});

describe("nearness", () => {
  const from = new Float32Array(3).fill(DETAILED_FROM_PX);
  const [middles, sizes] = [new Float32Array([0, 0, 0, 100, 0, 0, 0, 0, -1_000]), new Float32Array([2, 2, 20])];
  test("what is large on the screen is near, wherever it stands", () => {
    const seen = new Uint8Array(3);
    assert.deepEqual(sortNear(seen, middles, sizes, from, [0, 0, 10], 700), [0, 1, 2]);
    assert.deepEqual([...seen], [1, 1, 1]);
    assert.deepEqual(sortNear(seen, middles, sizes, from, [0, 0, 10], 700), []);
    assert.deepEqual(sortNear(seen, middles, sizes, from, [0, 0, 10_000], 700), [0, 1, 2]);
  });
  test("without a graphics card a model of many triangles has to be larger", () => {
    assert.equal(detailedFrom(3_000, false), DETAILED_FROM_PX);
    assert.equal(detailedFrom(12, true), DETAILED_FROM_PX);
    assert.ok(detailedFrom(3_000, true) > 2 * DETAILED_FROM_PX);
    assert.ok(detailedFrom(3_000, true) < 60, "who flies there sees it as it is");
  });
  test("where the two meet a machine stays what it is", () => {
    const seen = new Uint8Array([0, 0, 0]);
    const border = (2 * 700) / DETAILED_FROM_PX;
    sortNear(seen, middles, sizes, from, [-border * 1.05, 0, 0], 700);
    assert.equal(seen[0], 0);
    sortNear(seen, middles, sizes, from, [-border * 0.95, 0, 0], 700);
    assert.equal(seen[0], 1);
    sortNear(seen, middles, sizes, from, [-border * 1.05, 0, 0], 700);
    assert.equal(seen[0], 1);
    sortNear(seen, middles, sizes, from, [-border * 1.3, 0, 0], 700);
    assert.equal(seen[0], 0);
  });
});
