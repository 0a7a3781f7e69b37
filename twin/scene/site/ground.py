"""Ground that fades out at the horizon, plots, lawns, yards with their fences, ponds."""

from __future__ import annotations

import numpy as np

from twin.park.model import Park, SiteElement
from twin.scene.parts import Part, paint
from twin.scene.site import levels
from twin.scene.site.outline import Floats
from twin.scene.solids import bar, box, counter_clockwise, inset, mesh, prism, sheet

_FENCE_POST_M = 4.0
_FENCE_HEIGHT_M = 2.0
_GATE_M = 5.0
_VERGE_M = 3.0
"""A yard narrower than this is a verge beside a road."""


def extent(park: Park) -> tuple[Floats, Floats]:
    """Return the south-west and north-east corners of everything in the park [m]; 100 m square if empty."""
    points = [point for element in park.site for point in element.points]
    for machine in park.equipment:
        x, y, _ = machine.position
        reach = max(machine.size[:2]) / 2
        points += [(x - reach, y - reach), (x + reach, y + reach)]
    if not points:
        points = [(0.0, 0.0), (100.0, 100.0)]
    corners = np.array(points)
    return corners.min(axis=0), corners.max(axis=0)


def ground(park: Park) -> list[Part]:
    """Make the ground: a rounded plate under everything, with a rim that fades to nothing."""
    low, high = extent(park)
    middle, half = (low + high) / 2, (high - low) / 2
    margin = max(12.0, 0.12 * float(half.max()))
    angles = np.linspace(0.0, 2 * np.pi, 72, endpoint=False)
    circle = np.column_stack([np.cos(angles), np.sin(angles)])
    # a superellipse: the rounded rectangle without corner cases
    rounded = np.sign(circle) * np.abs(circle) ** 0.5
    rings = [middle + rounded * (half + margin * grow) for grow in (1.0, 2.0, 3.4, 5.2)]
    plate = prism(rings[0], levels.GROUND - 0.01, levels.GROUND)
    rim = np.concatenate(rings)
    count = len(angles)
    triangles = []
    for ring in range(3):
        for i in range(count):
            a, b = ring * count + i, ring * count + (i + 1) % count
            triangles += [(a, b + count, b), (a, a + count, b + count)]
    points = np.column_stack([rim, np.full(len(rim), levels.GROUND)])
    up = np.broadcast_to((0.0, 0.0, 1.0), points.shape)
    fading = mesh(points, np.array(triangles), up)
    return [*paint("ground", plate), Part(fading, "edge", np.repeat([1.0, 0.72, 0.22, 0.0], count))]


def plot(element: SiteElement) -> list[Part]:
    """Make the paved ground of an enterprise."""
    return paint("plot", prism(element.points, levels.GROUND - 0.1, levels.PLOT, 0.05))


def lawn(element: SiteElement) -> list[Part]:
    """Make a lawn with its edging."""
    outline = counter_clockwise(element.points)
    return [
        *paint("lawn_edge", prism(outline, levels.GROUND - 0.1, levels.LAWN - 0.03)),
        *paint("lawn", prism(inset(outline, 0.25), levels.GROUND - 0.1, levels.LAWN, 0.05)),
    ]


def pond(element: SiteElement) -> list[Part]:
    """Make a pond: a stone rim around still water, and a grassy bank."""
    outline = counter_clockwise(element.points)
    rim_in = inset(outline, 0.7)
    parts = paint("lawn", prism(inset(outline, -2.0), levels.GROUND - 0.1, levels.LAWN - 0.06, 0.06))
    parts += paint("kerb", prism(outline, levels.GROUND - 0.1, levels.POND + 0.07, 0.03))
    return [*parts, *paint("pond", prism(rim_in, levels.GROUND, levels.POND + 0.1))]


def yard(element: SiteElement) -> list[Part]:
    """Make a gravelled yard inside a fence with a gate in its longest side; a verge, which is narrow, has
    none."""
    outline = counter_clockwise(element.points)
    parts = paint("kerb", prism(inset(outline, -0.3), levels.GROUND - 0.1, levels.YARD - 0.08, 0.04))
    parts += paint("yard", prism(outline, levels.GROUND - 0.1, levels.YARD, 0.04))
    ends = np.roll(outline, -1, axis=0)
    lengths = np.linalg.norm(ends - outline, axis=1)
    area = float(np.sum(outline[:, 0] * ends[:, 1] - ends[:, 0] * outline[:, 1])) / 2
    if area < _VERGE_M * float(lengths.max()):
        return parts
    gate = int(np.argmax(np.round(lengths, 3)))
    for number, (start, end, length) in enumerate(zip(outline, ends, lengths, strict=True)):
        along = (end - start) / length
        if number == gate and length > 2 * _GATE_M:
            half = along * _GATE_M / 2
            parts += _fence(start, (start + end) / 2 - half) + _fence((start + end) / 2 + half, end)
        else:
            parts += _fence(start, end)
    return parts


def _fence(start: Floats, end: Floats) -> list[Part]:
    length = float(np.linalg.norm(end - start))
    count = max(1, round(length / _FENCE_POST_M))
    top = levels.YARD + _FENCE_HEIGHT_M
    posts = [start + (end - start) * i / count for i in range(count + 1)]
    (ax, ay), (bx, by) = start.tolist(), end.tolist()
    rails = [bar((ax, ay, z), (bx, by, z), 0.04, 0.05) for z in (levels.YARD + 0.15, top - 0.05)]
    panel = sheet([(ax, ay, levels.YARD), (bx, by, levels.YARD), (bx, by, top), (ax, ay, top)])
    return [
        *paint("fence", *(box((0.09, 0.09, _FENCE_HEIGHT_M + 0.1), (x, y, levels.YARD)) for x, y in posts)),
        *paint("fence", *rails),
        *paint("mesh_sheet", panel),
    ]
