/** Starts the page: words, park, stream, scene, in that order, so that the list works before the picture does. */

import { AlarmBook } from "./alarm_book.js";
import { AlarmWatch } from "./alarm_watch.js";
import { ApiError, askedAhead, askUntilAnswered, getJson } from "./api.js";
import { AssetTable } from "./assets.js";
import { CONDITIONS } from "./colour.js";
import { PictureClock } from "./connection.js";
import { exposeDebug } from "./debug.js";
import { deskOf } from "./desk_nav.js";
import { el, fill } from "./dom.js";
import { Format } from "./format.js";
import { decodeFrame, FrameError } from "./frame.js";
import { MARKS } from "./hypothesis.js";
import { loadMessages, rememberedLanguage, rememberLanguage, translator } from "./i18n.js";
import { Page } from "./page.js";
import { Park } from "./park.js";
import { Past } from "./past.js";
import { PRIORITIES } from "./priority.js";
import { refusalText } from "./refusal.js";
import { sceneSource } from "./scene_source.js";
import { checkSession, loadSession } from "./session.js";
import { keepShell, lastContact, noteHeard } from "./shell.js";
import { readPlace, Store } from "./store.js";
import { openStream } from "./stream.js";

const RETRY_MS = 2_000;
/** The page says how old it is with the first frame of the stream after so long, and without one at the latest after so long [ms]. */
const REFRESH_MS = 900;
const REFRESH_LATEST_MS = 1_200;
/** The scene waits so long for its first values [ms]; then it is drawn without. */
const VALUES_WITHIN_MS = 1_500;
const THEME = "parktwin.theme";
const RELOADED_FOR = "parktwin.reloaded_for";

/** @typedef {import("./i18n.js").Language} Language */

const app = /** @type {HTMLElement} */ (document.getElementById("app"));
const host = el("div", { class: "scene-host" });
const clock = new PictureClock();
const store = new Store({
  equipment: null, tag: null, condition: null, hovered: null, dock: null, priority: null, range: 900,
  line: null, period: "shift", back: 0, layer: null, changes: [], marks: null, theme: rememberedTheme(), drawer: false, past: false, timeBar: false,
});
/** @type {import("./sources.js").SourceRow[]} */
let sources = [];
/** Why the server is not well, by part. @type {Record<string, string>} */
let health = {};
/** @type {import("./scene.js").ParkScene | null} */
let scene = null;
/** @type {import("./scene_view.js").SceneState} */
let sceneState = "loading";
let sceneDetail = "";
const alarms = new AlarmBook();
let frames = 0;

applyTheme();
keepShell();
const desk = deskOf(location.pathname);
if (desk === "twin") void start();
else void startOther(desk);

/** @param {Exclude<import("./desk_nav.js").DeskName, "twin">} other desk of the page, which draws no scene and hears no stream */
async function startOther(other) {
  const { startDesk } = await import("./desk_start.js");
  await startDesk(other, app, {
    theme: () => store.choice.theme,
    setTheme: (theme) => {
      store.set({ theme });
      localStorage.setItem(THEME, theme);
      applyTheme();
    },
    trouble: showStartTrouble,
    retryMs: RETRY_MS,
  });
}

async function start() {
  const [askPark, source, session] = [askedAhead(() => getJson("./api/park")), askedAhead(sceneSource), askedAhead(loadSession)];
  let language = rememberedLanguage();
  let t = translator(await loadMessages(language), language);
  document.documentElement.lang = language;
  const words = (/** @type {unknown} */ error) => refusalText({ t, format: { language } }, error);
  const json = await askUntilAnswered(askPark, (error) => showStartTrouble(t, error), RETRY_MS);
  if (!(await session())) await session();
  const park = new Park(/** @type {import("./park.js").ParkJson} */ (json));
  const assets = new AssetTable(park.tagCount, park.equipment.length);
  goToPlace(park);

  /** @type {Page | null} */
  let page = null;
  const show = (/** @type {import("./frame.js").StreamFrame} */ frame) => {
    const change = assets.apply(frame);
    page?.update(change);
    if (change.equipment.length > 0 || change.snapshot) scene?.changed();
    else if (change.tags.length > 0) scene?.measured();
  };
  const turn = (/** @type {boolean} */ toPast) => {
    // what would be is told of now, and is not painted over then
    store.set({ past: toPast, ...(toPast && { marks: null }) });
    page?.update({ tags: new Uint32Array(), equipment: new Uint32Array(), snapshot: true });
    scene?.changed();
    watch.turnTo();
  };
  const past = new Past(park, assets, replayUrl, (buffer) => readFrame(buffer, park), {
    entered: () => turn(true),
    left: () => turn(false),
    frame: show,
    begun: () => watch.renew(),
    alarms: (news) => watch.hint(news),
    changed: () => page?.refresh(),
  });
  let [refreshedAt, shownAlarms] = [0, -1];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let latest;
  const refresh = () => {
    clearTimeout(latest);
    latest = setTimeout(refresh, REFRESH_LATEST_MS);
    refreshedAt = performance.now();
    shownAlarms = alarms.version;
    page?.refresh();
    scene?.setAlarms(alarms);
    scene?.setTime(past.on ? past.at : clock.serverNow(Date.now()));
  };
  const watch = new AlarmWatch(alarms, () => {
    // alarms come up with the next frame of the stream, where one comes: neither page nor picture are drawn for them alone
    if (past.on || document.documentElement.dataset.picture !== "live") refresh();
    else if (alarms.version !== shownAlarms) refreshedAt = -Infinity;
  }, () => (past.on ? past.at : null), words);
  const build = async () => {
    t = translator(await loadMessages(language), language);
    const format = new Format(language, t, park.timezone);
    page?.dispose();
    page = new Page({
      park, assets, store, t, format,
      now: () => Date.now(),
      serverNow: (now) => (past.on ? past.at : clock.serverNow(now)),
      liveNow: (now) => clock.serverNow(now),
      picture: (now) => (past.on ? { picture: "past", age: 0 } : clock.state(now)),
      past,
      sources: () => sources,
      health: () => health,
      alarms,
      readAlarms: () => watch.read().then(refresh),
      setLanguage: (wanted) => {
        language = wanted;
        rememberLanguage(wanted);
        void build();
      },
      flyTo: (id) => scene?.flyTo(id),
      goHome: () => scene?.goHome(),
      zoom: (factor) => scene?.zoom(factor),
    }, host);
    fill(app, page.element);
    page.scene.setState(sceneState, sceneDetail);
    scene?.setLanguage(format);
    page.refresh();
  };
  await build();

  store.listen((changed) => {
    if (changed.has("theme")) {
      localStorage.setItem(THEME, store.choice.theme);
      applyTheme();
      scene?.setTheme(store.choice.theme);
    }
    if (changed.has("equipment")) scene?.select(store.choice.equipment);
    if (changed.has("hovered")) scene?.hover(store.choice.hovered);
    if (changed.has("condition")) scene?.setFilter(store.choice.condition);
    if (changed.has("marks")) scene?.setMarks(store.choice.marks);
    if (changed.has("layer")) scene?.setLayer(store.choice.layer);
    if (changed.has("equipment") || changed.has("tag") || changed.has("dock")) writePlace();
  });
  addEventListener("hashchange", () => goToPlace(park));
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && store.choice.drawer) store.set({ drawer: false });
    else if (event.key === "Escape") store.set(store.choice.dock ? { dock: null } : { equipment: null, condition: null });
  });
  refresh();

  /** @type {() => void} */
  let hear = () => {};
  const heard = new Promise((/** @type {(_: void) => void} */ resolve) => (hear = resolve));
  const url = new URL("./api/stream", document.baseURI);
  url.protocol = url.protocol.replace("http", "ws");
  openStream(url, {
    opened: () => {
      clock.setOpen(true);
      noteHealth({}); // a server that is well says nothing of it, also one that was started anew
      void loadSources(page);
      watch.hint({ event: "alarms", entries: [], missed: true });
    },
    closed: () => {
      clock.setOpen(false);
      page?.refresh();
      void checkSession();
    },
    frame: (buffer, receivedAt) => {
      const frame = readFrame(buffer, park);
      if (!frame) return;
      const first = frames === 0;
      frames += 1;
      clock.receive(frame.serverTime, receivedAt);
      noteHeard(receivedAt, park.timezone);
      if (past.on) {
        past.live.apply(frame);
        return;
      }
      show(frame);
      hear();
      if (first || document.documentElement.dataset.picture !== "live") refresh();
      // with a frame, so that the browser lays the page out once for both
      else if (performance.now() - refreshedAt > REFRESH_MS) refresh();
    },
    event: (event) => {
      if (event.event === "alarms" && !past.on) watch.hint(/** @type {import("./alarm_changes.js").AlarmNews} */ (event));
      if (event.event === "health") {
        noteHealth(/** @type {Record<string, string>} */ (event.reasons));
        page?.refresh();
      }
      if (event.event !== "sources") return;
      sources = /** @type {import("./sources.js").SourceRow[]} */ (event.sources);
      page?.refresh();
    },
  });
  setInterval(() => store.choice.dock === "sources" && void loadSources(page), 5_000);
  exposeDebug(() => ({ frames, park, assets, store, scene, sceneState }));

  const setState = (/** @type {import("./scene_view.js").SceneState} */ state, detail = "") => {
    sceneState = state;
    sceneDetail = detail;
    page?.scene.setState(state, detail);
  };
  await startScene(park, assets, source, heard, words, setState);
  scene?.setLanguage(new Format(language, t, park.timezone));
  refresh(); // the first picture has the alarms, and the light of the hour
}

/**
 * @param {number} at [ms since the epoch]
 * @param {number} speed seconds of the past a second
 */
function replayUrl(at, speed) {
  const url = new URL("./api/stream", document.baseURI);
  url.protocol = url.protocol.replace("http", "ws");
  url.searchParams.set("at", String(at));
  url.searchParams.set("speed", String(speed));
  return url;
}

/**
 * Draws the scene, waiting while the server still builds it. Without WebGL the rest of the page goes on.
 *
 * @param {Park} park
 * @param {AssetTable} assets
 * @param {() => Promise<import("./scene_source.js").SceneSource>} source
 * @param {Promise<void>} heard the first values are there
 * @param {(error: unknown) => string} words of what the server refused
 * @param {(state: import("./scene_view.js").SceneState, detail?: string) => void} setState
 */
async function startScene(park, assets, source, heard, words, setState) {
  try {
    const { ParkScene, painter, file, trouble } = await askUntilAnswered(source, (error) => {
      const building = error instanceof ApiError && error.status === 503;
      setState(building ? "building" : "failed", building ? "" : words(error));
    }, RETRY_MS);
    setState("loading");
    const made = new ParkScene(host, park, assets, {
      hover: (hovered) => store.set({ hovered }),
      select: (equipment) => store.set({ equipment }),
    }, painter);
    made.load(file);
    // a picture without values would be drawn for nothing, and the one with them come later for it
    await Promise.race([heard, new Promise((resolve) => setTimeout(resolve, VALUES_WITHIN_MS))]);
    made.setTheme(store.choice.theme);
    made.setFilter(store.choice.condition);
    made.select(store.choice.equipment);
    made.setMarks(store.choice.marks);
    made.setLayer(store.choice.layer);
    scene = made;
    made.show();
    setState("ready", trouble);
    if (store.choice.equipment) made.flyTo(store.choice.equipment);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    setState(/webgl/i.test(text) ? "no_webgl" : "failed", text);
  }
}

/**
 * @param {ArrayBuffer} buffer
 * @param {Park} park
 */
function readFrame(buffer, park) {
  try {
    const frame = decodeFrame(buffer);
    if (frame.revision === park.revision) return frame;
    reloadFor(frame.revision);
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    reloadFor("version");
  }
  return null;
}

/**
 * The server speaks of another park file or version than this page was made for: load the page anew, but never in
 * a circle.
 *
 * @param {string} reason
 */
function reloadFor(reason) {
  if (sessionStorage.getItem(RELOADED_FOR) === reason) return;
  sessionStorage.setItem(RELOADED_FOR, reason);
  location.reload();
}

/**
 * What keeps the server from evaluating alarms makes the list one of the past, however well it is read.
 *
 * @param {Record<string, string>} reasons by part
 */
function noteHealth(reasons) {
  health = reasons;
  alarms.evaluation = reasons.alarms ?? "";
}

/** @param {Page | null} page */
async function loadSources(page) {
  try {
    const answer = await /** @type {Promise<any>} */ (getJson("./api/sources"));
    sources = Array.isArray(answer) ? answer : answer.sources;
    page?.refresh();
  } catch (error) {
    // the stream tells them as well, and the picture's own state says that the server is gone
    if (!(error instanceof ApiError)) throw error;
  }
}

/**
 * @param {import("./i18n.js").Translate} t
 * @param {unknown} error
 */
function showStartTrouble(t, error) {
  const status = error instanceof ApiError ? error.status : 0;
  const kind = status === 0 ? "unreachable" : status === 401 ? "unauthenticated" : "refused";
  if (status === 401) void checkSession();
  const heard = status === 0 ? lastContact() : null;
  const format = heard && new Format(rememberedLanguage(), t, heard.timezone);
  fill(app, el("div", { class: "start" }, el("img", { src: "./favicon.svg", alt: "", width: "48", height: "48" }),
    el("h1", {}, t(`start.${kind}`)), el("p", {}, t(`start.${kind}_detail`)),
    heard && format && el("p", { class: "start-heard" }, t("start.heard", { moment: format.moment(heard.at), duration: format.length(Math.max(0, Date.now() - heard.at)) })),
    kind === "refused" && el("p", { class: "muted" }, refusalText({ t, format: { language: rememberedLanguage() } }, error))));
}

/** @returns {import("./colour.js").Theme} */
function rememberedTheme() {
  const wanted = new URLSearchParams(location.search).get("theme") ?? localStorage.getItem(THEME);
  if (wanted === "light" || wanted === "dark") return wanted;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

function applyTheme() {
  const root = document.documentElement;
  root.dataset.theme = store.choice.theme;
  for (const condition of CONDITIONS) {
    root.style.setProperty(`--condition-${condition.name.replace("_", "-")}`, condition.colour[store.choice.theme]);
  }
  for (const { name, colour } of MARKS) root.style.setProperty(`--hypo-${name}`, colour[store.choice.theme]);
  for (const { name, colour } of PRIORITIES) root.style.setProperty(`--priority-${name}`, colour[store.choice.theme]);
}

/** @param {Park} park */
function goToPlace(park) {
  const { equipment, tag } = readPlace(location.hash);
  if (equipment !== null && !park.equipmentById.has(equipment)) return;
  store.set({ equipment, ...(tag !== null && park.tagIndex.has(tag) && { tag, dock: /** @type {const} */ ("trend") }) });
}

function writePlace() {
  const { equipment, tag, dock } = store.choice;
  const place = dock === "trend" && tag?.startsWith(`${equipment}:`) ? tag : equipment ?? "";
  const address = new URL(location.href);
  address.hash = place;
  if (address.href !== location.href) history.replaceState(null, "", address);
}
