import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { aboveOne, firstLine, missedBy, reasonPath, spellAt, spentTimes, standingOf } from "../../../twin/web/src/kpi_data.js";
import { marksOf, withChange } from "../../../twin/web/src/hypothesis.js";
import { fromWritten, ticks, toWritten } from "../../../twin/web/src/zone.js";

/** @param {Partial<import("../../../twin/web/src/kpi_data.js").KpiRow>} fields @returns {import("../../../twin/web/src/kpi_data.js").KpiRow} */
function row(fields) {
  return {
    id: "p/a/l1", name_vi: "", name_en: "", level: "line", availability: 0.9, effectiveness: 0.9, quality: 0.9, oee: 0.729, throughput_per_h: 1,
    gap_share: 0, planned_s: 28_800, times_s: { producing: 1, setup: 0, waiting: 0, held: 0, failed: 0, stopped: 0 }, good: 1, rejected: 0,
    piece_vi: "", piece_en: "", target: 0.8, unseen: 0, ...fields,
  };
}

describe("a key figure", () => {
  test("is taken at its word only as far as its time is known", () => {
    assert.equal(standingOf(row({})), "whole");
    assert.equal(standingOf(row({ gap_share: 0.3 })), "partial");
    assert.equal(standingOf(row({ gap_share: 0.99 })), "unknown");
    assert.equal(standingOf(row({ oee: null })), "unknown");
    assert.equal(standingOf(row({ planned_s: 0, oee: null })), "unplanned");
  });
  test("misses a target only where there are both", () => {
    assert.equal(missedBy(row({})).toFixed(1), "7.1");
    for (const fields of [{ target: null }, { gap_share: 0.99 }, { oee: 0.9 }]) assert.equal(missedBy(row(fields)), 0);
  });
  test("is above what its cycles allow only where enough is known to say so", () => {
    assert.equal(aboveOne(row({})), false);
    assert.equal(aboveOne(row({ effectiveness: 1.21 })), true);
    assert.equal(aboveOne(row({ effectiveness: 1.21, gap_share: 0.99 })), false);
  });
  test("adds up with what is not known", () => {
    const parts = spentTimes(row({ planned_s: 100, gap_share: 0.25, times_s: { producing: 50, setup: 5, waiting: 5, held: 5, failed: 5, stopped: 5 } }));
    assert.equal(parts.reduce((sum, { s }) => sum + s, 0), 100);
  });
  test("opens with the line of the machine, then with the worst", () => {
    const lines = [row({ id: "p/a/l1", oee: 0.79 }), row({ id: "p/a/l2", oee: 0.5 }), row({ id: "p/a/l3", oee: null })];
    assert.equal(firstLine(lines, "p/a/l3/m1"), "p/a/l3");
    assert.equal(firstLine(lines, null), "p/a/l2");
    assert.equal(firstLine([], null), null);
  });
});

test("a reason is part of what is above it", () => {
  const reasons = [{ id: "waiting", parent: "" }, { id: "starved", parent: "waiting" }, { id: "upstream", parent: "starved" }];
  assert.deepEqual(reasonPath(reasons, "upstream"), ["waiting", "starved", "upstream"]);
});

test("a moment lies in one spell", () => {
  const spells = { station: "m", sets_pace: true, start_ms: [0, 10, 30], what: ["producing", "held", "producing"], joined: 0 };
  assert.deepEqual(spellAt(spells, 29, 50), { what: "held", start: 10, end: 30 });
  assert.deepEqual(spellAt(spells, 30, 50), { what: "producing", start: 30, end: 50 });
  assert.equal(spellAt(spells, 50, 50), null);
  assert.equal(spellAt(spells, -1, 50), null);
});

describe("a what-if", () => {
  const element = (/** @type {string} */ id) => ({ id, name: { vi: id, en: id } });
  test("marks what is changed before what is overloaded before what is lost", () => {
    const marks = marksOf([{ change: "open", equipment: "f1" }], {
      affected: [{ ...element("m1"), lacks: [], after_min: 0 }, { ...element("m2"), lacks: [], after_min: 9 }, { ...element("f1"), lacks: [], after_min: 0 }],
      overloads: [{ ...element("f2"), percent: 120, before: 80 }], voltages: [], lines: [], tenants: [], reserves: [], lost_kw: 0, lost_kwh: 0, calls: [], notes: [],
    });
    assert.deepEqual(Object.fromEntries(marks), { m1: "lost", m2: "later", f1: "changed", f2: "beyond" });
  });
  test("has one change of each thing", () => {
    const changes = withChange([{ change: "open", equipment: "f1" }], { change: "derate", equipment: "f1", percent: 60 });
    assert.deepEqual(changes, [{ change: "derate", equipment: "f1", percent: 60 }]);
  });
});

describe("the park's clock", () => {
  const zone = "Asia/Ho_Chi_Minh";
  test("a typed date and time is there, not here", () => {
    const time = Date.UTC(2026, 0, 31, 1, 0, 5);
    assert.equal(toWritten(time, zone), "31/01/2026 08:00:05");
    assert.equal(fromWritten("31/01/2026 08:00:05", zone, 0), time);
    assert.equal(fromWritten(" 31-1-2026, 8h00 ", zone, 0), time - 5_000);
    assert.equal(fromWritten("08:00:05", zone, time + 3_600_000), time, "without a date it is the day in sight");
    for (const wrong of ["", "31/02/2026 08:00", "08:61", "24:00", "2026-01-31T08:00:05", "x"]) assert.ok(Number.isNaN(fromWritten(wrong, zone, 0)), wrong);
    const summer = Date.UTC(2026, 2, 29, 1, 30);
    assert.equal(fromWritten(toWritten(summer, "Europe/Berlin"), "Europe/Berlin", 0), summer);
  });
  test("ticks stand on whole hours of the park", () => {
    const found = ticks(Date.UTC(2026, 0, 1, 0, 20), Date.UTC(2026, 0, 1, 8, 20), 600, "Asia/Kolkata");
    assert.equal(toWritten(found[0], "Asia/Kolkata").slice(14), "00:00");
    assert.ok(found.length >= 4 && found.length <= 9);
  });
});
