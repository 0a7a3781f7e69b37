/** What pointer and keyboard do on the canvas: hover, select, fly there, zoom. */

/** A press that moves farther than this is a drag [px]. */
const DRAG_PX = 4;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {import("./scene.js").SceneListener} listener
 * @param {{at: (x: number, y: number) => string | null, flyTo: (id: string) => void, goHome: () => void,
 *   zoom: (factor: number) => void}} scene
 */
export function listenToPointer(canvas, listener, scene) {
  let pressed = { x: 0, y: 0 };
  canvas.addEventListener("pointerdown", (event) => (pressed = { x: event.clientX, y: event.clientY }));
  canvas.addEventListener("pointermove", (event) => {
    if (event.buttons === 0) listener.hover(scene.at(event.clientX, event.clientY));
  });
  canvas.addEventListener("pointerleave", () => listener.hover(null));
  canvas.addEventListener("click", (event) => {
    const dragged = Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) > DRAG_PX;
    if (!dragged) listener.select(scene.at(event.clientX, event.clientY));
  });
  canvas.addEventListener("dblclick", (event) => {
    const id = scene.at(event.clientX, event.clientY);
    if (id) scene.flyTo(id);
  });
  canvas.addEventListener("keydown", (event) => {
    if (event.key === "Home") scene.goHome();
    else if (event.key === "+" || event.key === "=") scene.zoom(0.7);
    else if (event.key === "-") scene.zoom(1.4);
  });
}
