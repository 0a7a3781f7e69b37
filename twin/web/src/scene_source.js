/** What the scene is made of and drawn with: made ready early, for it is what the first picture waits for. */

import { ApiError, askedAhead, getFile, getJson } from "./api.js";

/**
 * @typedef {object} SceneSource
 * @property {typeof import("./scene.js").ParkScene} ParkScene
 * @property {import("./renderer.js").Painter | null} painter null = there is none to be had, as the scene will find
 * @property {import("./scene_file.js").SceneFile | null} file the geometry; null = every machine is drawn as a box
 * @property {string} trouble why there is no file, "" if there is
 */

/** One is enough, however often the geometry is asked for. @type {import("./renderer.js").Painter | null} */
let painter = null;

/**
 * @returns {Promise<SceneSource>}
 * @throws {ApiError} the geometry is not built yet, or nobody answered
 */
export async function sceneSource() {
  const askFile = askedAhead(sceneFile);
  const [{ ParkScene }, { Painter }, { readSceneFile }, { warmUp }] = await Promise.all([
    import("./scene.js"), import("./renderer.js"), import("./scene_file.js"), import("./warm_up.js"),
  ]);
  if (!painter) {
    try {
      painter = new Painter();
      void warmUp(painter);
    } catch {
      // the scene will find the same, and say it
    }
  }
  const { file, trouble } = await askFile();
  return { ParkScene, painter, file: file && (await readSceneFile(file)), trouble };
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
