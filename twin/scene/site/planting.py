"""Trees on the lawns and along the roads: decoration, the same every time for the same park."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pyvista as pv

from twin.park.model import Park
from twin.scene.parts import Part, paint
from twin.scene.site import levels
from twin.scene.site.outline import Floats, inside, pieces
from twin.scene.site.roads import carriageways
from twin.scene.solids import Point, counter_clockwise, inset, mesh, pipe

_ON_LAWNS, _ON_AVENUES = 70, 50
"""Trees at most, which keeps a big park's file small: with more room they stand wider apart."""

_LAWN_SPACING_M, _AVENUE_SPACING_M = 6.5, 12.0
_CLEAR_M = 2.2


def trees(park: Park, rng: np.random.Generator) -> list[Part]:
    """Plant the lawns and the roadsides, clear of everything that is built."""
    lawns = [counter_clockwise(element.points) for element in park.site if element.kind == "lawn"]
    blocked = _blocked(park)
    spots = _thinned(_clear(_lawn_grid(lawns, rng), blocked), _ON_LAWNS, rng)
    avenue = _thinned(_clear(_roadsides(park), [*blocked, *lawns]), _ON_AVENUES, rng)
    balls = (pv.Icosahedron().subdivide(1), pv.Icosahedron())
    parts: list[Part] = []
    for spot in spots:
        parts += _tree(spot, balls, levels.LAWN, float(rng.uniform(3.2, 5.6)), rng)
    for spot in avenue:
        parts += _tree(spot, balls, levels.GROUND, float(rng.uniform(4.4, 5.4)), rng)
    return parts


def _blocked(park: Park) -> list[Floats]:
    """List the outlines no tree may stand in."""
    built = [
        inset(counter_clockwise(element.points), -_CLEAR_M)
        for element in park.site
        if element.kind in ("hall", "yard", "water")
    ]
    for element in park.site:
        if element.kind == "road":
            built += carriageways(element, 1.2)
    for machine in park.equipment:
        reach = max(machine.size[:2]) / 2 + _CLEAR_M
        corners = np.array([(-reach, -reach), (reach, -reach), (reach, reach), (-reach, reach)])
        built.append(corners + np.array(machine.position[:2]))
    return built


def _lawn_grid(lawns: Iterable[Floats], rng: np.random.Generator) -> Floats:
    """Lay a jittered grid over each lawn."""
    found = [np.empty((0, 2))]
    for outline in lawns:
        low, high = outline.min(axis=0) + 1.0, outline.max(axis=0)
        columns = [np.arange(a, b, _LAWN_SPACING_M) for a, b in zip(low, high, strict=True)]
        grid = np.stack(np.meshgrid(*columns), axis=-1).reshape(-1, 2)
        grid = grid + rng.uniform(0.0, 0.55 * _LAWN_SPACING_M, grid.shape)
        found.append(grid[inside(grid, inset(outline, 0.8))])
    return np.concatenate(found)


def _roadsides(park: Park) -> Floats:
    """Line every road on both sides."""
    found = [np.empty((0, 2))]
    for element in park.site:
        if element.kind == "road":
            for start, end in pieces(element.points):
                length = float(np.linalg.norm(end - start))
                along = (end - start) / length
                beside = np.array([-along[1], along[0]]) * (element.width / 2 + 2.6)
                # half a step away from the street lamps
                steps = np.arange(_AVENUE_SPACING_M / 2, length - 1, _AVENUE_SPACING_M)[:, None]
                found += [start + along * steps + beside, start + along * steps - beside]
    return np.concatenate(found)


def _clear(spots: Floats, blocked: Iterable[Floats]) -> Floats:
    for outline in blocked:
        spots = spots[~inside(spots, outline)]
    return spots


def _thinned(spots: Floats, at_most: int, rng: np.random.Generator) -> Floats:
    return spots[np.sort(rng.permutation(len(spots))[:at_most])]


def _tree(
    spot: Floats, balls: Sequence[pv.PolyData], foot: float, height: float, rng: np.random.Generator
) -> list[Part]:
    x, y = spot.tolist()
    radius = height * float(rng.uniform(0.22, 0.3))
    crown = height - radius * 0.9
    leaf = "leaf" if rng.random() < 0.6 else "leaf_light"
    parts = paint("trunk", pipe([(x, y, foot), (x, y, crown)], (0.14, 0.08), sides=4))
    for ball, share in zip(balls, (1.0, 0.72), strict=True):
        dx, dy, dz = (rng.uniform(-0.4, 0.4, 3) * radius).tolist()
        parts += paint(leaf, _ball(ball, (x + dx, y + dy, crown + dz), radius * share))
    return parts


def _ball(ball: pv.PolyData, centre: Point, radius: float) -> pv.PolyData:
    points = np.asarray(ball.points, np.float64)
    points = points / np.linalg.norm(points, axis=1, keepdims=True)
    return mesh(points * (radius, radius, radius * 0.92) + np.asarray(centre), ball.regular_faces, points)
