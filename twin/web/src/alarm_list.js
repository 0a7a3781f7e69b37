/** The list of alarms: filtered, folded by cause, the most urgent first; acknowledged, shelved and commented from here. */

import { actOnAlarms, mayDo } from "./alarm_actions.js";
import { filterAlarms, foldAlarms, sortLines } from "./alarm_fold.js";
import { alarmName, alarmPlace, createAlarmLine } from "./alarm_row.js";
import { ApiError, getJson } from "./api.js";
import { el, fill, icon, say } from "./dom.js";
import { glyph } from "./glyphs.js";
import { askPerson, rememberedPerson } from "./person.js";
import { alarmGlyph, PRIORITIES } from "./priority.js";
import { refusalText } from "./refusal.js";

/** Lines that are drawn; a person who looks for more filters. */
const MOST_LINES = 150;
const HIDDEN_QUERY = "./api/alarms?state=shelved&state=out_of_service&state=suppressed_by_design&limit=1000";

/** @typedef {import("./alarm_book.js").AlarmRow} AlarmRow */

/**
 * @param {import("./page.js").Context} context
 * @returns {import("./page.js").Widget}
 */
export function createAlarmList(context) {
  const { alarms: book, park, store, t, format } = context;
  /** @type {Set<string>} lines that are unfolded */
  const unfolded = new Set();
  /** @type {Map<string, {key: string, line: import("./alarm_row.js").AlarmLine}>} */
  let drawn = new Map();
  /** @type {AlarmRow[]} */
  let hiddenRows = [];
  let trouble = "";
  let painted = "";

  const chips = PRIORITIES.map(({ name }) => {
    const count = el("b", {});
    const mark = el("span", { class: "chip-mark" });
    const button = el("button", {
      type: "button", class: "chip", onclick: () => store.set({ priority: store.choice.priority === name ? null : name }),
    }, mark, count, el("span", { class: "alarm-word" }, t(`priority.${name}`)));
    return { name, count, mark, button };
  });
  const search = el("input", {
    class: "input alarm-search", type: "search", placeholder: t("alarm.search"), "aria-label": t("alarm.search"), autocomplete: "off", spellcheck: "false", oninput: () => paint(),
  });
  const choose = (/** @type {string} */ label, /** @type {[string, string][]} */ options, act = () => paint()) => el("select", { class: "input", "aria-label": label, title: label, onchange: act },
    ...options.map(([value, text]) => el("option", { value }, text)));
  const tenants = park.json.places.filter((place) => place.level === "enterprise" || place.id.split("/").length === 2);
  const tenant = choose(t("alarm.tenant"), [["", t("alarm.tenant_all")], ...tenants.map((place) => /** @type {[string, string]} */ ([place.id, format.name(place.display)]))]);
  const view = choose(t("alarm.view"), ["presented", "waiting", "hidden"].map((name) => /** @type {[string, string]} */ ([name, t(`alarm.view_${name}`, { n: "0" })])), () => void showHidden());
  const order = choose(t("alarm.order"), [["urgency", t("alarm.order_urgency")], ["time", t("alarm.order_time")]]);
  const folding = choose(t("alarm.folding"), [["folded", t("alarm.folded")], ["single", t("alarm.single")]]);
  const person = el("button", { type: "button", class: "button alarm-person", title: t("person.detail"), onclick: () => void askPerson(t).then(() => sayPerson()) });
  const strip = el("p", { class: "alarm-strip", role: "status" });
  const refusal = el("p", { class: "alarm-strip alarm-refusal", role: "alert" });
  const list = el("ul", { class: "alarm-list", "aria-label": t("dock.alarms") });
  const note = el("p", { class: "dock-note" });
  const element = el("div", { class: "alarms" },
    el("div", { class: "alarm-tools", role: "group", "aria-label": t("alarm.tools") },
      el("div", { class: "alarm-chips" }, ...chips.map((chip) => chip.button)), search, tenant, view, order, folding, person),
    strip, refusal, list, note);

  const sayPerson = () => fill(person, icon("person"), el("span", {}, rememberedPerson() || t("person.nobody")));

  /** @type {import("./alarm_row.js").RowActions} */
  const actions = {
    act: (action, ids) => void actOnAlarms(context, action, ids).then(async (said) => {
      trouble = said;
      sayPerson();
      await showHidden();
    }),
    visit: (row) => {
      if (!row.equipment) return actions.unfold(row.alarm, !unfolded.has(row.alarm));
      store.set({ equipment: row.equipment });
      context.flyTo(row.equipment);
    },
    unfold: (id, open) => {
      if (open) unfolded.add(id);
      else unfolded.delete(id);
      paint();
    },
  };

  const showHidden = async () => {
    if (view.value === "hidden") {
      try {
        hiddenRows = /** @type {{alarms: AlarmRow[]}} */ (await getJson(HIDDEN_QUERY, context.past.on ? { at: Math.round(context.past.at) } : {})).alarms;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        trouble = refusalText(context, error);
      }
    }
    paint();
  };

  const words = (/** @type {AlarmRow} */ row) => {
    const { machine, path } = alarmPlace(context, row);
    return `${alarmName(context, row)} ${machine} ${path} ${row.alarm} ${row.acknowledged_by} ${row.comment}`;
  };
  const linesOf = (/** @type {AlarmRow[]} */ rows) => {
    const wanted = filterAlarms(rows, { text: search.value, priority: store.choice.priority, tenant: tenant.value, waiting: view.value === "waiting" }, words);
    const lines = folding.value === "folded"
      ? foldAlarms(wanted, book.hiddenCauses) : wanted.map((head) => ({ head, members: [], explains: false }));
    return sortLines(lines, order.value === "time" ? "time" : "urgency");
  };

  const paint = () => {
    painted = `${book.version}`;
    // the name goes with what is done; who may do nothing is not asked
    person.hidden = store.choice.past || !(mayDo("acknowledge") || mayDo("return-to-service"));
    countUp();
    const rows = view.value === "hidden" ? hiddenRows : book.rows();
    const lines = linesOf(rows);
    const shown = lines.slice(0, MOST_LINES);
    const serverNow = context.serverNow(context.now());
    /** @type {typeof drawn} */
    const next = new Map();
    for (const line of shown) {
      const open = unfolded.has(line.head.alarm);
      const key = JSON.stringify([line, open, store.choice.past]);
      const known = drawn.get(line.head.alarm);
      next.set(line.head.alarm, known?.key === key ? known : { key, line: createAlarmLine(context, line, open, actions) });
    }
    drawn = next;
    put(list, [...next.values()].map(({ line }) => line.element));
    for (const { line } of next.values()) line.refresh(serverNow);
    mark();
    const filtered = rows.length > 0 && lines.length === 0;
    const left = book.total - book.size;
    note.hidden = lines.length > 0 && lines.length <= MOST_LINES && left <= 0;
    if (lines.length > MOST_LINES) say(note, t("alarm.not_drawn", { n: format.number(lines.length - MOST_LINES) }));
    else if (left > 0) say(note, t("alarm.not_read", { n: format.number(left) }));
    else if (filtered) fill(note, t("alarm.nothing_found"), " ", el("button", { type: "button", class: "link", onclick: clear }, t("tree.clear")));
    else if (lines.length === 0) fill(note, ...emptiness());
    refusal.hidden = !trouble;
    say(refusal, trouble);
  };

  const emptiness = () => {
    const standing = book.standing(context.now());
    if (view.value === "hidden") return [t("alarm.none_hidden")];
    if (standing === "reading") return [t("alarm.reading")];
    if (standing === "failed") return [glyph("bad"), el("b", {}, t("alarm.failed")), " ", el("span", {}, t("alarm.failed_detail", { reason: book.trouble }))];
    return [glyph("good"), el("b", {}, t("alarm.none")), " ", el("span", {}, t("alarm.none_detail"))];
  };
  const clear = () => {
    search.value = "";
    tenant.value = "";
    view.value = "presented";
    store.set({ priority: null });
    paint();
  };

  const countUp = () => {
    const counts = book.counts();
    for (const chip of chips) {
      const { active, waiting } = counts.get(chip.name) ?? { active: 0, waiting: 0 };
      fill(chip.mark, glyph(alarmGlyph(chip.name, waiting > 0)));
      say(chip.count, format.number(active));
      chip.button.setAttribute("aria-pressed", String(store.choice.priority === chip.name));
      chip.button.title = t("alarm.chip", { priority: t(`priority.${chip.name}`), n: format.number(active), waiting: format.number(waiting) });
      chip.button.setAttribute("aria-label", chip.button.title);
      chip.button.classList.toggle("chip-none", active === 0 && waiting === 0);
    }
    const numbers = [book.size, [...counts.values()].reduce((sum, { waiting }) => sum + waiting, 0), book.hidden];
    ["presented", "waiting", "hidden"].forEach((name, k) => say(view.options[k], t(`alarm.view_${name}`, { n: format.number(numbers[k]) })));
  };

  /** Says that the list is old, or cannot be whole. */
  const warn = () => {
    const now = context.now();
    const standing = book.standing(now);
    /** @type {string[]} */
    const said = [];
    if (standing === "old") said.push(t("alarm.old", { time: format.clock(context.serverNow(book.readAt)), duration: format.duration(now - book.readAt) }));
    if (standing === "old" && book.trouble) said.push(t("alarm.old_reason", { reason: book.trouble }));
    if (book.evaluation) said.push(t("alarm.not_evaluated", { reason: book.evaluation }));
    strip.hidden = said.length === 0;
    element.classList.toggle("alarms-old", standing === "old");
    say(strip, said.join(" "));
  };
  const mark = () => {
    const here = new Set(store.choice.equipment === null ? [] : book.at(store.choice.equipment).map((row) => row.alarm));
    for (const row of list.querySelectorAll(".alarm")) {
      row.classList.toggle("alarm-here", here.has(/** @type {HTMLElement} */ (row).dataset.alarm ?? ""));
    }
  };
  const refresh = () => {
    if (painted !== `${book.version}`) {
      if (view.value === "hidden") void showHidden();
      paint();
    }
    warn();
    if (store.choice.dock !== "alarms") return;
    const serverNow = context.serverNow(context.now());
    for (const { line } of drawn.values()) line.refresh(serverNow);
  };

  list.addEventListener("keydown", (event) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const here = document.activeElement?.closest(".alarm");
    if (step === 0 || !here) return;
    const all = /** @type {HTMLElement[]} */ ([...list.querySelectorAll(".alarm-open")]);
    all[all.findIndex((one) => one.closest(".alarm") === here) + step]?.focus();
    event.preventDefault();
  });
  sayPerson();
  paint();
  warn();
  const stop = store.listen((changed) => {
    if (changed.has("priority")) paint();
    else if (changed.has("equipment")) mark();
  });
  return { element, refresh, dispose: stop };
}

/**
 * Puts elements into a list and leaves the focus where it was, even if its row was drawn anew.
 *
 * @param {HTMLElement} list
 * @param {HTMLElement[]} elements
 */
function put(list, elements) {
  if (list.children.length === elements.length && elements.every((one, k) => one === list.children[k])) return;
  const focused = list.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement).dataset.focus : undefined;
  list.replaceChildren(...elements);
  if (focused === undefined) return;
  const again = /** @type {HTMLElement[]} */ ([...list.querySelectorAll("[data-focus]")]).find((one) => one.dataset.focus === focused);
  again?.focus({ preventScroll: true });
}
