/** REST calls, with errors that a person can act on. */

/** The server refused or could not be reached. */
export class ApiError extends Error {
  /**
   * @param {number} status HTTP status; 0 = no answer at all
   * @param {string} code stable code of the problem
   * @param {string} detail as the server said it
   * @param {boolean} [later] true if the server says that asking again will help
   */
  constructor(status, code, detail, later = false) {
    super(detail);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.later = later;
  }
}

/**
 * @template T
 * @param {string} path relative to the page
 * @param {Record<string, string | number>} [query]
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 * @throws {ApiError}
 */
export async function getJson(path, query = {}, signal) {
  const url = new URL(path, document.baseURI);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  return answerOf(await ask(url, { headers: { accept: "application/json" }, ...(signal && { signal }) }));
}

/**
 * @template T
 * @param {string} path relative to the page
 * @param {unknown} body sent as JSON
 * @returns {Promise<T>}
 * @throws {ApiError}
 */
export async function postJson(path, body) {
  return answerOf(await ask(new URL(path, document.baseURI), {
    method: "POST", headers: { accept: "application/json", "content-type": "application/json" }, body: JSON.stringify(body),
  }));
}

/**
 * Sends a file as it is; without one, an empty body.
 *
 * @template T
 * @param {string} path relative to the page
 * @param {Blob | null} file
 * @returns {Promise<T | null>} null if the answer says nothing
 * @throws {ApiError}
 */
export async function postFile(path, file) {
  const type = file && { "content-type": file.type || "application/octet-stream" };
  const response = await ask(new URL(path, document.baseURI), { method: "POST", body: file, headers: { accept: "application/json", ...type } });
  return response.status === 204 ? null : answerOf(response);
}

/**
 * @param {string} path relative to the page
 * @returns {Promise<Blob>} a file as the server has it
 * @throws {ApiError}
 */
export async function getFile(path) {
  const response = await ask(new URL(path, document.baseURI), {});
  return response.ok ? response.blob() : answerOf(response);
}

/**
 * @param {URL} url
 * @param {RequestInit} init
 * @throws {ApiError} nobody answered
 */
async function ask(url, init) {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiError(0, "unreachable", error instanceof Error ? error.message : String(error));
  }
}

/**
 * @param {Response} response
 * @throws {ApiError} it is a refusal
 */
async function answerOf(response) {
  if (response.ok) return response.json();
  const problem = await response.json().catch(() => ({}));
  throw new ApiError(response.status, problem.code ?? "http", problem.detail ?? response.statusText, response.headers.has("retry-after"));
}

/**
 * Asks until it is answered; `waiting` hears of each failure and how long the pause will be.
 *
 * @template T
 * @param {() => Promise<T>} ask
 * @param {(error: unknown) => void} waiting
 * @param {number} pauseMs
 * @returns {Promise<T>}
 */
export async function askUntilAnswered(ask, waiting, pauseMs) {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      waiting(error);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

/**
 * Asks at once, before anybody waits for the answer.
 *
 * @template T
 * @param {() => Promise<T>} ask
 * @returns {() => Promise<T>} gives that answer the first time; asks anew each time after
 */
export function askedAhead(ask) {
  /** @type {Promise<T> | null} */
  let first = ask();
  first.catch(() => {}); // whoever takes the answer hears of it
  return () => {
    const answer = first ?? ask();
    first = null;
    return answer;
  };
}
