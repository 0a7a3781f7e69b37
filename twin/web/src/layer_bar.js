/** Over the scene: which network is shown, and what its lines mean. */

import { el, fill } from "./dom.js";
import { flowNow, layersOf, suppliesOf } from "./layers.js";

/**
 * @param {import("./page.js").Context} context
 * @returns {import("./page.js").Widget}
 */
export function createLayerBar({ park, assets, store, t, format }) {
  const layers = layersOf(park);
  const buttons = layers.map((layer) => el("button", {
    type: "button", class: `layer layer-${layer.name}`, "data-layer": layer.name, "aria-pressed": "false",
    onclick: () => store.set({ layer: store.choice.layer === layer.name ? null : layer.name }),
  }, el("span", { class: "layer-line", "aria-hidden": "true" }), t(`layer.${layer.name}`)));
  const meaning = el("p", { class: "layer-meaning", role: "status" });
  const element = el("section", { class: "layers", "aria-label": t("layer.bar"), hidden: layers.length === 0 },
    el("div", { class: "layer-buttons" }, ...buttons), meaning);
  /** @type {import("./layers.js").Supply[]} */
  let supplies = [];

  const paint = () => {
    const layer = layers.find((one) => one.name === store.choice.layer);
    supplies = layer ? suppliesOf(park, layer) : [];
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.layer === layer?.name));
    layers.forEach((one, k) => buttons[k].style.setProperty("--layer", one.colour[store.choice.theme]));
    meaning.hidden = !layer;
    refresh();
  };
  /** @param {number} known lanes of which it is known what passes */
  const roadWords = (known) => supplies.length === 0 ? t("layer.roads_uncounted")
    : t("layer.roads_counted", { n: format.number(known), of: format.number(supplies.length) });
  const refresh = () => {
    const layer = layers.find((one) => one.name === store.choice.layer);
    if (!layer) return;
    const known = supplies.map((supply) => flowNow(supply, assets)).filter((flow) => !Number.isNaN(flow));
    const words = layer.name === "roads" ? roadWords(known.length) : layer.unit === "" ? t("layer.unmeasured", { n: supplies.length })
      : t("layer.measured", { n: format.number(known.length), of: format.number(supplies.length), unit: layer.unit });
    if (meaning.textContent !== words) fill(meaning, words);
  };
  paint();
  const stop = store.listen((changed) => (changed.has("layer") || changed.has("theme")) && paint());
  return { element, refresh, dispose: stop };
}
