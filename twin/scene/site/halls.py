"""Halls as cut-away models: floor, low walls, the steel frame and sheets one can see through, so that the
machines inside stay visible from above.
"""

from __future__ import annotations

import numpy as np

from twin.park.model import SiteElement
from twin.scene.parts import Part, paint
from twin.scene.site import levels
from twin.scene.site.outline import Floats
from twin.scene.solids import Point, bar, box, counter_clockwise, inset, prism, sheet

_BAY_M = 7.5
"""Between two columns, about."""

PITCH = 0.09
"""Rise of the ridge over the width of the hall."""

_WALL_M, _COLUMN_M, _DOOR_M, _DOOR_HEIGHT_M = 0.22, 0.2, 4.5, 4.2
_WALKWAY_M, _STRIPE_M = 1.8, 0.14
LOWEST_M = 2.5
"""A hall without a height in the park file is still drawn as a building."""


def hall(element: SiteElement) -> list[Part]:
    """Make the hall around machines from its footprint and height."""
    outline = counter_clockwise(element.points)
    height = max(element.height, LOWEST_M)
    ends = np.roll(outline, -1, axis=0)
    lengths = np.linalg.norm(ends - outline, axis=1)
    with_door = np.argsort(-np.round(lengths, 3), kind="stable")[:2].tolist()
    parts = _floor(outline, float(lengths.min()))
    for number, (start, end) in enumerate(zip(outline, ends, strict=True)):
        parts += _wall(start, end, height, door=number in with_door)
    if len(outline) == 4:
        return parts + _pitched_roof(np.roll(outline, -int(np.argmax(lengths[:2])), axis=0), height)
    return parts + paint("roof_sheet", prism(outline, height, height + 0.02))


def _floor(outline: Floats, shortest: float) -> list[Part]:
    """A slab on a plinth, with a marked walkway along the walls."""
    parts = [
        *paint("plinth", prism(inset(outline, -0.5), levels.GROUND - 0.1, levels.FLOOR - 0.12, 0.05)),
        *paint("floor", prism(outline, levels.GROUND - 0.1, levels.FLOOR)),
    ]
    if shortest > 6 * _WALKWAY_M:
        outer, inner = inset(outline, _WALKWAY_M), inset(outline, _WALKWAY_M + _STRIPE_M)
        corners = zip(outer, np.roll(outer, -1, axis=0), np.roll(inner, -1, axis=0), inner, strict=True)
        parts += paint("aisle", *(sheet([at(corner, levels.STRIPE) for corner in four]) for four in corners))
    return parts


def _wall(start: Floats, end: Floats, height: float, door: bool) -> list[Part]:
    """One side: a low wall with a coping, a sheet above it, columns, the eaves, and a door in the middle."""
    length = float(np.linalg.norm(end - start))
    along = (end - start) / length
    low = min(1.2, height * 0.25)
    gap = _DOOR_M / 2 if door and length > 3 * _DOOR_M else 0.0
    left, right = start + along * (length / 2 - gap), start + along * (length / 2 + gap)
    parts: list[Part] = []
    for a, b in [(start, left), (right, end)] if gap else [(start, end)]:
        parts += paint("wall", bar(at(a, low / 2), at(b, low / 2), _WALL_M, low))
        parts += paint("blue", bar(at(a, low + 0.03), at(b, low + 0.03), _WALL_M + 0.06, 0.06))
        parts += paint("wall_sheet", sheet([at(a, low), at(b, low), at(b, height), at(a, height)]))
    if gap:
        top = min(_DOOR_HEIGHT_M, height - 0.4)
        parts += paint("blue_dark", *(box((0.3, 0.3, top), at(post, 0.0)) for post in (left, right)))
        parts += paint("blue_dark", bar(at(left, top - 0.1), at(right, top - 0.1), 0.3, 0.3))
    bays = max(1, round(length / _BAY_M))
    for share in np.arange(bays) / bays:
        if abs(share - 0.5) * length >= gap:
            column = start + (end - start) * share
            parts += paint("frame", box((_COLUMN_M, _COLUMN_M, height), at(column, 0.0)))
    return parts + paint("frame", bar(at(start, height), at(end, height), 0.14, 0.2))


def _pitched_roof(outline: Floats, height: float) -> list[Part]:
    """Pitch a roof over a four-cornered hall whose first side is a long one; the ridge runs along it."""
    a, b, c, d = outline
    ridge = height + PITCH * float(np.linalg.norm(d - a))
    bays = max(1, round(float(np.linalg.norm(b - a)) / _BAY_M))
    parts: list[Part] = []
    for share in np.arange(bays + 1) / bays:
        near, far = a + (b - a) * share, d + (c - d) * share
        top = at((near + far) / 2, ridge)
        parts += paint("frame", *(bar(at(eave, height), top, 0.08, 0.16) for eave in (near, far)))
    first, last = (a + d) / 2, (b + c) / 2
    parts += paint("frame", bar(at(first, ridge), at(last, ridge), 0.12, 0.16))
    low, high = height + 0.14, ridge + 0.12
    south = [at(a, low), at(b, low), at(last, high), at(first, high)]
    north = [at(first, high), at(last, high), at(c, low), at(d, low)]
    return parts + paint("roof_sheet", sheet(south), sheet(north))


def at(spot: Floats, z: float) -> Point:
    """Lift a point of the plan to height ``z``."""
    return (float(spot[0]), float(spot[1]), z)
