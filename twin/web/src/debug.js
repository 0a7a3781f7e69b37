/**
 * `window.parktwin`: a look into the running page for tests and for support over the telephone. Read-only, and no
 * part of the page depends on it.
 */

/**
 * @typedef {object} Debug
 * @property {number} frames stream frames taken over
 * @property {number} lastTick tick of the newest
 * @property {number} pictures pictures of the scene drawn
 * @property {boolean} drawing the next picture is asked for
 * @property {number} drawCalls of the last picture
 * @property {number} triangles of the last picture
 * @property {number} instances machines in the scene
 * @property {number} markers markers in the scene
 * @property {number} badges machines with an alarm badge in the scene
 * @property {number} marks machines that a what-if marks in the scene
 * @property {{name: string, lines: number, measured: number, most: number} | null} layer network that is shown: its lines, how many are measured now, the most one carries
 * @property {string[]} missingShapes shapes that the scene file lacks
 * @property {string} sceneState
 * @property {string | null} selected equipment id
 * @property {(id: string) => {x: number, y: number, visible: boolean} | null} equipmentScreenPosition [px]
 * @property {(id: string) => number | null} conditionOf condition number of an equipment
 */

/**
 * @param {() => {frames: number, park: import("./park.js").Park, assets: import("./assets.js").AssetTable,
 *   store: import("./store.js").Store, scene: import("./scene.js").ParkScene | null, sceneState: string}} look
 */
export function exposeDebug(look) {
  const info = () => look().scene?.renderer.info.render;
  /** @type {Debug} */
  const debug = {
    get frames() { return look().frames; },
    get lastTick() { return look().assets.tick; },
    get pictures() { return look().scene?.pictures ?? 0; },
    get drawing() { return look().scene?.asked ?? false; },
    get drawCalls() { return info()?.calls ?? 0; },
    get triangles() { return info()?.triangles ?? 0; },
    get instances() { return look().scene?.machines?.count ?? 0; },
    get markers() { return look().scene?.paint.markers.count ?? 0; },
    get badges() { return look().scene?.paint.badges.count ?? 0; },
    get marks() { return look().scene?.paint.hypothesis.count ?? 0; },
    get layer() {
      const lines = look().scene?.lines;
      return lines ? { name: lines.layer.name, lines: lines.supplies.length, measured: lines.flows.filter((flow) => !Number.isNaN(flow)).length, most: lines.most } : null;
    },
    get missingShapes() { return [...(look().scene?.machines?.missing ?? [])]; },
    get sceneState() { return look().sceneState; },
    get selected() { return look().store.choice.equipment; },
    equipmentScreenPosition(id) {
      const { scene, park } = look();
      const equipment = park.equipmentById.get(id);
      return scene && equipment ? scene.screenPosition(equipment.index) : null;
    },
    conditionOf(id) {
      const { park, assets } = look();
      const equipment = park.equipmentById.get(id);
      return equipment ? assets.condition[equipment.index] : null;
    },
  };
  Object.defineProperty(window, "parktwin", { value: Object.freeze(debug), configurable: true });
}
