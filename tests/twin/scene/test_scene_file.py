"""The cached file: what is in it, what its hash depends on, and what it never loads."""

from __future__ import annotations

import gzip
import logging
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.twin.scene.parks import SITE, machine, park
from tests.twin.scene.test_glb import read_accessor
from twin.scene.glb import decode_glb
from twin.scene.scene_file import build_scene, scene_hash
from twin.scene.shapes.registry import SHAPES


def test_holds_the_site_and_one_node_a_shape(tmp_path: Path) -> None:
    scene = build_scene(park(["pump", "tank", "pump"]), tmp_path)
    document, binary = decode_glb(scene.path.read_bytes())
    names = [node["name"] for node in document["nodes"]]
    assert names == ["p", "site", "shape:cabinet", "shape:pump", "shape:tank"]
    assert scene.shapes == ("cabinet", "pump", "tank")
    for node in document["nodes"][2:]:
        rows = document["meshes"][node["mesh"]]["primitives"]
        spots = [read_accessor(document, binary, row["attributes"]["POSITION"]) for row in rows]
        points = np.concatenate(spots)
        np.testing.assert_allclose(points.min(axis=0), (-0.5, 0, -0.5), atol=1e-4)
        np.testing.assert_allclose(points.max(axis=0), (0.5, 1, 0.5), atol=1e-4)
        assert "state" in {document["materials"][row["material"]]["name"] for row in rows}


def test_every_accessor_and_index_is_in_range(tmp_path: Path) -> None:
    document, binary = decode_glb(build_scene(park(list(SHAPES)), tmp_path).path.read_bytes())
    for mesh in document["meshes"]:
        for row in mesh["primitives"]:
            points = read_accessor(document, binary, row["attributes"]["POSITION"])
            normals = read_accessor(document, binary, row["attributes"]["NORMAL"])
            np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1.0, atol=0.02)
            assert read_accessor(document, binary, row["indices"]).max() == len(points) - 1
            assert document["accessors"][row["indices"]]["count"] % 3 == 0


def test_a_big_park_stays_small(tmp_path: Path) -> None:
    """300 machines of every kind: shapes are shared, and decoration is bounded."""
    whole = park([*SHAPES] * 14)
    assert len(whole.equipment) > 300
    assert len(gzip.compress(build_scene(whole, tmp_path).path.read_bytes())) < 1_300_000, "what is sent"


def test_the_same_park_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = (build_scene(park(), tmp_path / name) for name in ("a", "b"))
    assert first.hash == second.hash
    assert first.path.read_bytes() == second.path.read_bytes()


def test_the_hash_follows_what_is_drawn_and_nothing_else() -> None:
    base = park()
    assert scene_hash(replace(base, revision="f" * 16, timezone="UTC")) == scene_hash(base)
    assert scene_hash(replace(base, site=SITE[:-1])) != scene_hash(base)
    assert scene_hash(replace(base, equipment=(*base.equipment, machine("mast", 70, 50)))) != scene_hash(base)


def test_a_cached_scene_is_not_built_again(tmp_path: Path) -> None:
    first = build_scene(park(), tmp_path)
    written = first.path.stat().st_mtime_ns
    assert build_scene(park(), tmp_path) == first
    assert first.path.stat().st_mtime_ns == written
    assert [path.name for path in tmp_path.iterdir()] == [first.path.name]


def test_a_damaged_cache_is_built_again(tmp_path: Path) -> None:
    scene = build_scene(park(), tmp_path)
    whole = scene.path.read_bytes()
    scene.path.write_bytes(whole[: len(whole) // 2])
    assert build_scene(park(), tmp_path) == scene
    assert scene.path.read_bytes() == whole


def test_an_unknown_shape_is_a_cabinet_and_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        scene = build_scene(park(["flux_capacitor"]), tmp_path)
    document, _ = decode_glb(scene.path.read_bytes())
    nodes = {node["name"]: node for node in document["nodes"]}
    assert nodes["shape:flux_capacitor"]["mesh"] == nodes["shape:cabinet"]["mesh"]
    assert nodes["shape:flux_capacitor"]["extras"]["stands_in"] == "cabinet"
    assert "flux_capacitor" in caplog.text


def test_an_empty_park_is_still_a_scene(tmp_path: Path) -> None:
    scene = build_scene(park([], ()), tmp_path)
    assert scene.shapes == ("cabinet",)


_PROBE = """
import sys
from pathlib import Path
from tests.twin.scene.parks import park
from twin.scene.scene_file import build_scene
build_scene(park(), Path(sys.argv[1]))
loaded = Path("/proc/self/maps").read_text()
names = ("libGL", "libEGL", "libOSMesa", "libX11", "OpenGL")
sys.stdout.write(",".join(name for name in names if name in loaded))
sys.stdout.write(f";{'pyvista' in sys.modules}")
"""


def _probe(cache: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", _PROBE, str(cache)], capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_needs_no_graphics_library_and_a_cached_scene_no_vtk(tmp_path: Path) -> None:
    assert _probe(tmp_path) == ";True"
    assert _probe(tmp_path) == ";False"
