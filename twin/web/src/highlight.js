/** The frame around the selected machine and the one under the pointer. */

import {
  BoxGeometry, EdgesGeometry, Group, LineBasicMaterial, LineSegments, Matrix4, Mesh, MeshBasicMaterial,
} from "three";
import { writeMatrix } from "./layout3d.js";

/** Room between machine and frame [m]. */
const ROOM_M = 0.12;

/** A frame that can be put around one machine. */
export class Highlight {
  /** @param {number} glow opacity of its faces, 0 for a frame of lines only */
  constructor(glow) {
    const box = new BoxGeometry(1, 1, 1).translate(0, 0.5, 0);
    this.lines = new LineBasicMaterial({ transparent: true, opacity: glow ? 1 : 0.65, depthTest: !glow });
    this.faces = new MeshBasicMaterial({ transparent: true, opacity: glow, depthWrite: false });
    this.group = new Group();
    this.group.matrixAutoUpdate = false;
    this.group.visible = false;
    const frame = new LineSegments(new EdgesGeometry(box), this.lines);
    frame.renderOrder = 9;
    this.group.add(frame);
    if (glow) this.group.add(new Mesh(box, this.faces));
    this.matrix = new Matrix4();
  }

  /** @param {string} colour */
  setColour(colour) {
    this.lines.color.set(colour);
    this.faces.color.set(colour);
  }

  /** @param {import("./park.js").Equipment | null} equipment null takes the frame away */
  put(equipment) {
    this.group.visible = equipment !== null;
    if (!equipment) return;
    const [width, depth, height] = equipment.size;
    const size = /** @type {[number, number, number]} */ ([width + 2 * ROOM_M, depth + 2 * ROOM_M, height + ROOM_M]);
    writeMatrix({ ...equipment, size }, this.matrix.elements);
    this.group.matrix.copy(this.matrix);
    this.group.matrixWorldNeedsUpdate = true;
  }
}
