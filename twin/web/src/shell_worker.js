/**
 * The page's own files for when the server cannot be reached, so that a reload during a break shows the page, which says so,
 * and not the browser's error. A service worker.
 *
 * The server is always asked first, so nobody sees an old page while it answers. Only files of the page are kept: whatever is
 * below `api/` never passes here, so no number of a plant is.
 */

const CACHE = "parktwin-shell-2";
/** A server that is there but says nothing for this long is taken for away, where a file is kept [ms]. */
const PATIENCE_MS = 4_000;
const FOLDERS = ["src/", "style/", "vendor/", "locales/"];
/** Addresses of the page itself: each has a file with all that this desk needs. */
const DESKS = ["", "quality", "maintenance", "consents"];

/**
 * @typedef {object} FetchEvent
 * @property {Request} request
 * @property {(answer: Promise<Response>) => void} respondWith
 * @property {(work: Promise<unknown>) => void} waitUntil
 * @property {string[]} data
 *
 * @typedef {object} WorkerScope
 * @property {{scope: string}} registration
 * @property {{claim(): Promise<void>}} clients
 * @property {() => Promise<void>} skipWaiting
 * @property {(kind: string, listener: (event: FetchEvent) => void) => void} addEventListener
 */
const worker = /** @type {WorkerScope} */ (/** @type {unknown} */ (self));

worker.addEventListener("install", () => void worker.skipWaiting());
worker.addEventListener("activate", (event) => event.waitUntil(takeOver()));
worker.addEventListener("fetch", (event) => {
  const key = keyOf(event.request);
  if (key) event.respondWith(answer(event, key));
});

worker.addEventListener("message", (event) => event.waitUntil(keepAll(event.data)));

/** @param {string[]} addresses of the page and of what it has loaded */
async function keepAll(addresses) {
  const cache = await caches.open(CACHE);
  for (const address of addresses) {
    const key = keyOf(new Request(address));
    if (!key || (await cache.match(key))) continue;
    const response = await fetch(address);
    if (response.ok && !response.redirected) await cache.put(key, response);
  }
}

async function takeOver() {
  for (const name of await caches.keys()) if (name.startsWith("parktwin-shell-") && name !== CACHE) await caches.delete(name);
  await worker.clients.claim();
}

/**
 * Under what a file is kept; null = it is none of the page's.
 *
 * @param {Request} request
 */
function keyOf(request) {
  if (request.method !== "GET" || !request.url.startsWith(worker.registration.scope)) return null;
  const path = new URL(request.url).pathname.slice(new URL(worker.registration.scope).pathname.length);
  const own = DESKS.includes(path) || path === "favicon.svg" || FOLDERS.some((folder) => path.startsWith(folder));
  return own ? request.url.split(/[?#]/)[0] : null;
}

/**
 * @param {FetchEvent} event
 * @param {string} key
 */
async function answer(event, key) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(key);
  const asked = fetch(event.request).then((response) => {
    const same = kept?.headers.get("etag") === response.headers.get("etag") && kept?.headers.get("etag");
    if (response.ok && !response.redirected && response.type === "basic" && !same) event.waitUntil(cache.put(key, response.clone()));
    return response;
  });
  if (!kept) return asked;
  /** @type {Promise<Response>} */
  const late = new Promise((resolve) => setTimeout(() => resolve(kept), PATIENCE_MS));
  return Promise.race([asked, late]).catch(() => kept);
}
