/** The maintenance desk of the park manager: its views over one feed. */

import { DeskPage } from "./desk_page.js";
import { createForecastCalendar } from "./forecast_calendar.js";
import { MaintenanceFeed } from "./maintenance_feed.js";
import { createResources } from "./resources.js";
import { createTrackRecord } from "./track_record.js";
import { createWeeklyReport } from "./weekly_report.js";
import { createWorkPlan } from "./work_plan.js";

/**
 * Begins to ask; what it gives makes the page in one language.
 *
 * @param {import("./desk_link.js").Link} link
 * @returns {(context: import("./desk_page.js").DeskContext) => DeskPage}
 */
export function openMaintenanceDesk(link) {
  const feed = new MaintenanceFeed(link);
  return (context) => new DeskPage(context, [
    { name: "forecasts", make: () => createForecastCalendar(context, feed) },
    { name: "plan", make: () => createWorkPlan(context, feed) },
    { name: "record", make: () => createTrackRecord(context) },
    { name: "resources", make: () => createResources(context) },
    { name: "report", make: () => createWeeklyReport(context) },
  ]);
}
