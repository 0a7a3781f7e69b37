/** A small form over the page that is asked and answered: name, reason, how long. Esc is no. */

import { el } from "./dom.js";

/**
 * @typedef {object} Field
 * @property {string} name
 * @property {string} label
 * @property {string} [value] it stands there already
 * @property {boolean} [required]
 * @property {boolean} [long] more than one line
 * @property {readonly {value: string, label: string}[]} [options] to choose from
 * @property {readonly string[]} [suggestions] beside what a person may write
 */

/**
 * Asks a person.
 *
 * @param {{title: string, detail?: string, fields: Field[], yes: string, no: string}} asked
 * @returns {Promise<Record<string, string> | null>} by name of the field, without spaces around; null = no
 */
export function askForm({ title, detail, fields, yes, no }) {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const inputs = fields.map(input);
    /** @type {Record<string, string> | null} */
    let answer = null;
    const form = el("form", { class: "dialog-form", onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      const empty = inputs.find((one, k) => fields[k].required && !one.value.trim());
      if (empty) return empty.focus();
      answer = Object.fromEntries(fields.map(({ name }, k) => [name, inputs[k].value.trim()]));
      dialog.close();
    } },
      el("h2", { id: "dialog-title" }, title),
      detail && el("p", { class: "dialog-detail" }, detail),
      ...fields.map((field, k) => el("label", { class: "field" }, el("span", {}, field.label), inputs[k],
        field.suggestions && el("datalist", { id: `${field.name}-suggestions` }, ...field.suggestions.map((value) => el("option", { value }))))),
      el("div", { class: "dialog-buttons" },
        el("button", { type: "button", class: "button", onclick: () => dialog.close() }, no),
        el("button", { type: "submit", class: "button button-main" }, yes)));
    const dialog = el("dialog", { class: "dialog", "aria-labelledby": "dialog-title" }, form);
    // Esc closes this and nothing behind it
    dialog.addEventListener("keydown", (event) => event.stopPropagation());
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
      resolve(answer);
    });
    document.body.append(dialog);
    dialog.showModal();
    (inputs.find((one) => !one.value) ?? inputs[0])?.focus();
  });
}

/** @param {Field} field */
function input({ name, value = "", required = false, long = false, options, suggestions = [] }) {
  const attributes = { class: "input", name, required, autocomplete: "off", maxlength: long ? "2000" : "200" };
  if (options) {
    return el("select", { class: "input", name }, ...options.map((one) =>
      el("option", { value: one.value, selected: one.value === value }, one.label)));
  }
  if (long) return el("textarea", { ...attributes, rows: "2" }, value);
  return el("input", { ...attributes, type: "text", value, list: suggestions.length > 0 && `${name}-suggestions` });
}
