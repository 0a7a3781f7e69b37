"""Binary glTF 2.0 (ISO/IEC 12113:2022), the little of it that the page needs.

Positions, normals and vertex colours are columns of one buffer, each column one view, rounded to whole
numbers where that loses nothing one can see (KHR_mesh_quantization). Written here because the well-kept
writers do not fit: ``trimesh`` keeps one material per mesh, ``pygltflib`` only spells the JSON, and VTK's
exporter asks for a render window.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.contract.errors import ParkTwinError
from twin.scene.palette import Surface

_MAGIC, _VERSION = 0x46546C67, 2
_JSON, _BIN = 0x4E4F534A, 0x004E4942
_TYPES = {"f4": 5126, "u4": 5125, "u2": 5123, "i2": 5122, "u1": 5121, "i1": 5120}
_ARRAY, _ELEMENTS = 34962, 34963
_STRIDES = {"positions": 12, "unit_positions": 8, "normals": 4, "colours": 4}
"""Bytes from vertex to vertex; the standard wants multiples of four."""

_QUANTISED = "KHR_mesh_quantization"
_Y_UP = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
"""Right-multiplied, turns z-up rows (x, y, z) into y-up (x, z, -y)."""


class GlbError(ParkTwinError, ValueError):
    """The bytes are not a binary glTF that ParkTwin wrote."""

    code = "scene.glb"


@dataclass(frozen=True, slots=True, eq=False)
class Primitive:
    """Triangles of one material, z up.

    Args:
        material: name of the surface.
        points, normals: shape (n, 3), float64.
        colours: linear RGBA, 0 to 1, shape (n, 4); None where the material alone says.
        triangles: shape (m, 3), indices of points.
    """

    material: str
    points: NDArray[np.float64]
    normals: NDArray[np.float64]
    colours: NDArray[np.float64] | None
    triangles: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A named node below the root; nodes with the very same primitives share one mesh.

    ``unit`` says that no coordinate is beyond 1, so that 16 bits are enough for each.
    """

    name: str
    primitives: tuple[Primitive, ...]
    extras: Mapping[str, Any] = field(default_factory=dict)
    unit: bool = False


def encode_glb(
    name: str, nodes: Sequence[Node], surfaces: Mapping[str, Surface], extras: Mapping[str, Any]
) -> bytes:
    """Write ``nodes`` below a root node ``name`` that carries ``extras``; the same input gives the same
    bytes."""
    buffer = _Buffer()
    used = [key for key in surfaces if any(p.material == key for node in nodes for p in node.primitives)]
    meshes: dict[int, int] = {}
    mesh_rows: list[dict[str, Any]] = []
    node_rows: list[dict[str, Any]] = [
        {"name": name, "children": list(range(1, len(nodes) + 1)), "extras": dict(extras)}
    ]
    for node in nodes:
        if id(node.primitives) not in meshes:
            meshes[id(node.primitives)] = len(mesh_rows)
            rows = [
                buffer.add(primitive, used.index(primitive.material), node.unit)
                for primitive in node.primitives
            ]
            mesh_rows.append({"name": node.name, "primitives": rows})
        row = {"name": node.name, "mesh": meshes[id(node.primitives)], "extras": dict(node.extras)}
        node_rows.append(row)
    binary, views = buffer.joined()
    document = {
        "asset": {"version": "2.0", "generator": "ParkTwin"},
        "extensionsUsed": [_QUANTISED],
        "extensionsRequired": [_QUANTISED],
        "scene": 0,
        "scenes": [{"name": name, "nodes": [0]}],
        "nodes": node_rows,
        "meshes": mesh_rows,
        "materials": [_material(key, surfaces[key]) for key in used],
        "accessors": buffer.accessors,
        "bufferViews": views,
        "buffers": [{"byteLength": len(binary)}],
    }
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 4)
    return b"".join(
        [
            struct.pack("<III", _MAGIC, _VERSION, 12 + 8 + len(text) + 8 + len(binary)),
            struct.pack("<II", len(text), _JSON),
            text,
            struct.pack("<II", len(binary), _BIN),
            binary,
        ]
    )


def decode_glb(data: bytes) -> tuple[dict[str, Any], bytes]:
    """Take a binary glTF apart into its JSON document and its buffer.

    Raises:
        GlbError: the header, a chunk or the JSON is not what the standard says.
    """
    if len(data) < 20:
        raise GlbError(f"glTF of {len(data)} bytes: the header alone takes 20; build the scene again")
    magic, version, length, json_length, json_kind = struct.unpack_from("<IIIII", data)
    if (magic, version, json_kind) != (_MAGIC, _VERSION, _JSON) or length != len(data):
        raise GlbError(
            f"glTF header {data[:12].hex()}, {len(data)} bytes: must be 'glTF', version 2, true length; "
            "build the scene again"
        )
    start = 20 + json_length
    try:
        document = json.loads(data[20:start])
        size, kind = struct.unpack_from("<II", data, start)
    except (ValueError, struct.error) as error:
        raise GlbError(f"glTF chunks: {error}; build the scene again") from error
    if kind != _BIN or start + 8 + size != length:
        raise GlbError(f"glTF binary chunk of {size} bytes does not end the file; build the scene again")
    return document, data[start + 8 :]


def _material(name: str, surface: Surface) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": name,
        "pbrMetallicRoughness": {
            "baseColorFactor": list(surface.base),
            "metallicFactor": surface.metallic,
            "roughnessFactor": surface.roughness,
        },
    }
    if surface.blend:
        row["alphaMode"] = "BLEND"
    if surface.double_sided:
        row["doubleSided"] = True
    return row


def _whole(values: NDArray[np.float64], kind: str) -> NDArray[Any]:
    """Round values of -1 or 0 to 1 to normalised whole numbers."""
    top = np.iinfo(kind).max
    whole: NDArray[Any] = np.rint(np.clip(values, 0 if kind == "u1" else -1, 1) * top).astype(kind)
    return whole


class _Buffer:
    """Gathers columns: one view each for positions, normals, colours, short and long indices."""

    def __init__(self) -> None:
        self.accessors: list[dict[str, Any]] = []
        self._columns: dict[str, list[bytes]] = {}
        self._sizes: dict[str, int] = {}

    def add(self, primitive: Primitive, material: int, unit: bool) -> dict[str, Any]:
        points = primitive.points @ _Y_UP
        stored = _whole(points, "<i2") if unit else points.astype("<f4")
        bounds: dict[str, Any] = {"min": stored.min(axis=0).tolist(), "max": stored.max(axis=0).tolist()}
        normals = primitive.normals @ _Y_UP
        normals /= np.linalg.norm(normals, axis=1, keepdims=True)
        attributes = {
            "POSITION": (
                self._accessor("unit_positions", stored, "VEC3", bounds | {"normalized": True})
                if unit
                else self._accessor("positions", stored, "VEC3", bounds)
            ),
            "NORMAL": self._accessor("normals", _whole(normals, "i1"), "VEC3", {"normalized": True}),
        }
        if primitive.colours is not None:
            colours = _whole(primitive.colours, "u1")
            attributes["COLOR_0"] = self._accessor("colours", colours, "VEC4", {"normalized": True})
        # 65535 is the primitive restart value and no index
        kind, column = ("<u2", "shorts") if len(points) <= 65535 else ("<u4", "longs")
        indices = self._accessor(column, primitive.triangles.astype(kind).reshape(-1), "SCALAR", {})
        return {"attributes": attributes, "indices": indices, "material": material}

    def _accessor(self, column: str, values: NDArray[Any], kind: str, more: Mapping[str, Any]) -> int:
        parts = self._columns.setdefault(column, [])
        offset = self._sizes.get(column, 0)
        stride = _STRIDES.get(column)
        if stride is not None and (gap := stride // values.itemsize - values.shape[1]) > 0:
            data = np.pad(values, ((0, 0), (0, gap))).tobytes()
        else:
            data = values.tobytes()
        parts.append(data)
        self._sizes[column] = offset + len(data)
        row = {
            "bufferView": column,
            "byteOffset": offset,
            "componentType": _TYPES[values.dtype.str[1:]],
            "count": len(values),
            "type": kind,
            **more,
        }
        self.accessors.append(row)
        return len(self.accessors) - 1

    def joined(self) -> tuple[bytes, list[dict[str, Any]]]:
        """Return the buffer and its views; accessors name their view by number from then on."""
        binary = b""
        views: list[dict[str, Any]] = []
        numbers = {column: number for number, column in enumerate(self._columns)}
        for column, parts in self._columns.items():
            data = b"".join(parts)
            view = {"buffer": 0, "byteOffset": len(binary), "byteLength": len(data)}
            if column in _STRIDES:
                view |= {"byteStride": _STRIDES[column], "target": _ARRAY}
            else:
                view["target"] = _ELEMENTS
            views.append(view)
            binary += data + bytes(-len(data) % 4)
        for row in self.accessors:
            row["bufferView"] = numbers[row["bufferView"]]
        return binary, views
