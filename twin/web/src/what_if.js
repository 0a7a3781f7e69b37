/** What would happen if: changes are chosen, tried on a copy of the live state, told in words and painted in the scene. */

import { ApiError, getJson, postJson } from "./api.js";
import { el, fill, icon, say } from "./dom.js";
import { glyph } from "./glyphs.js";
import { marksOf, targetOf, withChange } from "./hypothesis.js";
import { createSingleLosses } from "./n_minus_1.js";
import { createOverloadsAhead } from "./overloads_ahead.js";
import { refusalText } from "./refusal.js";
import { ownTenant } from "./session.js";
import { consequenceText } from "./what_if_answer.js";

/** How long it stays so [h]. */
const LASTS_H = [0.5, 1, 2, 4, 8, 24];
const OUTPUT_PERCENT = [-100, -50, -20, 10, 20, 50];
const DERATE_PERCENT = [90, 80, 60, 40];

/** @typedef {"answer" | "losses" | "overloads"} View */
/** @typedef {{breakers: string[], elements: string[], lines: string[]}} Choices */

/**
 * @param {import("./page.js").Context} context
 * @returns {import("./page.js").Widget}
 */
export function createWhatIf(context) {
  const { store, park, t, format } = context;
  /** @type {Choices | null} */
  let choices = null;
  /** @type {import("./hypothesis.js").Consequence | null} */
  let answer = null;
  let answered = "";
  let trouble = "";
  let asking = false;
  let view = /** @type {View} */ ("answer");
  // of the park's loads, of which the forecast is made, a tenant is told nothing
  const offered = /** @type {View[]} */ (["answer", "losses", ...(ownTenant() === "" ? ["overloads"] : [])]);
  /** Names of what is not on this page: a tenant's supply is the park's. @type {Map<string, import("./park.js").Name>} */
  const elsewhere = new Map();

  const target = el("div", { class: "what-target" });
  const list = el("ul", { class: "what-changes", "aria-label": t("whatif.changes") });
  const lasts = el("select", { class: "input" }, ...LASTS_H.map((hours) => el("option", { value: String(hours), selected: hours === 2 }, format.length(hours * 3_600_000))));
  lasts.addEventListener("change", () => void ask());
  const line = el("select", { class: "input", "aria-label": t("whatif.line") });
  const output = el("select", { class: "input", "aria-label": t("whatif.output") }, ...OUTPUT_PERCENT.map((percent) => el("option", { value: String(percent), selected: percent === 20 }, signed(percent))));
  const clear = el("button", { type: "button", class: "button", onclick: () => set([]) }, t("whatif.clear"));
  const views = el("div", { class: "segments", role: "group", "aria-label": t("whatif.view") }, ...offered.map((name) => el("button", {
    type: "button", class: "segment", "data-view": name, onclick: () => turn(name),
  }, t(`whatif.view_${name}`))));
  const state = el("p", { class: "oee-state", role: "status" });
  const told = el("div", { class: "what-told" });
  const losses = createSingleLosses(context, (id, name) => {
    elsewhere.set(id, name);
    set([{ change: "off", equipment: id }]);
    turn("answer");
  });
  const overloads = createOverloadsAhead(context);
  const lineRow = el("div", { class: "what-line" }, el("span", { class: "what-label" }, t("whatif.line")), line, output,
    el("button", { type: "button", class: "button", onclick: () => add({ change: "output", line: line.value, percent: Number(output.value) }) }, t("whatif.add")));
  const element = el("div", { class: "what-if" },
    el("div", { class: "what-form" },
      el("p", { class: "what-rule" }, t("whatif.rule")), target, lineRow, list,
      el("div", { class: "what-foot" }, el("label", { class: "what-lasts" }, el("span", {}, t("whatif.lasts")), lasts), clear)),
    el("div", { class: "what-result" }, el("div", { class: "what-head" }, views, state), told, losses.element, overloads.element));

  /** @param {number} percent */
  function signed(percent) {
    return `${percent > 0 ? "+" : ""}${format.number(percent)} %`;
  }
  const nameOf = (/** @type {string} */ id) => {
    const one = park.equipmentById.get(id);
    const name = one ? one.display : park.nameOfPlace(id) ?? elsewhere.get(id);
    return name ? format.name(name) : id;
  };
  const turn = (/** @type {View} */ name) => {
    view = name;
    if (view === "losses") losses.open();
    if (view === "overloads") overloads.open();
    paint();
  };
  const add = (/** @type {import("./hypothesis.js").Change} */ change) => set(withChange(store.choice.changes, change));
  const set = (/** @type {readonly import("./hypothesis.js").Change[]} */ changes) => {
    store.set({ changes });
    if (changes.length === 0) {
      answer = null;
      trouble = "";
      store.set({ marks: null });
    }
    turn("answer");
    void ask();
  };

  const read = async () => {
    try {
      choices = await getJson("./api/what-if/choices");
      trouble = "";
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      trouble = refusalText(context, error);
    }
    fill(line, ...(choices?.lines ?? []).map((id) => el("option", { value: id }, nameOf(id))));
    lineRow.hidden = (choices?.lines.length ?? 0) === 0;
    paint();
  };
  const ask = async () => {
    const { changes } = store.choice;
    if (changes.length === 0) return paint();
    const key = JSON.stringify([changes, lasts.value]);
    asking = true;
    answered = key;
    paint();
    try {
      const found = /** @type {import("./hypothesis.js").Consequence} */ (await postJson("./api/what-if", { changes, lasts_h: Number(lasts.value) }));
      if (answered !== key) return;
      answer = found;
      trouble = "";
      store.set({ marks: marksOf(changes, found) });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (answered !== key) return;
      answer = null;
      trouble = refusalText(context, error);
      store.set({ marks: null });
    }
    asking = false;
    paint();
  };

  const paintTarget = () => {
    const id = store.choice.equipment;
    const equipment = id === null ? undefined : park.equipmentById.get(id);
    if (!equipment || id === null) return fill(target, el("p", { class: "muted" }, t("whatif.choose")));
    const breaker = choices?.breakers.includes(id) ?? false;
    const derate = el("select", { class: "input", "aria-label": t("whatif.derate_to") }, ...DERATE_PERCENT.map((percent) => el("option", { value: String(percent), selected: percent === 60 }, format.percent(percent / 100, 0))));
    fill(target, el("b", {}, format.name(equipment.display)), el("span", { class: "what-kind" }, format.name(park.json.kinds[equipment.kind].display)),
      el("div", { class: "alarm-buttons" },
        breaker && el("button", { type: "button", class: "button what-open", onclick: () => add({ change: "open", equipment: id }) }, t("whatif.open")),
        !breaker && el("button", { type: "button", class: "button what-off", onclick: () => add({ change: "off", equipment: id }) }, t("whatif.off")),
        breaker && el("span", { class: "what-derate" }, el("button", { type: "button", class: "button", onclick: () => add({ change: "derate", equipment: id, percent: Number(derate.value) }) }, t("whatif.derate")), derate)),
      choices && !choices.elements.includes(id) && el("p", { class: "muted" }, t("whatif.nothing_hangs")));
  };
  const paintChanges = () => {
    const { changes } = store.choice;
    fill(list, ...changes.map((change) => {
      const words = t(`whatif.change_${change.change}`, { name: nameOf(targetOf(change)), percent: change.change === "output" ? signed(change.percent ?? 0) : format.percent((change.percent ?? 0) / 100, 0) });
      return el("li", {}, glyph("hypo_changed"), el("span", {}, words), el("button", {
        type: "button", class: "icon-button", "aria-label": t("whatif.remove", { change: words }), title: t("whatif.remove", { change: words }), onclick: () => set(changes.filter((one) => one !== change)),
      }, icon("close")));
    }));
    clear.hidden = changes.length === 0;
  };
  const paint = () => {
    paintTarget();
    paintChanges();
    for (const one of views.children) one.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (one).dataset.view === view));
    told.hidden = view !== "answer";
    losses.element.hidden = view !== "losses";
    overloads.element.hidden = view !== "overloads";
    say(state, asking ? t("whatif.asking") : trouble);
    state.classList.toggle("oee-state-failed", trouble !== "" && !asking);
    if (asking) return;
    if (answer) fill(told, ...consequenceText(context, answer, Number(lasts.value)));
    else fill(told, el("p", { class: "dock-note" }, t("whatif.nothing_yet")));
  };
  paint();
  if (store.choice.changes.length > 0) void ask();
  const stop = store.listen((changed) => {
    if (changed.has("equipment")) paintTarget();
    // the strip over the scene has taken the marks away, and with them the question
    if (changed.has("marks") && store.choice.marks === null && store.choice.changes.length > 0 && answer) set([]);
  });
  return {
    element,
    refresh: () => {
      if (!choices && !trouble) void read();
      if (view === "losses") losses.refresh();
      if (view === "overloads") overloads.refresh();
    },
    dispose: stop,
  };
}
