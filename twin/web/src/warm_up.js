/**
 * Has the graphics card, or what draws in its place, compile all that draws the park while the park is still on its way: the
 * first picture would wait for it.
 */

import { BoxGeometry, Color, DoubleSide, Group, Mesh, MeshStandardMaterial, PerspectiveCamera, Scene } from "three";
import { createBadges } from "./badges.js";
import { Daylight } from "./daylight.js";
import { surfacesOf, whitened } from "./instancing.js";
import { Machines } from "./machines.js";
import { siteMesh } from "./scene_file.js";

const LOOK_EVERY_MS = 20;
/** What stands for all machines, near and far. */
const MACHINES = /** @type {import("./park.js").Equipment[]} */ (/** @type {unknown} */ ([0, 900].map((north) => (
  { position: [0, north, 0], size: [1, 1, 1], rotation_deg: 0 }
))));

/**
 * Draws one small thing of each kind that a park is drawn with. What it compiled is kept for as long as the page lives.
 *
 * @param {import("./renderer.js").Painter} painter
 */
export async function warmUp(painter) {
  const scene = new Scene();
  const daylight = new Daylight({ min: [-1, 0, -1], max: [1, 1, 1] }, new Color(), painter.inSoftware);
  daylight.sun.shadow.needsUpdate = false;
  scene.fog = daylight.fog;
  const shape = new Group().add(model({ name: "state" }), model({ side: DoubleSide, transparent: true }));
  const machines = new Machines(MACHINES, () => "shape", new Map([["shape", shape]]), painter.inSoftware);
  const badges = createBadges(MACHINES);
  badges.update(Uint8Array.of(0, 0), () => true, () => [0, 0]);
  const site = [{}, { transparent: true }, { transparent: true, side: DoubleSide }].flatMap((look) => surfacesOf(model(look)).map(siteMesh));
  scene.add(daylight.group, machines.group, badges.mesh, ...site);
  const camera = new PerspectiveCamera(38, 1, 0.1, 1_000);
  camera.position.set(3, 3, 3);
  camera.lookAt(0, 0, 0);
  machines.fit(camera, 1_000);
  painter.renderer.compile(scene, camera);
  await done(/** @type {WebGL2RenderingContext} */ (painter.renderer.getContext()));
  if (painter.drew) return;
  painter.renderer.render(scene, camera);
  painter.warm = painter.programs;
}

/**
 * Waits until all that was asked of a context is done. Whoever asks for a program before that holds up the page.
 *
 * @param {WebGL2RenderingContext} context
 */
async function done(context) {
  const fence = context.fenceSync(context.SYNC_GPU_COMMANDS_COMPLETE, 0);
  context.flush();
  while (fence && !context.isContextLost() && context.getSyncParameter(fence, context.SYNC_STATUS) !== context.SIGNALED) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  context.deleteSync(fence);
}

/** @param {import("three").MeshStandardMaterialParameters} material */
function model(material) {
  return new Group().add(new Mesh(whitened(new BoxGeometry()), new MeshStandardMaterial(material)));
}
