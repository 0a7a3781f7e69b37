import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { fold, matches } from "../../../twin/web/src/fold.js";
import { Format, NOTHING } from "../../../twin/web/src/format.js";
import { chooseLanguage, translator } from "../../../twin/web/src/i18n.js";

const WEB = new URL("../../../twin/web/", import.meta.url);
const [VI, EN] = ["vi", "en"].map((language) => JSON.parse(readFileSync(new URL(`locales/${language}.json`, WEB), "utf8")));
const SOURCE = readdirSync(new URL("src/", WEB)).map((name) => readFileSync(new URL(`src/${name}`, WEB), "utf8")).join("\n");

/** @param {"vi" | "en"} language */
function formatOf(language) {
  const t = translator(language === "vi" ? VI : EN, language);
  return new Format(language, t, "Asia/Ho_Chi_Minh");
}

/** @param {Partial<import("../../../twin/web/src/park.js").Signal>} [fields] @returns {import("../../../twin/web/src/park.js").Signal} */
function signal(fields = {}) {
  return {
    name: "x", display: { vi: "x", en: "x" }, unit: "", data_type: "Double", low: null, high: null, decimals: 1, role: "",
    stale_after_s: null, limits: { low_low: null, low: null, high: null, high_high: null }, ...fields,
  };
}

describe("locales", () => {
  const base = (/** @type {Record<string, string>} */ messages) => Object.keys(messages).filter((key) => !key.endsWith(".one")).sort();

  test("say the same things in both languages", () => assert.deepEqual(base(VI), base(EN)));

  test("take the same values", () => {
    const holes = (/** @type {string} */ text) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort();
    for (const key of base(VI)) assert.deepEqual(holes(VI[key]), holes(EN[key]), key);
  });

  test("have no empty text", () => {
    for (const messages of [VI, EN]) for (const [key, text] of Object.entries(messages)) assert.ok(text.trim(), key);
  });

  const literal = new Set([...SOURCE.matchAll(/\bt\(\s*"([\w.]+)"/g), ...SOURCE.matchAll(/"((?:range|picture|trust|condition)\.[\w.]+)"/g)].map((found) => found[1]));
  const families = [...SOURCE.matchAll(/\bt\(\s*`([\w.]+?)\$\{/g)].map((found) => found[1]);
  const choices = [...SOURCE.matchAll(/\bt\([^"`,\n]+?\? "([\w.]+)" : "([\w.]+)"/g)].flatMap((found) => found.slice(1));

  test("have every text that the page asks for", () => {
    for (const key of [...literal, ...choices]) assert.ok(key in VI, `${key} is asked for and stands in no locale`);
    for (const family of families) assert.ok(base(VI).some((key) => key.startsWith(family)), `${family}* is asked for and stands in no locale`);
  });

  test("have no text that nobody asks for", () => {
    const used = (/** @type {string} */ key) => literal.has(key) || choices.includes(key) || families.some((family) => key.startsWith(family));
    assert.deepEqual(base(VI).filter((key) => !used(key)), []);
  });

  test("no words for people stand in the code", () => {
    const vietnamese = SOURCE.split("\n").filter((line) => /[ạảãầấậẩẫằắặẳẵẹẻẽềếệểễỉịọỏốồộổỗớờợởỡụủứừựửữỳỵỷỹđ]/iu.test(line) && !/^\s*(\*|\/\/|\/\*)/.test(line));
    assert.deepEqual(vietnamese.filter((line) => !line.includes("replace(/đ/gi")), []);
  });
});

describe("translator", () => {
  test("fills in, and has an English singular", () => {
    const t = translator(EN, "en");
    assert.equal(t("tree.wrong", { n: 1 }), "1 machine needs a look");
    assert.equal(t("tree.wrong", { n: 2 }), "2 machines need a look");
  });
  test("a missing text is an error with its name", () => assert.throws(() => translator(VI, "vi")("no.such"), /no\.such.*vi/));
});

describe("language", () => {
  test("is Vietnamese unless asked otherwise", () => assert.equal(chooseLanguage("", null), "vi"));
  test("the address goes before the memory", () => assert.equal(chooseLanguage("?lang=en", "vi"), "en"));
  test("an unknown one is not taken", () => assert.equal(chooseLanguage("?lang=fr", "en"), "en"));
});

describe("Format", () => {
  test("numbers as each language writes them", () => {
    assert.equal(formatOf("vi").number(1234.5, 2), "1.234,50");
    assert.equal(formatOf("en").number(1234.5, 2), "1,234.50");
  });
  test("no number is a dash, never a zero, and zero has no sign", () => {
    assert.equal(formatOf("vi").number(NaN, 1), NOTHING);
    assert.equal(formatOf("vi").number(-0.04, 1), "0,0");
  });
  test("ages in the largest whole unit", () => {
    const vi = formatOf("vi");
    assert.deepEqual([0, -4_000, 3_400, 61_000, 7_200_000, 200_000_000].map((ms) => vi.age(ms)), [
      "vừa xong", "vừa xong", "3 s trước", "1 phút trước", "2 giờ trước", "2 ngày trước",
    ]);
    assert.equal(formatOf("en").age(3_400), "3 s ago");
  });
  test("times are those of the park, wherever the viewer is", () => {
    assert.equal(formatOf("vi").clock(Date.UTC(2026, 0, 1, 18, 5, 9)), "01:05:09");
    assert.match(formatOf("en").moment(Date.UTC(2026, 0, 1, 18, 5, 9)), /02\/01\/2026.*01:05:09/);
  });
  test("a moment that nobody knows is a dash, and stops nothing", () => {
    const en = formatOf("en");
    assert.deepEqual([en.clock(NaN), en.minute(Infinity), en.day(NaN), en.date(NaN), en.moment(NaN)], Array(5).fill(NOTHING));
  });
  test("a PackML state in words, by name or by number; another text as it came", () => {
    const state = signal({ role: "state", data_type: "String" });
    assert.equal(formatOf("vi").value(state, NaN, "Held"), "Giữ");
    assert.equal(formatOf("en").value(state, 6, undefined), "Running");
    assert.equal(formatOf("vi").value(state, NaN, "Chờ vật tư"), "Chờ vật tư");
  });
  test("a yes or no in words", () => {
    assert.equal(formatOf("vi").value(signal({ data_type: "Boolean" }), 1, undefined), "Có");
    assert.equal(formatOf("vi").value(signal({ data_type: "Boolean" }), NaN, undefined), NOTHING);
  });
});

describe("search", () => {
  test("finds with and without diacritics, whatever the form of the letters", () => {
    assert.equal(fold("Lò hàn ĐỒNG HỒ"), "lo han dong ho");
    assert.equal(fold("Lò".normalize("NFD")), fold("Lò".normalize("NFC")));
    for (const query of ["lo han", "LÒ HÀN", "hàn lò", "  han"]) assert.ok(matches(fold("Lò hàn đối lưu 1"), query), query);
    assert.ok(!matches(fold("Lò hàn"), "may nen"));
  });
});
