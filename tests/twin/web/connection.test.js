import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BACK_OFF_MS, backOff, LATE_AFTER_MS, OFFLINE_AFTER_MS, PictureClock } from "../../../twin/web/src/connection.js";

/** A viewer whose clock is an hour ahead of the server's. */
const AHEAD = 3_600_000;

/** @param {number} until the last tick [ms, server's clock] */
function steady(until) {
  const clock = new PictureClock();
  clock.setOpen(true);
  for (let time = 1_000; time <= until; time += 500) clock.receive(time, time + AHEAD + 20);
  return clock;
}

describe("PictureClock", () => {
  test("connecting until the first frame", () => {
    const clock = new PictureClock();
    clock.setOpen(true);
    assert.equal(clock.state(5_000).picture, "connecting");
  });

  test("live while frames come, whatever the viewer's clock says", () => {
    const { picture, age } = steady(10_000).state(10_000 + AHEAD + 300);
    assert.equal(picture, "live");
    assert.ok(age >= 0 && age < 500);
  });

  test("late, then offline, when no frame comes", () => {
    const clock = steady(10_000);
    assert.equal(clock.state(10_000 + AHEAD + LATE_AFTER_MS + 100).picture, "late");
    assert.equal(clock.state(10_000 + AHEAD + OFFLINE_AFTER_MS + 100).picture, "offline");
  });

  test("late when frames still come but each spent seconds on the way", () => {
    const clock = steady(10_000);
    clock.receive(10_500, 10_500 + AHEAD + 4_000);
    assert.equal(clock.state(10_500 + AHEAD + 4_000).picture, "late");
  });

  test("offline at once when the socket closes; the age goes on", () => {
    const clock = steady(10_000);
    clock.setOpen(false);
    const { picture, age } = clock.state(10_000 + AHEAD + 1_020);
    assert.equal(picture, "offline");
    assert.ok(Math.abs(age - 1_000) < 20);
  });

  test("heals with the next frame", () => {
    const clock = steady(10_000);
    clock.setOpen(false);
    clock.setOpen(true);
    clock.receive(70_000, 70_000 + AHEAD + 20);
    assert.equal(clock.state(70_000 + AHEAD + 100).picture, "live");
  });
});

describe("backOff", () => {
  test("grows, is bounded, and never in step", () => {
    assert.equal(backOff(0, 0), BACK_OFF_MS.first);
    assert.equal(backOff(2, 0), BACK_OFF_MS.first * 4);
    assert.equal(backOff(50, 0), BACK_OFF_MS.last);
    assert.equal(backOff(50, 1), BACK_OFF_MS.last / 2);
  });
});
