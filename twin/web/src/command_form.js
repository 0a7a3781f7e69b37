/** Asking for one command: what it does, which interlocks hold, the value, the reason; tried on the twin first. */

import { ApiError, postJson } from "./api.js";
import { el, fill } from "./dom.js";
import { glyph } from "./glyphs.js";
import { askPerson, rememberedPerson } from "./person.js";
import { refusalText } from "./refusal.js";

/**
 * @typedef {string | number | boolean} Given
 * @typedef {{tag: string, value: Given | null, unit: string, quality: string, stale: boolean}} Seen
 * @typedef {{id: string, name: import("./park.js").Name, when: string, verdict: "holds" | "fails" | "unknown", seen: Seen[]}} Interlock
 * @typedef {{type: string, low: number | null, high: number | null, unit: string, options: Given[]}} Argument
 *
 * One command of `GET /api/commands/catalogue`.
 *
 * @typedef {object} Offer
 * @property {string} equipment
 * @property {string} command
 * @property {import("./park.js").Name} name
 * @property {"low" | "medium" | "high"} risk
 * @property {Argument | null} argument
 * @property {import("./park.js").Name | null} consequence
 * @property {string | null} shows the tag that shows it when it is done
 * @property {Interlock[]} interlocks
 *
 * @typedef {object} Rehearsal
 * @property {Given | null} value
 * @property {Seen | null} now
 * @property {Given[]} wanted
 * @property {boolean} let_through
 * @property {boolean} needs_approval
 * @property {string[]} hangs_on_it
 * @property {number} hangs_on_it_count
 * @property {Offer} command
 */

const VERDICT_GLYPH = { holds: "good", fails: "bad", unknown: "uncertain" };
/** Machines behind a command that are named. */
const MOST_NAMED = 4;

/**
 * @param {import("./page.js").Context} context
 * @param {Offer} offer
 * @param {{sent: () => void, close: () => void}} listener
 */
export function createCommandForm(context, offer, { sent, close }) {
  const { t, format } = context;
  // one request, however often the button is pressed: the server knows it by this
  let id = newId();
  const interlocks = el("ul", { class: "interlocks" });
  const value = offer.argument && argumentInput(context, offer.argument);
  const reason = el("input", { class: "input", type: "text", maxlength: "2000", autocomplete: "off", required: true });
  const result = el("div", { class: "command-result", role: "status" });
  const rehearse = el("button", { type: "button", class: "button", onclick: () => void tryIt() }, t("command.rehearse"));
  const highRisk = offer.risk === "high";
  const send = el("button", { type: "submit", class: "button button-main" }, t(highRisk ? "command.send_for_approval" : "command.send"));
  const element = el("form", { class: "command-form", onsubmit: (/** @type {Event} */ event) => {
    event.preventDefault();
    void ask();
  } },
    offer.consequence && el("p", { class: "command-consequence" }, glyph("warning"), el("span", {}, format.name(offer.consequence))),
    offer.interlocks.length > 0 && el("p", { class: "command-label" }, t("command.interlocks")),
    interlocks,
    value && el("label", { class: "field" }, el("span", {}, t("command.value"), rangeText(context, /** @type {Argument} */ (offer.argument))), value),
    el("label", { class: "field" }, el("span", {}, t("command.reason")), reason),
    el("div", { class: "alarm-buttons" }, rehearse, send, el("button", { type: "button", class: "button", onclick: close }, t("dialog.no"))),
    result);

  const wish = () => ({ equipment: offer.equipment, command: offer.command, ...(offer.argument && { value: readArgument(offer.argument, value) }) });
  /** @param {() => Promise<void>} act */
  const guarded = async (act) => {
    rehearse.disabled = send.disabled = true;
    try {
      await act();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      fill(result, el("p", { class: "command-refusal" }, glyph("bad"), el("span", {}, t("command.refused", { reason: refusalText(context, error) }))));
      // a refused attempt is noted under its id: the next one is another
      id = newId();
    } finally {
      rehearse.disabled = send.disabled = false;
    }
  };
  const tryIt = () => guarded(async () => {
    const tried = await /** @type {Promise<Rehearsal>} */ (postJson("./api/commands/rehearse", wish()));
    paintInterlocks(tried.command.interlocks);
    fill(result, ...rehearsalText(context, tried));
  });
  const ask = async () => {
    if (!reason.value.trim()) return reason.focus();
    const by = rememberedPerson() || await askPerson(t);
    if (!by) return;
    await guarded(async () => {
      await postJson("./api/commands", { ...wish(), by, reason: reason.value.trim(), id });
      sent();
    });
  };

  /** @param {Interlock[]} states */
  const paintInterlocks = (states) => {
    fill(interlocks, ...states.map((one) => el("li", { class: `interlock interlock-${one.verdict}`, title: one.when },
      glyph(VERDICT_GLYPH[one.verdict]),
      el("div", {}, el("span", {}, format.name(one.name)),
        el("span", { class: "interlock-seen" }, t(`command.verdict_${one.verdict}`), ...one.seen.map((seen) => ` · ${seenText(context, seen)}`))))));
  };
  paintInterlocks(offer.interlocks);
  return { element, update: (/** @type {Offer} */ now) => paintInterlocks(now.interlocks), focus: () => (value ?? reason).focus() };
}

/**
 * @param {import("./page.js").Context} context
 * @param {Rehearsal} tried
 */
function rehearsalText(context, tried) {
  const { t, format, park } = context;
  const unit = tried.now?.unit ?? "";
  const wanted = tried.now ? tried.wanted.map((one) => givenText(context, /** @type {Seen} */ (tried.now).tag, one, unit)).join(", ") : "";
  const names = tried.hangs_on_it.slice(0, MOST_NAMED).map((id) => {
    const one = park.equipmentById.get(id);
    return one ? format.name(one.display) : id;
  });
  return [
    el("p", {}, el("b", {}, t("command.rehearsed"))),
    tried.now && el("p", {}, t("command.change", { signal: seenText(context, tried.now), wanted: wanted || "–" })),
    el("p", { class: tried.let_through ? "" : "command-refusal" }, glyph(tried.let_through ? "good" : "bad"), el("span", {}, t(tried.let_through ? "command.let_through" : "command.held_back"))),
    tried.hangs_on_it_count > 0 && el("p", {}, t("command.hangs", { n: format.number(tried.hangs_on_it_count), names: names.join(", ") })),
    tried.needs_approval && el("p", {}, t("command.needs_second")),
  ];
}

/**
 * A signal with its value as the interlock sees it.
 *
 * @param {import("./page.js").Context} context
 * @param {Seen} seen
 */
export function seenText(context, seen) {
  const { park, format, t } = context;
  const tag = park.tagIndex.get(seen.tag);
  const name = tag === undefined ? seen.tag : format.name(park.signal(tag).display);
  const trust = seen.stale ? "stale" : seen.quality;
  const value = seen.value === null ? t("value.never") : givenText(context, seen.tag, seen.value, seen.unit);
  return `${name}: ${value}${trust === "good" ? "" : ` (${t(`trust.${trust}`)})`}`;
}

/**
 * @param {import("./page.js").Context} context
 * @param {string} name of the tag
 * @param {Given} value
 * @param {string} unit
 */
export function givenText({ park, format, t }, name, value, unit) {
  const tag = park.tagIndex.get(name);
  const after = unit ? ` ${format.unit(unit)}` : "";
  if (typeof value === "boolean") return t(value ? "value.true" : "value.false");
  if (tag === undefined) return `${value}${after}`;
  const number = typeof value === "number" ? value : NaN;
  return `${format.value(park.signal(tag), number, typeof value === "string" ? value : undefined)}${after}`;
}

/**
 * @param {import("./page.js").Context} context
 * @param {Argument} argument
 */
function argumentInput({ t }, argument) {
  const options = argument.type === "boolean" ? [true, false] : argument.options;
  if (options.length > 0) {
    return el("select", { class: "input" }, ...options.map((one, k) => el("option", { value: String(k) },
      typeof one === "boolean" ? t(one ? "value.true" : "value.false") : String(one))));
  }
  const number = argument.type === "number";
  return el("input", { class: "input", type: number ? "number" : "text", required: true, ...(number && { step: "any", min: argument.low, max: argument.high }) });
}

/**
 * @param {Argument} argument
 * @param {HTMLInputElement | HTMLSelectElement | null} input
 * @returns {Given}
 */
function readArgument(argument, input) {
  const text = input?.value ?? "";
  if (argument.type === "boolean") return text === "0";
  if (argument.options.length > 0) return argument.options[Number(text)];
  return argument.type === "number" ? Number.parseFloat(text) : text;
}

/**
 * @param {import("./page.js").Context} context
 * @param {Argument} argument
 */
function rangeText({ t, format }, argument) {
  const write = (/** @type {number | null} */ bound) => (bound === null ? "–" : format.number(bound, Number.isInteger(bound) ? 0 : 2));
  if (argument.type !== "number" || (argument.low === null && argument.high === null)) return argument.unit && ` [${format.unit(argument.unit)}]`;
  return ` ${t("command.range", { low: write(argument.low), high: write(argument.high), unit: format.unit(argument.unit) })}`;
}

function newId() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
