"""Bottling and packing: rotary filler, labeller, case packer, palletiser, checkweigher, guided vehicle."""

from __future__ import annotations

import numpy as np

from twin.scene.parts import Part, paint
from twin.scene.shapes.fittings import feet, handle, louvres, screen, signal_tower
from twin.scene.solids import bar, box, cylinder, lathe, pipe, ring

_BELT_Z = 1.0


def _bottle(x: float, y: float, z: float = _BELT_Z + 0.04) -> list[Part]:
    return paint("glow", lathe([(0.05, 0.0), (0.05, 0.2), (0.018, 0.28)], (x, y, z), "z", 6))


def _belt(length: float, y: float, x: float = 0.0, width: float = 0.22) -> list[Part]:
    """A bottle belt on two feet."""
    return [
        *paint("steel", box((length, width, 0.08), (x, y, _BELT_Z - 0.06))),
        *paint("black", box((length, width - 0.06, 0.02), (x, y, _BELT_Z + 0.015))),
        *paint(
            "steel_dark",
            *(
                bar((x + s * length * 0.4, y, 0), (x + s * length * 0.4, y, _BELT_Z), 0.06, 0.06)
                for s in (-1, 1)
            ),
        ),
    ]


def filler() -> list[Part]:
    """A rotary filler: carousel with its bowl and valves, star wheels, bottles, under a guard of panes."""
    parts = [
        *feet(3.4, 3.4),
        *paint("steel", box((3.4, 3.4, 0.5), (0, 0.1, 0.08), bevel=0.04)),
        *paint("steel_dark", cylinder(1.15, 0.35, (0, 0.3, 0.58), sides=28)),
        *paint("steel", cylinder(1.2, 0.05, (0, 0.3, 0.98), sides=28)),
        *paint(
            "steel",
            lathe(
                [(1.2, 0.0), (1.2, 0.45), (0.9, 0.62), (0.3, 0.7), (0.3, 0.9), (0.0, 0.9)],
                (0, 0.3, 1.75),
                "z",
                28,
            ),
        ),
        *paint(
            "steel", pipe([(0, 0.3, 2.55), (0, 0.3, 3.0), (1.6, 0.3, 3.0), (1.6, 1.6, 3.0)], 0.09, 0.2, 10)
        ),
        *paint("blue", *(cylinder(0.3, 0.06, (x, -1.15, 0.98), sides=14) for x in (-0.75, 0.75))),
        *_belt(4.0, -1.5),
        # guard: posts, panes, roof edge in the state colour
        *paint("shell", *(box((0.1, 0.1, 2.1), (x, y, 0.5)) for x in (-1.7, 1.7) for y in (-1.3, 1.8))),
        *paint("pane", *(box((0.02, 3.0, 1.3), (x, 0.25, 0.9)) for x in (-1.7, 1.7))),
        *paint("pane", *(box((1.6, 0.02, 1.3), (x, -1.3, 0.95)) for x in (-0.85, 0.85))),
        *paint("state", *(box((3.5, 0.14, 0.1), (0, y, 2.6), bevel=0.02) for y in (-1.3, 1.8))),
        *paint("state", *(box((0.14, 3.0, 0.1), (x, 0.25, 2.6), bevel=0.02) for x in (-1.7, 1.7))),
        *handle((-0.1, -1.32, 1.4), 0.3),
        *handle((0.1, -1.32, 1.4), 0.3),
        *paint("shell", box((0.5, 0.3, 1.5), (1.95, -1.2, 0.1), bevel=0.03)),
        *screen((1.95, -1.38, 1.15), 0.36, 8),
        *signal_tower((-1.6, 1.7, 2.68), 0.42),
    ]
    for angle in np.linspace(0, 2 * np.pi, 20, endpoint=False):
        x, y = 1.08 * float(np.cos(angle)), 0.3 + 1.08 * float(np.sin(angle))
        parts += _bottle(x, y, 1.03)
        parts += paint("steel_dark", cylinder(0.05, 0.4, (x, y, 1.36), sides=6))
    for x in (-1.8, -1.5, -1.2, 1.2, 1.5, 1.8):
        parts += _bottle(x, -1.5)
    return parts


def labeller() -> list[Part]:
    """A labeller: turntable, label unit with its reel, bottles passing."""
    parts = [
        *feet(2.4, 1.8),
        *paint("steel", box((2.4, 1.8, 0.8), (0, 0.1, 0.08), bevel=0.04)),
        *paint("steel_dark", cylinder(0.7, 0.1, (0, 0.1, 0.9), sides=24)),
        *paint("shell", cylinder(0.5, 0.3, (0, 0.1, 1.5), bevel=0.05, sides=22)),
        *paint("steel", cylinder(0.12, 0.5, (0, 0.1, 1.0), sides=12)),
        *_belt(3.0, -0.72),
        *paint("blue", box((0.7, 0.5, 0.9), (0.85, 0.75, 0.9), bevel=0.04)),
        *paint("shell", cylinder(0.32, 0.16, (0.85, 0.75, 1.82), bevel=0.02, sides=20)),
        *paint("grey", cylinder(0.08, 0.18, (0.85, 0.75, 1.81), sides=10)),
        *paint(
            "shell", *(box((0.08, 0.08, 1.1), (x, y, 0.88)) for x in (-1.15, 1.15) for y in (-0.55, 0.95))
        ),
        *paint("pane", box((2.2, 0.02, 0.9), (0, -0.55, 0.98)), box((0.02, 1.4, 0.9), (-1.15, 0.2, 0.98))),
        *paint("state", *(box((2.4, 0.12, 0.09), (0, y, 1.98), bevel=0.02) for y in (-0.55, 0.95))),
        *paint("state", box((0.12, 1.4, 0.09), (-1.15, 0.2, 1.98), bevel=0.02)),
        *handle((0.7, -0.57, 1.4), 0.3),
        *screen((1.2, -0.75, 1.3), 0.32, 10),
        *signal_tower((-1.1, 0.9, 2.06), 0.36),
    ]
    for angle in np.linspace(0, 2 * np.pi, 12, endpoint=False):
        parts += _bottle(0.6 * float(np.cos(angle)), 0.1 + 0.6 * float(np.sin(angle)), 1.01)
    for x in np.linspace(-1.4, 1.4, 12).tolist():
        parts += _bottle(x, -0.72)
    return parts


def case_packer() -> list[Part]:
    """A case packer: portal with a gripper head over a roller track, cases, guard with doors."""
    cases = [(-1.2, 0.0), (-0.5, 0.0), (0.9, 0.0), (1.4, 0.0)]
    parts = [
        *feet(2.8, 2.0),
        *paint("shell_dim", box((2.8, 2.0, 0.6), (0, 0.1, 0.08), bevel=0.04)),
        *paint("steel", *(box((3.3, 0.08, 0.12), (0, y, 0.74)) for y in (-0.36, 0.36))),
        *paint(
            "steel",
            *(
                cylinder(0.035, 0.66, (x, -0.33, 0.82), "y", sides=8)
                for x in np.linspace(-1.55, 1.55, 14).tolist()
            ),
        ),
        *paint("copper", *(box((0.44, 0.5, 0.36), (x, y, 0.87), bevel=0.015) for x, y in cases)),
        *paint("shell", *(box((0.12, 0.12, 2.3), (x, y, 0.1)) for x in (-1.35, 1.35) for y in (-0.85, 1.0))),
        *paint("blue", box((2.8, 0.24, 0.24), (0, 0.4, 2.05), bevel=0.03)),
        *paint("blue_dark", box((0.24, 0.3, 0.8), (0.1, 0.3, 1.5), bevel=0.03)),
        *paint("steel_dark", box((0.6, 0.5, 0.1), (0.1, 0.05, 1.42), bevel=0.02)),
        *paint(
            "black",
            *(
                cylinder(0.05, 0.12, (0.1 + i * 0.18, 0.05 + j * 0.16, 1.3), sides=8)
                for i in (-1, 0, 1)
                for j in (-1, 0, 1)
            ),
        ),
        *paint("pane", *(box((1.2, 0.02, 1.3), (x, -0.85, 0.85)) for x in (-0.65, 0.65))),
        *paint("pane", *(box((0.02, 1.7, 1.0), (x, 0.1, 1.2)) for x in (-1.36, 1.36))),
        *paint("state", *(box((2.9, 0.16, 0.1), (0, y, 2.4), bevel=0.02) for y in (-0.85, 1.0))),
        *paint("state", *(box((0.16, 1.7, 0.1), (x, 0.1, 2.4), bevel=0.02) for x in (-1.35, 1.35))),
        *handle((-0.08, -0.87, 1.4), 0.3),
        *handle((0.08, -0.87, 1.4), 0.3),
        *screen((1.35, -1.0, 1.3), 0.36, 8),
        *louvres((-0.8, -0.915, 0.2), 0.7, 0.3, 4),
        *signal_tower((-1.3, 0.95, 2.48), 0.36),
    ]
    return parts


def palletiser() -> list[Part]:
    """A layer palletiser: columns, layer table above, hoist, a half-built pallet, magazine of pallets."""
    parts = [
        *paint("dark", box((4.0, 3.2, 0.08))),
        *paint("shell", *(box((0.18, 0.18, 3.2), (x, y, 0.08)) for x in (-0.1, 1.9) for y in (-1.4, 1.4))),
        *paint("shell", *(box((2.2, 0.16, 0.16), (0.9, y, 3.16)) for y in (-1.4, 1.4))),
        *paint("blue", *(box((0.16, 2.96, 0.2), (x, 0, 2.2)) for x in (-0.1, 1.9))),
        *paint("steel", *(box((2.0, 0.1, 0.1), (0.9, y, 2.3)) for y in (-1.1, 1.1))),
        *paint(
            "steel",
            *(cylinder(0.05, 2.2, (x, -1.1, 2.42), "y", sides=8) for x in np.linspace(0.0, 1.8, 12).tolist()),
        ),
        *paint("state", *(box((2.3, 0.2, 0.1), (0.9, y, 3.32), bevel=0.02) for y in (-1.4, 1.4))),
        *paint("state", *(box((0.2, 2.6, 0.1), (x, 0, 3.32), bevel=0.02) for x in (-0.1, 1.9))),
        *paint("blue_dark", box((0.6, 0.5, 0.4), (0.9, 1.1, 2.7), bevel=0.04)),
        # infeed at height, magazine, guard
        *paint("steel", *(box((2.0, 0.1, 0.14), (-1.1, y, 2.28)) for y in (-0.5, 0.5))),
        *paint("steel_dark", *(bar((-1.8, y, 0.08), (-1.8, y, 2.3), 0.08, 0.08) for y in (-0.5, 0.5))),
        *paint(
            "steel",
            *(
                cylinder(0.04, 0.95, (x, -0.475, 2.4), "y", sides=8)
                for x in np.linspace(-2.0, -0.3, 9).tolist()
            ),
        ),
        *paint("copper", *(box((0.4, 0.5, 0.34), (x, 0, 2.45), bevel=0.015) for x in (-1.7, -0.9))),
        *paint("concrete", *(box((1.0, 1.2, 0.14), (-1.35, 0.85, 0.12 + i * 0.17)) for i in range(7))),
        *paint("pane", box((1.8, 0.02, 1.9), (0.9, -1.42, 0.2))),
        *paint("pane", box((0.02, 2.6, 1.9), (1.92, 0, 0.2))),
        *handle((0.2, -1.44, 1.1), 0.3),
        *paint("shell", box((0.5, 0.34, 1.6), (-1.3, -1.4, 0.08), bevel=0.03)),
        *paint("state", box((0.52, 0.36, 0.08), (-1.3, -1.4, 1.68), bevel=0.015)),
        *screen((-1.3, -1.6, 1.15), 0.36, 8),
        *signal_tower((1.85, -1.35, 3.42), 0.3),
        *paint("concrete", box((1.3, 1.5, 0.14), (0.9, 0, 0.1))),
    ]
    for level in range(3):
        z = 0.25 + level * 0.36
        parts += paint(
            "copper",
            *(
                box((0.4, 0.46, 0.34), (0.9 + i * 0.42, j * 0.48, z), bevel=0.012)
                for i in (-1, 0, 1)
                for j in (-1, 0, 1)
            ),
        )
    return parts


def checkweigher() -> list[Part]:
    """A checkweigher: three belts, the middle one on its load cell under a hood, a pusher, a terminal."""
    parts = [
        *feet(1.7, 0.7, 0.1),
        *paint("steel", *(box((0.08, 0.6, 0.7), (x, 0, 0.1)) for x in (-0.75, 0.75))),
        *paint("steel", *(bar((-0.75, y, 0.25), (0.75, y, 0.25), 0.05, 0.05) for y in (-0.26, 0.26))),
        *paint("shell", box((0.5, 0.5, 0.34), (0, 0, 0.42), bevel=0.03)),
        *paint("shell", box((1.8, 0.06, 0.5), (0, 0.34, 1.1), bevel=0.02)),
        *paint("pane", box((0.6, 0.02, 0.4), (0, -0.34, 0.95)), box((0.6, 0.66, 0.02), (0, 0, 1.35))),
        *paint("state", box((1.8, 0.1, 0.06), (0, 0.34, 1.6), bevel=0.012)),
        *paint("state", *(box((0.58, 0.05, 0.06), (x, -0.33, 0.78), bevel=0.01) for x in (-0.6, 0.0, 0.6))),
        *paint("copper", box((0.36, 0.4, 0.3), (-0.1, 0, 0.92), bevel=0.015)),
        *paint("blue", box((0.2, 0.3, 0.14), (0.6, 0.4, 0.95), bevel=0.02)),
        *paint("steel", cylinder(0.03, 0.3, (0.6, 0.05, 1.02), "y", sides=8)),
        *paint("shell_dim", box((0.36, 0.16, 0.46), (0.0, 0.3, 1.1), bevel=0.02)),
        *screen((0.0, -0.42, 1.36), 0.34, 16),
        *signal_tower((-0.8, 0.34, 1.6), 0.32),
    ]
    for x in (-0.6, 0.0, 0.6):
        parts += paint(
            "steel", *(cylinder(0.05, 0.56, (x + s * 0.24, -0.28, 0.84), "y", sides=10) for s in (-1, 1))
        )
        parts += paint("black", box((0.5, 0.52, 0.09), (x, 0, 0.8)))
    return parts


def agv() -> list[Part]:
    """A guided vehicle with a pallet: low body, scanners at its corners, wheels, load of cases."""
    parts = [
        *paint("dark", box((1.8, 1.0, 0.14), (0, 0, 0.06), bevel=0.04)),
        *paint("shell", box((1.84, 1.06, 0.2), (0, 0, 0.18), bevel=0.06)),
        *paint("state", box((1.86, 1.08, 0.05), (0, 0, 0.26), bevel=0.015)),
        *paint("state", box((1.3, 0.03, 0.08), (0, -0.54, 0.19), bevel=0.01)),
        *paint(
            "black",
            *(cylinder(0.11, 0.08, (x, y, 0.11), "y", sides=12) for x in (-0.55, 0.55) for y in (-0.5, 0.42)),
        ),
        *paint("blue", box((1.5, 0.9, 0.06), (0, 0, 0.38), bevel=0.015)),
        *paint(
            "black", *(cylinder(0.09, 0.12, (x, y, 0.3), sides=12) for x, y in ((-0.86, -0.46), (0.86, 0.46)))
        ),
        *paint("glow", *(box((0.02, 0.3, 0.05), (x, 0, 0.3)) for x in (-0.92, 0.92))),
        *paint("state", box((0.3, 0.3, 0.03), (-0.78, 0.3, 0.38), bevel=0.01)),
        *paint("concrete", *(box((1.2, 0.1, 0.1), (0, y, 0.44)) for y in (-0.38, 0, 0.38))),
        *paint("concrete", *(box((0.16, 0.86, 0.03), (-0.5 + i * 0.25, 0, 0.54)) for i in range(5))),
        *paint("steel", ring(0.05, 0.08, 0.02, (0.78, -0.3, 0.38), sides=10)),
    ]
    for level in range(2):
        parts += paint(
            "copper",
            *(
                box((0.38, 0.4, 0.36), (-0.4 + i * 0.4, j * 0.21, 0.58 + level * 0.38), bevel=0.012)
                for i in range(3)
                for j in (-1, 1)
            ),
        )
    return parts
