/** The quality desk of a QC station: its views over one feed, and which station it is. */

import { ChallengeBoard } from "./challenge_board.js";
import { createChallengeView } from "./challenge_view.js";
import { DeskPage } from "./desk_page.js";
import { el, fill } from "./dom.js";
import { createQualityCharts } from "./quality_charts.js";
import { QualityFeed } from "./quality_feed.js";
import { createProductSearch } from "./quality_find.js";
import { createReviewQueue } from "./quality_reviews.js";
import { createStationView } from "./quality_station.js";
import { createTeachWizard } from "./quality_teach.js";
import { may } from "./session.js";

/**
 * Begins to ask; what it gives makes the page in one language.
 *
 * @param {import("./park.js").Park} park
 * @param {import("./desk_link.js").Link} link
 * @param {import("./desk_place.js").Place} place
 * @returns {(context: import("./desk_page.js").DeskContext) => DeskPage}
 */
export function openQualityDesk(park, link, place) {
  const feed = new QualityFeed(link, place);
  const board = new ChallengeBoard(feed);
  return (context) => {
    const { t, format } = context;
    const waiting = el("span", { class: "tab-mark" });
    const blocked = el("span", { class: "tab-mark tab-blocked" });
    const station = el("select", { class: "input station-choice", "aria-label": t("quality.station_choice"), onchange: () => place.set({ station: station.value }) });
    const choose = () => {
      const ids = [...new Set([...Object.keys(feed.stations), ...(place.get("station") ? [place.get("station")] : [])])];
      const key = `${ids.join()} ${feed.station}`;
      if (station.dataset.key !== key) {
        station.dataset.key = key;
        fill(station, ...ids.map((id) => el("option", { value: id, selected: id === feed.station }, nameOf(id))));
        station.hidden = ids.length === 0;
      }
      const n = feed.queue.length;
      fill(waiting, n > 0 && el("b", {}, `${format.number(n)}${feed.queueMore ? "+" : ""}`));
      fill(blocked, board.blockedHere > 0 && el("b", {}, t("challenge.blocked_short")));
    };
    const nameOf = (/** @type {string} */ id) => {
      const equipment = park.equipmentById.get(id);
      const line = park.placeNames.get(id.split("/").slice(0, -1).join("/"));
      return [equipment ? format.name(equipment.display) : id.split("/").pop() ?? id, line ? format.name(line) : ""].filter(Boolean).join(" · ");
    };
    const page = new DeskPage(context, [
      { name: "station", make: () => createStationView(context, feed) },
      { name: "reviews", make: () => createReviewQueue(context, feed), mark: waiting },
      { name: "challenge", make: () => createChallengeView(context, board, nameOf), mark: blocked },
      { name: "charts", make: () => createQualityCharts(context, feed) },
      { name: "find", make: () => createProductSearch(context, feed) },
      ...(may("recipe.change") ? [{ name: "teach", make: () => createTeachWizard(context, feed) }] : []),
    ], station);
    choose();
    const stops = [feed.listen(choose), board.listen(choose)];
    const dispose = page.dispose.bind(page);
    page.dispose = () => {
      for (const stop of stops) stop();
      dispose();
    };
    return page;
  };
}
