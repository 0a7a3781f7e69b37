/** The time bar: any moment of the past at a finger's move, played as fast as a person likes; the alarms of then as marks. */

import { ApiError, getJson } from "./api.js";
import { el, fill, icon, say } from "./dom.js";
import { SPEEDS } from "./past.js";
import { priorityOf } from "./priority.js";
import { svg } from "./svg.js";
import { fromWritten, ticks, toWritten, zoneAhead } from "./zone.js";

const HOUR = 3_600_000;
/** Lengths of the bar, with their locale keys. @type {readonly [number, string][]} */
const SPANS = [[HOUR, "range.1h"], [8 * HOUR, "range.8h"], [24 * HOUR, "range.24h"], [168 * HOUR, "range.7d"]];
const STEPS = 2_000;
/** Steps of the two buttons [ms]. */
const STEP = 60_000;
/** So near to the end of the bar a thumb means now [steps]. */
const NOW_WITHIN = 6;
const MOST_MARKS = 1_000;

/**
 * @param {import("./page.js").Context} context
 * @returns {import("./page.js").Widget}
 */
export function createTimeBar(context) {
  const { past, store, park, t, format } = context;
  let span = 8 * HOUR;
  let end = context.serverNow(context.now());
  let speed = past.speed || 60;
  let held = false;
  let drawn = "";

  const button = (/** @type {string} */ name, /** @type {string} */ picture, /** @type {() => void} */ act) =>
    el("button", { type: "button", class: "icon-button", "aria-label": t(`past.${name}`), title: t(`past.${name}`), onclick: act }, icon(picture));
  const play = button("play", "play", () => (past.playing ? past.pause() : start()));
  const slider = el("input", {
    type: "range", class: "time-slider", min: "0", max: String(STEPS), step: "1", "aria-label": t("past.moment"),
    oninput: () => {
      held = true;
      const step = Number(slider.value);
      if (step > STEPS - NOW_WITHIN && end >= liveNow() - 5_000) past.leave();
      else past.show(end - span + (step / STEPS) * span);
      paint();
    },
    onchange: () => (held = false),
  });
  const marks = svg("svg", { class: "time-marks", "aria-hidden": "true", preserveAspectRatio: "none", viewBox: "0 0 1000 10" });
  const axis = el("div", { class: "time-axis", "aria-hidden": "true" });
  const speeds = el("div", { class: "segments", role: "group", "aria-label": t("past.speed") }, ...SPEEDS.map((one) => el("button", {
    type: "button", class: "segment", "data-speed": String(one), onclick: () => {
      speed = one;
      if (past.playing) past.play(speed);
      paint();
    },
  }, t("past.times", { n: one }))));
  const spans = el("select", { class: "input", "aria-label": t("past.span"), title: t("past.span"), onchange: () => {
    span = Number(spans.value);
    place(past.on ? past.at : liveNow());
    paint();
  } }, ...SPANS.map(([value, key]) => el("option", { value: String(value), selected: value === span }, t(key))));
  const exact = el("input", { type: "text", class: "input time-exact", inputmode: "numeric", autocomplete: "off", spellcheck: "false", "aria-label": t("past.exact"), title: t("past.exact"), onchange: () => {
    const at = fromWritten(exact.value, park.timezone, past.on ? past.at : liveNow());
    exact.setAttribute("aria-invalid", String(Number.isNaN(at)));
    if (Number.isNaN(at)) return;
    if (at >= liveNow()) past.leave();
    else past.show(at);
    place(Math.min(at, liveNow()));
    paint();
  } });
  const close = button("close", "close", () => {
    past.leave();
    store.set({ timeBar: false });
  });
  const element = el("section", { class: "time-bar", "aria-label": t("past.bar") },
    el("div", { class: "time-tools" }, button("back", "step_back", () => step(-STEP)), play, button("forward", "step_on", () => step(STEP)), speeds, exact, spans, close),
    el("div", { class: "time-line" }, marks, slider, axis));

  const liveNow = () => context.liveNow(context.now());
  const start = () => {
    // there is nothing to play at the present: the last ten minutes are what people mean
    if (!past.on) past.show(liveNow() - 10 * STEP);
    past.play(speed);
  };
  /** @param {number} ms */
  const step = (ms) => {
    const at = (past.on ? past.at : liveNow()) + ms;
    if (at >= liveNow()) past.leave();
    else past.show(at);
    paint();
  };
  /** Moves the bar so that a moment lies within. @param {number} at [ms since the epoch] */
  const place = (at) => {
    const now = liveNow();
    if (at > now - span) end = now;
    else if (at > end || at < end - span) end = Math.min(now, at + span / 2);
  };

  const paint = () => {
    element.hidden = !store.choice.timeBar;
    if (element.hidden) return;
    const at = past.on ? past.at : liveNow();
    place(at);
    if (!held) slider.value = String(Math.round(((at - (end - span)) / span) * STEPS));
    const words = past.on ? format.moment(at) : t("past.now");
    slider.setAttribute("aria-valuetext", words);
    if (document.activeElement !== exact) {
      exact.value = toWritten(at, park.timezone);
      exact.removeAttribute("aria-invalid");
    }
    const name = past.playing ? "pause" : "play";
    if (play.title !== t(`past.${name}`)) {
      play.title = t(`past.${name}`);
      play.setAttribute("aria-label", play.title);
      fill(play, icon(name));
    }
    for (const one of speeds.children) one.setAttribute("aria-pressed", String(Number(/** @type {HTMLElement} */ (one).dataset.speed) === speed));
    drawAxis();
  };
  const drawAxis = () => {
    const width = axis.clientWidth || 600;
    const key = `${Math.round(end / (span / 400))} ${span} ${width}`;
    if (key === drawn) return;
    drawn = key;
    const from = end - span;
    fill(axis, ...ticks(from, end, width, park.timezone).map((time) => {
      const midnight = (time + zoneAhead(time, park.timezone)) % (24 * HOUR) === 0;
      const label = el("span", {}, midnight || span > 24 * HOUR ? format.day(time) : format.minute(time));
      label.style.left = `${((time - from) / span) * 100}%`;
      return label;
    }));
    void drawMarks(from, end, key);
  };
  /** @param {number} from @param {number} to @param {string} key */
  const drawMarks = async (from, to, key) => {
    try {
      /** @type {{entries: {time: string, priority: string}[]}} */
      const { entries } = await getJson("./api/alarms/journal", { from: Math.round(from), to: Math.round(to), event: "alarm", limit: MOST_MARKS });
      if (key !== drawn) return;
      marks.replaceChildren(...entries.map(({ time, priority }) => {
        const x = ((Date.parse(time) - from) / (to - from)) * 1000;
        return svg("line", { x1: x, x2: x, y1: 0, y2: 10, class: `mark-${priorityOf(priority).name}` });
      }));
    } catch (error) {
      // marks are a help, not a picture: without them the bar works as well
      if (!(error instanceof ApiError)) throw error;
      say(marks, "");
    }
  };
  paint();
  const stop = store.listen((changed) => (changed.has("timeBar") || changed.has("past")) && paint());
  return { element, refresh: paint, dispose: stop };
}
