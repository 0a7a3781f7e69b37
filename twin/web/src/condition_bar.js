/** How many machines are in which condition; a click shows only those. The words make it the legend as well. */

import { CONDITIONS } from "./colour.js";
import { el, icon, say } from "./dom.js";
import { glyph } from "./glyphs.js";
import { alarmGlyph, PRIORITIES } from "./priority.js";

/** Conditions in the order in which they ask for attention, the calm ones first as on a mimic. */
const ORDER = ["running", "stopped", "warning", "critical", "uncertain", "bad", "stale", "no_data"];
/** Shown even when there is none, so that a zero can be read. */
const ALWAYS = new Set(["running", "stopped", "warning", "critical"]);
/** A change is read aloud at most so often [ms]: a machine that flutters must not talk all day. */
const READ_ALOUD_EVERY = 10_000;

/**
 * @param {import("./page.js").Context} context
 * @returns {import("./page.js").Widget}
 */
export function createConditionBar(context) {
  const { assets, store, t, format } = context;
  const chips = ORDER.map((name) => {
    const number = CONDITIONS.findIndex((condition) => condition.name === name);
    const count = el("b", { class: "chip-count" });
    const element = el("button", {
      type: "button", class: `chip chip-${name}`, "aria-pressed": "false", title: t(`condition.${name}_detail`),
      onclick: () => store.set({ condition: store.choice.condition === number ? null : number }),
    }, glyph(name), count, " ", el("span", { class: "chip-word" }, t(`condition.${name}`)));
    return { name, number, count, element, said: "", look: "", n: -1 };
  });
  const legend = createLegend(context);
  const review = el("button", {
    type: "button", class: "chip review-button", title: t("past.open_detail"), onclick: () => {
      if (store.choice.timeBar) context.past.leave();
      store.set({ timeBar: !store.choice.timeBar });
    },
  }, icon("history"), el("span", {}, t("past.open")));
  const aloud = el("p", { class: "unseen", "aria-live": "polite" });
  let toldAt = -Infinity;
  const element = el("div", { class: "condition-bar", role: "group", "aria-label": t("condition.bar") },
    ...chips.map((chip) => chip.element), review, legend, aloud);

  /** @param {typeof chips[number]} chip @param {number} n */
  const count = (chip, n) => {
    const [number, word] = [format.number(n), t(`condition.${chip.name}`)];
    chip.n = n;
    say(chip.count, number);
    // the word may be hidden where it is narrow, and what is said has to hold what is seen
    chip.element.setAttribute("aria-label", `${number} ${word}`);
    chip.said = `${word}: ${number}`;
  };
  /** @param {import("./assets.js").Change} [change] */
  const update = (change) => {
    if (change && !change.snapshot && change.equipment.length === 0) return;
    const counts = assets.countConditions(CONDITIONS.length);
    let turned = false;
    for (const chip of chips) {
      const n = counts[chip.number];
      const look = `${n === 0} ${store.choice.condition === chip.number}`;
      if (chip.n !== n) count(chip, n);
      if (chip.look === look) continue;
      turned = true;
      chip.look = look;
      chip.element.classList.toggle("chip-none", n === 0);
      chip.element.hidden = n === 0 && !ALWAYS.has(chip.name) && store.choice.condition !== chip.number;
      chip.element.setAttribute("aria-pressed", String(store.choice.condition === chip.number));
    }
    if (!turned && change) return;
    // beside a panel five words would all be cut to three letters: then the glyphs and numbers stand alone
    element.classList.toggle("many", chips.filter((chip) => counts[chip.number] > 0).length > 4);
    element.classList.toggle("filtered", store.choice.condition !== null);
    review.setAttribute("aria-pressed", String(store.choice.timeBar));
  };
  const refresh = () => {
    const text = chips.filter((chip) => assets.condition.includes(chip.number)).map((chip) => chip.said).join(", ");
    if (text === aloud.textContent || context.now() - toldAt < READ_ALOUD_EVERY) return;
    toldAt = context.now();
    say(aloud, text);
  };
  update();
  const stop = store.listen((changed) => (changed.has("condition") || changed.has("timeBar")) && update());
  return { element, update, refresh, dispose: stop };
}

/** @param {import("./page.js").Context} context */
function createLegend({ t }) {
  const rows = ORDER.map((name) => el("li", {}, glyph(name),
    el("div", {}, el("b", {}, t(`condition.${name}`)), el("span", {}, t(`condition.${name}_detail`)))));
  const alarms = PRIORITIES.map(({ name }) => el("li", {}, glyph(alarmGlyph(name, true)), glyph(alarmGlyph(name, false)), el("b", {}, t(`priority.${name}`))));
  const legend = el("details", { class: "legend" },
    el("summary", { class: "chip legend-button", title: t("legend.open") }, icon("help"), el("span", {}, t("legend.title"))),
    el("div", { class: "legend-card", tabindex: "-1" },
      el("p", { class: "legend-rule" }, t("legend.rule")),
      el("ul", {}, ...rows),
      el("p", { class: "legend-rule legend-alarms" }, t("legend.alarms")),
      el("ul", { class: "legend-priorities" }, ...alarms)));
  legend.addEventListener("focusout", ({ relatedTarget }) => {
    if (!(relatedTarget instanceof Node && legend.contains(relatedTarget))) legend.open = false;
  });
  return legend;
}
