import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { AlarmBook, byUrgency, filterAlarms, foldAlarms, OLD_AFTER_MS, sortLines } from "../../../twin/web/src/alarm_book.js";
import { contrast } from "../../../twin/web/src/colour.js";
import { GLYPHS } from "../../../twin/web/src/glyphs.js";
import { alarmGlyph, PRIORITIES, priorityOf } from "../../../twin/web/src/priority.js";

const TOKENS = readFileSync(new URL("../../../twin/web/style/tokens.css", import.meta.url), "utf8");
const NOW = 1_767_225_600_000;

/**
 * @param {string} alarm
 * @param {Partial<import("../../../twin/web/src/alarm_book.js").AlarmRow>} [fields]
 * @returns {import("../../../twin/web/src/alarm_book.js").AlarmRow}
 */
function row(alarm, fields = {}) {
  return {
    alarm, subject: alarm, equipment: `p/${alarm}`, name: { vi: alarm, en: alarm }, type: "high", priority: "medium", alarm_class: "process",
    state: "unacknowledged", active: true, raised_at: new Date(NOW).toISOString(), since: null, value: 1, limit: 2, unit: "", acknowledged_by: "",
    acknowledged_at: null, shelved_until: null, reason: "", comment: "", cause: null, consequence: null, response: null, explained_by: null, ...fields,
  };
}

/** @param {import("../../../twin/web/src/alarm_book.js").Line[]} lines */
const told = (lines) => lines.map((line) => [line.head.alarm, line.members.map((one) => one.alarm), line.explains]);

describe("alarms", () => {
  test("the urgent first; of one priority what holds, then what waits, then the newest", () => {
    const rows = [
      row("old", { raised_at: new Date(NOW - 5_000).toISOString() }), row("new"), row("seen", { state: "acknowledged" }),
      row("over", { active: false, state: "returned_unacknowledged" }), row("low", { priority: "low" }), row("urgent", { priority: "urgent", state: "acknowledged" }),
    ];
    assert.deepEqual(rows.sort(byUrgency).map((one) => one.alarm), ["urgent", "new", "old", "seen", "over", "low"]);
  });

  test("what a failed supply explains stands under it, the rest of a machine under its most urgent", () => {
    const rows = [
      row("a", { explained_by: "feeder" }), row("feeder", { priority: "urgent" }), row("b", { explained_by: "feeder" }),
      row("m1", { equipment: "p/m" }), row("m2", { equipment: "p/m", priority: "high" }), row("alone"),
    ];
    const lines = sortLines(foldAlarms(rows, new Map()), "urgency");
    assert.deepEqual(told(lines), [["feeder", ["a", "b"], true], ["m2", ["m1"], false], ["alone", [], false]]);
  });

  test("a cause that is shelved still holds its flood together", () => {
    const shelved = row("feeder", { state: "shelved" });
    const lines = foldAlarms([row("a", { explained_by: "feeder" }), row("b", { explained_by: "feeder" })], new Map([["feeder", shelved]]));
    assert.deepEqual(told(lines), [["feeder", ["a", "b"], true]]);
    assert.deepEqual(told(foldAlarms([row("a", { explained_by: "gone" })], new Map())), [["a", [], false]], "a cause nobody knows hides nothing");
  });

  test("alarms of sources, which are at no machine, are never folded together", () => {
    assert.equal(foldAlarms([row("s1", { equipment: "" }), row("s2", { equipment: "" })], new Map()).length, 2);
  });

  test("filters go together, and search needs no diacritics", () => {
    const rows = [row("p/x/lo", { equipment: "p/x/lo" }), row("p/y/lo", { equipment: "p/y/lo", priority: "high", state: "acknowledged" }), row("p/xy/lo", { equipment: "p/xy/lo" })];
    const found = (/** @type {Partial<import("../../../twin/web/src/alarm_book.js").AlarmFilter>} */ filter) =>
      filterAlarms(rows, { text: "", priority: null, tenant: "", waiting: false, ...filter }, (one) => `Lò hàn ${one.alarm}`).map((one) => one.alarm);
    assert.equal(found({ text: "lo han" }).length, 3);
    assert.deepEqual(found({ tenant: "p/x" }), ["p/x/lo"], "a tenant is no prefix of another's name");
    assert.deepEqual(found({ priority: "high" }), ["p/y/lo"]);
    assert.deepEqual(found({ waiting: true, tenant: "p/y" }), []);
  });

  test("of a flood the newest are renewed, and of the others holds what was read before", () => {
    const book = new AlarmBook();
    book.take({ rows: [row("b"), row("a", { active: false, state: "returned_unacknowledged" })], total: 2, counts: {}, causes: [row("cause", { state: "shelved" })] }, NOW);
    assert.deepEqual([...book.worst().keys()], ["p/b"]);
    book.renew({ alarms: [row("c"), row("b", { active: false, state: "returned_unacknowledged" })], total: 900, counts: { shelved: 1 } }, NOW + 1);
    assert.deepEqual(book.rows.map((one) => [one.alarm, one.active]), [["c", true], ["b", false], ["a", false]]);
    assert.deepEqual([book.total, book.hidden, book.readAt], [900, 1, NOW + 1]);
    assert.deepEqual([...book.worst().keys()], ["p/c"], "what is worst is looked for anew");
    assert.deepEqual([...book.hiddenCauses.keys()], ["cause"]);
  });

  test("the book counts what holds and what waits, and knows the worst of a machine", () => {
    const book = new AlarmBook();
    book.take({ rows: [row("a", { equipment: "p/m" }), row("b", { equipment: "p/m", priority: "high", active: false, state: "returned_unacknowledged" })], total: 2, counts: { shelved: 3 }, causes: [] }, NOW);
    assert.deepEqual(book.counts().get("medium"), { active: 1, waiting: 1 });
    assert.deepEqual(book.counts().get("high"), { active: 0, waiting: 1 });
    assert.equal(book.worst().get("p/m")?.alarm, "a", "what is over marks no machine");
    assert.equal(book.hidden, 3);
  });

  test("the book says how far it can be trusted", () => {
    const book = new AlarmBook();
    assert.equal(book.standing(NOW), "reading");
    book.fail("away");
    assert.equal(book.standing(NOW), "failed");
    book.take({ rows: [], total: 0, counts: {}, causes: [] }, NOW);
    assert.equal(book.standing(NOW + 1_000), "fresh");
    assert.equal(book.standing(NOW + OLD_AFTER_MS + 1), "old");
    book.fail("away");
    assert.equal(book.standing(NOW + 1_000), "old");
  });
});

describe("priorities", () => {
  test("have a shape each, filled until somebody has seen it", () => {
    assert.equal(new Set(PRIORITIES.map(({ name }) => GLYPHS[alarmGlyph(name, true)].body)).size, PRIORITIES.length);
    for (const { name } of PRIORITIES) assert.deepEqual([GLYPHS[alarmGlyph(name, true)].filled, GLYPHS[alarmGlyph(name, false)].filled], [true, false]);
  });
  test("one that this page does not know is no small matter", () => assert.equal(priorityOf("catastrophic").name, "high"));
  for (const theme of /** @type {const} */ (["dark", "light"])) {
    test(`can be seen, and their numbers be read in them, on a ${theme} page`, () => {
      const block = TOKENS.split(`[data-theme="${theme}"]`)[1];
      const token = (/** @type {string} */ name) => new RegExp(`--${name}: (#[0-9a-f]{6})`).exec(block)?.[1] ?? "";
      for (const { name, colour } of PRIORITIES) {
        assert.ok(contrast(colour[theme], token("surface")) >= 4.5, `${name} on the page`);
        assert.ok(contrast(colour[theme], token("ink")) >= 4.5, `number in ${name}`);
      }
    });
  }
});
