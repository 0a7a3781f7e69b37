import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { AlarmBook } from "../../../twin/web/src/alarm_book.js";
import { AlarmWatch } from "../../../twin/web/src/alarm_watch.js";

/** What the server presents, by id. @type {Map<string, object>} */
const presented = new Map();
/** Addresses that were asked, and the answers that are held back. @type {URL[]} */
const asked = [];
/** @type {(() => void)[] | null} */
let held = null;
const server = createServer((request, response) => {
  const url = new URL(request.url ?? "", "http://twin");
  asked.push(url);
  const named = url.searchParams.getAll("alarm");
  const [limit, offset] = ["limit", "offset"].map((name) => Number(url.searchParams.get(name)));
  const all = [...presented.values()];
  const alarms = named.length > 0 ? named.flatMap((alarm) => presented.get(alarm) ?? []) : all.slice(offset, offset + limit);
  const answer = () => response.end(JSON.stringify({ total: all.length, counts: {}, alarms }));
  if (held) held.push(answer);
  else answer();
});

before(async () => {
  await new Promise((done) => server.listen(0, "127.0.0.1", () => done(null)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  Object.assign(globalThis, { document: { baseURI: `http://127.0.0.1:${port}/` } });
});
after(() => server.close());

/** @param {string} alarm @param {object} [fields] */
const row = (alarm, fields) => ({ alarm, equipment: `p/${alarm}`, priority: "low", state: "unacknowledged", active: true, raised_at: null, explained_by: null, ...fields });
const news = (/** @type {string[]} */ ids) => ({ event: "alarms", entries: ids.map((alarm) => ({ alarm, alarm_class: "process" })), missed: false });

/** @param {() => boolean} happened */
async function until(happened) {
  const deadline = performance.now() + 30_000;
  while (!happened()) {
    assert.ok(performance.now() < deadline, String(happened));
    await new Promise((done) => setTimeout(done, 20));
  }
}

test("the watch reads page by page once, then what is named, and never of another time than is shown", async () => {
  const ids = Array.from({ length: 1_200 }, (_, k) => `a${k}`);
  for (const alarm of ids) presented.set(alarm, row(alarm));
  const book = new AlarmBook();
  let at = /** @type {number | null} */ (null);
  const watch = new AlarmWatch(book, () => {}, () => at, String);
  await until(() => book.size === 1_200);
  assert.deepEqual(asked.splice(0).map(({ search }) => search), ["?limit=1000&offset=0", "?limit=1000&offset=1000"]);

  for (const alarm of ids.slice(0, 60)) presented.delete(alarm);
  presented.set("a60", row("a60", { state: "acknowledged" }));
  watch.hint(news(ids.slice(0, 61)));
  await until(() => book.size === 1_140);
  assert.deepEqual([book.total, book.at("p/a60")[0].state, book.worst().has("p/a0")], [1_140, "acknowledged", false]);
  assert.deepEqual(asked.splice(0).map(({ searchParams }) => searchParams.getAll("alarm").length), [50, 11]);

  // what was asked of now comes while the past is shown already
  held = [];
  watch.hint(news(["a61"]));
  await until(() => held?.length === 1);
  at = 1_767_225_600_000;
  watch.turnTo();
  assert.equal(book.size, 0);
  const late = held;
  held = null;
  presented.clear();
  presented.set("then", row("then"));
  late.forEach((answer) => answer());
  await until(() => book.size > 0);
  assert.deepEqual(book.rows().map(({ alarm }) => alarm), ["then"]);
  assert.equal(asked.at(-1)?.searchParams.get("at"), "1767225600000");
  clearTimeout(watch.timer);
});
