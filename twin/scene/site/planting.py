"""Trees on the lawns: decoration, the same every time for the same park."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyvista as pv

from twin.park.model import Park, SiteElement
from twin.scene.parts import Part, paint
from twin.scene.site import levels
from twin.scene.site.outline import Floats, inside
from twin.scene.site.roads import carriageways
from twin.scene.solids import Point, counter_clockwise, inset, mesh, pipe

_TREES_AT_MOST = 100
"""Keeps a big park's file small: with more lawn the trees stand wider apart."""

_SPACING_M = 6.5
_CLEAR_M = 2.2


def trees(park: Park, rng: np.random.Generator) -> list[Part]:
    """Plant the lawns, clear of everything that is built."""
    spots = _spots([e for e in park.site if e.kind == "lawn"], _blocked(park), rng)
    ball = pv.Icosahedron().subdivide(1)
    parts: list[Part] = []
    for spot in spots:
        parts += _tree(spot, ball, rng)
    return parts


def _blocked(park: Park) -> list[Floats]:
    built = [
        inset(counter_clockwise(e.points), -_CLEAR_M)
        for e in park.site
        if e.kind in ("hall", "yard", "water")
    ]
    for element in park.site:
        if element.kind == "road":
            built += carriageways(element, _CLEAR_M)
    for machine in park.equipment:
        reach = max(machine.size[:2]) / 2 + _CLEAR_M
        x, y, _ = machine.position
        built.append(
            np.array(
                [
                    (x - reach, y - reach),
                    (x + reach, y - reach),
                    (x + reach, y + reach),
                    (x - reach, y + reach),
                ]
            )
        )
    return built


def _spots(lawns: Sequence[SiteElement], blocked: Sequence[Floats], rng: np.random.Generator) -> Floats:
    """Choose where trees stand: a jittered grid over each lawn, thinned to the number allowed."""
    found = [np.empty((0, 2))]
    for lawn in lawns:
        outline = counter_clockwise(lawn.points)
        low, high = outline.min(axis=0) + 1.0, outline.max(axis=0)
        grid = np.stack(
            np.meshgrid(*(np.arange(a, b, _SPACING_M) for a, b in zip(low, high, strict=True))), axis=-1
        )
        points = grid.reshape(-1, 2) + rng.uniform(0.0, 0.55 * _SPACING_M, (grid.size // 2, 2))
        free = inside(points, inset(outline, 0.8)) if len(points) else np.empty(0, bool)
        for shape in blocked:
            free &= ~inside(points, shape)
        found.append(points[free])
    spots = np.concatenate(found)
    return spots[rng.permutation(len(spots))[:_TREES_AT_MOST]]


def _tree(spot: Floats, ball: pv.PolyData, rng: np.random.Generator) -> list[Part]:
    x, y = spot.tolist()
    height = float(rng.uniform(3.2, 5.6))
    radius = height * float(rng.uniform(0.22, 0.3))
    crown_z = height - radius * 0.9
    leaf = "leaf" if rng.random() < 0.6 else "leaf_light"
    parts = paint("trunk", pipe([(x, y, levels.LAWN), (x, y, crown_z)], (0.14, 0.08), sides=5))
    for _ in range(2):
        dx, dy = rng.uniform(-0.35, 0.35, 2) * radius
        size = radius * float(rng.uniform(0.75, 1.0))
        centre = (x + float(dx), y + float(dy), crown_z + float(rng.uniform(-0.35, 0.3)) * radius)
        parts += paint(leaf, _crown(ball, centre, size))
    return parts


def _crown(ball: pv.PolyData, centre: Point, radius: float) -> pv.PolyData:
    points = np.asarray(ball.points, np.float64)
    points = points / np.linalg.norm(points, axis=1, keepdims=True)
    return mesh(points * (radius, radius, radius * 0.92) + np.asarray(centre), ball.regular_faces, points)
