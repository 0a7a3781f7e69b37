/** One signal in the panel: name, value, where it stands, how far it can be trusted and how old it is. */

import { Quality, qualityOf } from "./assets.js";
import { limitState, trustOf } from "./colour.js";
import { el, fill, say } from "./dom.js";
import { glyph } from "./glyphs.js";
import { createLimitBar } from "./limit_bar.js";

/** A good value this old is called unchanged, not old [ms]. */
const STILL_AFTER_MS = 60_000;

/**
 * @typedef {object} SignalRow
 * @property {HTMLElement} element
 * @property {() => void} update after its tag changed
 * @property {(serverNow: number) => void} refresh its age
 */

/**
 * @param {import("./page.js").Context} context
 * @param {number} tag tag number
 * @returns {SignalRow}
 */
export function createSignalRow(context, tag) {
  const { park, assets, store, t, format } = context;
  const signal = park.signal(tag);
  const name = park.tagName(tag);
  const value = el("span", { class: "signal-value" });
  const standing = el("span", { class: "signal-standing" });
  const trust = el("span", { class: "signal-trust" });
  const age = el("span", { class: "signal-age" });
  const bar = createLimitBar(signal);
  const element = el("button", {
    type: "button", class: "signal", title: t("panel.open_trend", { signal: format.name(signal.display) }),
    onclick: () => store.set({ tag: name, dock: "trend" }),
  },
    el("span", { class: "signal-name" }, format.name(signal.display)),
    el("span", { class: "signal-reading" }, standing, value, el("span", { class: "signal-unit" }, format.unit(signal.unit))),
    el("span", { class: "signal-bar" }, bar && bar.element),
    el("span", { class: "signal-foot" }, trust, age));
  element.dataset.tag = name;

  let shown = "";
  const update = () => {
    const known = assets.known[tag] === 1;
    const number = assets.value[tag];
    const quality = qualityOf(assets.status[tag]);
    const stale = assets.stale[tag] === 1;
    const text = known ? format.value(signal, number, assets.text.get(tag)) : t("value.never");
    say(value, text);
    bar?.set(number);
    const state = known && quality === 0 ? limitState(number, signal.limits) : "normal";
    const trusted = known ? trustOf(quality, stale) : "no_data";
    const look = `${state} ${trusted} ${known} ${assets.status[tag]}`;
    if (look === shown) return;
    shown = look;
    element.className = `signal signal-${state} trust-${trusted}${known ? "" : " signal-never"}`;
    fill(standing, state !== "normal" && glyph(state));
    fill(trust, known && glyph(trusted), el("span", {}, known ? t(`trust.${trusted}`) : t("condition.no_data")));
    const code = assets.status[tag];
    trust.title = code === 0 ? "" : t("trust.status", { code: `0x${code.toString(16).toUpperCase().padStart(8, "0")}` });
  };
  const refresh = (/** @type {number} */ serverNow) => {
    const ms = serverNow - assets.sourceTime[tag];
    // a source that is well and reports changes says by its silence that nothing has changed
    const still = assets.stale[tag] === 0 && qualityOf(assets.status[tag]) === Quality.GOOD && ms >= STILL_AFTER_MS;
    say(age, !assets.known[tag] ? "" : still ? t("time.unchanged", { duration: format.duration(ms) }) : format.age(ms));
    age.title = assets.known[tag] ? format.moment(assets.sourceTime[tag]) : "";
  };
  update();
  return { element, update, refresh };
}
