import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { AlarmBook, byUrgency, OLD_AFTER_MS } from "../../../twin/web/src/alarm_book.js";
import { filterAlarms, foldAlarms, sortLines } from "../../../twin/web/src/alarm_fold.js";
import { alarmValue } from "../../../twin/web/src/alarm_row.js";
import { contrast } from "../../../twin/web/src/colour.js";
import { Format } from "../../../twin/web/src/format.js";
import { GLYPHS } from "../../../twin/web/src/glyphs.js";
import { translator } from "../../../twin/web/src/i18n.js";
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

/** @param {import("../../../twin/web/src/alarm_fold.js").Line[]} lines */
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
    const found = (/** @type {Partial<import("../../../twin/web/src/alarm_fold.js").AlarmFilter>} */ filter) =>
      filterAlarms(rows, { text: "", priority: null, tenant: "", waiting: false, ...filter }, (one) => `Lò hàn ${one.alarm}`).map((one) => one.alarm);
    assert.equal(found({ text: "lo han" }).length, 3);
    assert.deepEqual(found({ tenant: "p/x" }), ["p/x/lo"], "a tenant is no prefix of another's name");
    assert.deepEqual(found({ priority: "high" }), ["p/y/lo"]);
    assert.deepEqual(found({ waiting: true, tenant: "p/y" }), []);
  });

  test("what is asked for by name is renewed, comes or goes, and of the others holds what was read before", () => {
    const book = new AlarmBook();
    book.take({ rows: [row("a"), row("b"), row("c", { priority: "high" }), row("d")], total: 900, counts: {}, causes: [row("cause", { state: "shelved" })] }, NOW);
    assert.deepEqual([...book.worst().keys()], ["p/a", "p/b", "p/c", "p/d"]);
    const { version } = book;
    const named = [row("new", { equipment: "p/d", priority: "urgent" }), row("b", { active: false, state: "returned_unacknowledged" })];
    book.takeNamed(["b", "c", "new", "never"], { rows: named, total: 899, counts: { shelved: 1 } }, NOW + 1);
    assert.deepEqual(book.rows().map((one) => [one.alarm, one.active]).sort(), [["a", true], ["b", false], ["d", true], ["new", true]]);
    assert.deepEqual([book.size, book.total, book.hidden, book.readAt], [4, 899, 1, NOW + 1]);
    assert.deepEqual([...book.worst()].map(([place, one]) => [place, one.alarm]), [["p/a", "a"], ["p/d", "new"]]);
    assert.deepEqual(book.turnedSince(version).sort(), ["p/b", "p/c", "p/d"], "where the worst is another; p/a is as it was");
    assert.deepEqual([book.counts().get("medium"), book.counts().get("high"), book.counts().get("urgent")], [{ active: 2, waiting: 3 }, { active: 0, waiting: 0 }, { active: 1, waiting: 1 }]);
    assert.deepEqual([book.knows("cause"), book.knows("c")], [true, false]);
  });

  test("many readings by name say what one of all would", () => {
    let seed = 7;
    const upTo = (/** @type {number} */ n) => (seed = (seed * 48_271) % 2_147_483_647) % n;
    const any = (/** @type {string} */ alarm) => row(alarm, {
      equipment: `p/${alarm.slice(1) % 5 || ""}`, active: upTo(2) === 0, priority: PRIORITIES[upTo(4)].name,
      state: ["unacknowledged", "acknowledged"][upTo(2)], raised_at: new Date(NOW + upTo(100)).toISOString(),
    });
    const [book, known] = [new AlarmBook(), /** @type {Map<string, ReturnType<typeof row>>} */ (new Map())];
    for (let turn = 0; turn < 200; turn++) {
      const { version } = book;
      const before = new Map(book.worst());
      const named = Array.from({ length: 1 + upTo(6) }, () => `a${upTo(30)}`);
      for (const alarm of named) {
        known.delete(alarm);
        if (upTo(3) > 0) known.set(alarm, any(alarm));
      }
      book.takeNamed(named, { rows: [...new Set(named)].flatMap((alarm) => known.get(alarm) ?? []), total: known.size, counts: {} }, NOW);
      const whole = new AlarmBook();
      whole.take({ rows: [...known.values()], total: known.size, counts: {}, causes: [] }, NOW);
      assert.deepEqual(new Map([...book.worst()].sort()), new Map([...whole.worst()].sort()));
      assert.deepEqual(book.counts(), whole.counts());
      for (let place = 0; place < 5; place++) assert.deepEqual(book.at(`p/${place || ""}`), whole.at(`p/${place || ""}`));
      const turned = new Set([...before.keys(), ...book.worst().keys()].filter((place) => before.get(place) !== book.worst().get(place)));
      assert.deepEqual(new Set(book.turnedSince(version)), turned);
    }
  });

  test("a reading that tells nothing new makes no new version", () => {
    const book = new AlarmBook();
    const told = () => ({ rows: [row("a", { cause: { vi: "vì", en: "why" } }), row("b")], total: 2, counts: { shelved: 1 }, causes: [row("cause")] });
    book.take(told(), NOW);
    const { version } = book;
    const [first] = book.rows();
    book.take(told(), NOW + 1);
    book.takeNamed(["a", "gone"], { rows: [row("a", { cause: { vi: "vì", en: "why" } })], total: 2, counts: { shelved: 1 } }, NOW + 2);
    assert.deepEqual([book.version, book.readAt, book.rows()[0] === first], [version, NOW + 2, true]);
    for (const change of [
      () => book.takeNamed(["a"], { rows: [row("a", { cause: { vi: "vì", en: "how" } })], total: 2, counts: { shelved: 1 } }, NOW),
      () => book.takeNamed(["z"], { rows: [], total: 3, counts: { shelved: 1 } }, NOW),
      () => book.takeNamed(["z"], { rows: [], total: 3, counts: {} }, NOW),
      () => book.fail("away"),
      () => book.takeNamed(["z"], { rows: [], total: 3, counts: {} }, NOW),
      () => book.take({ rows: book.rows(), total: 3, counts: {}, causes: [] }, NOW),
      () => book.forget(),
    ]) {
      const before = book.version;
      change();
      assert.equal(book.version, before + 1, String(change));
    }
  });

  test("tell the value that raised them in the reader's unit", () => {
    const messages = JSON.parse(readFileSync(new URL("../../../twin/web/locales/vi.json", import.meta.url), "utf8"));
    const format = new Format("vi", translator(messages, "vi"), "Asia/Ho_Chi_Minh");
    const park = { tagIndex: new Map([["s", 0]]), signal: () => ({ role: "", data_type: "Double", decimals: 1 }) };
    const told = (/** @type {string} */ unit) => alarmValue(/** @type {any} */ ({ park, format }), row("s", { value: 2960.5, limit: 2900, unit }));
    assert.deepEqual(told("rpm"), { value: "2.960,5 vòng/phút", limit: "> 2.900,0" });
    assert.equal(told("kPa").value, "2.960,5 kPa");
    for (const none of ["pH", ""]) assert.equal(told(none).value, "2.960,5", "no unit, no space");
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
