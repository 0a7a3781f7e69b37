/** The consequence of a what-if in words: first the sum, then who, what, how long it holds, and whom to call. */

import { el } from "./dom.js";
import { glyph } from "./glyphs.js";

/** Rows of one list that are drawn; the sum counts all. */
const MOST_ROWS = 40;

/**
 * @param {import("./page.js").Context} context
 * @param {import("./hypothesis.js").Consequence} what
 * @param {number} hours it was asked for
 */
export function consequenceText(context, what, hours) {
  const { t, format, park, store } = context;
  const minutes = (/** @type {number | null} */ n) => (n === null ? t("whatif.not_within_a_week") : format.length(n * 60_000));
  const atOnce = what.affected.filter((one) => one.after_min === 0);
  const later = what.affected.filter((one) => one.after_min > 0);
  const visit = (/** @type {import("./hypothesis.js").Element} */ one) => park.equipmentById.has(one.id)
    ? el("button", { type: "button", class: "link what-name", onclick: () => {
      store.set({ equipment: one.id });
      context.flyTo(one.id);
    } }, format.name(one.name))
    : el("span", {}, format.name(one.name));
  const place = (/** @type {import("./hypothesis.js").Element} */ one) => {
    const names = park.path(one.id).slice(1).map((name) => format.name(name));
    return names.length > 0 ? el("span", { class: "muted" }, ` · ${names.at(-1)}`) : null;
  };
  /**
   * @template T
   * @param {string} title
   * @param {string} mark
   * @param {T[]} rows
   * @param {(row: T) => (Node | string | null)[]} write
   */
  const part = (title, mark, rows, write) => rows.length > 0 && el("section", { class: "what-part" },
    el("h4", {}, mark && glyph(mark), `${title} (${format.number(rows.length)})`),
    el("ul", {}, ...rows.slice(0, MOST_ROWS).map((row) => el("li", {}, ...write(row).filter((one) => one !== null))),
      rows.length > MOST_ROWS && el("li", { class: "muted" }, t("whatif.more", { n: format.number(rows.length - MOST_ROWS) }))));

  const lines = what.lines.filter((one) => one.lost_share > 0);
  const sum = [
    atOnce.length > 0 && t("whatif.sum_at_once", { n: atOnce.length }),
    later.length > 0 && t("whatif.sum_later", { n: later.length, first: minutes(Math.min(...later.map((one) => one.after_min))) }),
    lines.length > 0 && t("whatif.sum_lines", { n: lines.length }),
    what.overloads.length > 0 && t("whatif.sum_overloads", { n: what.overloads.length }),
    what.tenants.length > 0 && t("whatif.sum_tenants", { n: what.tenants.length, names: what.tenants.map((one) => format.name(one.name)).join(", ") }),
  ].filter((one) => one !== false);
  const power = Math.abs(what.lost_kw) >= 0.5 && t(what.lost_kw > 0 ? "whatif.less_power" : "whatif.more_power", {
    kw: format.number(Math.abs(what.lost_kw)), kwh: format.number(Math.abs(what.lost_kwh)), duration: format.length(hours * 3_600_000),
  });

  return [
    el("p", { class: "what-sum", role: "status" }, sum.length > 0 ? sum.join(" ") : t("whatif.no_consequence"), power && ` ${power}`),
    el("div", { class: "what-parts" },
      part(t("whatif.lines"), "", what.lines, (one) => [visit(one), el("span", { class: "what-figure" },
        t(one.lost_share >= 0 ? "whatif.loses" : "whatif.gains", { share: format.percent(Math.abs(one.lost_share), 0) }),
        one.lost_units !== null && Math.abs(one.lost_units) >= 0.5 && one.unit ? `: ${format.number(Math.abs(one.lost_units))} ${format.name(one.unit)}` : "")]),
      part(t("whatif.overloads"), "hypo_beyond", what.overloads, (one) => [visit(one), el("span", { class: "what-figure" },
        one.before === null ? format.percent(one.percent / 100, 0) : t("whatif.from_to", { before: format.percent(one.before / 100, 0), after: format.percent(one.percent / 100, 0) }))]),
      part(t("whatif.voltages"), "hypo_beyond", what.voltages, (one) => [visit(one), el("span", { class: "what-figure" }, t("whatif.of_nominal", { share: format.percent(one.percent / 100, 1) }))]),
      part(t("whatif.reserves"), "hypo_later", what.reserves, (one) => [visit(one), el("span", { class: "what-figure" },
        t(`whatif.becomes_${one.becomes}`, { minutes: minutes(one.minutes) }), one.before !== null && ` (${t("whatif.now_it_takes", { minutes: minutes(one.before) })})`)]),
      part(t("whatif.at_once"), "hypo_lost", atOnce, (one) => [visit(one), place(one), el("span", { class: "what-figure" }, one.lacks.map((network) => t(`network.${network}`)).join(", "))]),
      part(t("whatif.later"), "hypo_later", later, (one) => [visit(one), place(one), el("span", { class: "what-figure" }, t("whatif.after", { minutes: minutes(one.after_min) }))]),
      part(t("whatif.calls"), "", what.calls, (one) => [format.name(one.name), el("b", { class: "what-figure" }, one.phone)])),
    el("ul", { class: "what-notes" }, ...what.notes.map((note) => el("li", {}, format.name(note)))),
  ];
}
