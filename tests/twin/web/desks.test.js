import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { causeWords } from "../../../twin/web/src/challenge_words.js";
import { calendarScale, mondays, rank } from "../../../twin/web/src/forecast_rank.js";
import { Format } from "../../../twin/web/src/format.js";
import { translator } from "../../../twin/web/src/i18n.js";
import { chance, firstMachine, money, withNames } from "../../../twin/web/src/maintenance_words.js";
import { gateWords, nextStep, percent, whyWords } from "../../../twin/web/src/quality_words.js";
import { ReviewOutbox } from "../../../twin/web/src/review_outbox.js";
import { defectNames, scoreBar } from "../../../twin/web/src/verdict.js";

const [VI, EN] = ["vi", "en"].map((language) => JSON.parse(readFileSync(new URL(`../../../twin/web/locales/${language}.json`, import.meta.url), "utf8")));
const vi = new Format("vi", translator(VI, "vi"), "Asia/Ho_Chi_Minh");
const en = new Format("en", translator(EN, "en"), "Asia/Ho_Chi_Minh");

/** @param {Partial<import("../../../twin/web/src/verdict.js").Inspection>} fields @returns {any} */
const product = (fields) => ({ verdict: "reject", gate: "", score: 2, review_from: 1, reject_from: 2, findings: [], reviews: [], ...fields });

describe("rank", () => {
  const forecast = (/** @type {string} */ machine, /** @type {string} */ state) => /** @type {any} */ ({ machine, state, remaining: ["failing", "degrading"].includes(state) ? { p50: 1 } : null });
  const outlook = (/** @type {string} */ machine, /** @type {number | null} */ risk, until = null) => /** @type {[string, any]} */ ([machine, { machine, fails_week: risk, healthy_until: until }]);
  const forecasts = [forecast("unknown", "not_enough_data"), forecast("well", "healthy"), forecast("cheap", "degrading"), forecast("likely", "degrading"), forecast("costly", "degrading"), forecast("seldom", "degrading"), forecast("mended", "healthy")];
  const outlooks = new Map([outlook("well", 0.01, /** @type {any} */ ("2027-01-01T00:00:00Z")), outlook("mended", 0.01, /** @type {any} */ ("2026-12-20T00:00:00Z")), outlook("likely", 0.4), outlook("seldom", 0.1), outlook("cheap", 0.9), outlook("costly", 0.2), outlook("unknown", null)]);
  const orders = /** @type {any} */ ([{ machine: "cheap", wait_week: 5 }, { machine: "costly", wait_week: 900 }, { machine: "mended", wait_week: 7 }]);
  const ranked = rank(forecasts, outlooks, orders);

  test("by what waiting costs, then by risk, then the healthy by how soon certainty ends, the unknown last", () => {
    assert.deepEqual(ranked.map((one) => one.forecast.machine), ["costly", "cheap", "likely", "seldom", "mended", "well", "unknown"]);
  });
  test("what is called healthy now is not to be acted on, though an older plan has a job for it", () => {
    assert.equal(ranked.find((one) => one.forecast.machine === "mended")?.group, "healthy");
  });
});

describe("calendar", () => {
  const now = Date.UTC(2026, 10, 25, 20, 30); // Thursday, 3:30 in Hanoi
  test("weeks begin on Mondays at midnight of the park", () => {
    assert.deepEqual(mondays(now, 2, "Asia/Ho_Chi_Minh").map((time) => new Date(time).toISOString()), ["2026-11-22T17:00:00.000Z", "2026-11-29T17:00:00.000Z", "2026-12-06T17:00:00.000Z"]);
  });
  test("what lies beyond is at the end and said to be beyond", () => {
    const scale = calendarScale(now, 2);
    assert.equal(scale.at(now + 7 * 86_400_000), 0.5);
    assert.ok(scale.beyond(now + 15 * 86_400_000));
    assert.equal(scale.at(now + 15 * 86_400_000), 1);
  });
});

describe("words", () => {
  test("money as people say it", () => {
    assert.deepEqual([33_740_000, 1_260_000_000, 29_657, -600_000].map((amount) => money(amount, "VND", vi)), ["33,7 triệu đồng", "1,3 tỷ đồng", "29.657 đồng", "-0,6 triệu đồng"]);
    assert.equal(money(33_740_000, "VND", en), "VND 33.7 million");
  });
  test("a machine by its name, its place and whose it is, wherever the service writes its id", () => {
    const name = (/** @type {string} */ word) => ({ vi: word, en: `${word} (en)` });
    const park = /** @type {any} */ ({
      equipmentById: new Map([["p/a/cold/c3", { display: name("Dàn ngưng 3") }], ["p/a/cold/c4", { display: name("Dàn ngưng 4") }]]),
      placeNames: new Map([["p/a", name("Sông Cầu")], ["p/a/cold", name("Kho lạnh")]]),
    });
    const text = "tuần từ thứ Hai 7/12: 2 việc, 8 giờ công: p/a/cold/c3; p/a/cold/c4.";
    assert.equal(withNames(text, park, vi), "tuần từ thứ Hai 7/12: 2 việc, 8 giờ công: Dàn ngưng 3, Kho lạnh, Sông Cầu; Dàn ngưng 4, Kho lạnh, Sông Cầu.");
    assert.match(withNames(text, park, en), /Dàn ngưng 3 \(en\), Kho lạnh \(en\)/);
    assert.equal(firstMachine(text, park), "p/a/cold/c3");
  });
  test("only what is certain is 0 or 100 %", () => {
    assert.deepEqual([0, 0.0003, 0.074, 0.9999, 1].map((share) => chance(share, en)), ["0 %", "under 1 %", "7 %", "over 99 %", "100 %"]);
    assert.deepEqual([null, 0.004, 0.12].map((share) => percent(share, vi)), ["–", "0,4 %", "12 %"]);
  });
  test("why a picture was not judged, in the reader's language; an unknown reason as the service says it", () => {
    assert.match(gateWords("contrast 3.0 DN: below 20.0; check lamp, lens and product", vi.t), /thiếu sáng/);
    assert.match(gateWords("640 x 10 px: not the shape that was taught; check the framing", en.t), /frame/);
    assert.match(gateWords("blocked: challenge due (changeover)", vi.t), /mẫu chuẩn/);
    assert.match(gateWords("blocked: challenge failed (piece 3)", en.t), /wrongly/);
    assert.match(gateWords("stain 1.20: below its limits", vi.t), /ngưỡng riêng/);
    assert.match(gateWords("crack 1.10: rejected from 1", en.t), /thresholds of this type/);
    assert.equal(gateWords("something new", vi.t), "something new");
  });
  test("why a station is blocked, whatever the service names", () => {
    for (const { t } of [vi, en]) for (const cause of ["start", "changeover", "recipe", "interval", "plan"]) assert.doesNotMatch(causeWords(`Station blocked: challenge due (${cause})`, t), /challenge/);
    for (const why of ["Station blocked: challenge failed (D-1: defective, judged pass)", "D-1: defective, judged pass"]) {
      assert.equal(causeWords(why, vi.t), "Thử không đạt: D-1 là mẫu lỗi nhưng bị chấm ĐẠT. Phải thử lại tất cả các mẫu.");
    }
    assert.equal(causeWords("something new", en.t), "something new");
  });
  test("what is to be done next, and where to look", () => {
    assert.equal(nextStep(product({ verdict: "review" }), en.t), "Look it over, then say good or defective");
    const scratched = product({ findings: [{ type: "scratch", box_px: [0, 0, 1, 1] }, { type: "scratch", box_px: [2, 2, 3, 3] }, { type: "unlike_good", box_px: [4, 4, 5, 5] }, { type: "unknown_type", box_px: [6, 6, 7, 7] }] });
    assert.deepEqual(defectNames(scratched), ["scratch"]);
    assert.equal(whyWords(scratched, en.t), "4 places unlike good products: scratch");
    assert.equal(whyWords(product({ findings: [{ type: "unlike_good", box_px: [0, 0, 1, 1] }] }), en.t), "1 place unlike good products, marked in the picture");
  });
  test("a score beyond all limits stays within its bar, none has no bar", () => {
    const bar = scoreBar(product({ score: 30 }));
    assert.ok(bar && bar.score < 1 && bar.review < bar.reject && bar.reject < bar.score);
    assert.equal(scoreBar(product({ score: null })), null);
  });
});

describe("reviews on their way", () => {
  const memory = () => {
    /** @type {Map<string, string>} */
    const kept = new Map();
    return /** @type {any} */ ({ getItem: (/** @type {string} */ key) => kept.get(key) ?? null, setItem: (/** @type {string} */ key, /** @type {string} */ text) => kept.set(key, text) });
  };
  const body = /** @type {const} */ ({ truth: "good", by: "Lan", defect: "", reason: "", blind: false });
  /** @param {(path: string) => Response | Promise<Response>} answer */
  const served = (answer) => {
    /** @type {string[]} */
    const asked = [];
    globalThis.document = /** @type {any} */ ({ baseURI: "http://twin/" });
    globalThis.fetch = /** @type {any} */ (async (/** @type {URL} */ url) => {
      asked.push(url.pathname);
      return answer(url.pathname);
    });
    return asked;
  };

  test("are kept through a reload and sent in order once somebody answers", async () => {
    const storage = memory();
    const outbox = new ReviewOutbox(storage);
    outbox.add({ key: "a", body });
    outbox.add({ key: "b", body });
    served(() => Promise.reject(new TypeError("no network")));
    await assert.rejects(outbox.send(() => undefined), /no network/);
    const again = new ReviewOutbox(storage);
    assert.deepEqual(again.waiting.map(({ key }) => key), ["a", "b"]);
    const asked = served(() => new Response("{}", { status: 201 }));
    /** @type {string[]} */
    const taken = [];
    await again.send((key) => taken.push(key));
    assert.deepEqual([taken, asked], [["a", "b"], ["/api/qc/inspections/a/reviews", "/api/qc/inspections/b/reviews"]]);
    assert.deepEqual(new ReviewOutbox(storage).waiting, []);
  });
  test("one that is refused for good is told and does not hold up the others", async () => {
    const outbox = new ReviewOutbox(memory());
    outbox.add({ key: "gone", body });
    outbox.add({ key: "b", body });
    served((path) => path.includes("gone") ? new Response('{"detail": "there is none of this id"}', { status: 404 }) : new Response("{}", { status: 201 }));
    await outbox.send(() => undefined);
    assert.equal(outbox.refused, "there is none of this id");
    assert.deepEqual(outbox.waiting, []);
  });
});
