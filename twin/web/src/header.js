/** The bar on top: which park, how fresh the picture is, what time it is there, language and theme. */

import { createAlarmSummary } from "./alarm_summary.js";
import { createDeskNav } from "./desk_nav.js";
import { el, fill, icon, say } from "./dom.js";
import { glyph } from "./glyphs.js";
import { LANGUAGES } from "./i18n.js";
import { sessionMarks } from "./session.js";
import { feedTrouble } from "./sources.js";

/** Glyph of each state of the picture: shape and colour, as for machines. */
const PICTURE_GLYPH = { connecting: "no_data", live: "good", no_source: "stale", no_bus: "stale", late: "stale", offline: "bad", past: "stale" };

/**
 * @param {import("./page.js").Context} context
 * @returns {import("./page.js").Widget}
 */
export function createHeader(context) {
  const { park, store, t, format } = context;
  const clock = el("time", { class: "clock-time" });
  const date = el("span", { class: "clock-date" });
  const chip = el("div", { class: "picture-chip", role: "status", "aria-live": "polite" });
  const theme = el("button", {
    class: "icon-button", type: "button",
    onclick: () => store.set({ theme: store.choice.theme === "dark" ? "light" : "dark" }),
  });
  const menu = el("button", {
    class: "icon-button drawer-button", type: "button", "aria-label": t("tree.open"), title: t("tree.open"),
    onclick: () => store.set({ drawer: !store.choice.drawer }),
  }, icon("menu"));

  const alarms = createAlarmSummary(context);
  const languages = el("div", { class: "segments", role: "group", "aria-label": t("header.language") },
    ...LANGUAGES.map((language) => el("button", {
      type: "button", class: "segment", lang: language, "aria-pressed": String(language === format.language),
      title: t(`language.${language}`), onclick: () => context.setLanguage(language),
    }, language.toUpperCase())));

  const element = el("header", { class: "header" },
    menu,
    el("a", { class: "brand", href: "./", "aria-label": "ParkTwin" }, logo(), el("span", {}, "ParkTwin")),
    createDeskNav(t, "twin"),
    el("h1", { class: "park-name" }, format.name(park.display)),
    ...sessionMarks(t, park.simulated),
    el("div", { class: "header-space" }),
    alarms.element,
    chip,
    el("div", { class: "clock", title: t("header.clock", { zone: park.timezone }) }, clock, date),
    languages,
    theme,
  );

  let shown = "";
  const refresh = () => {
    alarms.refresh?.();
    const now = context.now();
    const { picture: told, age } = context.picture(now);
    // a server that is heard well and hears nobody itself shows no picture of now
    const picture = (told === "live" && feedTrouble(context.sources(), context.health())) || told;
    const serverNow = context.serverNow(now);
    say(clock, format.clock(serverNow));
    say(date, format.date(serverNow));
    const text = t(`picture.${picture}`);
    // the chip is read aloud when it changes, so a live picture does not count its seconds
    const more = ["live", "connecting", "no_source", "no_bus", "past"].includes(picture) ? "" : t("picture.age", { duration: format.duration(age) });
    if (shown !== picture + more) {
      shown = picture + more;
      chip.className = `picture-chip picture-${picture}`;
      fill(chip, glyph(PICTURE_GLYPH[picture]), el("b", {}, text), more && el("span", {}, more));
      chip.title = t(`picture.${picture}_detail`);
    }
  };
  const paintTheme = () => {
    const next = store.choice.theme === "dark" ? "light" : "dark";
    theme.title = t(`header.theme_${next}`);
    theme.setAttribute("aria-label", theme.title);
    fill(theme, icon(next === "light" ? "sun" : "moon"));
  };
  paintTheme();
  refresh();
  const stop = store.listen((changed) => changed.has("theme") && paintTheme());
  return { element, refresh, dispose: stop };
}

function logo() {
  const image = el("img", { src: "./favicon.svg", alt: "", width: "24", height: "24", class: "logo" });
  return image;
}
