/** The frame of the page: which widget stands where, and who is told what. Built anew when the language changes. */

import { createBanner } from "./banner.js";
import { createConditionBar } from "./condition_bar.js";
import { createDock } from "./dock.js";
import { el } from "./dom.js";
import { createHeader } from "./header.js";
import { createHypothesisStrip } from "./hypothesis_strip.js";
import { createLayerBar } from "./layer_bar.js";
import { createPanel } from "./panel.js";
import { createPastStrip } from "./past_strip.js";
import { createSceneView } from "./scene_view.js";
import { createTimeBar } from "./time_bar.js";
import { createTree } from "./tree.js";

/**
 * What every widget works on.
 *
 * @typedef {object} Context
 * @property {import("./park.js").Park} park
 * @property {import("./assets.js").AssetTable} assets
 * @property {import("./store.js").Store} store
 * @property {import("./i18n.js").Translate} t
 * @property {import("./format.js").Format} format
 * @property {() => number} now viewer's clock [ms]
 * @property {(now: number) => number} serverNow the moment that is shown: the server's clock, or a moment of the past [ms]
 * @property {(now: number) => number} liveNow server's clock, as far as it can be known [ms]
 * @property {import("./past.js").Past} past
 * @property {(now: number) => import("./connection.js").PictureState} picture
 * @property {() => import("./sources.js").SourceRow[]} sources
 * @property {() => Record<string, string>} health why the server is not well, by part; empty if it is
 * @property {import("./alarm_book.js").AlarmBook} alarms
 * @property {() => Promise<void>} readAlarms reads them anew, now
 * @property {(language: import("./i18n.js").Language) => void} setLanguage
 * @property {(equipment: string) => void} flyTo
 * @property {() => void} goHome
 * @property {(factor: number) => void} zoom
 *
 * @typedef {object} Widget
 * @property {HTMLElement} element
 * @property {(change?: import("./assets.js").Change) => void} [update] after each frame of the stream
 * @property {() => void} [refresh] once a second, and when the sources or the connection change
 * @property {() => void} [dispose]
 */

/** The page in one language. */
export class Page {
  /**
   * @param {Context} context
   * @param {HTMLElement} host of the scene
   */
  constructor(context, host) {
    this.scene = createSceneView(context, host);
    const header = createHeader(context);
    const banner = createBanner(context);
    const tree = createTree(context);
    const bar = createConditionBar(context);
    const panel = createPanel(context);
    const dock = createDock(context);
    const strip = createPastStrip(context);
    const timeBar = createTimeBar(context);
    const hypothesis = createHypothesisStrip(context);
    const layers = createLayerBar(context);
    /** @type {Widget[]} */
    this.widgets = [header, banner, tree, bar, this.scene, panel, dock, strip, timeBar, hypothesis, layers];
    const main = el("main", { class: "workspace" },
      tree.element,
      el("div", { class: "stage" },
        bar.element,
        el("div", { class: "scene" }, host, this.scene.element, layers.element, hypothesis.element, banner.element),
        timeBar.element,
        dock.element),
      panel.element);
    this.element = el("div", { class: "page" }, header.element, strip.element, main);
    document.title = `${context.format.name(context.park.display)} · ParkTwin`;
    document.documentElement.lang = context.format.language;
  }

  /** @param {import("./assets.js").Change} [change] */
  update(change) {
    for (const widget of this.widgets) widget.update?.(change);
  }

  refresh() {
    for (const widget of this.widgets) widget.refresh?.();
  }

  dispose() {
    for (const widget of this.widgets) widget.dispose?.();
  }
}
