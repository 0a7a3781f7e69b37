"""The file against the standard: header, chunks, accessors, bounds, indices; and bad files are refused."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from twin.scene.glb import GlbError, Node, Primitive, decode_glb, encode_glb
from twin.scene.palette import SURFACES

DTYPES = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
WIDTHS = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}


def read_accessor(document: dict[str, Any], binary: bytes, number: int) -> NDArray[np.float64]:
    """Read an accessor as the standard says; whole numbers that are normalised become -1 to 1."""
    row = document["accessors"][number]
    view = document["bufferViews"][row["bufferView"]]
    dtype, width = np.dtype(DTYPES[row["componentType"]]), WIDTHS[row["type"]]
    stride = view.get("byteStride", dtype.itemsize * width)
    start = view["byteOffset"] + row["byteOffset"]
    assert start % dtype.itemsize == 0
    last = row["byteOffset"] + (row["count"] - 1) * stride + dtype.itemsize * width
    assert last <= view["byteLength"]
    assert view["byteOffset"] + view["byteLength"] <= len(binary)
    raw = np.ndarray((row["count"], width), dtype, binary, start, (stride, dtype.itemsize))
    for key, found in (("min", raw.min(axis=0)), ("max", raw.max(axis=0))):
        if key in row:
            np.testing.assert_array_equal(np.array(row[key], dtype), found)
    values = raw.astype(np.float64)
    return values / np.iinfo(dtype).max if row.get("normalized") else values


def _triangle(material: str = "paint", points: int = 3) -> Primitive:
    spots = np.zeros((points, 3))
    spots[:3] = [(0, 0, 0), (0.5, 0, 0), (0, 0.25, 1)]
    normals = np.tile((0.0, -1.0, 0.0), (points, 1))
    colours = np.tile((1.0, 0.5, 0.0, 1.0), (points, 1)) if SURFACES[material].tinted else None
    return Primitive(material, spots, normals, colours, np.array([(0, 1, points - 1 if points > 3 else 2)]))


def _encode(*nodes: Node) -> tuple[dict[str, Any], bytes]:
    return decode_glb(encode_glb("root", nodes, SURFACES, {"park": "p"}))


def test_z_up_becomes_y_up() -> None:
    document, binary = _encode(Node("site", (_triangle(),)))
    attributes = document["meshes"][0]["primitives"][0]["attributes"]
    points = read_accessor(document, binary, attributes["POSITION"])
    np.testing.assert_allclose(points, [(0, 0, 0), (0.5, 0, 0), (0, 1, -0.25)], atol=1e-6)
    normals = read_accessor(document, binary, attributes["NORMAL"])
    np.testing.assert_allclose(normals, np.tile((0, 0, 1), (3, 1)), atol=1e-6)
    colours = read_accessor(document, binary, attributes["COLOR_0"])
    np.testing.assert_allclose(colours[0], (1, 0.5, 0, 1), atol=0.003)


def test_unit_models_keep_their_place_in_sixteen_bits() -> None:
    document, binary = _encode(Node("shape:x", (_triangle(),), {"shape": "x"}, unit=True))
    position = document["meshes"][0]["primitives"][0]["attributes"]["POSITION"]
    assert document["accessors"][position]["componentType"] == 5122
    points = read_accessor(document, binary, position)
    np.testing.assert_allclose(points, [(0, 0, 0), (0.5, 0, 0), (0, 1, -0.25)], atol=3e-5)
    assert document["extensionsRequired"] == ["KHR_mesh_quantization"]


def test_nodes_hang_below_one_root_with_their_extras() -> None:
    document, _ = _encode(
        Node("site", (_triangle("matte"),)), Node("shape:x", (_triangle("state"),), {"shape": "x"})
    )
    root, site, shape = document["nodes"]
    assert (root["name"], root["children"], root["extras"]) == ("root", [1, 2], {"park": "p"})
    assert (site["name"], shape["name"], shape["extras"]) == ("site", "shape:x", {"shape": "x"})
    assert [row["name"] for row in document["materials"]] == ["state", "matte"]


def test_the_tinted_material_has_no_colours_of_its_own() -> None:
    document, _ = _encode(Node("shape:x", (_triangle("state"),)))
    assert "COLOR_0" not in document["meshes"][0]["primitives"][0]["attributes"]


def test_nodes_with_the_same_primitives_share_a_mesh() -> None:
    primitives = (_triangle(),)
    document, _ = _encode(Node("a", primitives), Node("b", primitives), Node("c", (_triangle(),)))
    assert [row["mesh"] for row in document["nodes"][1:]] == [0, 0, 1]


@pytest.mark.parametrize(("points", "component"), [(65535, 5123), (65536, 5125)])
def test_indices_are_short_as_long_as_they_can_be(points: int, component: int) -> None:
    document, binary = _encode(Node("a", (_triangle(points=points),)))
    indices = document["meshes"][0]["primitives"][0]["indices"]
    assert document["accessors"][indices]["componentType"] == component
    assert read_accessor(document, binary, indices).max() == points - 1


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:16],
        lambda data: data[:-4],
        lambda data: b"GLTF" + data[4:],
        lambda data: data[:4] + struct.pack("<I", 1) + data[8:],
        lambda data: data[:20] + b"[[[[" + data[24:],
        lambda data: data[:12] + struct.pack("<I", len(data)) + data[16:],
    ],
)
def test_a_damaged_file_is_refused(damage: Callable[[bytes], bytes]) -> None:
    data = encode_glb("root", [Node("a", (_triangle(),))], SURFACES, {})
    with pytest.raises(GlbError):
        decode_glb(damage(data))
