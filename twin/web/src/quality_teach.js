/** Teaches a product in four steps: good pictures, teach, try, put in force. Nothing changes for the line before the last. */

import { ApiError, getJson, postFile, postJson } from "./api.js";
import { keepAsking } from "./desk_link.js";
import { askForm } from "./dialog.js";
import { el, fill, icon } from "./dom.js";
import { glyph } from "./glyphs.js";
import { rememberPerson, rememberedPerson } from "./person.js";
import { gateWords } from "./quality_words.js";
import { refusalText } from "./refusal.js";
import { VERDICT_GLYPHS } from "./verdict.js";

/**
 * @typedef {object} Lesson
 * @property {string} id
 * @property {string} station
 * @property {string} product
 * @property {string} by
 * @property {string} begun_at
 * @property {"collecting" | "teaching" | "taught" | "failed"} state
 * @property {string} why
 * @property {number} good
 * @property {number} bad
 * @property {number} least_good
 * @property {number | null} review_from
 * @property {number | null} reject_from
 *
 * @typedef {{verdict: import("./verdict.js").Verdict, score: number | null, gate: string, findings: number, heat: string}} Tried
 */

const LOOK_MS = 2_000;
const PICTURES = "image/jpeg,image/png,image/bmp,image/tiff";

/**
 * @param {import("./desk_page.js").DeskContext} context
 * @param {import("./quality_feed.js").QualityFeed} feed
 * @returns {import("./desk_page.js").View}
 */
export function createTeachWizard(context, feed) {
  const { t, format, park, place } = context;
  const body = el("div", { class: "teach" });
  const note = el("p", { class: "asked-note", role: "status", hidden: true });
  const element = el("div", { class: "view-scroll" }, note, body);
  /** @type {Lesson[] | null} */
  let lessons = null;
  /** What is under way between this page and the server; "" if nothing. */
  let busy = "";
  /** @type {{name: string, row: Tried}[]} */
  let tried = [];
  /** @type {{version: number, product: string} | null} */
  let installed = null;
  let painted = "";
  /** @type {(() => void) | null} */
  let stop = null;

  const chosen = () => lessons?.find((one) => one.id === place.get("lesson")) ?? null;

  const read = async () => {
    try {
      lessons = await getJson("./api/qc/lessons");
      if (note.dataset.about === "away") tell("");
    } catch (error) {
      if (!busy) tell(`${refusalText(context, error)} ${t("desk.tries_again")}`, "away");
      throw error;
    } finally {
      paint();
    }
  };

  /** @param {string} text @param {string} [about] */
  function tell(text, about = "") {
    fill(note, text);
    note.hidden = !text;
    note.dataset.about = about;
    note.className = about ? "asked-note asked-failed" : "asked-note";
  }

  /**
   * Does something that takes a while, and says so; what fails is told and changes nothing.
   *
   * @param {string} words
   * @param {() => Promise<void>} work
   */
  async function take(words, work) {
    busy = words;
    tell(words);
    paint();
    let failed = "";
    try {
      await work();
    } catch (error) {
      failed = refusalText(context, error);
    }
    busy = "";
    tell(failed, failed && "refused");
    await read().catch(() => undefined);
  }

  async function begin() {
    const answer = await askForm({
      title: t("quality.teach_begin"), detail: t("quality.teach_begin_detail"),
      fields: [
        { name: "station", label: t("quality.station_choice"), value: feed.station, required: true, suggestions: stationsOf(park, feed) },
        { name: "product", label: t("quality.teach_product"), required: true, suggestions: Object.keys(feed.stations[feed.station] ?? {}) },
        { name: "by", label: t("person.name"), value: rememberedPerson(), required: true },
      ],
      yes: t("dialog.yes"), no: t("dialog.no"),
    });
    if (!answer) return;
    rememberPerson(answer.by);
    await take(t("desk.asking"), async () => {
      const lesson = /** @type {Lesson} */ (await postJson("./api/qc/lessons", answer));
      tried = [];
      installed = null;
      place.set({ lesson: lesson.id });
    });
  }

  /**
   * Sends files one after the other; one that is refused is named and left out.
   *
   * @param {Lesson} lesson
   * @param {"good" | "bad"} kind
   * @param {FileList | null} files
   */
  async function send(lesson, kind, files) {
    const all = [...(files ?? [])];
    /** @type {string[]} */
    const refused = [];
    await take(t("quality.teach_sending", { n: 0, of: all.length }), async () => {
      for (const [k, file] of all.entries()) {
        tell(t("quality.teach_sending", { n: k + 1, of: all.length }));
        try {
          await postFile(`./api/qc/lessons/${lesson.id}/pictures?kind=${kind}`, file);
        } catch (error) {
          if (!(error instanceof ApiError) || error.status === 0 || error.status >= 500) throw error;
          refused.push(`${file.name}: ${refusalText(context, error)}`);
        }
      }
    });
    tried = [];
    if (refused.length > 0) tell(`${t("quality.teach_refused", { n: refused.length })} ${refused.slice(0, 3).join("; ")}`, "refused");
  }

  /** @param {Lesson} lesson @param {FileList | null} files */
  async function tryOut(lesson, files) {
    await take(t("quality.teach_trying"), async () => {
      for (const file of files ?? []) tried.unshift({ name: file.name, row: /** @type {Tried} */ (await postFile(`./api/qc/lessons/${lesson.id}/try`, file)) });
    });
  }

  /** @param {Lesson} lesson */
  async function install(lesson) {
    const answer = await askForm({
      title: t("quality.teach_install", { product: lesson.product }), detail: t("quality.teach_install_detail"),
      fields: [{ name: "reason", label: t("quality.reason"), long: true }, { name: "by", label: t("person.name"), value: rememberedPerson(), required: true }],
      yes: t("dialog.yes"), no: t("dialog.no"),
    });
    if (!answer) return;
    rememberPerson(answer.by);
    await take(t("quality.teach_installing"), async () => {
      installed = await postJson(`./api/qc/lessons/${lesson.id}/install`, { ...answer, activate: true });
    });
  }

  function paint() {
    if (!element.isConnected) return;
    const lesson = chosen();
    const key = JSON.stringify([lessons, lesson?.id, busy, tried.length, installed, note.hidden]);
    if (key === painted) return;
    painted = key;
    if (!lessons) return fill(body, !note.textContent && el("p", { class: "asked-note" }, t("desk.asking")));
    fill(body, ...(lesson ? steps(lesson) : overview(lessons)));
  }

  /** @param {Lesson[]} all */
  function overview(all) {
    return [
      el("section", { class: "card" }, el("h2", {}, t("quality.teach_title")), el("p", {}, t("quality.teach_detail")),
        el("div", {}, el("button", { type: "button", class: "button button-main big-button", disabled: busy !== "", onclick: () => void begin() }, icon("plus"), el("span", {}, t("quality.teach_begin"))))),
      ...all.map((lesson) => el("button", { type: "button", class: "card lesson", onclick: () => {
        tried = [];
        installed = null;
        place.set({ lesson: lesson.id });
      } },
        el("b", {}, lesson.product), el("span", {}, stationName(lesson.station)), el("span", { class: "muted" }, t("quality.teach_row", { state: t(`quality.lesson_${lesson.state}`), n: lesson.good, by: lesson.by, time: format.moment(Date.parse(lesson.begun_at)) })))),
    ];
  }

  /** @param {string} id */
  function stationName(id) {
    const equipment = park.equipmentById.get(id);
    return equipment ? format.name(equipment.display) : id;
  }

  /** @param {Lesson} lesson */
  function steps(lesson) {
    const enough = lesson.good >= lesson.least_good;
    const taught = lesson.state === "taught";
    const teaching = lesson.state === "teaching";
    const still = busy !== "" || teaching;
    return [
      el("header", { class: "teach-head" },
        el("button", { type: "button", class: "button big-button", onclick: () => place.set({ lesson: "" }) }, icon("back"), el("span", {}, t("quality.teach_all"))),
        el("h2", {}, `${lesson.product} · ${stationName(lesson.station)}`)),
      step(1, enough, t("quality.teach_step_pictures"),
        el("p", {}, t("quality.teach_pictures", { n: lesson.good, least: lesson.least_good })),
        progress(lesson.good / lesson.least_good),
        el("div", { class: "teach-buttons" },
          files("good", t("quality.teach_add_good"), still, (chosenFiles) => void send(lesson, "good", chosenFiles)),
          files("bad", t("quality.teach_add_bad", { n: lesson.bad }), still, (chosenFiles) => void send(lesson, "bad", chosenFiles)))),
      step(2, taught, t("quality.teach_step_teach"),
        el("p", { role: "status" }, teaching ? t("quality.teach_teaching") : taught ? t("quality.teach_taught", { review: format.number(lesson.review_from ?? NaN, 2), reject: format.number(lesson.reject_from ?? NaN, 2) })
          : lesson.state === "failed" ? el("b", { class: "below" }, t("quality.teach_failed", { why: lesson.why })) : t(enough ? "quality.teach_ready" : "quality.teach_not_ready")),
        teaching ? el("div", { class: "busy-bar" }, el("span", {})) : null,
        el("div", { class: "teach-buttons" }, el("button", { type: "button", class: "button button-main big-button", "data-step": "teach", disabled: !enough || still, onclick: () => void take(t("desk.asking"), async () => {
          tried = [];
          await postJson(`./api/qc/lessons/${lesson.id}/teach`, {});
        }) }, el("span", {}, t(taught ? "quality.teach_again" : "quality.teach_teach"))))),
      step(3, taught && tried.length > 0, t("quality.teach_step_try"),
        el("p", {}, t("quality.teach_try")),
        el("div", { class: "teach-buttons" }, files("try", t("quality.teach_add_try"), !taught || still, (chosenFiles) => void tryOut(lesson, chosenFiles))),
        tried.length > 0 && el("div", { class: "tried" }, ...tried.map(triedCard))),
      step(4, installed !== null, t("quality.teach_step_install"),
        el("p", {}, installed ? t("quality.teach_installed", { product: installed.product, version: installed.version }) : t("quality.teach_not_installed")),
        el("div", { class: "teach-buttons" },
          el("button", { type: "button", class: "button button-main big-button", "data-step": "install", disabled: !taught || still || installed !== null, onclick: () => void install(lesson) }, icon("check"), el("span", {}, t("quality.teach_activate"))),
          el("button", { type: "button", class: "button big-button", "data-step": "discard", disabled: still, onclick: () => void take(t("desk.asking"), async () => {
            await postFile(`./api/qc/lessons/${lesson.id}/discard`, null);
            place.set({ lesson: "" });
          }) }, el("span", {}, t("quality.teach_discard"))))),
    ];
  }

  /**
   * @param {number} number
   * @param {boolean} done
   * @param {string} title
   * @param {...import("./dom.js").Child} children
   */
  function step(number, done, title, ...children) {
    return el("section", { class: `card teach-step ${done ? "teach-done" : ""}` }, el("h2", {}, el("span", { class: "step-number" }, done ? icon("check") : format.number(number)), title), ...children);
  }

  /**
   * @param {string} name
   * @param {string} label
   * @param {boolean} disabled
   * @param {(files: FileList | null) => void} taken
   */
  function files(name, label, disabled, taken) {
    const input = el("input", { type: "file", class: "unseen", multiple: true, accept: PICTURES, name, disabled, "aria-label": label, tabindex: "-1", onchange: () => taken(input.files) });
    return el("span", {}, input, el("button", { type: "button", class: "button big-button", disabled, onclick: () => input.click() }, icon("plus"), el("span", {}, label)));
  }

  /** @param {number} part */
  function progress(part) {
    const bar = el("div", { class: "share-bar teach-progress" }, el("span", {}));
    /** @type {HTMLElement} */ (bar.firstElementChild).style.width = `${Math.round(100 * Math.min(1, part))}%`;
    return bar;
  }

  /** @param {{name: string, row: Tried}} one */
  function triedCard({ name, row }) {
    return el("figure", { class: `tried-one verdict-of-${row.verdict}` },
      row.heat ? el("img", { src: row.heat, alt: name }) : el("p", { class: "product-nothing" }, gateWords(row.gate, t)),
      el("figcaption", {}, glyph(VERDICT_GLYPHS[row.verdict]), el("b", {}, t(`quality.verdict_${row.verdict}`)), el("span", { class: "muted" }, `${name}${row.score === null ? "" : ` · ${format.number(row.score, 2)}`}`)));
  }

  const stopPlace = place.listen(paint);
  return {
    element,
    show: () => {
      stop ??= keepAsking(read, LOOK_MS);
      paint();
    },
    hide: () => {
      stop?.();
      stop = null;
    },
    dispose: () => {
      stop?.();
      stopPlace();
    },
  };
}

/**
 * Ids of stations that may be taught: those that can inspect, then whatever in the park looks like a camera.
 *
 * @param {import("./park.js").Park} park
 * @param {import("./quality_feed.js").QualityFeed} feed
 */
function stationsOf(park, feed) {
  const cameras = park.equipment.filter(({ kind }) => /aoi|camera|inspect|vision/.test(kind)).map(({ id }) => id);
  return [...new Set([...Object.keys(feed.stations), ...cameras])];
}
