/** Why a line stood: the Pareto over the tree of reasons, and the costliest stops, whose first guess a person corrects. */

import { postJson } from "./api.js";
import { askForm } from "./dialog.js";
import { el, fill, say } from "./dom.js";
import { reasonPath } from "./kpi_data.js";
import { MOST_STOPS } from "./oee_reader.js";
import { rememberedPerson, rememberPerson } from "./person.js";
import { refusalText } from "./refusal.js";
import { may } from "./session.js";

/** Stops that are drawn before a person asks for more. */
const FIRST_STOPS = 12;

/**
 * @param {import("./page.js").Context} context
 * @param {import("./oee_reader.js").OeeReader} reader
 * @param {(station: string) => void} visit
 */
export function createStops(context, reader, visit) {
  const { t, format, park } = context;
  const losses = el("ul", { class: "pareto", "aria-label": t("oee.pareto") });
  const title = el("h4", {});
  const all = el("button", { type: "button", class: "link", onclick: () => choose("") }, t("oee.all_reasons"));
  const body = el("tbody", {});
  const refusal = el("p", { class: "alarm-strip alarm-refusal", role: "alert" });
  const more = el("button", { type: "button", class: "link oee-more", onclick: () => {
    whole = true;
    paint();
  } });
  const columns = ["begin", "lost", "station", "reason"];
  const table = el("table", { class: "stops-table" },
    el("thead", {}, el("tr", {}, ...columns.map((name) => el("th", { scope: "col" }, t(`oee.stop_${name}`))), el("td", {}))), body);
  const element = el("div", { class: "oee-why" },
    el("section", { class: "oee-pareto" }, el("header", { class: "oee-head" }, el("h4", {}, t("oee.pareto"))), losses),
    el("section", { class: "oee-stops" }, el("header", { class: "oee-head" }, title, all), refusal, table, more));
  refusal.hidden = true;
  let reason = "";
  let whole = false;

  const choose = (/** @type {string} */ id) => {
    reason = id;
    whole = false;
    paint();
  };
  const nameOf = (/** @type {string} */ id) => {
    const found = reader.reasons.find((one) => one.id === id);
    return found ? (format.language === "vi" ? found.name_vi : found.name_en) : id;
  };
  const machine = (/** @type {string} */ id) => {
    const one = park.equipmentById.get(id);
    return one ? format.name(one.display) : id;
  };

  const paint = () => {
    const stops = reader.line?.stops;
    if (!stops) return;
    if (reason && !stops.pareto.some((loss) => loss.reason === reason)) reason = "";
    const depth = (/** @type {string} */ id) => reasonPath(reader.reasons, id).length - 1;
    const most = Math.max(...stops.pareto.map((loss) => loss.lost_s), 1);
    fill(losses, ...stops.pareto.map((loss) => {
      const bar = el("i", { class: "pareto-bar" });
      bar.style.width = `${(loss.lost_s / most) * 100}%`;
      const row = el("button", { type: "button", class: "pareto-row", "aria-pressed": String(loss.reason === reason), onclick: () => choose(loss.reason === reason ? "" : loss.reason) },
        el("span", { class: "pareto-name" }, format.language === "vi" ? loss.name_vi : loss.name_en),
        el("span", { class: "pareto-track" }, bar),
        el("span", { class: "pareto-lost" }, format.length(loss.lost_s * 1000)),
        el("span", { class: "pareto-share" }, format.percent(loss.share, 0)),
        el("span", { class: "pareto-count" }, t("oee.times", { n: loss.count })));
      row.style.setProperty("--depth", String(depth(loss.reason)));
      return el("li", {}, row);
    }), stops.pareto.length === 0 && el("li", { class: "muted" }, t("oee.no_stops")));

    const fitting = stops.stops.filter((stop) => !reason || reasonPath(reader.reasons, stop.reason).includes(reason));
    say(title, reason ? t("oee.stops_of", { reason: nameOf(reason) }) : t("oee.stops"));
    all.hidden = reason === "";
    table.hidden = fitting.length === 0;
    const shown = whole ? fitting : fitting.slice(0, FIRST_STOPS);
    fill(body, ...shown.map(stopRow));
    const left = fitting.length - shown.length;
    more.hidden = left <= 0;
    const untold = whole && stops.total > MOST_STOPS ? stops.total - MOST_STOPS : 0;
    say(more, t("oee.more_stops", { n: format.number(left + untold) }));
  };

  /** @param {import("./kpi_data.js").StopRow} stop */
  const stopRow = (stop) => {
    const begin = Date.parse(stop.start);
    const because = stop.because_of && el("span", { class: "stop-because" }, t("oee.because_of", { machine: machine(stop.because_of) }));
    return el("tr", {},
      el("td", { class: "stop-time", title: format.moment(begin) }, `${format.day(begin)} ${format.minute(begin)}`),
      el("td", { class: "number" }, format.length(stop.lost_s * 1000)),
      el("td", {}, el("button", { type: "button", class: "stop-station", title: t("alarm.visit"), onclick: () => visit(stop.station) }, machine(stop.station))),
      el("td", {}, el("b", {}, reasonPath(reader.reasons, stop.reason).slice(-2).map(nameOf).join(" › ")), because,
        el("span", { class: "stop-word" }, stop.corrected_by ? t("oee.corrected_by", { person: stop.corrected_by }) : t("oee.guessed"),
          stop.comment && `: ${stop.comment}`)),
      el("td", { class: "stop-act" }, may("kpi.correct") && el("button", { type: "button", class: "button", "aria-label": t("oee.correct_of", { machine: machine(stop.station), time: format.minute(begin) }), onclick: () => void correct(stop) }, t("oee.correct"))));
  };

  /** @param {import("./kpi_data.js").StopRow} stop */
  const correct = async (stop) => {
    const options = reader.reasons.map(({ id }) => ({ value: id, label: reasonPath(reader.reasons, id).map(nameOf).join(" › ") }));
    const answer = await askForm({
      title: t("oee.correct_title", { machine: machine(stop.station) }),
      detail: t("oee.correct_detail", { time: format.moment(Date.parse(stop.start)), lost: format.length(stop.lost_s * 1000), reason: nameOf(stop.reason) }),
      fields: [
        { name: "reason", label: t("oee.reason"), value: stop.reason, options },
        { name: "comment", label: t("oee.comment"), value: stop.comment, long: true },
        { name: "by", label: t("person.name"), value: rememberedPerson(), required: true },
      ],
      yes: t("dialog.yes"), no: t("dialog.no"),
    });
    if (!answer) return;
    rememberPerson(answer.by);
    let trouble = "";
    try {
      await postJson("./api/kpi/corrections", { station: stop.station, from: stop.start, to: stop.end, ...answer });
    } catch (error) {
      trouble = t("alarm.refused", { reason: refusalText(context, error) });
    }
    refusal.hidden = !trouble;
    say(refusal, trouble);
    if (!trouble && reader.line) await reader.choose(reader.line.line);
  };
  return { element, paint };
}
