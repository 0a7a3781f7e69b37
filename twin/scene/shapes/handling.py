"""Handling: conveyor, palletising robot."""

from __future__ import annotations

import numpy as np

from twin.scene.parts import Part, paint
from twin.scene.shapes.fittings import board_rails
from twin.scene.solids import Point, bar, box, cylinder, moved, prism


def conveyor() -> list[Part]:
    """A board conveyor on a frame, with its drive and a start-stop box."""
    legs = [box((0.07, 0.07, 0.86), (x, y, 0.03), bevel=0.01) for x in (-0.62, 0.62) for y in (-0.27, 0.27)]
    rollers = [
        cylinder(0.028, 0.5, (x, -0.25, 0.93), "y", sides=8) for x in np.linspace(-0.68, 0.68, 9).tolist()
    ]
    return [
        *paint(
            "black",
            *(cylinder(0.055, 0.03, (x, y, 0), sides=10) for x in (-0.62, 0.62) for y in (-0.27, 0.27)),
        ),
        *paint("panel", *legs),
        *paint("panel", *(bar((-0.6, y, 0.25), (0.6, y, 0.25), 0.05, 0.06) for y in (-0.27, 0.27))),
        *paint("panel", *(bar((x, -0.25, 0.25), (x, 0.25, 0.25), 0.05, 0.06) for x in (-0.62, 0.62))),
        *paint("shell", *(box((1.5, 0.08, 0.16), (0, y, 0.83), bevel=0.02) for y in (-0.31, 0.31))),
        *paint("state", *(box((1.4, 0.06, 0.025), (0, y, 0.985), bevel=0.008) for y in (-0.31, 0.31))),
        *paint("steel", *rollers),
        *board_rails(1.5, 0.0, 0.94, 0.34),
        *paint("board", box((0.34, 0.28, 0.012), (-0.22, 0, 0.99))),
        *paint("blue", box((0.3, 0.24, 0.2), (0.2, 0, 0.56), bevel=0.03)),
        *paint("blue_dark", cylinder(0.09, 0.22, (0.34, 0, 0.66), "x", bevel=0.02, sides=12)),
        *paint("shell_dim", box((0.2, 0.1, 0.28), (0.48, -0.36, 0.56), bevel=0.02)),
        *paint("state", cylinder(0.035, 0.03, (0.48, -0.44, 0.76), "y", sides=12)),
        *paint("dark", cylinder(0.025, 0.02, (0.48, -0.43, 0.66), "y", sides=10)),
    ]


def _joint(at: Point, radius: float, width: float) -> list[Part]:
    x, y, z = at
    return [
        *paint("shell_dim", cylinder(radius, width, (x, y - width / 2, z), "y", bevel=0.03, sides=18)),
        *paint("dark", cylinder(radius * 0.55, width + 0.03, (x, y - width / 2 - 0.015, z), "y", sides=14)),
    ]


def robot() -> list[Part]:
    """A palletising arm on its pedestal, with a vacuum gripper above a half-built pallet."""
    shoulder, elbow, wrist = (-0.62, 0.0, 0.95), (-0.36, 0.0, 2.1), (0.72, 0.0, 1.82)
    parts = [
        *paint("dark", cylinder(0.48, 0.1, (-0.7, 0, 0), bevel=0.03, sides=24)),
        *paint("blue_dark", cylinder(0.36, 0.4, (-0.7, 0, 0.1), bevel=0.04, sides=22)),
        *paint("state", cylinder(0.39, 0.09, (-0.7, 0, 0.5), bevel=0.02, sides=24)),
        *paint("shell", box((0.62, 0.56, 0.46), (-0.72, 0, 0.58), bevel=0.08)),
        *_joint(shoulder, 0.24, 0.62),
        *_limb(shoulder, elbow, 0.3, 0.26),
        *_joint(elbow, 0.2, 0.46),
        *_limb(elbow, wrist, 0.22, 0.22),
        *paint(
            "state", *(cylinder(0.21, 0.02, (elbow[0], y, elbow[2]), "y", sides=18) for y in (-0.26, 0.24))
        ),
        *paint("blue", box((0.34, 0.34, 0.3), (-0.68, 0, 2.0), bevel=0.05)),
        *_joint(wrist, 0.14, 0.3),
        *paint("steel", cylinder(0.08, 0.34, (0.72, 0, 1.36), sides=12)),
        *paint("steel_dark", box((0.6, 0.46, 0.08), (0.72, 0, 1.3), bevel=0.02)),
    ]
    cups = [(0.72 + i * 0.2, j * 0.15) for i in (-1, 0, 1) for j in (-1, 1)]
    parts += paint("black", *(cylinder(0.05, 0.08, (x, y, 1.22), sides=8) for x, y in cups))
    # the pallet
    parts += paint("concrete", *(box((0.9, 0.1, 0.1), (0.72, y, 0.03)) for y in (-0.5, 0, 0.5)))
    parts += paint(
        "concrete", *(box((0.16, 1.1, 0.03), (0.72 + i * 0.185, 0, 0.13)) for i in (-2, -1, 0, 1, 2))
    )
    for level, count in ((0.16, 4), (0.51, 4), (0.86, 2)):
        spots = [(0.5, -0.27), (0.5, 0.27), (0.94, -0.27), (0.94, 0.27)][:count]
        parts += paint("shell_dim", *(box((0.42, 0.52, 0.34), (x, y, level), bevel=0.015) for x, y in spots))
    return parts


def _limb(start: Point, end: Point, wide: float, narrow: float) -> list[Part]:
    """A cast arm that tapers from ``start`` to ``end`` in the plane of x and z."""
    (ax, _, az), (bx, _, bz) = start, end
    length = float(np.hypot(bx - ax, bz - az))
    profile = [(0.0, -wide / 2), (length, -narrow / 2), (length, narrow / 2), (0.0, wide / 2)]
    limb = prism(profile, -wide * 0.42, wide * 0.42, 0.035, "y")
    turned = moved(limb, turn_deg=-float(np.degrees(np.arctan2(bz - az, bx - ax))), about="y")
    return paint("blue", moved(turned, start))
