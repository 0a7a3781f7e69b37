/** How many alarms hold, by priority, always in sight; a click opens the list. */

import { el, fill, icon, say } from "./dom.js";
import { glyph } from "./glyphs.js";
import { alarmGlyph, PRIORITIES } from "./priority.js";

/** A change is read aloud at most so often [ms]. */
const READ_ALOUD_EVERY = 15_000;

/**
 * @param {import("./page.js").Context} context
 * @returns {import("./page.js").Widget}
 */
export function createAlarmSummary(context) {
  const { alarms: book, store, t, format } = context;
  const counts = el("span", { class: "alarm-counts" });
  const waiting = el("span", { class: "alarm-unseen" });
  const said = el("span", { class: "unseen" });
  const aloud = el("p", { class: "unseen", "aria-live": "polite" });
  const button = el("button", {
    type: "button", class: "alarm-summary", onclick: () => store.set({ dock: store.choice.dock === "alarms" ? null : "alarms", priority: null }),
  }, icon("bell"), counts, " ", waiting, said);
  const element = el("div", { class: "alarm-summary-place" }, button, aloud);
  let painted = "";
  let toldAt = -Infinity;
  /** What the counts are made of, by which glyphs; their numbers alone change a hundred times as often. */
  let form = "";

  /** @param {string} wanted form @param {() => import("./dom.js").Child[]} make */
  const shape = (wanted, make) => {
    if (form === wanted) return;
    form = wanted;
    fill(counts, ...make());
  };

  const refresh = () => {
    const now = context.now();
    const standing = book.standing(now);
    const key = `${book.version} ${standing}`;
    if (key === painted) return;
    painted = key;
    const all = [...book.counts()].filter(([, { active }]) => active > 0);
    const active = all.reduce((sum, [, one]) => sum + one.active, 0);
    const unseen = [...book.counts().values()].reduce((sum, one) => sum + one.waiting, 0);
    const failed = standing === "failed";
    const unknown = failed || standing === "reading";
    if (unknown) shape(standing, () => [t(failed ? "alarm.summary_failed" : "alarm.summary_reading")]);
    else if (active === 0) shape("none", () => [glyph("good"), el("span", { class: "alarm-none" }, t("alarm.summary_none"))]);
    else {
      const glyphs = all.map(([name, one]) => alarmGlyph(name, one.waiting > 0));
      shape(glyphs.join(" "), () => glyphs.map((name) => el("span", { class: "alarm-count" }, glyph(name), el("b", {}))));
      counts.querySelectorAll("b").forEach((number, k) => say(number, format.number(all[k][1].active)));
    }
    waiting.hidden = unknown || unseen === 0;
    say(waiting, t("alarm.summary_waiting", { n: format.number(unseen) }));
    const words = unknown ? counts.textContent : [
      t("alarm.summary", { n: format.number(active), waiting: format.number(unseen) }),
      ...all.map(([name, one]) => `${t(`priority.${name}`)}: ${format.number(one.active)}`),
      standing === "old" ? t("alarm.summary_old") : "",
    ].filter(Boolean).join(". ");
    button.title = words ?? "";
    say(said, unknown || active === 0 ? "" : ` ${words}`);
    const worst = PRIORITIES.find(({ name }) => (book.counts().get(name)?.waiting ?? 0) > 0);
    const pressing = worst?.name === "urgent" || worst?.name === "high";
    const look = `alarm-summary alarm-summary-${unknown ? "unknown" : standing}${pressing ? " alarm-summary-pressing" : ""}`;
    if (button.className !== look) button.className = look;
    if (now - toldAt < READ_ALOUD_EVERY) return;
    toldAt = now;
    say(aloud, words ?? "");
  };
  refresh();
  return { element, refresh };
}
