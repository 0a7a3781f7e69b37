"""Parts: solids with a colour, and their merging into few primitives with baked shading."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyvista as pv
from numpy.typing import NDArray

from twin.scene.glb import Primitive
from twin.scene.palette import COLOURS, SURFACES, linear

_FOOT_SHADE = 0.34
"""How much darker a part is at the floor, where little sky reaches it; chosen by eye."""

_FOOT_HEIGHT_M = 0.8
_UNDERSIDE_SHADE = 0.35


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A solid and the name of its colour in :data:`twin.scene.palette.COLOURS`.

    ``alpha`` [0 to 1], one per point, is for what fades out; None = as the surface says.
    """

    solid: pv.PolyData
    colour: str
    alpha: NDArray[np.float64] | None = None


def paint(colour: str, *solids: pv.PolyData) -> list[Part]:
    """Give the solids one colour."""
    return [Part(solid, colour) for solid in solids]


def merge(parts: Iterable[Part], shade: bool) -> tuple[Primitive, ...]:
    """Join parts into one primitive per surface, in the order of the palette's surfaces.

    Args:
        shade: whether to darken towards the floor and on undersides, as daylight would.
    """
    by_surface: dict[str, list[Part]] = {}
    for part in parts:
        by_surface.setdefault(COLOURS[part.colour][0], []).append(part)
    return tuple(_join(name, by_surface[name], shade) for name in SURFACES if name in by_surface)


def _join(surface: str, parts: Sequence[Part], shade: bool) -> Primitive:
    points, normals, colours, triangles = [], [], [], []
    start = 0
    for part in parts:
        corners = np.asarray(part.solid.points, np.float64)
        directions = np.asarray(part.solid.point_data["Normals"], np.float64)
        light = daylight(corners, directions) if shade else np.ones(len(corners))
        alpha = np.ones(len(corners)) if part.alpha is None else part.alpha
        points.append(corners)
        normals.append(directions)
        colours.append(np.column_stack([linear(COLOURS[part.colour][1]) * light[:, None], alpha]))
        triangles.append(np.asarray(part.solid.regular_faces, np.int64) + start)
        start += len(corners)
    return welded(
        Primitive(
            material=surface,
            points=np.concatenate(points),
            normals=np.concatenate(normals),
            colours=np.concatenate(colours) if SURFACES[surface].tinted else None,
            triangles=np.concatenate(triangles),
        )
    )


def daylight(points: NDArray[np.float64], normals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Estimate the share of sky each point sees, from its height above the floor and where it faces."""
    height = np.clip(points[:, 2] / _FOOT_HEIGHT_M, 0.0, 1.0)
    foot = 1.0 - _FOOT_SHADE * (1.0 - height) ** 2 * (1.0 - np.abs(normals[:, 2]))
    under = 1.0 - _UNDERSIDE_SHADE * np.clip(-normals[:, 2], 0.0, 1.0)
    share: NDArray[np.float64] = foot * under
    return share


def welded(primitive: Primitive) -> Primitive:
    """Drop vertices that occur twice, equal to a tenth of a millimetre, and triangles without an area."""
    columns = [primitive.points, primitive.normals]
    if primitive.colours is not None:
        columns.append(primitive.colours)
    rounded = np.round(np.hstack(columns), 4) + 0.0
    _, first, where = np.unique(rounded, axis=0, return_index=True, return_inverse=True)
    keep = np.sort(first)
    triangles = np.searchsorted(keep, first[where.reshape(-1)])[primitive.triangles]
    a, b, c = (primitive.points[keep][triangles[:, i]] for i in range(3))
    solid = np.linalg.norm(np.cross(b - a, c - a), axis=1) > 1e-9
    return Primitive(
        primitive.material,
        primitive.points[keep],
        primitive.normals[keep],
        None if primitive.colours is None else primitive.colours[keep],
        triangles[solid],
    )
