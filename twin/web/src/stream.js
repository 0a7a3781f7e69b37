/** The page's end of the stream: starts the Worker and hands on what it says. */

/**
 * @typedef {object} StreamListener
 * @property {() => void} opened
 * @property {() => void} closed
 * @property {(buffer: ArrayBuffer, receivedAt: number) => void} frame
 * @property {(event: {event: string, [field: string]: unknown}) => void} event
 */

/**
 * Opens the stream; it stays open, and comes back by itself, for as long as the page lives.
 *
 * @param {URL} url of the WebSocket
 * @param {StreamListener} listener
 */
export function openStream(url, listener) {
  const worker = new Worker(new URL("./stream_worker.js", import.meta.url), { type: "module" });
  worker.addEventListener("message", ({ data }) => {
    if (data.kind === "frame") listener.frame(data.buffer, data.receivedAt);
    else if (data.kind === "event") listener.event(data.event);
    else if (data.kind === "open") listener.opened();
    else listener.closed();
  });
  worker.postMessage({ url: url.href });
}
