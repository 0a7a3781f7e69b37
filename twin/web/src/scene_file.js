/** What the file of the scene holds: a model for each shape, and the site as it stands. */

import { Color, Mesh } from "three";
import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
import { materialOf, surfacesOf } from "./instancing.js";

/**
 * @typedef {object} SceneFile
 * @property {Map<string, import("three").Object3D>} models by shape
 * @property {Mesh[]} site ground, roads, buildings
 * @property {Color | null} land colour of the ground where it fades out; null if the file has no such ground
 */

/**
 * @param {ArrayBuffer} content of the GLB
 * @returns {Promise<SceneFile>}
 * @throws {Error} it cannot be read
 */
export async function readSceneFile(content) {
  const gltf = await new GLTFLoader().parseAsync(content, "");
  /** @type {SceneFile} */
  const file = { models: new Map(), site: [], land: null };
  gltf.scene.updateMatrixWorld(true);
  gltf.scene.traverse((node) => {
    // GLTFLoader keeps the name as written in userData where it had to take characters out of it
    const name = String(node.userData.name ?? node.name);
    if (name.startsWith("shape:")) file.models.set(name.slice("shape:".length), node);
    else if (name === "site") addSite(node, file);
  });
  return file;
}

/** @param {import("three").Object3D} node @param {SceneFile} file */
function addSite(node, file) {
  for (const surface of surfacesOf(node)) {
    if (surface.name === "fade") file.land = new Color().fromBufferAttribute(surface.geometry.attributes.color, 0);
    file.site.push(siteMesh(surface));
  }
}

/** @param {import("./instancing.js").Surface} surface of the site */
export function siteMesh(surface) {
  const mesh = new Mesh(surface.geometry, materialOf(surface));
  mesh.name = `site ${surface.name}`;
  mesh.receiveShadow = surface.role !== "blend";
  mesh.castShadow = surface.role === "solid";
  mesh.renderOrder = surface.role === "blend" ? 5 : 0;
  return mesh;
}
