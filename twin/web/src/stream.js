/** The page's end of the stream: starts the Worker and hands on what it says. */

/**
 * @typedef {object} StreamListener
 * @property {() => void} opened
 * @property {(code: number) => void} closed with the close code of the socket, 1006 = it was lost
 * @property {(buffer: ArrayBuffer, receivedAt: number) => void} frame
 * @property {(event: {event: string, [field: string]: unknown}) => void} event
 */

/**
 * Opens the stream; it comes back by itself when it is lost, until it is closed.
 *
 * @param {URL} url of the WebSocket
 * @param {StreamListener} listener
 * @param {{once?: boolean}} [how] once: it does not come back by itself
 * @returns {{close: () => void}}
 */
export function openStream(url, listener, { once = false } = {}) {
  const worker = new Worker(new URL("./stream_worker.js", import.meta.url), { type: "module" });
  worker.addEventListener("message", ({ data }) => {
    if (data.kind === "frame") listener.frame(data.buffer, data.receivedAt);
    else if (data.kind === "event") listener.event(data.event);
    else if (data.kind === "open") listener.opened();
    else listener.closed(data.code);
  });
  worker.postMessage({ url: url.href, once });
  return { close: () => worker.terminate() };
}
