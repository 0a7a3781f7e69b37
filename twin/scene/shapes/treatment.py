"""Water and wastewater works: basins, clarifier, reservoir, wet well, blower, belt press."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from twin.scene.parts import Part, paint
from twin.scene.shapes.fittings import flange, handle, louvres, screen, signal_tower
from twin.scene.solids import Point, bar, box, cylinder, lathe, pipe, prism, ring


def _handrail(path: list[Point], height: float = 0.95) -> list[Part]:
    """Posts and two rails along a path of the deck."""
    parts: list[Part] = []
    for start, end in pairwise(path):
        a, b = np.array(start), np.array(end)
        count = max(1, round(float(np.linalg.norm(b - a)) / 2.4))
        posts = [a + (b - a) * i / count for i in range(count + 1)]
        parts += paint("steel_dark", *(box((0.06, 0.06, height), (p[0], p[1], p[2])) for p in posts))
        for up in (0.5 * height, height):
            rise = np.array([0.0, 0.0, up])
            low, high = a + rise, b + rise
            parts += paint(
                "steel_dark", bar((low[0], low[1], low[2]), (high[0], high[1], high[2]), 0.05, 0.05)
            )
    return parts


def _walls(width: float, depth: float, height: float, thick: float) -> list[Part]:
    """A rectangular concrete tank, open on top, with its water a little below the rim."""
    x, y = width / 2 - thick / 2, depth / 2 - thick / 2
    return [
        *paint("concrete", *(box((width, thick, height), (0, s * y, 0), bevel=0.04) for s in (-1, 1))),
        *paint("concrete", *(box((thick, depth - 2 * thick, height), (s * x, 0, 0)) for s in (-1, 1))),
        *paint("pond", box((width - 2 * thick, depth - 2 * thick, 0.2), (0, 0, height - 0.75))),
    ]


def aeration_basin() -> list[Part]:
    """An aeration basin: two lanes of foaming water, a walkway between, the drop pipes of the air, a
    probe."""
    top = 2.6
    parts = _walls(20.0, 10.0, top, 0.4)
    parts += paint("concrete", box((19.2, 0.35, top - 0.1)))
    parts += paint("steel", box((19.8, 1.1, 0.1), (0, 0, top)))
    parts += _handrail([(-9.8, -0.5, top + 0.1), (9.8, -0.5, top + 0.1)])
    parts += _handrail([(-9.8, 0.5, top + 0.1), (9.8, 0.5, top + 0.1)])
    parts += paint("blue", pipe([(-9.6, 0.0, top + 0.3), (9.4, 0.0, top + 0.3)], 0.16, sides=10))
    for x in (-8.0, -4.8, -1.6, 1.6, 4.8, 8.0):
        for side in (-1, 1):
            drop = [(x, 0.0, top + 0.3), (x, side * 1.5, top + 0.3), (x, side * 1.5, top - 0.7)]
            parts += paint("blue", pipe([(a, b, c) for a, b, c in drop], 0.07, 0.2, 6))
        for side in (-1, 1):
            foam = [(1.1, 0.0), (0.9, 0.06), (0.3, 0.1), (0.0, 0.1)]
            parts += paint("shell", lathe([(0.0, 0.0), *foam], (x, side * 3.0, top - 0.56), sides=10))
    parts += paint("state", *(box((20.0, 0.42, 0.06), (0, s * 4.8, top + 0.0)) for s in (-1, 1)))
    parts += paint("state", *(box((0.42, 9.2, 0.06), (s * 9.8, 0, top + 0.0)) for s in (-1, 1)))
    parts += paint("state", box((18.0, 0.03, 0.5), (0, -5.01, 1.6)))
    parts += paint("grey", cylinder(0.04, 1.2, (6.4, -0.75, top - 0.6), sides=6))
    parts += paint("shell", box((0.3, 0.2, 0.4), (6.4, -0.6, top + 0.9), bevel=0.03))
    return parts


def open_basin() -> list[Part]:
    """An equalisation tank: one open basin, a bridge across, mixers on it, inlet and outlet pipes."""
    top = 3.2
    parts = _walls(16.0, 12.0, top, 0.4)
    parts += paint("steel", box((1.3, 12.0, 0.12), (0, 0, top)))
    parts += _handrail([(-0.6, -5.9, top + 0.12), (-0.6, 5.9, top + 0.12)])
    parts += _handrail([(0.6, -5.9, top + 0.12), (0.6, 5.9, top + 0.12)])
    for y in (-3.2, 3.2):
        parts += paint("blue", cylinder(0.28, 0.7, (0, y, top + 0.12), bevel=0.05, sides=14))
        parts += paint("dark", cylinder(0.18, 0.16, (0, y, top + 0.82), sides=12))
        parts += paint("steel", cylinder(0.07, 1.4, (0, y, top - 1.3), sides=8))
        parts += paint("state", cylinder(0.3, 0.1, (0, y, top + 0.45), sides=14))
    parts += paint(
        "blue",
        pipe(
            [(-7.6, 3.5, 0.6), (-8.6, 3.5, 0.6), (-8.6, 3.5, top + 0.4), (-7.0, 3.5, top + 0.4)], 0.2, 0.4, 10
        ),
    )
    parts += paint("blue", pipe([(7.8, -3.5, 0.5), (8.8, -3.5, 0.5)], 0.2, sides=12))
    parts += flange((8.6, -3.5, 0.5), 0.3, "x")
    parts += paint("state", *(box((16.0, 0.42, 0.06), (0, s * 5.8, top)) for s in (-1, 1)))
    parts += paint("state", *(box((0.42, 11.2, 0.06), (s * 7.8, 0, top)) for s in (-1, 1)))
    parts += paint("state", box((14.0, 0.03, 0.5), (0, -6.01, 2.2)))
    return parts


def clarifier() -> list[Part]:
    """A round clarifier: water inside a toothed weir, centre pier, half bridge with its scraper drive."""
    radius, top = 7.0, 2.4
    wall = [(radius - 0.35, 0.0), (radius, 0.0), (radius, top), (radius - 0.35, top)]
    weir = [
        (radius - 1.1, top - 0.75),
        (radius - 0.4, top - 0.75),
        (radius - 0.4, top - 0.6),
        (radius - 1.1, top - 0.6),
    ]
    parts = [
        *paint("concrete", lathe(wall, sides=40, hollow=True)),
        *paint("pond", cylinder(radius - 0.34, 0.2, (0, 0, top - 0.85), sides=40)),
        *paint("shell_dim", lathe(weir, sides=40, hollow=True)),
        *paint("state", ring(radius - 0.36, radius + 0.01, 0.07, (0, 0, top), sides=40)),
        *paint("state", ring(radius, radius + 0.03, 0.35, (0, 0, top - 0.75), sides=40)),
        *paint("concrete", cylinder(0.55, top + 0.2, sides=18)),
        *paint("shell_dim", ring(1.5, 1.58, 0.7, (0, 0, top - 0.95), sides=24)),
        *paint("steel", bar((-0.6, 0, top + 0.35), (radius + 0.2, 0, top + 0.35), 1.0, 0.16)),
        *_handrail([(-0.4, -0.45, top + 0.42), (radius + 0.1, -0.45, top + 0.42)]),
        *_handrail([(-0.4, 0.45, top + 0.42), (radius + 0.1, 0.45, top + 0.42)]),
        *paint("blue", cylinder(0.4, 0.55, (0, 0, top + 0.42), bevel=0.06, sides=18)),
        *paint("blue_dark", box((0.5, 0.5, 0.4), (radius - 0.2, 0, top + 0.42), bevel=0.05)),
        *paint("state", box((0.52, 0.52, 0.08), (radius - 0.2, 0, top + 0.82))),
        *paint("black", cylinder(0.3, 0.2, (radius - 0.18, -0.35, top + 0.0), "y", sides=12)),
        *paint("steel_dark", bar((1.0, 0, top - 0.3), (radius - 0.8, 0, top - 0.3), 0.12, 0.5)),
        *paint("shell", box((0.5, 0.3, 0.7), (1.3, 0.3, top + 0.42), bevel=0.03)),
    ]
    return parts


def reservoir() -> list[Part]:
    """A round service reservoir with a shallow roof, stairs around it, a level board and its pipes."""
    radius, high = 6.0, 5.2
    parts = [
        *paint("concrete", cylinder(radius + 0.3, 0.25, sides=36)),
        *paint("shell", cylinder(radius, high, (0, 0, 0.2), sides=36)),
        *paint(
            "shell_dim",
            lathe(
                [(radius + 0.12, 0.0), (radius + 0.12, 0.14), (0.5, 0.75), (0.0, 0.8)],
                (0, 0, high + 0.2),
                sides=36,
            ),
        ),
        *paint("state", ring(radius, radius + 0.05, 0.4, (0, 0, high - 0.5), sides=36)),
        *paint("panel", *(ring(radius, radius + 0.025, 0.08, (0, 0, z), sides=36) for z in (1.5, 2.8))),
        *paint("state", cylinder(0.45, 0.3, (0, 0, high + 0.95), bevel=0.05, sides=16)),
        *paint("steel", cylinder(0.5, 0.14, (0.0, -radius - 0.08, 1.0), "y", sides=18)),
    ]
    angles = np.linspace(np.radians(205), np.radians(325), 17)
    for number, angle in enumerate(angles):
        c, s = float(np.cos(angle)), float(np.sin(angle))
        z = 0.3 + (high - 0.1) * (number + 1) / len(angles)
        parts += paint(
            "steel_dark",
            bar((radius * c, radius * s, z), ((radius + 0.8) * c, (radius + 0.8) * s, z), 0.36, 0.05),
        )
    rail = [
        (
            (radius + 0.8) * float(np.cos(a)),
            (radius + 0.8) * float(np.sin(a)),
            1.2 + (high - 0.1) * (i + 1) / len(angles),
        )
        for i, a in enumerate(angles)
    ]
    parts += paint("steel_dark", pipe(rail, 0.035, sides=5))
    parts += paint(
        "blue",
        pipe([(radius - 0.2, 1.2, 0.7), (radius + 1.1, 1.2, 0.7), (radius + 1.1, 1.2, 0.05)], 0.2, 0.3, 10),
    )
    parts += flange((radius + 0.4, 1.2, 0.7), 0.3, "x")
    parts += paint(
        "blue",
        pipe(
            [(radius - 0.2, -1.2, 0.7), (radius + 1.1, -1.2, 0.7), (radius + 1.1, -1.2, 0.05)], 0.2, 0.3, 10
        ),
    )
    parts += paint("panel", box((0.5, 0.05, 3.6), (-1.6, -radius + 0.2, 0.9)))
    return parts


def wet_well() -> list[Part]:
    """A lift station: round shaft with a deck, two hatches with lifting frames, rising pipes, a cabinet."""
    parts = [
        *paint("concrete", cylinder(2.0, 0.9, sides=28, bevel=0.05)),
        *paint("steel", cylinder(1.85, 0.06, (0, 0, 0.9), sides=28)),
        *paint("state", ring(1.86, 2.02, 0.1, (0, 0, 0.86), sides=28)),
        *paint("state", ring(2.0, 2.02, 0.3, (0, 0, 0.4), sides=28)),
    ]
    for x in (-0.75, 0.75):
        parts += paint("steel_dark", box((0.9, 0.9, 0.08), (x, -0.3, 0.96), bevel=0.02))
        parts += paint(
            "grey", *(bar((x + s * 0.55, 0.4, 0.96), (x + s * 0.55, 0.4, 2.5), 0.09, 0.09) for s in (-1, 1))
        )
        parts += paint(
            "blue",
            pipe([(x, 0.1, 0.5), (x, 0.1, 1.5), (x, 1.2, 1.5), (x, 2.3, 1.5), (x, 2.3, 0.1)], 0.13, 0.25, 10),
        )
        parts += flange((x, 0.8, 1.5), 0.2, "y")
        parts += paint("blue_dark", cylinder(0.2, 0.36, (x, 1.5, 1.34), sides=12))
        parts += paint("steel", ring(0.18, 0.24, 0.05, (x, 1.5, 1.84), sides=14))
    parts += paint("grey", bar((-1.4, 0.4, 2.55), (1.4, 0.4, 2.55), 0.12, 0.16))
    parts += _handrail([(-1.5, -1.2, 0.96), (1.5, -1.2, 0.96)])
    parts += paint("shell", box((0.7, 0.4, 1.5), (2.2, -1.4, 0.1), bevel=0.03))
    parts += paint("state", box((0.74, 0.44, 0.1), (2.2, -1.4, 1.6), bevel=0.02))
    parts += handle((2.42, -1.62, 0.9))
    parts += signal_tower((2.2, -1.4, 1.7))
    return parts


def blower() -> list[Part]:
    """A blower in its acoustic hood: doors, louvres, display, discharge pipe with silencer."""
    front = -0.75
    return [
        *paint("dark", box((2.3, 1.4, 0.14))),
        *paint("shell", box((2.4, 1.46, 1.5), (0, 0, 0.14), bevel=0.04)),
        *paint("panel", *(box((0.72, 0.03, 1.3), (x, front, 0.24), bevel=0.01) for x in (-0.78, 0.0))),
        *handle((-0.5, front, 0.9)),
        *handle((0.28, front, 0.9)),
        *louvres((0.8, front, 0.3), 0.6, 0.5, 8),
        *paint("dark", box((0.62, 0.04, 0.6), (0.8, front + 0.02, 0.28))),
        *screen((0.8, front, 1.05), 0.36),
        *paint("state", box((2.44, 1.5, 0.1), (0, 0, 1.5), bevel=0.02)),
        *paint("blue", cylinder(0.3, 0.9, (-0.5, 0.2, 1.78), "x", bevel=0.06, sides=18)),
        *paint(
            "blue",
            pipe([(0.2, 0.2, 1.2), (0.2, 0.2, 1.86), (1.5, 0.2, 1.86)], 0.14, 0.32, 12),
        ),
        *flange((1.0, 0.2, 1.86), 0.22, "x"),
        *paint("steel", box((0.7, 0.7, 0.24), (-0.8, 0.1, 1.6), bevel=0.03)),
        *signal_tower((1.05, -0.55, 1.6), 0.4),
    ]


def belt_press() -> list[Part]:
    """A belt filter press: frame, rollers with the belt over them, feed box, drip tray, cake chute, panel."""
    parts: list[Part] = [*paint("concrete", box((5.0, 2.2, 0.15), bevel=0.03))]
    for y in (-0.85, 0.85):
        parts += paint(
            "blue",
            bar((-2.2, y, 0.5), (2.2, y, 0.5), 0.12, 0.2),
            bar((-2.2, y, 1.9), (1.4, y, 1.9), 0.12, 0.16),
        )
        parts += paint("blue", *(box((0.12, 0.12, 1.75), (x, y, 0.15)) for x in (-2.1, -0.7, 0.7, 2.0)))
    rolls = [
        (-1.9, 1.7, 0.2),
        (-1.0, 1.72, 0.14),
        (-0.1, 1.72, 0.14),
        (0.9, 1.62, 0.26),
        (1.7, 1.2, 0.24),
        (1.0, 0.8, 0.2),
        (0.2, 0.75, 0.16),
        (-1.9, 0.8, 0.2),
    ]
    for x, z, r in rolls:
        parts += paint("steel", cylinder(r, 1.6, (x, -0.8, z), "y", sides=16))
    belt = [
        (-1.9, 1.92),
        (0.9, 1.9),
        (1.95, 1.25),
        (1.1, 0.58),
        (-1.9, 0.58),
        (-1.9, 0.66),
        (1.05, 0.66),
        (1.82, 1.25),
        (0.85, 1.82),
        (-1.9, 1.84),
    ]
    parts += paint("shell_dim", prism(belt, -0.7, 0.7, axis="y"))
    parts += paint("panel", box((0.9, 1.5, 0.6), (-2.0, 0, 1.95), bevel=0.05))
    parts += paint(
        "state",
        box((0.94, 1.54, 0.1), (-2.0, 0, 2.5), bevel=0.02),
        box((3.4, 0.04, 0.22), (0.0, -0.93, 1.95)),
    )
    parts += paint("state", box((3.4, 0.24, 0.04), (0.0, -0.85, 2.0)))
    parts += paint("steel_dark", prism([(1.7, 0.9), (2.5, 0.2), (2.5, 0.3), (1.8, 1.0)], -0.7, 0.7, axis="y"))
    parts += paint("blue_dark", cylinder(0.2, 0.5, (0.9, 0.95, 1.62), "y", bevel=0.03, sides=14))
    parts += paint(
        "blue",
        pipe([(-2.0, 0.0, 2.5), (-2.0, 0.0, 2.8), (-2.0, 1.05, 2.8), (-2.0, 1.05, 0.15)], 0.07, 0.15, 8),
    )
    parts += paint("shell", box((0.5, 0.3, 1.3), (2.2, -1.1, 0.15), bevel=0.03))
    parts += screen((2.2, -1.26, 1.0), 0.34)
    parts += paint("state", box((0.54, 0.34, 0.08), (2.2, -1.1, 1.45)))
    return parts
