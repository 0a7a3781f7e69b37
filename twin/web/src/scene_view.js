/** The window onto the scene: its buttons, what the pointer is over, and words where there is no picture. */

import { conditionOf } from "./colour.js";
import { el, fill, icon, say } from "./dom.js";
import { glyph } from "./glyphs.js";

/** @typedef {"loading" | "building" | "ready" | "no_webgl" | "failed"} SceneState */

/**
 * @param {import("./page.js").Context} context
 * @param {HTMLElement} host holds the canvas; outlives the words around it
 * @returns {import("./page.js").Widget & {setState: (state: SceneState, detail?: string) => void}}
 */
export function createSceneView(context, host) {
  const { park, assets, store, t, format } = context;
  const button = (/** @type {string} */ name, /** @type {string} */ picture, /** @type {() => void} */ act) =>
    el("button", { type: "button", class: "icon-button", "aria-label": t(`scene.${name}`), title: t(`scene.${name}`), onclick: act }, icon(picture));
  const controls = el("div", { class: "scene-controls" },
    button("home", "home", () => context.goHome()),
    button("nearer", "plus", () => context.zoom(0.65)),
    button("farther", "minus", () => context.zoom(1.5)));
  const message = el("div", { class: "scene-message", role: "status" });
  const tip = el("div", { class: "scene-tip" });
  const help = el("p", { class: "scene-help" }, t("scene.help"));
  const boxes = el("p", { class: "scene-boxes", role: "status" });
  const element = el("div", { class: "scene-overlay" }, controls, help, boxes, message, tip);
  tip.hidden = true;

  // a detail of a scene that is ready says why it is made of boxes
  const setState = (/** @type {SceneState} */ state, detail = "") => {
    host.dataset.state = state;
    message.hidden = state === "ready";
    controls.hidden = state !== "ready";
    help.hidden = state !== "ready" || host.dataset.used === "true";
    boxes.hidden = state !== "ready" || !detail;
    say(boxes, boxes.hidden ? "" : t("scene.boxes"));
    boxes.title = detail;
    if (state === "ready") return;
    fill(message, state === "loading" || state === "building" ? el("span", { class: "pulse" }) : glyph("warning"),
      el("b", {}, t(`scene.${state}`)), el("p", {}, t(`scene.${state}_detail`)), detail && el("p", { class: "muted" }, detail));
  };

  const follow = (/** @type {PointerEvent} */ event) => {
    const frame = host.getBoundingClientRect();
    const x = event.clientX - frame.left;
    const y = event.clientY - frame.top;
    const flip = x > frame.width - 240;
    tip.style.transform = `translate(${Math.round(flip ? x - 14 : x + 16)}px, ${Math.round(y + 14)}px) translateX(${flip ? "-100%" : "0"})`;
  };
  // once the picture moves under it, what the pointer was over is elsewhere; the tip comes back when the pointer moves
  const hide = () => store.set({ hovered: null });
  // whoever has turned the park once knows how
  const learn = () => {
    hide();
    host.dataset.used = "true";
    help.hidden = true;
  };
  host.addEventListener("pointermove", follow);
  host.addEventListener("pointerdown", learn);

  const update = () => {
    const equipment = store.choice.hovered && park.equipmentById.get(store.choice.hovered);
    tip.hidden = !equipment;
    host.classList.toggle("over-machine", Boolean(equipment));
    if (!equipment) return;
    const { name } = conditionOf(assets.condition[equipment.index]);
    fill(tip, el("b", {}, format.name(equipment.display)),
      el("span", { class: `condition-${name}` }, glyph(name), t(`condition.${name}`)));
  };
  const watcher = new ResizeObserver(hide);
  watcher.observe(host);
  host.addEventListener("pointerleave", hide);
  host.addEventListener("wheel", hide, { passive: true });
  const stop = store.listen((changed) => {
    if (changed.has("equipment") && store.choice.hovered) hide();
    else if (changed.has("hovered")) update();
  });
  return {
    element, update, setState,
    dispose: () => {
      stop();
      watcher.disconnect();
      host.removeEventListener("pointerleave", hide);
      host.removeEventListener("wheel", hide);
      host.removeEventListener("pointermove", follow);
      host.removeEventListener("pointerdown", learn);
    },
  };
}
