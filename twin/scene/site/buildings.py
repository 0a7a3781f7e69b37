"""Buildings nobody needs to look into: halls and offices without machines of ours, closed and quiet."""

from __future__ import annotations

import numpy as np

from twin.park.model import SiteElement
from twin.scene.parts import Part, paint
from twin.scene.site import levels
from twin.scene.site.halls import LOWEST_M, PITCH, at
from twin.scene.site.outline import Floats
from twin.scene.solids import Point, bar, box, counter_clockwise, inset, prism, sheet

_OFFICE_M2 = 1000.0
"""A smaller footprint gets storeys of windows, a larger one a high band of light and dock doors."""

_STOREY_M, _WINDOW_BAY_M, _HALL_BAY_M = 3.8, 3.2, 7.5
_PROUD_M = 0.04
"""How far windows stand before the wall, so that they do not flicker."""


def building(element: SiteElement) -> list[Part]:
    """Make a closed building from a hall's footprint and height."""
    outline = counter_clockwise(element.points)
    height = max(element.height, LOWEST_M)
    parts = paint("plinth", prism(inset(outline, -0.5), levels.GROUND - 0.1, levels.FLOOR - 0.12, 0.05))
    parts += paint("wall", prism(outline, levels.GROUND, height))
    x, y = outline.T
    area = float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2
    if len(outline) == 4 and area >= _OFFICE_M2:
        return parts + _industrial(outline, height)
    return parts + _office(outline, height)


Side = tuple[Floats, Floats, Floats, float]
"""Start, direction, outward normal and length [m] of a wall."""


def _sides(outline: Floats) -> list[Side]:
    """List the walls, the longest first."""
    sides = []
    for start, end in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        length = float(np.linalg.norm(end - start))
        along = (end - start) / length
        sides.append((start, along, np.array([along[1], -along[0]]), length))
    return sorted(sides, key=lambda side: -round(side[3], 3))


def _window(side: Side, middle: float, width: float, z: float, high: float) -> list[Point]:
    """Return the corners of a pane just before a wall, ``middle`` [m] from the wall's start."""
    start, along, outward, _ = side
    low, far = (start + along * (middle + s * width / 2) + outward * _PROUD_M for s in (-1, 1))
    return [at(low, z), at(far, z), at(far, z + high), at(low, z + high)]


def _office(outline: Floats, height: float) -> list[Part]:
    """Storeys of windows, a parapet, a canopy over the entrance, and plant on the roof."""
    sides = _sides(outline)
    storeys = max(1, round(height / _STOREY_M))
    parts: list[Part] = []
    for side in sides:
        bays = max(1, round((side[3] - 1.0) / _WINDOW_BAY_M))
        bay = (side[3] - 1.0) / bays
        for storey in range(storeys):
            z = height * storey / storeys + 1.0
            high = height / storeys - 1.9
            windows = [_window(side, 0.5 + bay * (i + 0.5), bay * 0.74, z, high) for i in range(bays)]
            parts += paint("window", *(sheet(window) for window in windows))
        start, end = side[0], side[0] + side[1] * side[3]
        parts += paint("wall", bar(at(start, height + 0.3), at(end, height + 0.3), 0.3, 0.6))
    start, along, outward, length = sides[0]
    door = start + along * length / 2
    parts += paint(
        "window_dark", sheet(_window((start, along, outward * 2, length), length / 2, 3.6, 0.0, 2.8))
    )
    parts += paint("blue", bar(at(door - along * 3, 3.1), at(door + along * 3, 3.1), 4.0, 0.24))
    parts += paint("plinth", prism(inset(outline, 0.2), height, height + 0.06))
    middle = outline.mean(axis=0)
    for number, step in enumerate((-0.22, 0.02, 0.24)):
        spot = middle + along * length * step
        parts += paint("panel", box((3.0, 2.2, 1.3 + 0.3 * number), at(spot, height), bevel=0.06))
        parts += paint("dark", box((1.6, 1.6, 0.1), at(spot, height + 1.3 + 0.3 * number)))
    return parts


def _industrial(outline: Floats, height: float) -> list[Part]:
    """A low pitched roof with skylights and ventilators, high windows, a coloured base and dock doors."""
    sides = _sides(outline)
    parts: list[Part] = []
    for number, side in enumerate(sides):
        start, along, _, length = side
        bays = max(1, round(length / _HALL_BAY_M))
        bay = length / bays
        lights = [_window(side, bay * (i + 0.5), bay * 0.8, height - 2.0, 1.2) for i in range(bays)]
        parts += paint("window", *(sheet(light) for light in lights))
        parts += paint("panel", bar(at(start, 0.5), at(start + along * length, 0.5), 0.1, 1.0))
        joints = [start + along * bay * i for i in range(1, bays)]
        parts += paint("plinth", *(box((0.12, 0.12, height), at(joint, 0.0)) for joint in joints))
        if number < 2:
            for middle in (bay * (i + 0.5) for i in range(bays) if i % 2 == 0):
                deeper = (start, along, side[2] * 3, length)
                parts += paint("blue", sheet(_window(deeper, middle, 4.0, 0.0, min(4.4, height - 2.6))))
    return parts + _roof(outline, sides, height)


def _roof(outline: Floats, sides: list[Side], height: float) -> list[Part]:
    start, along, outward, length = sides[0]
    depth = float(np.ptp(outline @ outward))
    rise = PITCH * depth
    gable = [(-0.5, 0.0), (depth + 0.5, 0.0), (depth + 0.5, 0.12), (depth / 2, rise + 0.12), (-0.5, 0.12)]
    shell = prism(gable, -0.5, length + 0.5, axis="x")
    # local x runs along the wall, local y into the building
    turn = np.array([[*along, 0.0], [*-outward, 0.0], [0.0, 0.0, 1.0]])
    shell.points = shell.points @ turn + np.array(at(start, height))
    shell.point_data["Normals"] = shell.point_data["Normals"] @ turn
    parts = paint("roof", shell)
    bays = max(1, round(length / _HALL_BAY_M))
    for i in range(bays):
        middle = start + along * length * (i + 0.5) / bays
        for low, high in ((0.14, 0.4), (0.86, 0.6)):
            a, b = middle - outward * depth * low, middle - outward * depth * high
            za, zb = (height + 0.16 + rise * (1 - abs(2 * share - 1)) for share in (low, high))
            half = along * 0.7
            strip = [at(a - half, za), at(a + half, za), at(b + half, zb), at(b - half, zb)]
            parts += paint("window", sheet(strip if low < high else strip[::-1]))
        if i % 2 == 0:
            top = middle - outward * depth / 2
            ridge = height + rise + 0.3
            parts += paint("panel", bar(at(top - along * 1.6, ridge), at(top + along * 1.6, ridge), 1.2, 0.7))
    return parts
