import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { decodeFrame, FrameError } from "../../../twin/web/src/frame.js";

const GOLDEN = new URL("../stream/golden/", import.meta.url);

/** @param {string} name */
function bytes(name) {
  const file = readFileSync(new URL(name, GOLDEN));
  return file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength);
}

/** @param {import("../../../twin/web/src/frame.js").StreamFrame} frame */
function plain(frame) {
  const status = new Array(frame.index.length).fill(0);
  frame.badPosition.forEach((row, k) => (status[row] = frame.badStatus[k]));
  return {
    tick: frame.tick,
    snapshot: frame.snapshot,
    server_time_ms: frame.serverTime,
    revision: frame.revision,
    index: [...frame.index],
    age_ms: [...frame.age],
    status,
    stale: [...frame.stale].map(Boolean),
    text: [...frame.index.keys()].map((row) => frame.text.get(row) ?? null),
    equipment: [...frame.equipment],
    condition: [...frame.condition],
  };
}

describe("golden frames", () => {
  const names = readdirSync(GOLDEN).filter((name) => name.endsWith(".bin"));
  test("there are some", () => assert.ok(names.length >= 4));
  for (const name of names) {
    test(name, () => {
      const { value, ...expected } = JSON.parse(readFileSync(new URL(name.replace(".bin", ".json"), GOLDEN), "utf8"));
      const frame = decodeFrame(bytes(name));
      assert.deepEqual(plain(frame), expected);
      // a value travels as a float32 unless that would lose what a person could read
      frame.value.forEach((got, row) => {
        if (value[row] === null) assert.ok(Number.isNaN(got));
        else assert.ok(Math.abs(got - value[row]) <= Math.abs(value[row]) * 2 ** -24, `${got} for ${value[row]}`);
      });
      assert.equal(frame.value.length, value.length);
    });
  }
});

describe("what is no frame", () => {
  test("cut anywhere, it is refused and never read past its end", () => {
    const whole = bytes("snapshot.bin");
    for (let length = 0; length < whole.byteLength - 8; length += 1) {
      assert.throws(() => decodeFrame(whole.slice(0, length)), FrameError, `${length} bytes`);
    }
  });
  test("another magic", () => {
    const wrong = bytes("change.bin");
    new Uint8Array(wrong)[0] = 0x51;
    assert.throws(() => decodeFrame(wrong), /PTST/);
  });
  test("a version of tomorrow asks for a reload", () => {
    const wrong = bytes("change.bin");
    new Uint8Array(wrong)[4] = 9;
    assert.throws(() => decodeFrame(wrong), /version 9.*reload/);
  });
  test("a header that promises a billion rows", () => {
    const wrong = bytes("keep-alive.bin");
    new DataView(wrong).setUint32(12, 1_000_000_000, true);
    assert.throws(() => decodeFrame(wrong), FrameError);
  });
});
