"""Roads: asphalt, kerbs, edge lines and a dashed middle line, all interrupted where roads meet; street
lamps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyvista as pv

from twin.park.model import SiteElement
from twin.scene.parts import Part, paint
from twin.scene.site import levels
from twin.scene.site.outline import Floats, crossings, pieces, remaining, ribbon
from twin.scene.solids import bar, box, cylinder, pipe, sheet

_DASH_M, _DASH_GAP_M, _LINE_M = 3.0, 4.5, 0.15
_KERB_M = 0.24
_TWO_LANES_M = 5.0
"""Narrower roads have no middle line."""

_LAMP_SPACING_M = 32.0


def carriageways(road: SiteElement, margin: float = 0.0) -> list[Floats]:
    """Return the four corners of each straight piece of a road, ``margin`` [m] wider on both sides."""
    left, right = ribbon(road.points, road.width / 2 + margin)
    return [np.array([right[i], right[i + 1], left[i + 1], left[i]]) for i in range(len(left) - 1)]


def road(element: SiteElement, others: Sequence[SiteElement]) -> list[Part]:
    """Make one road; ``others`` are the roads it may meet."""
    met = [quad for other in others for quad in carriageways(other)]
    half = element.width / 2
    parts = paint("asphalt", *(_flat(quad, levels.ROAD) for quad in carriageways(element)))
    for line in ribbon(element.points, half + _KERB_M / 2):
        parts += paint("kerb", *(_kerb(a, b) for a, b in _unbroken(line, met)))
    for line in ribbon(element.points, half - 0.35):
        parts += paint("marking", *(_stripe(a, b) for a, b in _unbroken(line, met)))
    if element.width >= _TWO_LANES_M:
        parts += paint("marking", *_dashes(element, met))
    return parts


def street_lamps(roads: Sequence[SiteElement]) -> list[Part]:
    """Make lamps along the roads, left and right by turns, none on a junction."""
    parts: list[Part] = []
    for element in roads:
        others = [other for other in roads if other.id != element.id]
        quads = [quad for other in others for quad in carriageways(other, margin=1.5)]
        side = 1.0
        for start, end in pieces(element.points):
            length = float(np.linalg.norm(end - start))
            along = (end - start) / length
            across = np.array([-along[1], along[0]])
            for at in np.arange(_LAMP_SPACING_M / 2, length, _LAMP_SPACING_M):
                foot = start + along * at + across * side * (element.width / 2 + 0.9)
                if not any(crossings(foot, foot + along * 0.01, quad) for quad in quads):
                    parts += _lamp(foot, foot - across * side * 1.6)
                side = -side
    return parts


def _lamp(foot: Floats, tip: Floats) -> list[Part]:
    (x, y), (tx, ty) = foot.tolist(), tip.tolist()
    base = levels.PLOT
    path = [(x, y, base), (x, y, 6.4), (x + (tx - x) * 0.3, y + (ty - y) * 0.3, 7.1), (tx, ty, 7.2)]
    return [
        *paint("pole", pipe(path, (0.09, 0.06, 0.05, 0.04), sides=6)),
        *paint("wall", box((0.34, 0.34, 0.08), (tx, ty, 7.12))),
        *paint("kerb", cylinder(0.2, 0.3, (x, y, base), sides=8)),
    ]


def _unbroken(line: Floats, met: Sequence[Floats]) -> list[tuple[Floats, Floats]]:
    """Cut a line, shape (n, 2), where it crosses other roads; scraps under 0.3 m are dropped."""
    left = []
    for start, end in pieces(line):
        for low, high in remaining(span for quad in met for span in crossings(start, end, quad)):
            a, b = start + (end - start) * low, start + (end - start) * high
            if np.linalg.norm(b - a) > 0.3:
                left.append((a, b))
    return left


def _dashes(element: SiteElement, met: Sequence[Floats]) -> list[pv.PolyData]:
    dashes = []
    for start, end in pieces(element.points):
        length = float(np.linalg.norm(end - start))
        along = (end - start) / length
        for at in np.arange(_DASH_GAP_M / 2, length - _DASH_M, _DASH_M + _DASH_GAP_M):
            a, b = start + along * at, start + along * (at + _DASH_M)
            if not any(crossings(a, b, quad) for quad in met):
                dashes.append(_stripe(a, b))
    return dashes


def _stripe(start: Floats, end: Floats) -> pv.PolyData:
    left, right = ribbon([start, end], _LINE_M / 2)
    return _flat(np.array([right[0], right[1], left[1], left[0]]), levels.MARKING)


def _kerb(start: Floats, end: Floats) -> pv.PolyData:
    (ax, ay), (bx, by) = start.tolist(), end.tolist()
    middle = (levels.KERB + levels.GROUND) / 2
    return bar((ax, ay, middle), (bx, by, middle), _KERB_M, levels.KERB - levels.GROUND)


def _flat(quad: Floats, z: float) -> pv.PolyData:
    return sheet([(float(x), float(y), z) for x, y in quad])
