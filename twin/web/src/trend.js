/** The trend of one signal: what the history holds, then live; with gaps, limits and Bad readings marked. */

import uPlot from "uplot";
import { ApiError, getJson } from "./api.js";
import { qualityOf } from "./assets.js";
import { trustOf } from "./colour.js";
import { el, fill, say } from "./dom.js";
import { NOTHING } from "./format.js";
import { glyph } from "./glyphs.js";
import { standingAt, trustedUntil } from "./held_line.js";
import { refusalText } from "./refusal.js";
import { GAP_KNOWN_AFTER, refreshEvery, TrendData } from "./trend_data.js";
import { paintBad, paintDots, paintGaps, paintLimits, readPalette } from "./trend_paint.js";
import { decimalsOf, spanOf, TIME_STEPS, WHOLE_STEPS } from "./value_axis.js";

/** Lengths of the window [s], with their locale keys. @type {readonly [number, string][]} */
export const RANGES = Object.freeze([[900, "range.15min"], [3_600, "range.1h"], [28_800, "range.8h"], [86_400, "range.24h"]]);

const KNOWN_REASONS = new Set(["connector_down", "source_lost", "server_overflow", "outbox_full", "stale"]);
const MOST_POINTS = 900;

/**
 * @param {import("./page.js").Context} context
 * @returns {import("./page.js").Widget}
 */
export function createTrend(context) {
  const { park, assets, store, t, format } = context;
  const title = el("div", { class: "trend-title" });
  const readout = el("div", { class: "trend-readout" });
  const chart = el("div", { class: "trend-chart" });
  const note = el("p", { class: "dock-note trend-note", role: "status" });
  const ranges = el("div", { class: "segments", role: "group", "aria-label": t("trend.range") },
    ...RANGES.map(([range, key]) => {
      const button = el("button", { type: "button", class: "segment", onclick: () => store.set({ range }) }, t(key));
      button.dataset.range = String(range);
      return button;
    }));
  const element = el("div", { class: "trend" },
    el("div", { class: "trend-head" }, title, readout, ranges), el("div", { class: "trend-body" }, chart, note));

  /** @type {uPlot | null} */
  let plot = null;
  let data = new TrendData();
  let palette = readPalette(document.documentElement);
  let columns = data.window(0, 0, { until: 0, holdFor: 0 });
  let tag = -1;
  let askedAt = 0;
  /** End of the window that was asked for last [ms since the epoch]. */
  let askedTo = 0;
  let state = /** @type {"loading" | "ready" | "failed"} */ ("loading");
  /** @type {AbortController | null} */
  let asking = null;

  const signal = () => park.signal(tag);
  const limits = () => {
    const { limits: given } = signal();
    return /** @type {const} */ ([["high_high", "critical", "high"], ["high", "warning", "high"], ["low", "warning", "low"], ["low_low", "critical", "low"]])
      .flatMap(([name, level, side]) => {
        const value = given[name];
        return value === null ? [] : [{ value, level, side, label: t(`limit.${name}`, { value: format.number(value, signal().decimals) }) }];
      });
  };

  const trust = (/** @type {number} */ now) => {
    const { picture, age } = context.picture(context.now());
    const holdFor = (signal().stale_after_s ?? Infinity) * 1000;
    const source = context.sources().find((row) => row.id === park.json.tags.source[tag]);
    const until = trustedUntil({
      now, pictureTime: now - age, offline: picture === "offline", stale: assets.stale[tag] === 1, newest: assets.sourceTime[tag], holdFor, source,
    });
    return { until, holdFor };
  };

  /** True for counts, states and switches: no marks between whole numbers. */
  const counts = () => !["Double", "Float"].includes(signal().data_type);

  /** Asks the history for the window; the live tail goes on meanwhile. */
  const ask = async () => {
    if (tag < 0) return;
    asking?.abort();
    asking = new AbortController();
    const to = Math.floor(context.serverNow(context.now()));
    askedAt = context.now();
    askedTo = to;
    try {
      const history = /** @type {import("./trend_data.js").HistoryJson} */ (await getJson("./api/history", {
        tag: park.tagName(tag), from: new Date(to - store.choice.range * 1000).toISOString(), to: new Date(to).toISOString(),
        points: Math.min(MOST_POINTS, Math.max(120, Math.round(chart.clientWidth / 2))),
      }, asking.signal));
      data.setHistory(history, to);
      state = "ready";
      say(note, "");
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") return;
      // a tag that has never been recorded is no failure: its trend starts now
      const young = error instanceof ApiError && error.status === 404;
      state = young ? "ready" : "failed";
      say(note, young ? "" : t("trend.failed", { reason: refusalText(context, error) }));
    }
    draw();
  };

  const options = () => /** @type {uPlot.Options} */ ({
    width: Math.max(200, chart.clientWidth),
    height: Math.max(90, chart.clientHeight),
    pxAlign: false,
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    tzDate: (time) => uPlot.tzDate(new Date(time * 1000), park.timezone),
    scales: { x: { time: true }, y: { range: (_, low, high) => spanOf(low, high, limits()) } },
    axes: [
      {
        stroke: palette.text, font: palette.font, grid: { stroke: palette.grid, width: 1 }, ticks: { show: false }, size: 26 * palette.scale, gap: 6,
        values: (_, splits) => splits.map((time) => format.minute(time * 1000)), space: 70 * palette.scale, incrs: TIME_STEPS,
      },
      {
        stroke: palette.text, font: palette.font, grid: { stroke: palette.grid, width: 1 }, ticks: { show: false }, gap: 6, space: 34 * palette.scale, ...(counts() && { incrs: WHOLE_STEPS }),
        size: (_, values) => palette.scale * Math.max(44, ...(values ?? []).map((value) => 14 + value.length * 6.6)),
        values: (_, splits) => splits.map((value) => format.number(value, decimalsOf(splits))),
      },
    ],
    series: [
      {},
      { stroke: "transparent", points: { show: false }, paths: STEPPED },
      { stroke: "transparent", points: { show: false }, paths: STEPPED },
      { stroke: palette.line, width: 1.6, points: { show: false }, paths: STEPPED },
    ],
    bands: [{ series: [2, 1], fill: palette.band }],
    hooks: {
      drawClear: [(drawn) => paintGaps(drawn, columns.gaps, palette, reason)],
      draw: [(drawn) => {
        paintLimits(drawn, limits(), palette);
        paintDots(drawn, columns.dots, palette);
        paintBad(drawn, columns.bad, palette);
      }],
      setCursor: [readCursor],
    },
  });
  const reason = (/** @type {import("./held_line.js").Gap} */ { reason: code, open, start_ms: start }) => {
    if (open) return t("gap.stale_since", { time: format.clock(start) });
    return KNOWN_REASONS.has(code) ? t(`gap.${code}`) : code;
  };

  const readCursor = () => {
    if (tag < 0) return;
    const { unit, decimals } = signal();
    const number = (/** @type {number | null} */ value) =>
      value === null ? NOTHING : `${format.number(value, decimals)} ${format.unit(unit)}`.trim();
    const left = plot?.cursor.left ?? -1;
    const old = columns.gaps.find((gap) => gap.open);
    if (plot && left >= 0) {
      const time = plot.posToVal(left, "x");
      const at = standingAt(columns, time);
      const gap = at < 0 && columns.gaps.find((one) => one.start_ms / 1000 <= time && time < one.end_ms / 1000);
      const [low, high, mean] = at < 0 ? [null, null, null] : [columns.min[at], columns.max[at], columns.mean[at]];
      fill(readout, el("span", { class: "readout-time" }, format.clock(time * 1000)), el("b", {}, gap ? reason(gap) : number(mean)),
        low !== null && high !== null && low !== high && el("span", {}, t("trend.between", { low: format.number(low, decimals), high: number(high) })));
    } else if (assets.known[tag] === 1) {
      const standing = t(store.choice.past ? "trend.then" : "trend.now");
      const trusted = trustOf(qualityOf(assets.status[tag]), false);
      fill(readout, old && el("span", { class: "readout-old" }, reason(old)),
        el("span", { class: "readout-time" }, old ? t("trend.last") : standing), el("b", { class: trusted === "bad" && "readout-bad" }, number(assets.value[tag])),
        trusted !== "good" && el("span", { class: "readout-trust" }, glyph(trusted), t(`trust.${trusted}`)));
    } else fill(readout);
  };

  const draw = () => {
    if (tag < 0 || element.hidden || !element.isConnected) return;
    const now = context.serverNow(context.now());
    const start = now - store.choice.range * 1000;
    if (assets.known[tag] === 1) data.append(assets.sourceTime[tag], assets.value[tag], assets.status[tag]);
    columns = data.window(start, now, trust(now));
    const series = /** @type {uPlot.AlignedData} */ ([columns.time, columns.min, columns.max, columns.mean]);
    if (!plot) plot = new uPlot(options(), series, chart);
    else plot.setData(series, false);
    plot.batch(() => {
      plot?.setScale("x", { min: start / 1000, max: now / 1000 });
    });
    const empty = columns.mean.every((value) => value === null);
    if (state === "ready") say(note, empty ? t("trend.empty") : "");
    if (state === "loading") say(note, t("trend.loading"));
    readCursor();
  };

  const rebuild = () => {
    plot?.destroy();
    plot = null;
    palette = readPalette(document.documentElement);
    draw();
  };
  const choose = () => {
    const wanted = store.choice.tag === null ? undefined : park.tagIndex.get(store.choice.tag);
    tag = wanted ?? -1;
    data = new TrendData();
    state = "loading";
    plot?.destroy();
    plot = null;
    for (const button of ranges.children) {
      button.setAttribute("aria-pressed", String(Number(/** @type {HTMLElement} */ (button).dataset.range) === store.choice.range));
    }
    ranges.hidden = tag < 0;
    if (tag < 0) {
      title.title = "";
      fill(title, el("span", { class: "muted" }, t("trend.choose")));
      fill(readout);
      say(note, "");
      return;
    }
    title.title = `${format.name(signal().display)}, ${format.name(park.equipmentOfTag(tag).display)}`;
    fill(title, el("b", {}, format.name(signal().display)), el("span", {}, format.name(park.equipmentOfTag(tag).display)));
    draw();
    void ask();
  };

  /** @param {import("./assets.js").Change} [change] */
  const update = (change) => {
    if (tag < 0 || !change) return;
    if (change.tags.includes(tag)) data.append(assets.sourceTime[tag], assets.value[tag], assets.status[tag]);
  };
  const refresh = () => {
    if (tag < 0) return;
    const overdue = data.seen.some((gap) => !gap.open) ? GAP_KNOWN_AFTER : refreshEvery(store.choice.range);
    const moved = context.serverNow(context.now()) - askedTo;
    if (moved < -1_000 || moved > Math.max(120_000, store.choice.range * 250)) {
      // another time is shown: what the stream added is not of then
      if (moved < 0) data = new TrendData();
      void ask();
    }
    const due = state === "failed" ? 5_000 : overdue;
    if (!element.hidden && context.now() - askedAt > due) void ask();
    draw();
  };

  const watcher = new ResizeObserver(() => {
    if (plot && chart.clientWidth > 0 && chart.clientHeight > 0) plot.setSize({ width: chart.clientWidth, height: chart.clientHeight });
    else draw();
  });
  watcher.observe(chart);
  const stop = store.listen((changed) => {
    if (changed.has("tag") || changed.has("range") || changed.has("past")) choose();
    else if (changed.has("theme")) queueMicrotask(rebuild);
  });
  choose();
  return {
    element, update, refresh,
    dispose: () => {
      stop();
      watcher.disconnect();
      asking?.abort();
      plot?.destroy();
    },
  };
}

/** A value stands until the next: a slope between two readings would be a guess. */
const STEPPED = /** @type {uPlot.Series.PathBuilder} */ (uPlot.paths.stepped?.({ align: 1 }));
