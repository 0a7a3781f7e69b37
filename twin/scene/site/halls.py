"""Halls as cut-away models: floor, low walls, the steel frame and sheets one can see through, so that the
machines inside stay visible from above.
"""

from __future__ import annotations

import numpy as np

from twin.park.model import SiteElement
from twin.scene.parts import Part, paint
from twin.scene.site import levels
from twin.scene.site.outline import Floats
from twin.scene.solids import bar, box, counter_clockwise, inset, mesh, prism

_BAY_M = 7.5
_WALL_M = 0.22
_DOOR_M = 4.5
_COLUMN_M = 0.22


def hall(element: SiteElement) -> list[Part]:
    """Make one hall from its footprint and height."""
    outline = counter_clockwise(element.points)
    height = max(element.height, 2.5)
    low_wall = min(1.2, height * 0.25)
    parts = [
        *paint("plinth", prism(inset(outline, -0.5), levels.GROUND - 0.1, levels.FLOOR - 0.12, 0.05)),
        *paint("floor", prism(outline, levels.GROUND - 0.1, levels.FLOOR)),
    ]
    ends = np.roll(outline, -1, axis=0)
    lengths = np.linalg.norm(ends - outline, axis=1)
    doors = set(np.argsort(-np.round(lengths, 3), kind="stable")[:2].tolist())
    for number, (start, end, length) in enumerate(zip(outline, ends, lengths, strict=True)):
        parts += _side(start, end, float(length), low_wall, height, door=number in doors)
    if len(outline) == 4:
        parts += _portal_roof(outline, lengths, height)
    else:
        parts += paint("roof_sheet", prism(outline, height, height + 0.02))
    return parts


def _side(start: Floats, end: Floats, length: float, low: float, high: float, door: bool) -> list[Part]:
    along = (end - start) / length
    middle = length / 2
    gap = _DOOR_M / 2 if door and length > 3 * _DOOR_M else 0.0
    spans = [(0.0, middle - gap), (middle + gap, length)] if gap else [(0.0, length)]
    parts: list[Part] = []
    for a, b in spans:
        (ax, ay), (bx, by) = (start + along * a).tolist(), (start + along * b).tolist()
        parts += paint("wall", bar((ax, ay, low / 2), (bx, by, low / 2), _WALL_M, low))
        parts += paint("blue", bar((ax, ay, low + 0.03), (bx, by, low + 0.03), _WALL_M + 0.06, 0.06))
        parts += paint("wall_sheet", _sheet([(ax, ay, low), (bx, by, low), (bx, by, high), (ax, ay, high)]))
    if gap:
        for at in (middle - gap, middle + gap):
            x, y = (start + along * at).tolist()
            parts += paint("blue_dark", box((0.34, 0.34, 4.2 if high > 4.6 else high - 0.3), (x, y, 0)))
        (ax, ay), (bx, by) = (
            (start + along * (middle - gap)).tolist(),
            (start + along * (middle + gap)).tolist(),
        )
        z = 4.1 if high > 4.6 else high - 0.4
        parts += paint("blue_dark", bar((ax, ay, z), (bx, by, z), 0.34, 0.3))
    for i in range(max(1, round(length / _BAY_M))):
        at = length * i / max(1, round(length / _BAY_M))
        if abs(at - middle) < gap:
            continue
        x, y = (start + along * at).tolist()
        parts += paint("frame", box((_COLUMN_M, _COLUMN_M, high), (x, y, 0)))
    (ax, ay), (bx, by) = start.tolist(), end.tolist()
    parts += paint("frame", bar((ax, ay, high), (bx, by, high), _COLUMN_M, 0.26))
    return parts


def _portal_roof(outline: Floats, lengths: Floats, height: float) -> list[Part]:
    """Pitch a roof over a four-cornered hall, its ridge along the longer sides."""
    first = 0 if lengths[0] + lengths[2] >= lengths[1] + lengths[3] else 1
    a, b, c, d = (outline[(first + i) % 4] for i in range(4))
    rise = 0.09 * float(np.linalg.norm(d - a))
    bays = max(1, round(float(lengths[first]) / _BAY_M))
    parts: list[Part] = []
    for i in range(bays + 1):
        near, far = a + (b - a) * i / bays, d + (c - d) * i / bays
        top = (near + far) / 2
        (nx, ny), (fx, fy), (tx, ty) = near.tolist(), far.tolist(), top.tolist()
        parts += paint("frame", bar((nx, ny, height), (tx, ty, height + rise), 0.1, 0.2))
        parts += paint("frame", bar((fx, fy, height), (tx, ty, height + rise), 0.1, 0.2))
    ridge = [((a + d) / 2).tolist(), ((b + c) / 2).tolist()]
    (rx, ry), (sx, sy) = ridge
    parts += paint("frame", bar((rx, ry, height + rise), (sx, sy, height + rise), 0.12, 0.16))
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = (corner.tolist() for corner in (a, b, c, d))
    top_z = height + rise + 0.12
    low_z = height + 0.14
    parts += paint(
        "roof_sheet",
        _sheet([(ax, ay, low_z), (bx, by, low_z), (sx, sy, top_z), (rx, ry, top_z)]),
        _sheet([(rx, ry, top_z), (sx, sy, top_z), (cx, cy, low_z), (dx, dy, low_z)]),
    )
    return parts


def _sheet(corners: list[tuple[float, float, float]]):  # type: ignore[no-untyped-def]
    points = np.array(corners)
    normal = np.cross(points[1] - points[0], points[3] - points[0])
    normal /= np.linalg.norm(normal)
    return mesh(points, [(0, 1, 2), (0, 2, 3)], np.tile(normal, (4, 1)))
