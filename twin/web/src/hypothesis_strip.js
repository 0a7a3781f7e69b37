/** Over the scene while a what-if is painted in it: that it is no picture of now, what the marks mean, and the way back. */

import { el, icon } from "./dom.js";
import { glyph } from "./glyphs.js";
import { MARKS } from "./hypothesis.js";

/**
 * @param {import("./page.js").Context} context
 * @returns {import("./page.js").Widget}
 */
export function createHypothesisStrip({ store, t, format }) {
  const counts = MARKS.map(({ name }) => ({ name, count: el("b", {}) }));
  const rows = counts.map(({ name, count }) => ({ name, element: el("li", {}, glyph(`hypo_${name}`), count, el("span", {}, t(`hypothesis.${name}`))) }));
  const element = el("section", { class: "hypothesis", "aria-label": t("hypothesis.label") },
    el("b", {}, t("hypothesis.title")), el("ul", {}, ...rows.map((row) => row.element)),
    el("button", { type: "button", class: "button", onclick: () => store.set({ marks: null }) }, icon("close"), t("hypothesis.clear")));
  const paint = () => {
    const { marks } = store.choice;
    element.hidden = marks === null;
    document.documentElement.dataset.hypothesis = String(marks !== null);
    if (!marks) return;
    counts.forEach(({ name, count }, k) => {
      const n = [...marks.values()].filter((mark) => mark === name).length;
      count.textContent = format.number(n);
      rows[k].element.hidden = n === 0;
    });
  };
  paint();
  const stop = store.listen((changed) => changed.has("marks") && paint());
  return { element, dispose: stop };
}
