/** What a person must know before trusting the picture: it is old, or the server is gone. */

import { el, fill, say } from "./dom.js";
import { glyph } from "./glyphs.js";

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
    const wrong = picture === "offline" || picture === "late";
    element.hidden = !wrong;
    document.documentElement.dataset.picture = picture;
    if (!wrong) return;
    if (shown !== picture) {
      shown = picture;
      element.className = `banner banner-${picture}`;
      fill(element, glyph(picture === "offline" ? "bad" : "stale"), el("p", {}, el("b", {}, t(`banner.${picture}`)), " ", since));
    }
    const time = format.clock(context.serverNow(now) - age);
    say(since, t("banner.since", { duration: format.duration(age), time }));
  };
  refresh();
  return { element, refresh };
}
