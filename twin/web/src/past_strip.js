/** The strip that says the page shows the past: which moment, how long ago, what cannot be done there, and the way back. */

import { el, fill, icon, say } from "./dom.js";

/**
 * @param {import("./page.js").Context} context
 * @returns {import("./page.js").Widget}
 */
export function createPastStrip(context) {
  const { past, store, t, format } = context;
  const moment = el("time", { class: "past-moment" });
  const ago = el("span", {});
  const how = el("span", { class: "past-how" });
  const back = el("button", { type: "button", class: "button past-leave", onclick: () => past.leave() }, icon("target"), t("past.leave"));
  const element = el("section", { class: "past-strip", "aria-label": t("past.strip") },
    icon("history"), el("b", { class: "past-word" }, t("past.word")), moment, ago, how, el("span", { class: "past-rule" }, t("past.rule")), back);
  // the moment runs while it plays, and a screen reader would read every second of it
  const aloud = el("p", { class: "unseen", role: "status" });
  element.append(aloud);

  const refresh = () => {
    element.hidden = !past.on;
    document.documentElement.dataset.time = past.on ? "past" : "now";
    if (!past.on) return;
    say(moment, `${format.date(past.at)} ${format.clock(past.at)}`);
    say(ago, t("past.ago", { duration: format.length(Math.max(0, context.liveNow(context.now()) - past.at)) }));
    const words = past.state === "shown" ? (past.playing ? t("past.playing", { n: past.speed }) : t("past.still")) : t(`past.${past.state}`);
    say(how, words);
    element.classList.toggle("past-trouble", past.state === "away" || past.state === "refused");
  };
  const announce = () => fill(aloud, past.on ? t("past.entered", { moment: format.moment(past.at) }) : "");
  refresh();
  const stop = store.listen((changed) => {
    if (!changed.has("past")) return;
    refresh();
    announce();
  });
  return { element, refresh, dispose: stop };
}
