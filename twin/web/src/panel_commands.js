/** The commands of the selected machine: what can be asked for, and what was. Nothing is here where nothing can be. */

import { ApiError, getJson } from "./api.js";
import { createCommandForm } from "./command_form.js";
import { createCommandRequests } from "./command_requests.js";
import { el, fill, say } from "./dom.js";
import { refusalText } from "./refusal.js";
import { may } from "./session.js";

/** Interlocks and outcomes are looked at so often while they are in sight [ms]. */
const LOOK_MS = 2_000;
const REQUESTS_SHOWN = 4;

/**
 * @param {import("./page.js").Context} context
 * @param {string} equipment id
 * @returns {import("./page.js").Widget}
 */
export function createPanelCommands(context, equipment) {
  const { t, format } = context;
  const count = el("span", {});
  const offersList = el("ul", { class: "command-offers" });
  const place = el("div", {});
  const trouble = el("p", { class: "alarm-strip", role: "status" });
  const requests = createCommandRequests(context, () => void look());
  const element = el("details", { class: "panel-part panel-commands", ontoggle: () => element.open && void look() },
    el("summary", { class: "panel-part-head" }, el("h3", {}, t("command.title")), count),
    trouble, offersList, place, requests.element);
  element.hidden = true;
  trouble.hidden = true;
  /** @type {ReturnType<typeof createCommandForm> | null} */
  let form = null;
  let chosen = "";
  let offered = "";
  let underWay = false;
  let lookedAt = -Infinity;
  let looking = false;
  let gone = false;

  const look = async () => {
    if (looking || gone || !may("command.read")) return;
    looking = true;
    lookedAt = performance.now();
    try {
      const [{ commands: all }, { requests: rows }] = await Promise.all([
        /** @type {Promise<{commands: import("./command_form.js").Offer[]}>} */ (getJson("./api/commands/catalogue", { equipment })),
        /** @type {Promise<{requests: import("./command_requests.js").RequestRow[]}>} */ (getJson("./api/commands", { equipment, limit: REQUESTS_SHOWN })),
      ]);
      if (gone) return;
      // who may only read is shown what others asked for
      const commands = may("command.request") ? all : [];
      trouble.hidden = true;
      element.hidden = commands.length === 0 && rows.length === 0;
      underWay = rows.some((row) => !row.final);
      say(count, underWay ? t("command.under_way") : format.number(commands.length));
      if (underWay) element.open = true;
      paint(commands);
      requests.update(rows, commands);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      trouble.hidden = false;
      say(trouble, t("command.failed", { reason: refusalText(context, error) }));
    } finally {
      looking = false;
    }
  };

  /** @param {import("./command_form.js").Offer[]} offers */
  const paint = (offers) => {
    const now = offers.find((offer) => offer.command === chosen);
    if (now) form?.update(now);
    const key = JSON.stringify([offers.map(({ command, interlocks }) => [command, interlocks.every(({ verdict }) => verdict === "holds")]), chosen]);
    if (key === offered) return;
    offered = key;
    fill(offersList, ...offers.map((offer) => el("li", {}, el("button", {
      type: "button", class: "command-offer", "aria-pressed": String(offer.command === chosen), onclick: () => choose(offer === now ? null : offer, offers),
    },
      el("span", { class: "command-name" }, format.name(offer.name)),
      el("span", { class: `tag-mark risk-${offer.risk}`, title: t(`command.risk_${offer.risk}_detail`) }, t(`command.risk_${offer.risk}`)),
      !offer.interlocks.every(({ verdict }) => verdict === "holds") && el("span", { class: "command-blocked" }, t("command.blocked"))))));
  };
  /**
   * @param {import("./command_form.js").Offer | null} offer
   * @param {import("./command_form.js").Offer[]} offers
   */
  const choose = (offer, offers) => {
    chosen = offer?.command ?? "";
    form = offer && createCommandForm(context, offer, {
      sent: () => {
        choose(null, offers);
        void look();
      },
      close: () => choose(null, offers),
    });
    fill(place, form?.element);
    paint(offers);
    form?.focus();
  };
  const refresh = () => {
    if ((element.open || underWay) && performance.now() - lookedAt > LOOK_MS) void look();
  };
  void look();
  return { element, refresh, dispose: () => (gone = true) };
}
