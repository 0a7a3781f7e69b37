/** The states of a line's stations over time: one row a station, a shape and a colour for each use, holes drawn as holes. */

import { el, fill } from "./dom.js";
import { SPENT, spellAt } from "./kpi_data.js";
import { svg } from "./svg.js";
import { ticks } from "./zone.js";

const ROW_PX = 24;
const BAR_PX = 16;
const AXIS_PX = 18;
/** Height of each use as a share of the bar: what is normal is low and calm, a stop stands out. */
const HEIGHT = { producing: 0.5, setup: 0.5, waiting: 0.5, held: 1, failed: 1, stopped: 1, unknown: 1 };
/** Half of the room that a label of the axis takes [px]. */
const HALF_LABEL_PX = 18;
/** A spell is drawn at least so wide, or a short stop in a long shift would vanish [px]. */
const LEAST_PX = 1.2;

/**
 * @param {import("./page.js").Context} context
 * @param {(station: string) => void} visit
 */
export function createTimeline(context, visit) {
  const { t, format, park } = context;
  const names = el("div", { class: "timeline-names" });
  const picture = svg("svg", { class: "timeline-picture", role: "img" });
  const frame = el("div", { class: "timeline-frame" }, picture);
  const readout = el("p", { class: "timeline-readout", "aria-hidden": "true" });
  const legend = el("ul", { class: "timeline-legend" }, ...SPENT.map((what) => el("li", {}, swatch(what), t(`use.${what}`))));
  const element = el("section", { class: "timeline", "aria-label": t("oee.timeline") },
    el("header", { class: "oee-head" }, el("h4", {}, t("oee.timeline")), readout), el("div", { class: "timeline-body" }, names, frame), legend,
    svg("svg", { class: "unseen", "aria-hidden": "true" }, patterns()));
  /** @type {import("./kpi_data.js").TimelineJson | null} */
  let told = null;

  const draw = () => {
    const width = frame.clientWidth;
    if (!told || width === 0) return;
    const { from_ms: from, to_ms: to, stations } = told;
    const x = (/** @type {number} */ time) => ((time - from) / (to - from)) * width;
    const height = stations.length * ROW_PX + AXIS_PX;
    picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
    picture.setAttribute("width", String(width));
    picture.setAttribute("height", String(height));
    picture.setAttribute("aria-label", t("oee.timeline_label", { n: stations.length }));
    /** @type {SVGElement[]} */
    const parts = [];
    for (const time of ticks(from, to, width, context.park.timezone)) {
      const long = to - from > 36 * 3_600_000;
      parts.push(svg("line", { x1: x(time), x2: x(time), y1: 0, y2: height - AXIS_PX, class: "timeline-tick" }),
        svg("text", { x: x(time), y: height - 4, class: x(time) < HALF_LABEL_PX ? "timeline-hour timeline-hour-first" : "timeline-hour" }, long ? format.day(time) : format.minute(time)));
    }
    stations.forEach((row, k) => {
      const base = k * ROW_PX + (ROW_PX + BAR_PX) / 2;
      for (const what of SPENT) {
        const high = BAR_PX * HEIGHT[what];
        const path = row.start_ms.map((start, n) => {
          if (row.what[n] !== what) return "";
          const left = x(start);
          const wide = Math.max(LEAST_PX, x(row.start_ms[n + 1] ?? to) - left);
          return `M${left.toFixed(1)} ${base}h${wide.toFixed(1)}v${-high}h${(-wide).toFixed(1)}z`;
        }).join("");
        if (path) parts.push(svg("path", { d: path, class: `use-${what}` }));
      }
    });
    picture.replaceChildren(...parts);
    fill(names, ...stations.map((row) => {
      const one = park.equipmentById.get(row.station);
      const name = one ? format.name(one.display) : row.station;
      return el("button", { type: "button", class: row.sets_pace ? "timeline-name timeline-pace" : "timeline-name", title: `${name}${row.sets_pace ? ` · ${t("oee.sets_pace")}` : ""}`, onclick: () => visit(row.station) }, name);
    }));
  };
  const joined = () => told?.stations.reduce((sum, row) => sum + row.joined, 0) ?? 0;
  const rest = () => {
    const n = joined();
    readout.textContent = n > 0 ? t("oee.joined", { n: format.number(n) }) : "";
  };
  frame.addEventListener("pointermove", (event) => {
    if (!told) return;
    const box = frame.getBoundingClientRect();
    const row = told.stations[Math.floor((event.clientY - box.top) / ROW_PX)];
    const time = told.from_ms + ((event.clientX - box.left) / box.width) * (told.to_ms - told.from_ms);
    const spell = row && spellAt(row, time, told.to_ms);
    if (!spell) return rest();
    readout.textContent = `${t(`use.${spell.what}`)} · ${format.clock(spell.start)} – ${format.clock(spell.end)} · ${format.length(spell.end - spell.start)}`;
  });
  frame.addEventListener("pointerleave", rest);
  const watcher = new ResizeObserver(draw);
  watcher.observe(frame);
  return {
    element,
    /** @param {import("./kpi_data.js").TimelineJson | null} timeline */
    show: (timeline) => {
      told = timeline;
      draw();
      rest();
    },
    dispose: () => watcher.disconnect(),
  };
}

/**
 * A small piece of the picture, for a legend.
 *
 * @param {string} what
 */
export function swatch(what) {
  return svg("svg", { class: "swatch", viewBox: "0 0 14 14", "aria-hidden": "true" }, svg("rect", { x: 1, y: 2, width: 12, height: 10, class: `use-${what}` }));
}

/** Hatches: a stop and a hole differ in shape, not only in colour. */
function patterns() {
  const hatch = (/** @type {string} */ id, /** @type {string} */ path, /** @type {string} */ name) =>
    svg("pattern", { id, width: 6, height: 6, patternUnits: "userSpaceOnUse" }, svg("rect", { width: 6, height: 6, class: `${name}-ground` }), svg("path", { d: path, class: `${name}-line` }));
  return svg("defs", {},
    hatch("hatch-held", "M-1 7L7 -1M-1 1L1 -1M5 7L7 5", "held"),
    hatch("hatch-unknown", "M-1 -1L7 7M5 -1L7 1M-1 5L1 7", "unknown"),
    hatch("hatch-waiting", "M0 3H6", "waiting"));
}
