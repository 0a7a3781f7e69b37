/** What a person must know before trusting the picture: it is old, the server is gone, or what feeds it. */

import { el, fill, say } from "./dom.js";
import { glyph } from "./glyphs.js";
import { feedTrouble, lastHeard } from "./sources.js";

/**
 * @param {import("./page.js").Context} context
 * @returns {import("./page.js").Widget}
 */
export function createBanner(context) {
  const { t, format } = context;
  const element = el("div", { class: "banner", role: "alert" });
  // the seconds are hidden from screen readers, which would else read them out one by one
  const since = el("span", { "aria-hidden": "true" });
  let shown = "";
  const refresh = () => {
    const now = context.now();
    const { picture, age } = context.picture(now);
    const { dataset } = document.documentElement;
    if (dataset.picture !== picture) dataset.picture = picture; // setting it has the whole page's styles looked up anew
    const trouble = picture === "offline" || picture === "late" ? picture : picture === "past" ? null : feedTrouble(context.sources(), context.health());
    element.hidden = trouble === null;
    if (trouble === null) return;
    if (shown !== trouble) {
      shown = trouble;
      element.className = `banner banner-${trouble}`;
      fill(element, glyph(trouble === "offline" ? "bad" : "stale"), el("p", {}, el("b", {}, t(`banner.${trouble}`)), " ", since));
    }
    const heard = lastHeard(context.sources());
    if ((trouble === "no_source" || trouble === "no_bus") && heard > 0) {
      const old = Math.max(0, context.serverNow(now) - heard);
      return say(since, `${t("banner.no_source_since", { time: format.moment(heard), duration: format.length(old) })} ${t(trouble === "no_bus" ? "banner.see_bus" : "banner.see_sources")}`);
    }
    if (trouble === "no_bus") return say(since, t("banner.see_bus"));
    if (trouble === "no_source") return say(since, t("banner.see_sources"));
    say(since, t("banner.since", { duration: format.duration(age), time: format.clock(context.serverNow(now) - age) }));
  };
  refresh();
  return { element, refresh };
}
