"""Fittings that many machines share: signal tower, screen, board rails, feet, flanges."""

from __future__ import annotations

import pyvista as pv

from twin.scene.parts import Part, paint
from twin.scene.solids import Axis, Point, box, cylinder, lathe, moved, pipe


def signal_tower(at: Point, height: float = 0.45) -> list[Part]:
    """Make a stack light whose lamps are the state part; ``height`` [m] above ``at``."""
    x, y, z = at
    pole = height * 0.4
    lamp = (height - pole) * 0.9
    return [
        *paint("steel", cylinder(0.016, pole, at, sides=8)),
        *paint("state", cylinder(0.05, lamp, (x, y, z + pole), bevel=0.01, sides=12)),
        *paint("grey", cylinder(0.04, height - pole - lamp, (x, y, z + pole + lamp), sides=10)),
    ]


def screen(at: Point, width: float = 0.45, tilt_deg: float = 15.0) -> list[Part]:
    """Make a monitor that faces -y; ``at`` is the middle of its back's foot."""
    height = width * 0.68
    frame = box((width, 0.05, height), bevel=0.015)
    picture = box((width * 0.9, 0.012, height * 0.84), (0, -0.03, height * 0.08))
    row = box((width * 0.55, 0.006, height * 0.08), (-width * 0.12, -0.036, height * 0.66))
    row2 = box((width * 0.35, 0.006, height * 0.08), (-width * 0.22, -0.036, height * 0.46))
    return [
        *paint("dark", _tilted(frame, at, tilt_deg)),
        *paint("screen", _tilted(picture, at, tilt_deg)),
        *paint("glow", _tilted(row, at, tilt_deg), _tilted(row2, at, tilt_deg)),
    ]


def _tilted(solid: pv.PolyData, at: Point, tilt_deg: float) -> pv.PolyData:
    return moved(moved(solid, turn_deg=-tilt_deg, about="x"), at)


def board_rails(length: float, y: float, z: float, gap: float = 0.3, x: float = 0.0) -> list[Part]:
    """Make the pair of rails on which boards travel along x, through a machine and out on both sides."""
    return [
        *paint("steel", *(box((length, 0.05, 0.06), (x, y + side * gap / 2, z)) for side in (-1, 1))),
        *paint(
            "black",
            *(box((length, 0.02, 0.012), (x, y + side * (gap / 2 - 0.03), z + 0.045)) for side in (-1, 1)),
        ),
    ]


def feet(width: float, depth: float, height: float = 0.08) -> list[Part]:
    """Make four levelling feet below a machine."""
    corners = [(i * (width / 2 - 0.1), j * (depth / 2 - 0.1), 0.0) for i in (-1, 1) for j in (-1, 1)]
    return paint("black", *(cylinder(0.05, height, corner, sides=8) for corner in corners))


def plinth(width: float, depth: float, height: float = 0.1) -> list[Part]:
    """Make the set-back dark base a cabinet stands on."""
    return paint("dark", box((width - 0.08, depth - 0.08, height)))


def flange(at: Point, radius: float, axis: Axis, thickness: float = 0.06) -> list[Part]:
    """Make a pair of flanges whose joint is at ``at``."""
    x, y, z = at
    profile = [(radius, -thickness), (radius, -0.006), (radius * 0.9, -0.006), (radius * 0.9, 0.006)]
    profile += [(radius, 0.006), (radius, thickness)]
    return paint("steel_dark", lathe(profile, (x, y, z), axis, sides=12))


def handle(at: Point, length: float = 0.3, upright: bool = True) -> list[Part]:
    """Make a bow handle on a front that faces -y."""
    x, y, z = at
    half = length / 2
    ends: list[Point] = (
        [(x, y, z - half), (x, y, z + half)] if upright else [(x - half, y, z), (x + half, y, z)]
    )
    (ax, ay, az), (bx, by, bz) = ends
    bow: list[Point] = [ends[0], (ax, ay - 0.06, az), (bx, by - 0.06, bz), ends[1]]
    return paint("steel_dark", pipe(bow, 0.014, sides=6))


def louvres(at: Point, width: float, height: float, count: int) -> list[Part]:
    """Make ventilation slats on a front that faces -y; ``at`` is the middle of the lowest edge."""
    x, y, z = at
    step = height / count
    return paint("grey", *(box((width, 0.03, step * 0.45), (x, y, z + i * step)) for i in range(count)))
