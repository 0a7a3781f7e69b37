"""Roads: asphalt, kerbs, edge lines and a dashed middle line, all interrupted where roads meet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twin.park.model import SiteElement
from twin.scene.parts import Part, paint
from twin.scene.site import levels
from twin.scene.site.outline import Floats, crossings, remaining, ribbon
from twin.scene.solids import bar, box, cylinder, mesh, pipe

_DASH_M, _DASH_GAP_M = 3.0, 4.5
_LINE_M = 0.15
_TWO_LANES_M = 5.0
"""Narrower roads have no middle line."""

LAMP_SPACING_M = 32.0


def carriageways(road: SiteElement, margin: float = 0.0) -> list[Floats]:
    """Return the four corners of each straight piece of a road, ``margin`` [m] wider on both sides."""
    half = road.width / 2 + margin
    left, right = ribbon(road.points, half, half)
    return [np.array([right[i], right[i + 1], left[i + 1], left[i]]) for i in range(len(left) - 1)]


def road(element: SiteElement, others: Sequence[SiteElement]) -> list[Part]:
    """Make one road; ``others`` are the roads it may meet."""
    parts = [part for quad in carriageways(element) for part in paint("asphalt", _flat(quad, levels.ROAD))]
    crossing = [quad for other in others for quad in carriageways(other)]
    half = element.width / 2
    for offset, width, colour, height in (
        (half + 0.12, 0.24, "kerb", levels.KERB),
        (-half - 0.12, 0.24, "kerb", levels.KERB),
        (half - 0.35, _LINE_M, "marking", levels.MARKING),
        (-half + 0.35, _LINE_M, "marking", levels.MARKING),
    ):
        line, _ = ribbon(element.points, offset, 0.0)
        for start, end in zip(line[:-1], line[1:], strict=True):
            for low, high in remaining(i for quad in crossing for i in crossings(start, end, quad)):
                a, b = start + (end - start) * low, start + (end - start) * high
                if np.linalg.norm(b - a) > 0.3:
                    parts += paint(colour, _stripe(a, b, width, height, solid=colour == "kerb"))
    if element.width >= _TWO_LANES_M:
        parts += paint("marking", *_dashes(element, crossing))
    return parts


def street_lamps(roads: Sequence[SiteElement]) -> list[Part]:
    """Make lamps along the roads, left and right by turns, none on a junction."""
    parts: list[Part] = []
    quads = {road.id: carriageways(road, margin=1.5) for road in roads}
    for road_row in roads:
        others = [quad for key, rows in quads.items() if key != road_row.id for quad in rows]
        side = 1.0
        for start, end in _pieces(road_row):
            length = float(np.linalg.norm(end - start))
            along = (end - start) / length
            across = np.array([-along[1], along[0]])
            for at in np.arange(LAMP_SPACING_M / 2, length, LAMP_SPACING_M):
                foot = start + along * at + across * side * (road_row.width / 2 + 0.9)
                tip = foot - across * side * 1.6
                if not any(crossings(foot, foot + along * 0.01, quad) for quad in others):
                    parts += _lamp(foot, tip)
                side = -side
    return parts


def _lamp(foot: Floats, tip: Floats) -> list[Part]:
    (x, y), (tx, ty) = foot.tolist(), tip.tolist()
    base = levels.PLOT
    path = [(x, y, base), (x, y, 6.4), (x + (tx - x) * 0.3, y + (ty - y) * 0.3, 7.1), (tx, ty, 7.2)]
    return [
        *paint("pole", pipe(path, [0.09, 0.06, 0.05, 0.04], sides=6)),
        *paint("wall", box((0.34, 0.34, 0.08), (tx, ty, 7.12))),
        *paint("kerb", cylinder(0.2, 0.3, (x, y, base), sides=8)),
    ]


def _pieces(element: SiteElement) -> list[tuple[Floats, Floats]]:
    line = np.asarray(element.points, np.float64)
    return list(zip(line[:-1], line[1:], strict=True))


def _dashes(element: SiteElement, crossing: Sequence[Floats]) -> list:  # type: ignore[type-arg]
    dashes = []
    for start, end in _pieces(element):
        length = float(np.linalg.norm(end - start))
        along = (end - start) / length
        for at in np.arange(_DASH_GAP_M / 2, length - _DASH_M, _DASH_M + _DASH_GAP_M):
            a, b = start + along * at, start + along * (at + _DASH_M)
            if not any(crossings(a, b, quad) for quad in crossing):
                dashes.append(_stripe(a, b, _LINE_M, levels.MARKING, solid=False))
    return dashes


def _stripe(start: Floats, end: Floats, width: float, top: float, solid: bool):  # type: ignore[no-untyped-def]
    (ax, ay), (bx, by) = start.tolist(), end.tolist()
    if solid:
        depth = top - levels.GROUND
        return bar((ax, ay, top - depth / 2), (bx, by, top - depth / 2), width, depth)
    left, right = ribbon([start, end], width / 2, width / 2)
    return _flat(np.array([right[0], right[1], left[1], left[0]]), top)


def _flat(quad: Floats, z: float):  # type: ignore[no-untyped-def]
    points = np.column_stack([quad, np.full(4, z)])
    return mesh(points, [(0, 1, 2), (0, 2, 3)], np.tile([0.0, 0.0, 1.0], (4, 1)))
