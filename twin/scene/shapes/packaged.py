"""Machines that come as a package on a skid: screw compressor, water chiller."""

from __future__ import annotations

from twin.scene.parts import Part, paint
from twin.scene.shapes.fittings import flange, handle, louvres, screen
from twin.scene.solids import box, cylinder, lathe, pipe


def screw_compressor() -> list[Part]:
    """A screw compressor in its sound hood: doors, intake louvres, exhaust on the roof, air outlet,
    display."""
    doors = [box((0.68, 0.03, 1.3), (x, -0.7, 0.24), bevel=0.015) for x in (-0.74, 0.0, 0.74)]
    return [
        *paint("dark", box((2.3, 1.3, 0.16), bevel=0.02)),
        *paint("shell", box((2.3, 1.38, 1.5), (0, 0, 0.16), bevel=0.05)),
        *paint("panel", *doors),
        *paint("state", box((2.34, 0.05, 0.12), (0, -0.7, 1.53), bevel=0.015)),
        *paint("state", box((1.3, 0.9, 0.04), (-0.4, 0.05, 1.65), bevel=0.012)),
        *[part for x in (-0.44, 0.3, 1.02) for part in handle((x, -0.72, 0.85), 0.2)],
        *louvres((-0.74, -0.72, 0.34), 0.5, 0.4, 6),
        *louvres((0.74, -0.72, 0.34), 0.5, 0.4, 6),
        # exhaust hood
        *paint("shell_dim", box((0.8, 0.9, 0.24), (0.65, 0.05, 1.66), bevel=0.03)),
        *paint("black", *(box((0.66, 0.05, 0.02), (0.65, y, 1.9)) for y in (-0.26, -0.06, 0.14, 0.34))),
        # display and emergency stop
        *paint("dark", box((0.4, 0.04, 0.34), (0.0, -0.715, 1.1), bevel=0.012)),
        *screen((0.0, -0.735, 1.14), 0.28, 4),
        *paint("state", cylinder(0.035, 0.03, (0.26, -0.75, 1.22), "y", sides=10)),
        # air out, cooling air duct, drain
        *paint("steel", pipe([(1.0, 0.3, 0.9), (1.22, 0.3, 0.9), (1.22, 0.3, 1.5)], 0.06, 0.1, 10)),
        *flange((1.22, 0.3, 1.5), 0.1, "z", 0.03),
        *paint("steel", pipe([(-1.05, 0.2, 0.34), (-1.2, 0.2, 0.34), (-1.2, 0.2, 0.1)], 0.03, 0.06, 8)),
    ]


def chiller() -> list[Part]:
    """A water chiller: evaporator and condenser shells one above the other, screw compressor on top,
    starter panel."""
    parts = [
        *paint("dark", *(box((0.24, 1.3, 0.16), (x, 0.05, 0), bevel=0.02) for x in (-1.4, 0.0, 1.4))),
        *paint("dark", *(box((0.14, 1.1, 0.5), (x, 0.05, 0.14), bevel=0.02) for x in (-1.4, 1.4))),
    ]
    for y, z, radius, colour in ((0.32, 0.66, 0.42, "shell"), (-0.34, 0.6, 0.36, "shell_dim")):
        profile = [(radius * 0.7, -1.75), (radius, -1.66), (radius, 1.66), (radius * 0.7, 1.75)]
        parts += paint(colour, lathe(profile, (0, y, z), "x", sides=20))
        parts += paint(
            "steel_dark", *(cylinder(radius + 0.05, 0.07, (x, y, z), "x", sides=20) for x in (-1.62, 1.55))
        )
        parts += paint(
            "steel", *(cylinder(0.11, 0.24, (x, y, z - 0.12), "x", sides=12) for x in (-1.94, 1.7))
        )
        for x, out in ((-1.9, -1), (1.9, 1)):
            parts += flange((x + 0.04 * out, y, z - 0.12), 0.17, "x", 0.03)
    return [
        *parts,
        # compressor with its motor, suction and discharge lines
        *paint("blue", cylinder(0.34, 0.9, (-0.75, 0.1, 1.45), "x", bevel=0.04, sides=18)),
        *paint("blue_dark", cylinder(0.28, 0.55, (0.15, 0.1, 1.45), "x", bevel=0.04, sides=16)),
        *paint("state", box((0.7, 0.34, 0.04), (-0.3, 0.1, 1.79), bevel=0.012)),
        *paint("copper", pipe([(0.5, 0.1, 1.45), (0.95, 0.1, 1.45), (0.95, -0.34, 0.9)], 0.08, 0.14, 10)),
        *paint("steel", pipe([(-0.8, 0.1, 1.5), (-1.1, 0.1, 1.5), (-1.1, 0.32, 1.05)], 0.1, 0.14, 10)),
        *paint("panel", cylinder(0.16, 0.7, (0.55, 0.5, 1.1), bevel=0.04, sides=12)),
        # starter panel in front
        *paint("shell_dim", box((0.9, 0.26, 1.25), (0.9, -0.68, 0.75), bevel=0.03)),
        *paint("state", box((0.92, 0.28, 0.08), (0.9, -0.68, 2.0), bevel=0.02)),
        *screen((0.75, -0.82, 1.55), 0.34, 6),
        *handle((1.24, -0.82, 1.2), 0.2),
        *louvres((0.9, -0.815, 0.85), 0.6, 0.3, 5),
        *paint("dark", box((0.1, 0.1, 0.62), (0.6, -0.68, 0.14)), box((0.1, 0.1, 0.62), (1.2, -0.68, 0.14))),
    ]
