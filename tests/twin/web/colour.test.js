import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { CONDITIONS, conditionOf, contrast, limitState, trustOf } from "../../../twin/web/src/colour.js";
import { GLYPHS } from "../../../twin/web/src/glyphs.js";

const NO_LIMITS = { low_low: null, low: null, high: null, high_high: null };
const TOKENS = readFileSync(new URL("../../../twin/web/style/tokens.css", import.meta.url), "utf8");

/**
 * @param {string} theme
 * @param {string} name of the custom property
 */
function token(theme, name) {
  const block = TOKENS.split(`[data-theme="${theme}"]`)[1];
  const found = new RegExp(`--${name}: (#[0-9a-f]{6})`).exec(block);
  assert.ok(found, `${theme} has no --${name}`);
  return found[1];
}

/** How a colour looks with deuteranopia (Viénot, Brettel, Mollon 1999), linear RGB. @param {string} colour */
function deuteranopia(colour) {
  const [r, g, b] = [1, 3, 5].map((place) => (parseInt(colour.slice(place, place + 2), 16) / 255) ** 2.2);
  const l = 0.11448 * r + 0.88552 * g;
  return [l, l, 0.003882 * r - 0.003882 * g + b];
}

describe("conditions", () => {
  test("stand where the stream numbers them", () => {
    assert.deepEqual(CONDITIONS.map((one) => one.name), ["no_data", "running", "stopped", "warning", "critical", "uncertain", "bad", "stale"]);
  });

  test("have a shape each, no two alike", () => {
    const shapes = CONDITIONS.map(({ name }) => GLYPHS[name].body + GLYPHS[name].mark);
    assert.equal(new Set(shapes).size, CONDITIONS.length);
  });

  for (const theme of /** @type {const} */ (["dark", "light"])) {
    test(`are words that can be read on a ${theme} page (WCAG AA, 4.5:1)`, () => {
      for (const { name, colour, marked } of CONDITIONS) {
        if (!marked) continue;
        const ratio = contrast(colour[theme], token(theme, "surface"));
        assert.ok(ratio >= 4.5, `${name}: ${ratio.toFixed(2)}`);
      }
    });

    test(`have glyphs that can be seen on a ${theme} page (3:1)`, () => {
      for (const { name, colour } of CONDITIONS) assert.ok(contrast(colour[theme], token(theme, "surface")) >= 3, name);
    });

    test(`texts of a ${theme} page can be read (4.5:1)`, () => {
      for (const ink of ["text", "text-2", "text-3", "accent"]) {
        for (const ground of ["surface", "surface-raised"]) {
          const ratio = contrast(token(theme, ink), token(theme, ground));
          assert.ok(ratio >= 4.5, `${ink} on ${ground}: ${ratio.toFixed(2)}`);
        }
      }
    });

    test(`warning and critical differ without red and green, ${theme}`, () => {
      const [warning, critical] = [3, 4].map((number) => deuteranopia(CONDITIONS[number].colour[theme]));
      assert.ok(Math.hypot(...warning.map((part, k) => part - critical[k])) > 0.12);
    });
  }

  test("only what is abnormal has a marker", () => {
    assert.deepEqual(CONDITIONS.filter((one) => !one.marked).map((one) => one.name), ["no_data", "running", "stopped"]);
  });

  test("a number of tomorrow is shown as uncertain, not as normal", () => {
    assert.equal(conditionOf(42).name, "uncertain");
  });
});

test("contrast is that of WCAG", () => {
  assert.equal(contrast("#000000", "#ffffff"), 21);
  assert.ok(Math.abs(contrast("#777777", "#ffffff") - 4.48) < 0.01);
});

describe("a value", () => {
  test("is trusted only if it is Good and not stale", () => {
    assert.deepEqual([trustOf(0, false), trustOf(1, false), trustOf(2, false), trustOf(0, true), trustOf(2, true)], ["good", "uncertain", "bad", "stale", "stale"]);
  });

  test("stands against its limits; on a limit it is still within", () => {
    const limits = { low_low: 0, low: 10, high: 90, high_high: 100 };
    assert.deepEqual([-1, 0, 5, 10, 50, 90, 95, 100, 101].map((value) => limitState(value, limits)), [
      "critical", "warning", "warning", "normal", "normal", "normal", "warning", "warning", "critical",
    ]);
    assert.equal(limitState(1e9, NO_LIMITS), "normal");
    assert.equal(limitState(NaN, limits), "normal");
  });
});
