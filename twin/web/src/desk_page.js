/** The frame of every desk but the twin: header, views as tabs, what is away and since when. */

import { createDeskNav } from "./desk_nav.js";
import { el, fill, icon, say } from "./dom.js";
import { glyph } from "./glyphs.js";
import { LANGUAGES } from "./i18n.js";
import { refusalText } from "./refusal.js";
import { checkSession, sessionMarks } from "./session.js";
import { noteHeard } from "./shell.js";

/**
 * What every view of a desk works on.
 *
 * @typedef {object} DeskContext
 * @property {import("./desk_nav.js").DeskName} desk
 * @property {import("./park.js").Park} park
 * @property {import("./i18n.js").Translate} t
 * @property {import("./format.js").Format} format
 * @property {() => import("./colour.js").Theme} theme
 * @property {(theme: import("./colour.js").Theme) => void} setTheme
 * @property {(language: import("./i18n.js").Language) => void} setLanguage
 * @property {import("./desk_place.js").Place} place
 * @property {import("./desk_link.js").Link} link to the desk's service
 *
 * @typedef {object} View
 * @property {HTMLElement} element
 * @property {() => void} [show] it comes into sight
 * @property {() => void} [hide]
 * @property {() => void} [refresh] twice a second while in sight
 * @property {(event: KeyboardEvent) => void} [key] pressed while in sight, outside of fields and buttons
 * @property {() => void} [paint] the theme has changed
 * @property {() => void} [dispose]
 */

/** A desk in one language. */
export class DeskPage {
  /**
   * @param {DeskContext} context
   * @param {readonly {name: string, make: () => View, mark?: HTMLElement}[]} views the first one is shown by default
   * @param {HTMLElement} [aside] stands at the end of the tabs
   */
  constructor(context, views, aside) {
    this.context = context;
    const { t, format, desk } = context;
    /** @type {Map<string, View>} */
    this.made = new Map();
    this.views = views;
    this.shown = "";
    this.chip = el("div", { class: "picture-chip", role: "status", "aria-live": "polite" });
    this.clock = el("time", { class: "clock-time" });
    this.date = el("span", { class: "clock-date" });
    this.theme = el("button", { class: "icon-button", type: "button", onclick: () => {
      context.setTheme(context.theme() === "dark" ? "light" : "dark");
      this.paintTheme();
    } });
    const languages = el("div", { class: "segments", role: "group", "aria-label": t("header.language") },
      ...LANGUAGES.map((language) => el("button", {
        type: "button", class: "segment", lang: language, "aria-pressed": String(language === format.language),
        title: t(`language.${language}`), onclick: () => context.setLanguage(language),
      }, language.toUpperCase())));
    this.tabs = views.map(({ name, mark }) => el("button", {
      type: "button", class: "desk-tab", role: "tab", id: `view-${name}`, "aria-controls": "desk-body",
      onclick: () => context.place.set({ view: name }),
    }, el("span", {}, t(`desk_view.${name}`)), mark));
    this.body = el("div", { class: "desk-body", id: "desk-body", role: "tabpanel" });
    this.banner = el("div", { class: "desk-banner", role: "alert", hidden: true });
    this.element = el("div", { class: `desk desk-${desk}` },
      el("header", { class: "header" },
        el("a", { class: "brand", href: "./", "aria-label": "ParkTwin" },
          el("img", { src: "./favicon.svg", alt: "", width: "24", height: "24", class: "logo" }), el("span", {}, "ParkTwin")),
        createDeskNav(t, desk),
        el("h1", { class: "park-name" }, format.name(context.park.display)),
        ...sessionMarks(t, context.park.simulated),
        el("div", { class: "header-space" }),
        this.chip,
        el("div", { class: "clock", title: t("header.clock", { zone: context.park.timezone }) }, this.clock, this.date),
        languages, this.theme),
      el("div", { class: "desk-tabs" }, el("div", { class: "desk-tablist", role: "tablist", "aria-label": t(`desk.${desk}`) }, ...this.tabs), aside),
      this.banner,
      el("main", { class: "desk-main" }, this.body));
    document.title = `${t(`desk.${desk}`)} · ${format.name(context.park.display)} · ParkTwin`;
    document.documentElement.lang = format.language;
    this.paintTheme();
    this.stop = context.place.listen(() => this.show());
    this.onkey = (/** @type {KeyboardEvent} */ event) => this.key(event);
    addEventListener("keydown", this.onkey);
    this.show();
    this.timer = setInterval(() => this.refresh(), 500);
  }

  show() {
    const wanted = this.context.place.get("view");
    const view = this.views.find(({ name }) => name === wanted) ?? this.views[0];
    if (this.shown !== view.name) {
      this.made.get(this.shown)?.hide?.();
      this.shown = view.name;
      let made = this.made.get(view.name);
      if (!made) {
        made = view.make();
        this.made.set(view.name, made);
      }
      this.tabs.forEach((tab, k) => {
        const open = this.views[k].name === view.name;
        tab.setAttribute("aria-selected", String(open));
        tab.tabIndex = open ? 0 : -1;
      });
      this.body.setAttribute("aria-labelledby", `view-${view.name}`);
      fill(this.body, made.element);
      document.documentElement.dataset.view = view.name;
    }
    this.made.get(this.shown)?.show?.();
    this.refresh();
  }

  refresh() {
    const { t, format, link, desk } = this.context;
    const now = Date.now();
    say(this.clock, format.clock(now));
    say(this.date, format.date(now));
    if (!link.lost && Number.isFinite(link.heardAt)) noteHeard(link.heardAt, this.context.park.timezone);
    const state = link.lost ? "offline" : Number.isFinite(link.heardAt) ? "live" : "connecting";
    if (document.documentElement.dataset.link !== state) {
      document.documentElement.dataset.link = state;
      fill(this.chip, glyph(state === "live" ? "good" : state === "offline" ? "bad" : "no_data"), el("b", {}, t(link.lost && link.status === 403 ? "desk.no_right" : `picture.${state}`)));
      this.chip.className = `picture-chip picture-${state}`;
      this.banner.hidden = !link.lost;
      if (link.lost && link.status === 401) void checkSession();
    }
    if (link.lost) {
      const values = { time: format.clock(link.lostAt), duration: format.duration(now - link.lostAt), status: link.status };
      const old = t(Number.isFinite(link.heardAt) ? "desk.heals" : "desk.heals_empty");
      // who may not see it is told so; that the service fails is another thing than that it is silent
      const lost = link.status === 0 ? "lost_network" : link.status === 500 ? "lost_failing" : `lost_${desk}`;
      say(this.banner, link.status === 403 ? t("desk.not_yours") : `${t(`desk.${lost}`, values)} ${old}`);
      this.banner.title = refusalText(this.context, link.error);
    }
    this.made.get(this.shown)?.refresh?.();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.closest("[role=tablist]") && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
      const step = event.key === "ArrowRight" ? 1 : this.tabs.length - 1;
      const next = this.tabs[(this.tabs.findIndex((tab) => tab === document.activeElement) + step) % this.tabs.length];
      next.focus();
      next.click();
      return;
    }
    if (target.closest("input, textarea, select, dialog")) return;
    this.made.get(this.shown)?.key?.(event);
  }

  paintTheme() {
    const { t } = this.context;
    const next = this.context.theme() === "dark" ? "light" : "dark";
    this.theme.title = t(`header.theme_${next}`);
    this.theme.setAttribute("aria-label", this.theme.title);
    fill(this.theme, icon(next === "light" ? "sun" : "moon"));
    for (const view of this.made.values()) view.paint?.();
  }

  dispose() {
    clearInterval(this.timer);
    this.stop();
    removeEventListener("keydown", this.onkey);
    delete document.documentElement.dataset.link;
    for (const view of this.made.values()) view.dispose?.();
  }
}
