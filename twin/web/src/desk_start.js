/** Starts a desk other than the twin: words, park, then what the desk asks of its service. */

import { askUntilAnswered, getJson } from "./api.js";
import { Link } from "./desk_link.js";
import { Place } from "./desk_place.js";
import { el, fill } from "./dom.js";
import { Format } from "./format.js";
import { loadMessages, rememberedLanguage, rememberLanguage, translator } from "./i18n.js";
import { Park } from "./park.js";
import { loadSession, may } from "./session.js";

/** What somebody needs to sit at a desk, as `twin.api.desk_router` holds it. */
const READS = Object.freeze({ quality: "inspection.read", maintenance: "maintenance.read", consents: "consent.read" });

/**
 * @param {Exclude<import("./desk_nav.js").DeskName, "twin">} desk
 * @param {HTMLElement} app
 * @param {{theme: () => import("./colour.js").Theme, setTheme: (theme: import("./colour.js").Theme) => void,
 *   trouble: (t: import("./i18n.js").Translate, error: unknown) => void, retryMs: number}} shell
 */
export async function startDesk(desk, app, shell) {
  let language = rememberedLanguage();
  // both at once: the language can be changed while the network is away
  const [vi, en] = await Promise.all([loadMessages("vi"), loadMessages("en")]);
  let t = translator(language === "vi" ? vi : en, language);
  document.documentElement.lang = language;
  const park = new Park(/** @type {import("./park.js").ParkJson} */ (
    await askUntilAnswered(() => getJson("./api/park"), (error) => shell.trouble(t, error), shell.retryMs)));
  await loadSession();
  if (!may(READS[desk])) {
    fill(app, el("main", { class: "start" }, el("img", { src: "./favicon.svg", alt: "", width: "48", height: "48" }),
      el("h1", {}, t("start.forbidden")), el("p", {}, t("start.forbidden_detail")), el("a", { class: "button", href: "./" }, t("start.to_twin"))));
    return;
  }
  const link = new Link();
  const place = new Place();
  const open = desk === "quality" ? (await import("./quality_desk.js")).openQualityDesk(park, link, place)
    : desk === "maintenance" ? (await import("./maintenance_desk.js")).openMaintenanceDesk(link)
      : (await import("./consents_desk.js")).openConsentsDesk(link);
  /** @type {import("./desk_page.js").DeskPage | null} */
  let page = null;
  const build = () => {
    t = translator(language === "vi" ? vi : en, language);
    const format = new Format(language, t, park.timezone);
    page?.dispose();
    page = open({
      desk, park, t, format, place, link, theme: shell.theme, setTheme: shell.setTheme,
      setLanguage: (wanted) => {
        language = wanted;
        rememberLanguage(wanted);
        build();
      },
    });
    fill(app, page.element);
  };
  build();
}
