/** The little picture of the day of an element: its band and its line. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { bandPoints, linePoints } from "../../../twin/web/src/overloads_ahead.js";

const TIMES = [0, 900_000, 1_800_000];

describe("loading over the day", () => {
  test("goes from left to right, 130 % at the top and nothing at the bottom", () => {
    assert.deepEqual(linePoints(TIMES, [0, 65, 130]), [[0, 30], [90, 15], [180, 0]]);
  });
  test("is cut off above and left out where it is not known", () => {
    assert.deepEqual(linePoints(TIMES, [null, 500, null]), [[90, 0]]);
  });
  test("a band goes there at its high side and back at its low one", () => {
    assert.deepEqual(bandPoints(TIMES, [0, 0, 0], [130, 130, 130]), [[0, 0], [90, 0], [180, 0], [180, 30], [90, 30], [0, 30]]);
  });
  test("of one moment alone it is a point", () => {
    assert.deepEqual(linePoints([5], [65]), [[0, 15]]);
  });
});
