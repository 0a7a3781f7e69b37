/** The WebGL renderer, set up for a graphics card or for drawing in software. */

import { BasicShadowMap, PCFShadowMap, WebGLRenderer } from "three";

const MOST_PIXELS_PER_PX = 2;
/** Without a graphics card the picture is coarse while it moves and sharp again once it rests. */
const COARSE = 0.5;

/** This browser cannot draw in 3D. */
export class NoWebGlError extends Error {}

/** Draws, and knows at what cost. */
export class Painter {
  /** @throws {NoWebGlError} */
  constructor() {
    this.renderer = createRenderer();
    this.inSoftware = drawnInSoftware(this.renderer);
    this.sharp = this.inSoftware ? 1 : Math.min(devicePixelRatio, MOST_PIXELS_PER_PX);
    this.renderer.setPixelRatio(this.sharp);
    /** A picture of the park has been drawn. */
    this.drew = false;
    /** How many programs were compiled before that. */
    this.warm = 0;
    this.renderer.shadowMap.enabled = true;
    this.renderer.shadowMap.type = this.inSoftware ? BasicShadowMap : PCFShadowMap;
  }

  /** How many programs it has compiled. */
  get programs() {
    return this.renderer.info.programs?.length ?? 0;
  }

  /**
   * @param {import("three").Scene} scene
   * @param {import("three").Camera} camera
   * @param {boolean} moving true if another picture follows at once
   */
  draw(scene, camera, moving) {
    const ratio = this.inSoftware && moving ? COARSE : this.sharp;
    if (this.renderer.getPixelRatio() !== ratio) this.renderer.setPixelRatio(ratio);
    this.drew = true;
    this.renderer.render(scene, camera);
  }
}

/** @returns {WebGLRenderer} */
function createRenderer() {
  try {
    return new WebGLRenderer({ antialias: true, powerPreference: "low-power" });
  } catch (error) {
    throw new NoWebGlError(error instanceof Error ? error.message : String(error));
  }
}

/**
 * True where no graphics card draws, so that every pixel costs processor time.
 *
 * @param {WebGLRenderer} renderer
 */
function drawnInSoftware(renderer) {
  const context = renderer.getContext();
  const details = context.getExtension("WEBGL_debug_renderer_info");
  const name = String(context.getParameter(details ? details.UNMASKED_RENDERER_WEBGL : context.RENDERER));
  return /swiftshader|llvmpipe|software/i.test(name);
}
