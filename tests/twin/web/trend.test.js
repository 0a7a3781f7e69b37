import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { healthOf } from "../../../twin/web/src/sources.js";
import { readPlace, Store } from "../../../twin/web/src/store.js";
import { LONGEST_TAIL, spanOf, standingAt, TrendData } from "../../../twin/web/src/trend_data.js";

/**
 * @param {[number, number, number?][]} rows start [ms], mean, bad
 * @param {import("../../../twin/web/src/trend_data.js").Gap[]} [gaps]
 * @returns {import("../../../twin/web/src/trend_data.js").HistoryJson}
 */
function history(rows, gaps = []) {
  const means = rows.map((row) => (row[2] ? null : row[1]));
  return {
    tag: "p/m:t", unit: "", width_ms: 1_000, gaps, raw: null,
    buckets: {
      start_ms: rows.map((row) => row[0]), min: means, max: means, mean: means,
      count: rows.map((row) => (row[2] ? 0 : 1)), bad: rows.map((row) => row[2] ?? 0),
    },
  };
}

describe("TrendData", () => {
  test("history, then what the stream adds, once each", () => {
    const data = new TrendData();
    data.setHistory(history([[0, 1], [1_000, 2]]), 2_000);
    data.append(2_500, 3, false);
    data.append(2_500, 3, false);
    data.append(1_200, 9, false);
    assert.deepEqual(data.window(0, 3_000, false).mean, [1, 2, 3]);
  });

  test("asking again keeps the tail that is newer than the answer", () => {
    const data = new TrendData();
    data.append(900, 1, false);
    data.append(2_100, 2, false);
    data.setHistory(history([[500, 1]]), 2_000);
    assert.deepEqual(data.window(0, 3_000, false).time, [1, 2.1]);
  });

  test("no readings is no gap: a value reported on change is still joined", () => {
    const data = new TrendData();
    data.setHistory(history([[0, 1], [60_000, 2]]), 61_000);
    assert.ok(!data.window(0, 61_000, false).mean.includes(null));
  });

  test("a gap breaks the line", () => {
    const data = new TrendData();
    data.setHistory(history([[0, 1], [60_000, 2]], [{ start_ms: 1_000, end_ms: 60_000, reason: "connector_down" }]), 61_000);
    assert.deepEqual(data.window(0, 61_000, false).mean, [1, null, 2]);
  });

  test("a Bad reading breaks the line and is marked", () => {
    const data = new TrendData();
    data.setHistory(history([[0, 1], [1_000, 0, 3], [2_000, 2]]), 3_000);
    const columns = data.window(0, 3_000, false);
    assert.deepEqual(columns.mean, [1, null, 2]);
    assert.deepEqual(columns.bad, [1.5]);
  });

  test("the last value is held to now only while it can be trusted", () => {
    const data = new TrendData();
    data.append(1_000, 5, false);
    assert.deepEqual(data.window(0, 9_000, true).time, [1, 9]);
    assert.deepEqual(data.window(0, 9_000, false).time, [1]);
  });

  test("beside buckets the tail is gathered into buckets of the same width", () => {
    const data = new TrendData();
    data.setHistory(history([[0, 1], [1_000, 2]]), 2_000);
    for (const [time, value] of [[2_100, 3], [2_400, 5], [2_900, 7], [3_100, 9]]) data.append(time, value, false);
    const columns = data.window(0, 4_000, true);
    assert.deepEqual(columns.mean, [1, 2, 5, 9, 9]);
    assert.deepEqual([columns.min[2], columns.max[2]], [3, 7]);
  });

  test("readings themselves go before buckets", () => {
    const data = new TrendData();
    data.setHistory({ ...history([[0, 9]]), raw: { time_ms: [100, 200, 300], value: [1, null, 3], status: [0, 0x80310000, 0x40000000] } }, 1_000);
    const columns = data.window(0, 1_000, false);
    assert.deepEqual(columns.mean, [1, null, 3]);
    assert.deepEqual(columns.bad, [0.2]);
  });

  test("the line enters the window from the left", () => {
    const data = new TrendData();
    data.setHistory(history([[0, 1], [10_000, 2], [20_000, 3]]), 30_000);
    assert.deepEqual(data.window(10_000, 30_000, false).mean, [1, 2, 3]);
  });

  test("a page left open for days does not grow", () => {
    const data = new TrendData();
    for (let k = 1; k <= LONGEST_TAIL + 500; k++) data.append(k * 1_000, k, false);
    assert.equal(data.points.length, LONGEST_TAIL);
    assert.equal(data.newest, (LONGEST_TAIL + 500) * 1_000);
  });
});

describe("the axis of values", () => {
  test("has room around the line, and stands around a flat one", () => {
    const [low, high] = spanOf(10, 20, []);
    assert.ok(low < 10 && high > 20);
    assert.ok(spanOf(0, 0, [])[0] < 0);
    assert.deepEqual(spanOf(null, null, []), [0, 1]);
  });
  test("shows a limit that is near, not one that is far", () => {
    assert.ok(spanOf(10, 20, [{ value: 25, side: "high" }])[1] > 25);
    assert.ok(spanOf(10, 20, [{ value: 90, side: "high" }])[1] < 30);
  });
  test("shows the limit that the line has left behind", () => {
    assert.ok(spanOf(97, 98, [{ value: 85, side: "high" }, { value: 95, side: "high" }])[0] < 95);
  });
});

describe("the point under the cursor", () => {
  const columns = { time: [10, 20, 30], min: [1, 2, 3], max: [1, 2, 3], mean: [1, 2, 3], bad: [], gaps: [{ start_ms: 21_000, end_ms: 29_000, reason: "source_lost" }] };
  test("is the newest that is not later", () => assert.deepEqual([10, 19, 20, 30].map((time) => standingAt(columns, time)), [0, 0, 1, 2]));
  test("is none before the first, after the last and in a gap", () => assert.deepEqual([9, 31, 25].map((time) => standingAt(columns, time)), [-1, -1, -1]));
});

describe("health of a source", () => {
  const state = { connection: /** @type {const} */ ("connected"), since_ms: 0, last_heard_ms: 0, requested: 1, monitored: 1, failed: [], readings: 0, unsent: 0, last_error: "", conditions: [] };
  const row = { id: "a", display: { vi: "", en: "" }, simulated: false, config: { protocol: "opcua", endpoint: "", items: 1 }, silent: false, heard_ms: 0, state };

  test("silence goes before what was said last", () => assert.equal(healthOf({ ...row, silent: true }), "silent"));
  test("never heard is silent", () => assert.equal(healthOf({ ...row, state: null }), "silent"));
  test("connected with a missing signal is not all well", () => {
    const failed = [{ tag: "a/b:c", node: "", status: 1, reason: "" }];
    assert.equal(healthOf({ ...row, state: { ...state, failed } }), "partial");
    assert.equal(healthOf(row), "connected");
  });
});

describe("Store", () => {
  const initial = { equipment: null, tag: null, condition: null, hovered: null, dock: null, range: 900, theme: /** @type {const} */ ("dark"), drawer: false };

  test("tells only what is really different", () => {
    const store = new Store(initial);
    /** @type {string[][]} */
    const heard = [];
    const stop = store.listen((changed) => heard.push([...changed]));
    store.set({ equipment: "a/b", range: 900 });
    store.set({ equipment: "a/b" });
    stop();
    store.set({ equipment: null });
    assert.deepEqual(heard, [["equipment"]]);
  });

  test("reads a place from the address", () => {
    assert.deepEqual(readPlace("#a/b/c"), { equipment: "a/b/c", tag: null });
    assert.deepEqual(readPlace("#a/b/c:t"), { equipment: "a/b/c", tag: "a/b/c:t" });
    assert.deepEqual(readPlace(""), { equipment: null, tag: null });
  });
});
