"""The solids that everything is put together from.

All are closed, wound outward, made of triangles, and carry ``Normals`` that are smooth on curves and hard at
edges. Lengths in metres; ``at`` is the middle of the foot unless a docstring says otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import numpy as np
import pyvista as pv
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Point = tuple[float, float, float]
Axis = Literal["x", "y", "z"]

CREASE_DEG = 40.0
"""Faces that meet at less than this shade as one curve; ten sides (36 degrees) are already round."""

_TURNS: dict[Axis, list[int]] = {"z": [0, 1, 2], "x": [2, 0, 1], "y": [1, 2, 0]}
"""Column orders that carry local z to an axis without mirroring."""


def mesh(points: ArrayLike, triangles: ArrayLike, normals: ArrayLike) -> pv.PolyData:
    """Make a mesh of triangles, shape (m, 3), with a normal per point."""
    corners: Floats = np.asarray(points, np.float64)
    made: pv.PolyData = pv.PolyData.from_regular_faces(corners, np.asarray(triangles, int))
    made.point_data["Normals"] = np.asarray(normals, np.float64)
    return made


def creased(surface: pv.PolyData, crease_deg: float = CREASE_DEG) -> pv.PolyData:
    """Give normals, with vertices split where the surface bends more than ``crease_deg``, and triangulate.

    In this order: the average over triangles would lean towards the diagonal of each quad.
    """
    shaded: pv.PolyData = surface.compute_normals(
        cell_normals=False,
        split_vertices=True,
        feature_angle=crease_deg,
        consistent_normals=False,
        non_manifold_traversal=False,
    ).triangulate()
    return shaded


def moved(
    solid: pv.PolyData, by: Point = (0.0, 0.0, 0.0), turn_deg: float = 0.0, about: Axis = "z"
) -> pv.PolyData:
    """Return a copy turned about an axis through the origin, then shifted."""
    cos, sin = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
    rotation = np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
    order = _TURNS[about]
    rotation = rotation[np.ix_(order, order)]
    return mesh(
        solid.points @ rotation.T + np.asarray(by),
        solid.regular_faces,
        np.asarray(solid.point_data["Normals"]) @ rotation.T,
    )


def _signs() -> Floats:
    return np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float64)


def _box_layout(bevelled: bool) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Return, for the box of half size one: corner signs, face normals and triangles of the 24 corners."""
    corners: list[Floats] = []
    normals: list[Floats] = []
    faces: list[tuple[int, ...]] = []
    for axis in range(3):
        for sign in (-1.0, 1.0):
            base = len(corners)
            for pair in _signs():
                corners.append(np.insert(pair, axis, sign))
                normals.append(np.eye(3)[axis] * sign)
            faces += [(base, base + 1, base + 2), (base, base + 2, base + 3)]
    keys, sides = np.array(corners), np.array(normals)
    if bevelled:
        for axis in range(3):
            for pair in _signs():
                edge = [
                    i
                    for i in range(24)
                    if sides[i][axis] == 0 and np.array_equal(np.delete(keys[i], axis), pair)
                ]
                low_a, high_a, low_b, high_b = sorted(edge, key=lambda i: (sides[i].tolist(), keys[i][axis]))
                faces += [(low_a, high_a, high_b), (low_a, high_b, low_b)]
        for corner in (np.array([a, b, c]) for a in (-1, 1) for b in (-1, 1) for c in (-1, 1)):
            faces.append(tuple(int(i) for i in range(24) if np.array_equal(keys[i], corner)))
    triangles = np.array(faces)
    nudged = keys + 0.5 * sides  # as if bevelled, so that every triangle has an area
    a, b, c = (nudged[triangles[:, i]] for i in range(3))
    inward = np.einsum("ij,ij->i", np.cross(b - a, c - a), a + b + c) < 0
    triangles[inward] = triangles[inward][:, ::-1]
    return keys, sides, triangles


_SHARP = _box_layout(bevelled=False)
_BEVELLED = _box_layout(bevelled=True)


def box(size: Point, at: Point = (0.0, 0.0, 0.0), bevel: float = 0.0) -> pv.PolyData:
    """Make a box of ``size``; ``bevel`` [m] rounds its edges (44 triangles instead of 12, as many vertices).

    >>> box((2, 1, 1), bevel=0.05).n_cells, round(box((2, 1, 1)).volume, 6)
    (44, 2.0)
    """
    keys, sides, triangles = _BEVELLED if bevel > 0 else _SHARP
    half = np.asarray(size, np.float64) / 2
    bevel = min(bevel, 0.45 * float(min(size)))
    points = keys * half - np.where(sides == 0, keys * bevel, 0.0)
    return mesh(points + np.asarray(at) + (0.0, 0.0, half[2]), triangles, sides)


def sheet(corners: Sequence[Point]) -> pv.PolyData:
    """Make a flat sheet without thickness from four corners, counter-clockwise as seen from its face."""
    a, b, _, d = points = np.asarray(corners, np.float64)
    normal = np.cross(b - a, d - a)
    return mesh(points, [(0, 1, 2), (0, 2, 3)], np.tile(normal / np.linalg.norm(normal), (4, 1)))


def bar(start: Point, end: Point, width: float, height: float) -> pv.PolyData:
    """Make a straight beam of a rectangular section with its middle line from ``start`` to ``end``."""
    a, b = np.asarray(start, np.float64), np.asarray(end, np.float64)
    length = float(np.linalg.norm(b - a))
    along = (b - a) / length
    side = np.cross((0.0, 0.0, 1.0), along)
    side = np.array([0.0, 1.0, 0.0]) if np.linalg.norm(side) < 1e-9 else side / np.linalg.norm(side)
    frame = np.array([along, side, np.cross(along, side)])
    keys, sides, triangles = _SHARP
    points = keys * (length / 2, width / 2, height / 2) @ frame + (a + b) / 2
    return mesh(points, triangles, sides @ frame)


def inset(outline: ArrayLike, distance: float) -> Floats:
    """Shrink a counter-clockwise outline, shape (n, 2), by ``distance`` [m], mitred; less than 0 grows it.

    >>> inset([(0, 0), (4, 0), (4, 2), (0, 2)], 0.5).tolist()
    [[0.5, 0.5], [3.5, 0.5], [3.5, 1.5], [0.5, 1.5]]
    """
    points = np.asarray(outline, np.float64)
    edges = np.roll(points, -1, axis=0) - points
    edges /= np.linalg.norm(edges, axis=1, keepdims=True)
    inner = np.stack([-edges[:, 1], edges[:, 0]], axis=1)
    before = np.roll(inner, 1, axis=0)
    mitre = inner + before
    # the floor keeps a hairpin corner from shooting off to infinity
    mitre /= np.maximum(1.0 + np.einsum("ij,ij->i", inner, before), 0.3)[:, None]
    shrunk: Floats = points + mitre * distance
    return shrunk


def counter_clockwise(outline: ArrayLike) -> Floats:
    """Return the outline, shape (n, 2), with its corners counter-clockwise."""
    points = np.asarray(outline, np.float64)
    x, y = points[:, 0], points[:, 1]
    area = float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))
    return points if area > 0 else points[::-1].copy()


def prism(
    outline: ArrayLike,
    low: float,
    high: float,
    bevel: float = 0.0,
    axis: Axis = "z",
    crease_deg: float = CREASE_DEG,
) -> pv.PolyData:
    """Extrude an outline from ``low`` to ``high`` along ``axis``, both ends bevelled by ``bevel`` [m].

    Args:
        outline: corners, shape (n, 2): (x, y) for axis z, (y, z) for x, (x, z) for y; concave ones too.
    """
    flat = np.asarray(outline, np.float64)
    corners = counter_clockwise(flat[:, ::-1] if axis == "y" else flat)
    count = len(corners)
    rings = [(corners, low), (corners, high)]
    if bevel > 0:
        small = inset(corners, bevel)
        rings = [(small, low), (corners, low + bevel), (corners, high - bevel), (small, high)]
    points = np.concatenate([np.column_stack([ring, np.full(count, z)]) for ring, z in rings])
    return creased(_skin(points[:, _TURNS[axis]], count), crease_deg)


def lathe(
    profile: Sequence[tuple[float, float]],
    at: Point = (0.0, 0.0, 0.0),
    axis: Axis = "z",
    sides: int = 16,
    crease_deg: float = CREASE_DEG,
    hollow: bool = False,
) -> pv.PolyData:
    """Turn a profile of (radius, distance along the axis) [m] into a closed body; ``at`` is distance zero.

    The ends of the profile are closed by caps, or, if ``hollow``, joined to each other, which makes a ring.
    """
    angles = np.arange(sides) * (2 * np.pi / sides)
    circle = np.column_stack([np.cos(angles), np.sin(angles)])
    points: list[Floats] = []
    faces: list[int] = []
    starts: list[int] = []
    total = 0
    if hollow:
        profile = [*profile, profile[0]]
    for radius, z in profile:
        ring = np.column_stack([circle * radius, np.full(sides, z)])
        ring = ring[:1] * (0.0, 0.0, 1.0) if radius == 0 else ring
        points.append(ring)
        starts.append(total)
        total += len(ring)
    for ((low_r, _), (high_r, _)), (low, high) in zip(pairwise(profile), pairwise(starts), strict=True):
        for i in range(sides):
            j = (i + 1) % sides
            if low_r == 0:
                faces += [3, low, high + j, high + i]
            elif high_r == 0:
                faces += [3, low + i, low + j, high]
            else:
                faces += [4, low + i, low + j, high + j, high + i]
    if profile[0][0] > 0 and not hollow:
        faces += [sides, *range(sides - 1, -1, -1)]
    if profile[-1][0] > 0 and not hollow:
        faces += [sides, *range(starts[-1], starts[-1] + sides)]
    turned = np.concatenate(points)[:, _TURNS[axis]] + np.asarray(at)
    body = pv.PolyData(turned, faces=faces)
    return creased(body.clean(tolerance=1e-9) if hollow else body, crease_deg)


def ring(
    inner: float, outer: float, width: float, at: Point = (0.0, 0.0, 0.0), axis: Axis = "z", sides: int = 20
) -> pv.PolyData:
    """Make a band with a hole from ``at`` along ``axis``."""
    profile = [(inner, 0.0), (outer, 0.0), (outer, width), (inner, width)]
    return lathe(profile, at, axis, sides, hollow=True)


def cylinder(
    radius: float,
    length: float,
    at: Point = (0.0, 0.0, 0.0),
    axis: Axis = "z",
    bevel: float = 0.0,
    sides: int = 16,
) -> pv.PolyData:
    """Make a cylinder from ``at`` along ``axis``.

    >>> round(cylinder(1, 2, sides=64).volume / 3.14159 / 2, 2)
    1.0
    """
    if bevel <= 0:
        return lathe([(radius, 0), (radius, length)], at, axis, sides)
    ends = [(radius - bevel, 0), (radius, bevel), (radius, length - bevel), (radius - bevel, length)]
    return lathe(ends, at, axis, sides)


def vessel(
    radius: float, length: float, at: Point, axis: Axis = "z", dome: float = 0.3, sides: int = 18
) -> pv.PolyData:
    """Make a vessel with dished ends; ``dome`` is their depth over the radius."""
    arc = np.linspace(0.0, np.pi / 2, 4)
    depth = radius * dome
    low = [(radius * float(np.sin(a)), depth - depth * float(np.cos(a))) for a in arc]
    high = [(r, length - z) for r, z in reversed(low)]
    return lathe([(0.0, 0.0), *low[1:], *high[:-1], (0.0, length)], at, axis, sides, crease_deg=50)


def pipe(
    path: Sequence[Point], radius: float | Sequence[float], bend: float = 0.0, sides: int = 10
) -> pv.PolyData:
    """Lead a pipe along ``path``; ``bend`` [m] rounds its corners; a ``radius`` per point makes it taper."""
    points = [np.asarray(point, np.float64) for point in path]
    if bend > 0:
        points = _rounded(points, bend)
    line = np.array(points)
    steps = np.diff(line, axis=0)
    steps /= np.linalg.norm(steps, axis=1, keepdims=True)
    tangents = np.concatenate([steps[:1], steps[:-1] + steps[1:], steps[-1:]])
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True)
    radii = np.broadcast_to(np.asarray(radius, np.float64), len(line))
    across = np.eye(3)[int(np.argmin(np.abs(tangents[0])))]
    angles = np.arange(sides) * (2 * np.pi / sides)
    rings = []
    for centre, tangent, size in zip(line, tangents, radii, strict=True):
        # carried from ring to ring, so that the pipe does not twist
        across = across - tangent * (across @ tangent)
        across /= np.linalg.norm(across)
        circle = np.outer(np.cos(angles), across) + np.outer(np.sin(angles), np.cross(tangent, across))
        rings.append(centre + size * circle)
    return creased(_skin(np.concatenate(rings), sides))


def _skin(rings: Floats, sides: int) -> pv.PolyData:
    """Join consecutive rings of ``sides`` points, shape (n * sides, 3), and close both ends."""
    last = len(rings) - sides
    faces = [sides, *range(sides - 1, -1, -1)]
    for start in range(0, last, sides):
        for i in range(sides):
            j = (i + 1) % sides
            faces += [4, start + i, start + j, start + sides + j, start + sides + i]
    faces += [sides, *range(last, last + sides)]
    return pv.PolyData(rings, faces=faces)


def _rounded(points: list[Floats], bend: float) -> list[Floats]:
    out = [points[0]]
    for before, corner, after in zip(points[:-2], points[1:-1], points[2:], strict=True):
        back, on = before - corner, after - corner
        reach = min(bend, 0.49 * float(np.linalg.norm(back)), 0.49 * float(np.linalg.norm(on)))
        start = corner + back / np.linalg.norm(back) * reach
        end = corner + on / np.linalg.norm(on) * reach
        for t in (0.0, 0.25, 0.5, 0.75, 1.0):
            out.append((1 - t) ** 2 * start + 2 * t * (1 - t) * corner + t**2 * end)
    return [*out, points[-1]]
