import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AlarmChanges, MOST_NAMED } from "../../../twin/web/src/alarm_changes.js";

const NOTHING = { whole: false, named: [] };
const ALL = { whole: true, named: [] };

/**
 * @param {string[]} alarms
 * @param {string} [alarm_class]
 */
const news = (alarms, alarm_class = "process") => ({ entries: alarms.map((alarm) => ({ alarm, alarm_class })), missed: false });

/** @param {number} rows how many alarms there are */
function read(rows) {
  const changes = new AlarmChanges();
  assert.deepEqual(changes.begin(0), ALL, "the first reading is of all");
  changes.end(rows, false);
  return changes;
}

/**
 * What is read next, and when.
 *
 * @param {AlarmChanges} changes
 */
function next(changes) {
  const at = changes.dueAt;
  return [at, changes.begin(at)];
}

const numbered = (/** @type {number} */ n) => Array.from({ length: n }, (_, k) => `a${k}`);

describe("changes of alarms", () => {
  test("those that the stream names are read, once for all that comes meanwhile", () => {
    const changes = read(9_000);
    changes.note(news(["b", "a"]), 5_000);
    changes.note(news(["b", "c"]), 5_290);
    assert.deepEqual(next(changes), [5_300, { whole: false, named: ["b", "a", "c"] }]);
    changes.note(news(["d"]), 5_350);
    changes.end(9_000, false);
    assert.deepEqual(next(changes), [6_800, { whole: false, named: ["d"] }], "a storm does not make it read more often");
    changes.end(9_000, false);
    assert.deepEqual(next(changes), [30_000, ALL], "all anyway, now and then");
  });

  test("a storm does not put off the reading of all", () => {
    const changes = read(9_000);
    let at = 0;
    for (let k = 0; at < 30_000; k++) {
      changes.note(news([`a${k}`]), at);
      at = changes.dueAt;
      const { whole } = changes.begin(at);
      assert.equal(whole, at >= 30_000);
      changes.end(9_000, false);
    }
    assert.ok(at < 31_500, String(at));
  });

  for (const [why, note] of /** @type {[string, (changes: AlarmChanges) => void][]} */ ([
    ["names were lost", (changes) => changes.note({ entries: [], missed: true }, 2_000)],
    ["a supply changed", (changes) => changes.note(news(["breaker"], "supply"), 2_000)],
    ["more changed than is asked for", (changes) => changes.note(news(numbered(MOST_NAMED + 1)), 2_000)],
  ])) {
    test(`all is read where ${why}`, () => {
      const changes = read(900);
      note(changes);
      assert.deepEqual(next(changes), [2_300, ALL]);
      changes.end(900, false);
      assert.deepEqual(next(changes), [32_300, ALL], "nothing is left to be asked for");
    });
  }

  test("a long list is not read as often, and meanwhile what is named is", () => {
    const changes = read(1_001);
    changes.note(news(["breaker"], "supply"), 2_000);
    assert.deepEqual(next(changes), [2_300, { whole: false, named: ["breaker"] }]);
    changes.end(1_001, false);
    assert.deepEqual(next(changes), [6_000, ALL]);
    changes.note(news(numbered(2 * MOST_NAMED + 1)), 7_000);
    const named = numbered(2 * MOST_NAMED);
    assert.deepEqual(next(changes), [7_500, { whole: false, named: named.slice(0, MOST_NAMED) }]);
    assert.deepEqual(next(changes), [9_000, { whole: false, named: named.slice(MOST_NAMED) }]);
    assert.deepEqual(next(changes), [10_500, { whole: false, named: [`a${2 * MOST_NAMED}`] }]);
    assert.deepEqual(next(changes), [12_000, ALL]);
  });

  test("what hangs on an unknown cause has all read; so has a reading that failed, a while later", () => {
    const changes = read(10);
    changes.note(news(["a"]), 2_000);
    assert.deepEqual(next(changes), [2_300, { whole: false, named: ["a"] }]);
    changes.end(10, true);
    assert.deepEqual(next(changes), [3_800, ALL]);
    changes.fail();
    changes.note(news(["a"]), 3_900);
    assert.deepEqual(next(changes), [7_800, ALL]);
  });

  test("another moment, or a person's own doing, has all read whatever was read just now", () => {
    const changes = read(9_000);
    changes.note(news(["a"]), 100);
    changes.forget();
    assert.deepEqual(changes.begin(110), ALL);
    changes.end(9_000, false);
    assert.deepEqual(changes.begin(120), NOTHING);
    changes.forget();
    assert.deepEqual(next(changes), [1_610, ALL], "as soon as may be");
  });
});
