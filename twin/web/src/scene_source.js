/** What the scene is made of, as the server has it: asked for early, for it is what the first picture waits for. */

import { ApiError, getFile, getJson } from "./api.js";

/**
 * @typedef {object} SceneSource
 * @property {typeof import("./scene.js").ParkScene} ParkScene
 * @property {ArrayBuffer | null} file the geometry as a GLB; null = every machine is drawn as a box
 * @property {string} trouble why there is no file, "" if there is
 */

/**
 * @returns {Promise<SceneSource>}
 * @throws {ApiError} the geometry is not built yet, or nobody answered
 */
export async function sceneSource() {
  const [{ ParkScene }, { file, trouble }] = await Promise.all([import("./scene.js"), sceneFile()]);
  return { ParkScene, file, trouble };
}

async function sceneFile() {
  try {
    const { url } = /** @type {{url: string}} */ (await getJson("./api/scene"));
    return { file: await (await getFile(url)).arrayBuffer(), trouble: "" };
  } catch (error) {
    if (error instanceof ApiError && error.status === 503 && !error.later) return { file: null, trouble: error.message };
    throw error;
  }
}
