"""Electricity: transformer, switchgear cubicle, meter."""

from __future__ import annotations

from twin.scene.parts import Part, paint
from twin.scene.shapes.fittings import handle
from twin.scene.solids import Point, box, cylinder, lathe, pipe


def _bushing(at: Point, height: float, sheds: int, radius: float, sides: int) -> list[Part]:
    """An insulator with its sheds, a metal turret below and a terminal on top."""
    x, y, z = at
    profile: list[tuple[float, float]] = []
    pitch = height / sheds
    for i in range(sheds):
        taper = 1.0 - 0.35 * i / sheds
        profile += [(radius * 0.5 * taper, i * pitch), (radius * taper, (i + 0.45) * pitch)]
    profile.append((radius * 0.4, height))
    return [
        *paint("grey", cylinder(radius * 1.25, 0.22, (x, y, z - 0.12), bevel=0.02, sides=sides)),
        *paint("porcelain", lathe(profile, (x, y, z + 0.1), "z", sides, crease_deg=30)),
        *paint("steel", cylinder(radius * 0.32, 0.2, (x, y, z + 0.1 + height), sides=8)),
    ]


def transformer() -> list[Part]:
    """An oil-filled power transformer on its foundation, 6.0 x 4.6 x 5.0 m."""
    parts = [
        *paint("concrete", box((6.0, 4.6, 0.24), bevel=0.05)),
        *paint("steel_dark", *(box((5.2, 0.16, 0.16), (0, side * 0.7, 0.24)) for side in (-1, 1))),
        *paint("panel", box((3.6, 1.7, 2.3), (0, 0, 0.5), bevel=0.06)),
        *paint("grey", box((3.7, 1.8, 0.12), (0, 0, 0.4))),
        *paint("state", box((3.76, 1.86, 0.16), (0, 0, 2.74), bevel=0.03)),
        *paint("shell_dim", box((3.5, 1.6, 0.08), (0, 0, 2.88), bevel=0.02)),
    ]
    for side in (-1, 1):
        for bank in (-1.28, -0.43, 0.43, 1.28):
            plates = [box((0.045, 0.78, 1.8), (bank + (i - 3) * 0.1, side * 1.55, 0.75)) for i in range(7)]
            parts += paint("shell_dim", *plates)
            for z in (0.85, 2.4):
                parts += paint("grey", cylinder(0.055, 0.76, (bank - 0.38, side * 1.5, z), "x", sides=8))
                start = 0.8 if side > 0 else -1.55
                parts += paint("grey", cylinder(0.06, 0.75, (bank, start, z), "y", sides=8))
            parts += paint("dark", cylinder(0.3, 0.1, (bank, side * 1.55, 0.6), sides=14))
    parts += paint("shell", cylinder(0.42, 2.3, (-1.3, 0.95, 3.9), "x", bevel=0.07, sides=18))
    parts += paint("grey", *(box((0.1, 0.5, 1.1), (x, 0.8, 2.8)) for x in (-0.9, 0.6)))
    parts += paint("steel", pipe([(0.8, 0.7, 3.6), (0.8, 0.5, 3.3), (0.8, 0.4, 2.9)], 0.06, 0.1, 8))
    parts += paint("steel_dark", box((0.2, 0.22, 0.2), (0.8, 0.55, 3.22), bevel=0.03))
    for x in (-1.1, 0.0, 1.1):
        parts += _bushing((x, -0.35, 2.96), 1.6, 8, 0.17, 12)
    for x in (1.32, 1.5, 1.68):
        parts += _bushing((x, 0.5, 2.96), 0.45, 3, 0.1, 10)
    parts += paint("shell", box((0.9, 0.4, 1.3), (1.2, -2.0, 0.5), bevel=0.03))
    parts += paint("dark", box((0.8, 0.3, 0.3), (1.2, -2.0, 0.22)))
    parts += paint("state", box((0.94, 0.44, 0.09), (1.2, -2.0, 1.78), bevel=0.02))
    parts += handle((1.5, -2.2, 1.15), 0.2)
    return parts
