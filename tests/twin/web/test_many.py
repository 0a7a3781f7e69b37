"""What keeps ten thousand machines cheap: a list of only what is in sight, models only of what is near."""

from __future__ import annotations

from typing import Any

from tests.twin.web.conftest import Open, Viewer

LIST = """async () => {
  const { RowWindow } = await import("/src/row_window.js");
  const list = document.createElement("div");
  list.style.cssText = "position:fixed;inset:0;height:280px;overflow:auto;contain:strict";
  document.body.append(list);
  const rows = Array.from({ length: 10_000 }, (_, k) => ({ height: 28, gap: k % 100 ? 0 : 8, k }));
  const sight = new RowWindow(list, (row) => {
    const one = document.createElement("div");
    one.textContent = row.k; one.tabIndex = -1;
    one.style.cssText = "position:absolute;height:28px";
    return one;
  });
  sight.setRows(rows);
  const shown = () => [...list.querySelectorAll("[tabindex]")].map((one) => Number(one.textContent));
  const settled = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const told = { first: shown(), height: list.scrollHeight };
  sight.reveal(rows[7]).focus();
  list.scrollTop = 140_000;
  await settled();
  told.far = shown();
  told.focused = Number(document.activeElement.textContent);
  told.top = sight.elementOf(rows.find((row) => row.k === told.far[1])).offsetTop;
  sight.reveal(rows[9_999]);
  told.end = list.scrollTop + list.clientHeight;
  told.last = shown().at(-1);
  sight.setRows(rows.filter((row) => row.k % 1_000 === 7));
  told.filtered = shown();
  told.stillFocused = Number(document.activeElement.textContent);
  sight.setRows([]);
  told.none = shown();
  list.remove();
  return told;
}"""

MACHINES = """async () => {
  const { Machines } = await import("/src/machines.js");
  const { boxModel } = await import("/src/instancing.js");
  const { Color, PerspectiveCamera } = await import("three");
  const equipment = [0, 50, 100_000].map((x, index) => ({
    index, position: [x, 0, 0], size: [2, 2, 2], rotation_deg: 0,
  }));
  const models = new Map([["box", boxModel()], ["cabinet", boxModel()]]);
  const machines = new Machines(equipment, (one) => (one.index ? "box" : "unheard-of"), models);
  const camera = new PerspectiveCamera(38, 1, 1, 1e6);
  const meshes = machines.group.children;
  const counts = () => meshes.filter((mesh) => mesh.visible).map((mesh) => [mesh.name, mesh.count]);
  const told = { far: counts(), missing: [...machines.missing] };
  machines.tint(1, new Color(1, 0, 0));
  camera.position.set(25, 10, 40);
  told.moved = machines.fit(camera, 700);
  told.again = machines.fit(camera, 700);
  told.near = counts();
  const box = meshes.find((mesh) => mesh.name === "box solid");
  told.kept = [...box.instanceColor.array.slice(0, 3)];
  told.place = [...box.instanceMatrix.array.slice(12, 15)];
  machines.tint(1, new Color(0, 1, 0));
  machines.tint(2, new Color(0, 0, 1));
  told.renewed = [...box.instanceColor.array.slice(0, 3)];
  const far = meshes.find((mesh) => mesh.name === "far state");
  told.farColour = [...far.instanceColor.array.slice(0, 3)];
  camera.position.set(100_010, 10, 40);
  machines.fit(camera, 700);
  told.turned = counts();
  told.slots = [...far.instanceColor.array.slice(3, 6)];
  return told;
}"""

ONE_CALL = """async () => {
  const { Machines } = await import("/src/machines.js");
  const three = await import("three");
  const lambert = (name, colour) => new three.MeshLambertMaterial({ name, color: colour });
  const half = (x) => new three.BoxGeometry(0.5, 1, 1).translate(x, 0.5, 0);
  const model = new three.Group().add(
    new three.Mesh(half(-0.25), lambert("state", "#123456")),
    new three.Mesh(half(0.25), lambert("paint", "#0000ff")));
  const equipment = [[0, "half"], [0, "half"], [60, "away"], [-60, "away"]].map(([x, shape], index) => ({
    index, shape, position: [x, index === 1 ? 40 : 0, 0], size: [4, 4, 4], rotation_deg: 0,
  }));
  const machines = new Machines(equipment, (one) => one.shape, new Map([["half", model], ["away", model]]));
  machines.tint(0, new three.Color(1, 0, 0));
  machines.shade(new three.Color(0.5, 0.5, 0.5));
  const renderer = new three.WebGLRenderer({ preserveDrawingBuffer: true });
  renderer.outputColorSpace = three.LinearSRGBColorSpace;
  renderer.setSize(64, 64);
  const scene = new three.Scene().add(machines.group, new three.AmbientLight("#ffffff", Math.PI));
  const camera = new three.PerspectiveCamera(38, 1, 0.1, 1e4);
  const draw = (x, z) => {
    camera.position.set(x, 2, 10);
    camera.lookAt(x, 2, z);
    machines.fit(camera, 700);
    renderer.render(scene, camera);
    return renderer.info.render.calls;
  };
  const at = (x, y) => {
    const pixel = new Uint8Array(4);
    const gl = renderer.getContext();
    gl.readPixels(x, y, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
    return [...pixel];
  };
  const told = { calls: draw(0, 0), tinted: at(26, 32), painted: at(38, 32) };
  told.elsewhere = draw(60, 0);
  told.behind = draw(0, 100);
  return told;
}"""

WARM = """async () => {
  const { Painter } = await import("/src/renderer.js");
  const { warmUp } = await import("/src/warm_up.js");
  const { readSceneFile } = await import("/src/scene_file.js");
  const { Machines } = await import("/src/machines.js");
  const { Daylight } = await import("/src/daylight.js");
  const { createMarkers } = await import("/src/badges.js");
  const three = await import("three");
  const painter = new Painter();
  await warmUp(painter);
  const { url } = await (await fetch("/api/scene")).json();
  const file = await readSceneFile(await (await fetch(url)).arrayBuffer());
  const equipment = [...file.models.keys()].map((shape, index) => ({
    index, shape, position: [0, index % 2 ? 0 : 90_000, 0], size: [4, 4, 4], rotation_deg: 0,
  }));
  const machines = new Machines(equipment, (one) => one.shape, file.models);
  const bounds = { min: [-50, 0, -50], max: [50, 10, 50] };
  const daylight = new Daylight(bounds, new three.Color(), painter.inSoftware);
  daylight.sun.shadow.needsUpdate = false; // the first picture has none
  const markers = createMarkers(equipment);
  markers.update(new Uint8Array(equipment.length).fill(1), () => true, () => [0, 0]);
  const scene = new three.Scene().add(daylight.group, machines.group, markers.mesh, ...file.site);
  scene.fog = daylight.fog;
  const camera = new three.PerspectiveCamera(38, 1, 0.1, 1e4);
  camera.position.set(0, 30, 40);
  camera.lookAt(0, 0, 0);
  machines.fit(camera, 700);
  painter.draw(scene, camera, false);
  const drawn = painter.renderer.info.render.triangles;
  return { warm: painter.warm, all: painter.programs, models: file.models.size, drawn };
}"""


def evaluate(viewer: Viewer, script: str) -> dict[str, Any]:
    return dict(viewer.page.evaluate(script))


def test_a_list_of_ten_thousand_holds_the_rows_in_sight(open_page: Open) -> None:
    viewer = open_page()
    viewer.ready()
    told = evaluate(viewer, LIST)
    assert told["height"] == 10_000 * 28 + 100 * 8
    assert told["first"] == list(range(22)), "what is in sight and a margin"
    focused, *far = told["far"]
    assert focused == told["focused"] == 7, "the keyboard keeps its place"
    assert far == list(range(far[0], far[-1] + 1))
    assert 30 < len(far) < 40
    assert told["top"] == far[0] * 28 + (far[0] // 100 + 1) * 8
    assert told["last"] == 9_999
    assert told["end"] == told["height"]
    assert told["filtered"] == [k * 1_000 + 7 for k in range(10)]
    assert told["stillFocused"] == 7
    assert told["none"] == []


def test_only_near_machines_are_models(open_page: Open) -> None:
    viewer = open_page()
    viewer.ready()
    told = evaluate(viewer, MACHINES)
    assert told["far"] == [["far state", 3]]
    assert told["missing"] == ["unheard-of"]
    assert (told["moved"], told["again"]) == (True, False)
    assert sorted(told["near"]) == [["box solid", 1], ["cabinet solid", 1], ["far state", 1]]
    assert told["kept"] == [1, 0, 0], "a tint from when it was far"
    assert told["place"] == [50, 0, 0]
    assert told["renewed"] == [0, 1, 0]
    assert told["farColour"] == [0, 0, 1]
    assert sorted(told["turned"]) == [["box solid", 1], ["far state", 2]]
    assert told["slots"] == [0, 1, 0], "far again, and tinted as it was while near"


def test_a_shape_is_one_draw_call_if_any_of_it_is_in_view(open_page: Open) -> None:
    viewer = open_page()
    viewer.ready()
    told = evaluate(viewer, ONE_CALL)
    assert told["calls"] == 1, (
        "what takes the tint and what does not are one surface; the other shape is out of view"
    )
    assert told["tinted"] == [255, 0, 0, 255]
    assert told["painted"] == [0, 0, 128, 255], "shaded, and never tinted"
    assert (told["elsewhere"], told["behind"]) == (1, 0)


def test_what_draws_a_park_is_compiled_before_there_is_one(open_page: Open) -> None:
    viewer = open_page()
    viewer.ready()
    told = evaluate(viewer, WARM)
    assert told["models"] == 5
    assert told["drawn"] > 5_000
    assert told["all"] == told["warm"] >= 6
