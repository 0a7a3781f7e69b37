import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AssetTable, qualityOf } from "../../../twin/web/src/assets.js";

const NOW = 1_767_225_600_000;

/**
 * @param {[number, number][]} rows tag, value
 * @param {Partial<import("../../../twin/web/src/frame.js").StreamFrame>} [other]
 * @returns {import("../../../twin/web/src/frame.js").StreamFrame}
 */
function frame(rows, other = {}) {
  return {
    snapshot: false, tick: 1, serverTime: NOW, revision: "0".repeat(16),
    index: Uint32Array.from(rows, (row) => row[0]), value: Float64Array.from(rows, (row) => row[1]),
    age: new Int32Array(rows.length).fill(250), badPosition: new Uint32Array(), badStatus: new Uint32Array(),
    stale: new Uint8Array(rows.length), text: new Map(), equipment: new Uint32Array(), condition: new Uint8Array(),
    ...other,
  };
}

describe("AssetTable", () => {
  test("a tag never told is unknown and has no value, not zero", () => {
    const table = new AssetTable(2, 1);
    assert.equal(table.known[1], 0);
    assert.ok(Number.isNaN(table.value[1]));
  });

  test("a row brings value, source time, status and staleness", () => {
    const table = new AssetTable(3, 1);
    table.apply(frame([[2, 7.5]], { badPosition: Uint32Array.of(0), badStatus: Uint32Array.of(0x80310000), stale: Uint8Array.of(1) }));
    assert.deepEqual([table.value[2], table.sourceTime[2], table.status[2], table.stale[2], table.known[2]], [7.5, NOW - 250, 0x80310000, 1, 1]);
  });

  test("a row that is Good again clears the status, a number clears the text", () => {
    const table = new AssetTable(1, 1);
    table.apply(frame([[0, NaN]], { badPosition: Uint32Array.of(0), badStatus: Uint32Array.of(0x40000000), text: new Map([[0, "Held"]]) }));
    assert.equal(table.text.get(0), "Held");
    table.apply(frame([[0, 1]]));
    assert.equal(table.status[0], 0);
    assert.equal(table.text.has(0), false);
  });

  test("a snapshot forgets what it does not name", () => {
    const table = new AssetTable(2, 2);
    table.apply(frame([[0, 1], [1, 2]], { equipment: Uint32Array.of(1), condition: Uint8Array.of(4) }));
    table.apply(frame([[1, 3]], { snapshot: true, equipment: Uint32Array.of(0), condition: Uint8Array.of(1) }));
    assert.equal(table.known[0], 0);
    assert.ok(Number.isNaN(table.value[0]));
    assert.deepEqual([...table.condition], [1, 0]);
  });

  test("rows and equipment beyond the park are left out", () => {
    const table = new AssetTable(1, 1);
    table.apply(frame([[5, 1]], { badPosition: Uint32Array.of(0), badStatus: Uint32Array.of(1), text: new Map([[0, "x"]]), equipment: Uint32Array.of(9), condition: Uint8Array.of(3) }));
    assert.equal(table.known[0], 0);
    assert.equal(table.text.size, 0);
  });

  test("counts equipment by condition", () => {
    const table = new AssetTable(0, 3);
    table.apply(frame([], { equipment: Uint32Array.of(0, 1, 2), condition: Uint8Array.of(1, 7, 1) }));
    assert.deepEqual(table.countConditions(8), [0, 2, 0, 0, 0, 0, 0, 1]);
  });
});

test("severity of a status code", () => {
  assert.deepEqual([0, 0x40900000, 0x80310000, 0xc0000000].map(qualityOf), [0, 1, 2, 2]);
});
