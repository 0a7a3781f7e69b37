/** The page without its server: keeps its own files for a reload, and remembers when the server was last heard. */

const HEARD = "parktwin.heard";
/** So often it is written down at most [ms]. */
const EVERY_MS = 5_000;
/** After so long the page has loaded all its parts [ms]. */
const LOADED_AFTER_MS = 8_000;

let writtenAt = 0;

/** Has the browser keep the page's files. Only where it trusts the connection: https, or this machine. */
export function keepShell() {
  const { serviceWorker } = navigator;
  if (!serviceWorker) return;
  const first = !serviceWorker.controller;
  const keep = async () => {
    await serviceWorker.register("./shell_worker.js");
    const { active } = await serviceWorker.ready;
    // what was loaded before there was a worker never passed it
    if (first) setTimeout(() => active?.postMessage([location.href, ...performance.getEntriesByType("resource").map(({ name }) => name)]), LOADED_AFTER_MS);
  };
  // without it the page works as well; only a reload while the server is away does not
  keep().catch(() => {});
}

/**
 * Notes that the server has been heard.
 *
 * @param {number} now [ms]
 * @param {string} timezone of the park, IANA name
 */
export function noteHeard(now, timezone) {
  if (now - writtenAt < EVERY_MS) return;
  writtenAt = now;
  localStorage.setItem(HEARD, JSON.stringify({ at: now, timezone }));
}

/**
 * When the server was last heard by this browser.
 *
 * @returns {{at: number, timezone: string} | null} [ms since the epoch]; null = never
 */
export function lastContact() {
  try {
    const told = JSON.parse(localStorage.getItem(HEARD) ?? "null");
    return told && Number.isFinite(told.at) && typeof told.timezone === "string" ? told : null;
  } catch {
    return null;
  }
}
