/**
 * The socket, in a Worker, so that a busy page never delays what the server sends. Frames are handed to the page
 * without a copy; a lost socket is opened again after a pause that grows.
 *
 * To the page: `{kind: "open"}`, `{kind: "closed", code}`, `{kind: "frame", buffer, receivedAt}`,
 * `{kind: "event", event}`. From the page, once: `{url, once}`.
 */

import { backOff } from "./connection.js";

/** A server that says nothing for this long is gone, even if TCP has not noticed yet (frames come at 2 Hz). */
const SILENCE_MS = 15_000;

let attempt = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let watchdog;

/** @param {unknown} message @param {Transferable[]} [transfer] */
function tell(message, transfer = []) {
  /** @type {{postMessage(message: unknown, transfer: Transferable[]): void}} */ (/** @type {unknown} */ (self))
    .postMessage(message, transfer);
}

/** @param {string} url @param {boolean} once a lost socket is not opened again */
function connect(url, once) {
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  let lost = false;

  // A dead network leaves the socket closing for a minute, so a silent one is given up before its close event.
  const lose = (code = 1006) => {
    if (lost) return;
    lost = true;
    clearTimeout(watchdog);
    tell({ kind: "closed", code });
    if (once) return;
    setTimeout(() => connect(url, once), backOff(attempt, Math.random()));
    attempt += 1;
  };
  const listen = () => {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => {
      socket.close();
      lose();
    }, SILENCE_MS);
  };

  listen();
  socket.addEventListener("open", () => tell({ kind: "open" }));
  socket.addEventListener("message", (message) => {
    if (lost) return;
    listen();
    if (message.data instanceof ArrayBuffer) {
      attempt = 0;
      tell({ kind: "frame", buffer: message.data, receivedAt: Date.now() }, [message.data]);
    } else {
      tell({ kind: "event", event: JSON.parse(String(message.data)) });
    }
  });
  socket.addEventListener("close", ({ code }) => lose(code));
}

self.addEventListener("message", (message) => connect(String(message.data.url), Boolean(message.data.once)), { once: true });
