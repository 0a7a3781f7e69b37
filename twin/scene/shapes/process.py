"""Process equipment: tank, silo, cooling tower."""

from __future__ import annotations

import numpy as np

from twin.scene.parts import Part, paint
from twin.scene.shapes.fittings import flange
from twin.scene.solids import Point, bar, box, cylinder, lathe, moved, pipe, prism, ring, vessel


def _ladder(at: Point, height: float, rungs: int) -> list[Part]:
    """A ladder on a wall that faces +x."""
    x, y, z = at
    rails = [bar((x, y + s * 0.2, z), (x, y + s * 0.2, z + height), 0.04, 0.04) for s in (-1, 1)]
    steps = [
        bar(
            (x, y - 0.2, z + height * (i + 0.5) / rungs),
            (x, y + 0.2, z + height * (i + 0.5) / rungs),
            0.03,
            0.03,
        )
        for i in range(rungs)
    ]
    return paint("steel_dark", *rails, *steps)


def _railing(radius: float, z: float, posts: int) -> list[Part]:
    """A round railing of two rails."""
    angles = np.linspace(0, 2 * np.pi, posts, endpoint=False)
    spots = [(radius * float(np.cos(a)), radius * float(np.sin(a))) for a in angles]
    parts: list[Part] = []
    for (ax, ay), (bx, by) in zip(spots, [*spots[1:], spots[0]], strict=True):
        parts += paint("steel_dark", bar((ax, ay, z), (ax, ay, z + 0.9), 0.04, 0.04))
        parts += paint(
            "steel_dark", *(bar((ax, ay, z + h), (bx, by, z + h), 0.035, 0.035) for h in (0.5, 0.9))
        )
    return parts


def tank() -> list[Part]:
    """A vertical tank on legs, with dished ends, manhole, level glass, pipes and a ladder."""
    body = vessel(1.3, 3.9, (0, 0, 0.7), dome=0.32, sides=28)
    legs = [cylinder(0.11, 1.2, (x, y, 0.05), sides=8) for x in (-0.8, 0.8) for y in (-0.8, 0.8)]
    return [
        *paint("concrete", box((2.8, 2.8, 0.1), bevel=0.03)),
        *paint("grey", *legs),
        *paint("shell", body),
        *paint("state", ring(1.28, 1.33, 0.24, (0, 0, 3.3), sides=28)),
        *paint("panel", *(cylinder(1.318, 0.06, (0, 0, z), sides=18) for z in (1.3, 2.4))),
        *paint("steel_dark", cylinder(0.3, 0.2, (0, 0, 4.5), bevel=0.03, sides=16)),
        *paint("state", cylinder(0.24, 0.04, (0, 0, 4.7), bevel=0.01, sides=16)),
        *paint("steel", cylinder(0.35, 0.12, (0, -1.38, 1.75), "y", sides=16)),
        *paint("steel_dark", cylinder(0.4, 0.06, (0, -1.4, 1.75), "y", bevel=0.01, sides=16)),
        *paint(
            "blue",
            pipe([(-0.7, -0.4, 4.3), (-0.7, -0.4, 4.9), (-0.7, -1.4, 4.9), (-0.7, -1.4, 0.1)], 0.08, 0.2, 10),
        ),
        *flange((-0.7, -1.4, 2.4), 0.13, "z"),
        *paint("blue", pipe([(0, 0, 0.8), (0, 0, 0.4), (0.6, -1.4, 0.4)], 0.1, 0.15, 10)),
        *flange((0.6, -1.4, 0.4), 0.16, "y"),
        *paint("pane", cylinder(0.04, 1.6, (0.95, -1.0, 1.5), sides=10)),
        *paint("steel_dark", *(box((0.12, 0.3, 0.06), (0.93, -0.9, z)) for z in (1.45, 3.1))),
        *_ladder((1.36, 0, 0.1), 4.3, 8),
        *_railing(0.75, 4.42, 8),
    ]


def silo() -> list[Part]:
    """A silo: corrugated barrel on a skirt, cone roof with a walkway, filling pipe, discharge cone."""
    profile: list[tuple[float, float]] = [(1.7, 0.0)]
    for i in range(5):
        z = i * 1.68
        profile += [(1.7, z + 0.1), (1.75, z + 0.18), (1.75, z + 1.5), (1.7, z + 1.58)]
    profile.append((1.7, 8.4))
    legs = [(1.45 * float(np.cos(a)), 1.45 * float(np.sin(a))) for a in np.radians([45, 135, 225, 315])]
    return [
        *paint("concrete", box((3.9, 3.9, 0.2), bevel=0.05)),
        *paint("grey", *(box((0.24, 0.24, 2.4), (x, y, 0.15), bevel=0.03) for x, y in legs)),
        *paint("panel", lathe([(0.3, 0.9), (1.7, 2.5), (1.7, 2.56)], sides=24)),
        *paint("steel_dark", cylinder(0.32, 0.4, (0, 0, 0.6), bevel=0.04, sides=14)),
        *paint("shell", lathe(profile, (0, 0, 2.5), "z", 22)),
        *paint("state", ring(1.7, 1.79, 0.5, (0, 0, 9.4), sides=22)),
        *paint(
            "shell_dim",
            lathe([(1.76, 10.9), (1.76, 11.0), (0.35, 11.6), (0.35, 11.75), (0.0, 11.85)], sides=24),
        ),
        *paint("state", cylinder(0.4, 0.12, (0, 0, 11.72), bevel=0.02, sides=16)),
        *paint(
            "blue", pipe([(0, -0.3, 11.3), (0, -0.9, 11.95), (0, -1.9, 11.7), (0, -1.9, 0.5)], 0.09, 0.5, 8)
        ),
        *paint("shell_dim", box((0.5, 0.5, 0.6), (0.8, 0.4, 11.1), bevel=0.04)),
        *_railing(1.62, 10.95, 10),
        *_ladder((1.83, 0, 0.2), 10.8, 12),
    ]


def cooling_tower() -> list[Part]:
    """An induced-draught cooling tower: basin, louvred sides, fan stack with blades, pipes."""
    parts = [
        *paint("concrete", box((4.0, 4.0, 0.5), bevel=0.05)),
        *paint("blue_dark", box((3.6, 3.6, 0.03), (0, 0, 0.49))),
        *paint("shell_dim", *(box((0.18, 0.18, 2.9), (x, y, 0.5)) for x in (-1.7, 1.7) for y in (-1.7, 1.7))),
        *paint("dark", box((3.2, 3.2, 2.6), (0, 0, 0.7))),
        *paint("shell", box((3.8, 3.8, 0.9), (0, 0, 2.9), bevel=0.06)),
        *paint("state", box((3.88, 3.88, 0.22), (0, 0, 3.2), bevel=0.04)),
    ]
    for i in range(6):
        z = 0.75 + i * 0.36
        for turn in (0, 90, 180, 270):
            slat = prism([(-1.82, z), (-1.62, z + 0.24), (-1.58, z + 0.24), (-1.78, z)], -1.62, 1.62, 0, "x")
            parts += paint("panel", moved(slat, turn_deg=turn))
    stack = [
        (1.42, 3.8),
        (1.28, 4.15),
        (1.24, 4.4),
        (1.3, 4.8),
        (1.22, 4.8),
        (1.16, 4.4),
        (1.2, 4.15),
        (1.2, 3.81),
    ]
    parts += paint("shell", lathe(stack, sides=28, hollow=True))
    parts += paint("state", ring(1.2, 1.36, 0.16, (0, 0, 4.68), sides=28))
    parts += paint("dark", cylinder(1.19, 0.02, (0, 0, 3.84), sides=28))
    for i in range(6):
        blade = box((1.0, 0.26, 0.03), (0.62, 0, 0), bevel=0.01)
        parts += paint(
            "steel", moved(moved(moved(blade, turn_deg=18, about="x"), turn_deg=60 * i), (0, 0, 4.4))
        )
    parts += paint("steel_dark", cylinder(0.2, 0.3, (0, 0, 4.25), bevel=0.04, sides=14))
    parts += paint("blue", pipe([(1.5, -1.95, 0.2), (1.5, -1.95, 3.5), (1.5, -1.2, 3.5)], 0.12, 0.3, 10))
    parts += flange((1.5, -1.95, 1.6), 0.19, "z")
    return parts
