import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { heldLine, standingAt, trustedUntil } from "../../../twin/web/src/held_line.js";
import { feedTrouble, healthOf, noneSends, withoutAddress } from "../../../twin/web/src/sources.js";
import { readPlace, Store } from "../../../twin/web/src/store.js";
import { LONGEST_TAIL, TrendData } from "../../../twin/web/src/trend_data.js";
import { decimalsOf, spanOf } from "../../../twin/web/src/value_axis.js";

const BAD = 0x80310000;
const UNCERTAIN = 0x40000000;
/** A source that is well, and a kind whose values may stand for ever. @param {number} until [ms] */
const live = (until) => ({ until, holdFor: Infinity });

/** @typedef {Partial<import("../../../twin/web/src/trend_data.js").HistoryJson>} Answer */

/**
 * @param {[number, number | null, number?][]} readings time [ms], value, status
 * @param {Answer} [more]
 * @returns {import("../../../twin/web/src/trend_data.js").HistoryJson}
 */
function readings(readings, more = {}) {
  return {
    tag: "p/m:t", unit: "", from: 0, width_ms: 1_000, before: null, gaps: [], ...more,
    buckets: { start_ms: [], min: [], max: [], mean: [], count: [], bad: [] },
    raw: { time_ms: readings.map((row) => row[0]), value: readings.map((row) => row[1]), status: readings.map((row) => row[2] ?? 0) },
  };
}

/**
 * @param {[number | null, number?][]} means of buckets of one second, null where there is none, and how many Bad
 * @param {Answer} [more]
 * @returns {import("../../../twin/web/src/trend_data.js").HistoryJson}
 */
function buckets(means, more = {}) {
  const mean = means.map((row) => row[0]);
  return {
    ...readings([], more), raw: null,
    buckets: {
      start_ms: means.map((_, k) => 1_000 * k), mean, min: mean.map((one) => one && one - 1), max: mean.map((one) => one && one + 1),
      count: mean.map((one) => (one === null ? 0 : 5)), bad: means.map((row) => row[1] ?? 0),
    },
  };
}

/**
 * The line as `time: value`, with `-` where it breaks.
 *
 * @param {import("../../../twin/web/src/trend_data.js").HistoryJson} history
 * @param {number} start [ms]
 * @param {number} end [ms]
 * @param {import("../../../twin/web/src/held_line.js").Trust} [trust]
 */
function line(history, start, end, trust = live(end)) {
  const data = new TrendData();
  data.setHistory(history, end);
  const columns = data.window(start, end, trust);
  return { drawn: written(columns), columns };
}

/** @param {import("../../../twin/web/src/held_line.js").TrendColumns} columns */
const written = ({ time, mean }) => time.map((one, k) => `${one}:${mean[k] ?? "-"}`).join(" ");

describe("a value that stands still", () => {
  test("holds until the next reading, and to now on a live source", () => {
    assert.equal(line(readings([[1_000, 5], [40_000, 6]]), 0, 60_000).drawn, "1:5 40:6 60:6");
  });
  test("holds from before the left edge", () => {
    const { drawn } = line(readings([[20_000, 6]], { before: { time_ms: -900_000, value: 5, status: 0 } }), 0, 30_000);
    assert.equal(drawn, "0:5 20:6 30:6");
  });
  test("holds through a window without a single reading", () => {
    assert.equal(line(readings([], { before: { time_ms: -1, value: 5, status: UNCERTAIN } }), 0, 30_000).drawn, "0:5 30:5");
  });
  test("holds through empty buckets, with the spread of the last one that had readings", () => {
    const { drawn, columns } = line(buckets([[4], [null], [null], [8], [null]]), 0, 5_000);
    assert.equal(drawn, "0:4 3:8 5:8");
    assert.deepEqual([columns.min, columns.max], [[3, 7, 7], [5, 9, 9]]);
    assert.deepEqual(columns.gaps, []);
  });
  test("holds after buckets with the newest value, not with a mean", () => {
    const data = new TrendData();
    data.setHistory(buckets([[4], [null], [null], [null]]), 4_000);
    data.append(700, 5, 0);
    assert.equal(written(data.window(0, 4_000, live(4_000))), "0:4 0.7:5 4:5");
  });
  test("no longer than its kind allows; then nobody knows", () => {
    const { drawn, columns } = line(readings([[0, 5], [60_000, 6]]), 0, 70_000, { until: 70_000, holdFor: 20_000 });
    assert.equal(drawn, "0:5 20:5 20:- 60:6 70:6");
    assert.deepEqual(columns.gaps, [{ start_ms: 20_000, end_ms: 60_000, reason: "stale", open: false }]);
  });
});

describe("a gap", () => {
  const gap = { start_ms: 10_000, end_ms: 40_000, reason: "connector_down" };

  test("breaks the line; at its end what was told last stands again", () => {
    const { drawn, columns } = line(readings([[0, 1], [50_000, 2]], { gaps: [gap] }), 0, 60_000);
    assert.equal(drawn, "0:1 10:1 10:- 40:1 50:2 60:2");
    assert.deepEqual(columns.gaps, [gap]);
  });
  test("breaks it until the reading that ends it", () => {
    assert.equal(line(readings([[0, 1], [40_000, 2]], { gaps: [gap] }), 0, 60_000).drawn, "0:1 10:1 10:- 40:2 60:2");
  });
  test("breaks what comes in from the left", () => {
    const history = readings([[50_000, 2]], { before: { time_ms: 0, value: 1, status: 0 }, gaps: [gap] });
    assert.equal(line(history, 20_000, 60_000).drawn, "20:- 40:1 50:2 60:2");
  });
  test("breaks empty buckets", () => {
    const short = { start_ms: 1_500, end_ms: 3_000, reason: "source_lost" };
    assert.equal(line(buckets([[4], [null], [null], [8]], { gaps: [short] }), 0, 4_000).drawn, "0:4 1.5:4 1.5:- 3:8 4:8");
  });
  test("at the end lets nothing hold to now", () => {
    const { drawn, columns } = line(readings([[0, 1]], { gaps: [gap] }), 0, 30_000);
    assert.equal(drawn, "0:1 10:1 10:-");
    assert.deepEqual(columns.gaps, [gap], "said once");
  });
  test("does not hide a reading in it", () => {
    const { drawn, columns } = line(readings([[0, 1], [20_000, 9]], { gaps: [gap] }), 0, 60_000);
    assert.equal(drawn, "0:1 10:1 10:- 20:9 20:- 40:9 60:9");
    assert.deepEqual(columns.dots, [[20, 9]]);
  });
  test("and another in it are one break", () => {
    const inner = { start_ms: 20_000, end_ms: 30_000, reason: "outbox_full" };
    assert.equal(line(readings([[0, 1]], { gaps: [gap, inner] }), 0, 60_000).drawn, "0:1 10:1 10:- 40:1 60:1");
  });
});

describe("a Bad reading", () => {
  test("breaks the line until the next good one, and is marked", () => {
    const { drawn, columns } = line(readings([[0, 1], [10_000, null, BAD], [20_000, 2, UNCERTAIN]]), 0, 30_000);
    assert.equal(drawn, "0:1 10:- 20:2 30:2");
    assert.deepEqual(columns.bad, [10]);
  });
  test("is not held to now, nor from the left edge, though it came with a number", () => {
    assert.equal(line(readings([[0, 1], [10_000, 7, BAD]]), 0, 30_000).drawn, "0:1 10:-");
    assert.equal(line(readings([[20_000, 2]], { before: { time_ms: -1, value: 7, status: BAD } }), 0, 30_000).drawn, "0:- 20:2 30:2");
  });
  test("in a bucket leaves open what stands after it", () => {
    const { drawn, columns } = line(buckets([[4, 1], [null], [8]]), 0, 3_000);
    assert.equal(drawn, "0:4 1:4 1:- 2:8 3:8");
    assert.deepEqual([columns.bad, columns.gaps], [[0.5], []]);
  });
  test("in a bucket without a good one breaks the line there", () => {
    assert.equal(line(buckets([[4], [null, 3], [null], [8]]), 0, 4_000).drawn, "0:4 1:- 3:8 4:8");
  });
});

describe("a source that is gone", () => {
  test("ends the line where trust ends, and says since when", () => {
    const { drawn, columns } = line(readings([[0, 1]]), 0, 60_000, live(25_000));
    assert.equal(drawn, "0:1 25:1 25:-");
    assert.deepEqual(columns.gaps, [{ start_ms: 25_000, end_ms: 60_000, reason: "stale", open: true }]);
  });
  test("leaves a last reading that nothing held as a dot", () => {
    assert.deepEqual(line(readings([[5_000, 1]]), 0, 60_000, live(5_000)).columns.dots, [[5, 1]]);
  });
  test("is told after a Bad reading as well", () => {
    assert.deepEqual(line(readings([[5_000, null, BAD]]), 0, 60_000, live(9_000)).columns.gaps, [{ start_ms: 9_000, end_ms: 60_000, reason: "stale", open: true }]);
  });
});

describe("an outage that the page has seen", () => {
  const seen = () => {
    const data = new TrendData();
    data.setHistory(readings([[0, 1]]), 1_000);
    data.window(0, 40_000, live(25_000));
    data.window(0, 60_000, live(25_000));
    return data;
  };
  test("stays a gap when the source is back, until the history can know", () => {
    const data = seen();
    const columns = data.window(0, 62_000, live(62_000));
    assert.equal(written(columns), "0:1 25:1 25:-");
    assert.deepEqual(columns.gaps, [{ start_ms: 25_000, end_ms: 62_000, reason: "stale", open: false }]);
    data.setHistory(readings([[0, 1]]), 65_000);
    assert.equal(written(data.window(0, 70_000, live(70_000))), "0:1 25:1 25:- 62:1 70:1");
  });
  test("shows what came meanwhile", () => {
    const data = seen();
    data.append(61_000, 2, 0);
    const columns = data.window(0, 63_000, live(63_000));
    assert.deepEqual([written(data.window(0, 64_000, live(64_000))), columns.dots], ["0:1 25:1 25:- 61:2 61:- 63:2 64:2", [[61, 2]]]);
  });
  test("gives way to what the history says", () => {
    const told = { start_ms: 24_000, end_ms: 61_000, reason: "source_lost" };
    const data = seen();
    data.window(0, 62_000, live(62_000));
    data.setHistory(readings([[0, 1]], { gaps: [told] }), 63_000);
    assert.deepEqual(data.window(0, 64_000, live(64_000)).gaps, [told]);
    const none = seen();
    none.window(0, 62_000, live(62_000));
    none.setHistory(readings([[0, 1]]), 75_000);
    assert.equal(written(none.window(0, 76_000, live(76_000))), "0:1 76:1", "nothing was lost after all");
  });
});

describe("until when a value is known to stand", () => {
  const state = { connection: /** @type {const} */ ("connected"), since_ms: 0, last_heard_ms: 99_000, requested: 1, monitored: 1, failed: [], readings: 0, unsent: 0, last_error: "", conditions: [] };
  const source = { id: "a", display: { vi: "", en: "" }, simulated: false, config: { protocol: "opcua", endpoint: "", items: 1 }, silent: false, heard_ms: 99_500, state };
  const standing = { now: 100_000, pictureTime: 99_800, offline: false, stale: false, newest: 10_000, holdFor: Infinity, source };

  test("now, while all is well", () => assert.equal(trustedUntil(standing), 100_000));
  test("the newest picture, once the stream has ended", () => assert.equal(trustedUntil({ ...standing, offline: true }), 99_800));
  test("when its server was last heard, once it is lost", () => {
    const lost = { ...source, state: { ...state, connection: /** @type {const} */ ("lost"), since_ms: 70_000, last_heard_ms: 65_000 } };
    assert.equal(trustedUntil({ ...standing, stale: true, source: lost }), 65_000);
  });
  test("when its connector was last heard, once that is silent", () => {
    assert.equal(trustedUntil({ ...standing, stale: true, source: { ...source, silent: true, heard_ms: 80_000 } }), 80_000);
  });
  test("when it grew older than its kind allows", () => assert.equal(trustedUntil({ ...standing, stale: true, holdFor: 30_000 }), 40_000));
  test("its own time, where nobody says more", () => {
    assert.equal(trustedUntil({ ...standing, stale: true }), 10_000);
    assert.equal(trustedUntil({ ...standing, stale: true, source: undefined }), 10_000);
  });
});

describe("history and stream", () => {
  test("are joined, each reading once", () => {
    const data = new TrendData();
    data.setHistory(readings([[0, 1], [1_000, 2]]), 2_000);
    data.append(2_500, 3, 0);
    data.append(2_500, 3, 0);
    data.append(1_200, 9, 0);
    assert.equal(written(data.window(0, 3_000, live(3_000))), "0:1 1:2 2.5:3 3:3");
  });
  test("asking again keeps the tail that is newer than the answer", () => {
    const data = new TrendData();
    data.append(900, 1, 0);
    data.append(2_100, 2, 0);
    data.setHistory(readings([[500, 1]]), 2_000);
    assert.equal(written(data.window(0, 3_000, live(3_000))), "0.5:1 2.1:2 3:2");
  });
  test("beside buckets the tail is gathered into buckets of the same width", () => {
    const data = new TrendData();
    data.setHistory(buckets([[1], [2]]), 2_000);
    for (const [time, value] of [[2_100, 3], [2_400, 5], [2_900, 7], [3_100, 9]]) data.append(time, value, 0);
    const columns = data.window(0, 4_000, live(4_000));
    assert.equal(written(columns), "0:1 1:2 2.1:5 3.1:9 4:9");
    assert.deepEqual([columns.min[2], columns.max[2]], [3, 7]);
  });
  test("a page left open for days does not grow", () => {
    const data = new TrendData();
    for (let k = 1; k <= LONGEST_TAIL + 500; k++) data.append(k * 1_000, k, 0);
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
  test("has as many digits as tell its marks apart", () => {
    assert.deepEqual([[0, 5], [1.25, 1.5], [0.001, 0.002], []].map(decimalsOf), [0, 2, 3, 0]);
  });
});

describe("the point under the cursor", () => {
  const points = [[10, 1], [20, 2], [30, 3]].map(([time, value]) => ({ time: time * 1000, end: time * 1000, min: value, max: value, mean: value, bad: false }));
  const gap = { start_ms: 21_000, end_ms: 29_000, reason: "source_lost" };
  const columns = heldLine(points, [gap], 0, 30_000, live(30_000));
  const valueAt = (/** @type {number} */ time) => columns.mean[standingAt(columns, time)];

  test("is the newest that is not later", () => assert.deepEqual([10, 19, 20, 29, 30].map(valueAt), [1, 1, 2, 2, 3]));
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
  test("none sends only where all are away", () => {
    const away = { ...row, silent: true };
    assert.deepEqual([[], [row], [row, away], [away, away]].map(noneSends), [false, false, false, true]);
    assert.deepEqual([feedTrouble([away], { bus: "gone" }), feedTrouble([away], {}), feedTrouble([row], { scene: "x" })], ["no_bus", "no_source", null]);
  });
  test("an error does not say again which address it is about", () => {
    assert.equal(withoutAddress("opc.tcp://a:1/: refused", "opc.tcp://a:1/"), "refused");
    assert.equal(withoutAddress("refused", "opc.tcp://a:1/"), "refused");
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
