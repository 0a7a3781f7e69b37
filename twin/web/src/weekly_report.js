/** The report of the week in either language, as maintenance writes it: to read here, to print or to keep as a file. */

import { getFile } from "./api.js";
import { el, fill } from "./dom.js";
import { Format } from "./format.js";
import { LANGUAGES } from "./i18n.js";
import { firstMachine, withNames } from "./maintenance_words.js";
import { refusalText } from "./refusal.js";

const SIGNAL = /[a-z]+(?:_[a-z0-9]+)+/g;

/**
 * Calls machines and signals by their names: maintenance knows only their ids.
 *
 * @param {HTMLElement} report
 * @param {import("./desk_page.js").DeskContext} context
 */
function nameMachines(report, { park, format }) {
  for (const row of report.querySelectorAll("tr, li, p")) {
    const id = firstMachine(row.textContent ?? "", park);
    if (id === undefined) continue;
    const walker = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      node.textContent = withNames(node.textContent ?? "", park, format)
        .replace(SIGNAL, (name) => {
          const known = park.kindOf(id)?.signals.find((signal) => signal.name === name);
          return known ? format.name(known.display) : name;
        });
    }
  }
}

/**
 * @param {import("./desk_page.js").DeskContext} context
 * @returns {import("./desk_page.js").View}
 */
export function createWeeklyReport(context) {
  const { t, format, park } = context;
  let language = format.language;
  const paper = el("article", { class: "paper", lang: language, hidden: true });
  const note = el("p", { class: "asked-note", role: "status" });
  const file = el("a", { class: "button", download: "" }, t("maintenance.report_file"));
  const choice = el("div", { class: "segments", role: "group", "aria-label": t("maintenance.report_language") }, ...LANGUAGES.map((one) => el("button", {
    type: "button", class: "segment", "data-language": one, "aria-pressed": String(one === language), onclick: () => {
      language = one;
      for (const button of choice.children) button.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (button).dataset.language === one));
      void read();
    },
  }, t(`language.${one}`))));
  const print = el("button", { type: "button", class: "button button-main", onclick: () => globalThis.print() }, t("maintenance.report_print"));
  const element = el("div", { class: "view-scroll report-view" }, el("div", { class: "view-bar" }, choice, el("div", { class: "header-space" }), file, print), note, paper);

  async function read() {
    const address = `./api/maintenance/weekly-report?language=${language}`;
    file.setAttribute("href", `${address}&format=markdown`);
    file.setAttribute("download", `${t("maintenance.report_name")}-${language}.md`);
    note.hidden = false;
    note.className = "asked-note";
    fill(note, t("maintenance.report_writing"));
    try {
      // parsed apart, where nothing runs and nothing is fetched; its looks are this page's
      const text = (await (await getFile(`${address}&format=html`)).text()).replace(/<style>[\s\S]*?<\/style>/, "");
      const written = new DOMParser().parseFromString(text, "text/html");
      for (const wide of written.querySelectorAll("table")) {
        const host = written.createElement("div");
        host.className = "paper-table";
        wide.replaceWith(host);
        host.append(wide);
      }
      nameMachines(written.body, { ...context, format: new Format(language, t, park.timezone) });
      paper.lang = language;
      fill(paper, ...[...written.body.childNodes].map((node) => document.importNode(node, true)));
      note.hidden = true;
      paper.hidden = false;
    } catch (error) {
      note.className = "asked-note asked-failed";
      fill(note, t("maintenance.report_failed"), " ", refusalText(context, error), " ", el("button", { type: "button", class: "button", onclick: () => void read() }, t("desk.try_again")));
    }
  }

  return { element, show: () => void read() };
}
