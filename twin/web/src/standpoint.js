/** Whether a camera sees otherwise than before: what depends on where it stands need not be reckoned for every picture. */

import { Matrix4 } from "three";

/** What a camera saw when it was last asked. */
export class Standpoint {
  constructor() {
    this.place = new Matrix4();
    this.lens = new Matrix4();
    /** Of the picture [px]; none was drawn yet. */
    this.width = 0;
    this.height = 0;
  }

  /**
   * @param {import("three").Camera} camera whose matrices are those of this picture
   * @param {number} width of the picture [px]
   * @param {number} height
   * @returns {boolean} whether it stands, looks or is cut otherwise than when this was last asked
   */
  moved(camera, width, height) {
    const { matrixWorld, projectionMatrix } = camera;
    const resized = width !== this.width || height !== this.height;
    if (!resized && this.place.equals(matrixWorld) && this.lens.equals(projectionMatrix)) return false;
    this.place.copy(matrixWorld);
    this.lens.copy(projectionMatrix);
    this.width = width;
    this.height = height;
    return true;
  }
}
