"""What stands along the roads and on the roofs of a park: barrier, masts, roof-top solar, switchboard,
gas."""

from __future__ import annotations

import numpy as np

from twin.scene.parts import Part, paint
from twin.scene.shapes.fittings import flange, handle, louvres, plinth
from twin.scene.site.halls import PITCH
from twin.scene.solids import bar, box, cylinder, lathe, moved, pipe, prism, ring, vessel


def barrier() -> list[Part]:
    """A gate: a booth with windows, the housing of the barrier and its striped arm, a camera on a post."""
    parts = [
        *paint("concrete", box((2.2, 1.9, 0.16), (-2.3, 0, 0), bevel=0.03)),
        *paint("shell", box((1.9, 1.5, 1.0), (-2.3, 0, 0.16), bevel=0.03)),
        *paint("pane", box((1.8, 1.4, 0.95), (-2.3, 0, 1.16))),
        *paint(
            "shell_dim",
            *(box((0.09, 0.09, 0.95), (-2.3 + x, y, 1.16)) for x in (-0.9, 0.9) for y in (-0.7, 0.7)),
        ),
        *paint("state", box((2.2, 1.9, 0.2), (-2.3, 0, 2.11), bevel=0.04)),
        *paint("dark", box((0.6, 0.03, 1.7), (-2.3, -0.76, 0.2))),
        *handle((-2.1, -0.78, 1.0), 0.25),
        *paint("dark", box((0.44, 0.44, 0.08), (-0.7, 0, 0))),
        *paint("blue", box((0.4, 0.4, 1.0), (-0.7, 0, 0.08), bevel=0.03)),
        *paint("state", box((0.42, 0.42, 0.1), (-0.7, 0, 1.08), bevel=0.02)),
        *paint("steel_dark", cylinder(0.1, 0.1, (-0.7, -0.3, 0.95), "y", sides=12)),
    ]
    for i in range(8):
        colour = "state" if i % 2 else "shell"
        parts += paint(colour, box((0.5, 0.06, 0.12), (-0.25 + 0.5 * i, -0.3, 0.89), bevel=0.01))
    parts += paint("grey", box((0.07, 0.07, 1.0), (3.4, -0.3, 0.0)), box((0.2, 0.14, 0.06), (3.4, -0.3, 0.0)))
    parts += paint("grey", box((0.08, 0.08, 2.6), (-1.1, 0.5, 0.0)))
    parts += paint("dark", box((0.34, 0.14, 0.14), (-1.0, 0.5, 2.5), bevel=0.03))
    parts += paint("black", cylinder(0.05, 0.04, (-0.83, 0.5, 2.57), "x", sides=10))
    parts += louvres((-2.9, -0.77, 0.3), 0.4, 0.4, 6)
    return parts


def weather_mast() -> list[Part]:
    """A weather mast: stayed pole, cross arm with cups and vane, radiation shield, rain gauge, logger box."""
    parts = [
        *paint("concrete", box((0.8, 0.8, 0.16), bevel=0.03)),
        *paint("grey", lathe([(0.09, 0.1), (0.08, 3.0), (0.05, 9.6)], sides=12)),
        *paint("steel", bar((-0.9, 0, 9.4), (0.9, 0, 9.4), 0.05, 0.05)),
        *paint("state", cylinder(0.14, 0.5, (0, 0, 9.5), bevel=0.05, sides=16)),
        *paint("state", ring(0.085, 0.15, 0.6, (0, 0, 6.0), sides=16)),
    ]
    for k in range(3):
        angle = float(np.radians(90 + 120 * k))
        x, y = 1.4 * float(np.cos(angle)), 1.4 * float(np.sin(angle))
        parts += paint("concrete", box((0.3, 0.3, 0.2), (x, y, 0.0), bevel=0.02))
        parts += paint("steel_dark", pipe([(x, y, 0.15), (0, 0, 6.8)], 0.015, sides=5))
        cup = angle + 0.4
        cx, cy = -0.9 + 0.16 * float(np.cos(cup)), 0.16 * float(np.sin(cup))
        parts += paint("dark", cylinder(0.06, 0.08, (cx, cy, 9.66), sides=10))
        parts += paint("steel", bar((-0.9, 0, 9.7), (cx, cy, 9.7), 0.015, 0.015))
    parts += paint(
        "steel", cylinder(0.025, 0.3, (-0.9, 0, 9.42), sides=8), cylinder(0.025, 0.3, (0.9, 0, 9.42), sides=8)
    )
    parts += paint("dark", box((0.5, 0.02, 0.16), (1.0, 0, 9.66)), box((0.2, 0.03, 0.05), (0.68, 0, 9.71)))
    parts += paint(
        "shell", *(ring(0.05, 0.16 - 0.003 * i, 0.02, (0.42, 0, 2.0 + 0.055 * i), sides=14) for i in range(7))
    )
    parts += paint("steel", bar((0.0, 0, 2.1), (0.42, 0, 2.1), 0.03, 0.03))
    parts += paint("steel", bar((0.0, 0, 3.0), (-0.6, 0, 3.0), 0.03, 0.03))
    parts += paint("black", cylinder(0.09, 0.05, (-0.6, 0, 3.02), sides=14))
    parts += paint(
        "shell",
        cylinder(0.14, 0.5, (-0.75, -0.6, 0.9), sides=16),
        cylinder(0.04, 0.9, (-0.75, -0.6, 0.0), sides=8),
    )
    parts += paint("shell", box((0.5, 0.3, 0.7), (0, -0.24, 1.1), bevel=0.03))
    parts += paint(
        "state", box((0.54, 0.34, 0.08), (0, -0.24, 1.8), bevel=0.02), box((0.5, 0.02, 0.12), (0, -0.4, 1.62))
    )
    parts += paint("photovoltaic", moved(box((0.6, 0.45, 0.03)), (0, -0.32, 2.55)))
    return parts


def air_station() -> list[Part]:
    """An air-quality station: a container with a door, air conditioner, sampling heads and a short mast."""
    front = -1.1
    parts = [
        *paint("concrete", *(box((0.4, 2.2, 0.18), (x, 0, 0), bevel=0.03) for x in (-1.2, 1.2))),
        *paint("shell", box((3.0, 2.2, 2.3), (0, 0, 0.18), bevel=0.04)),
        *paint("state", *(box((3.06, 0.14, 0.16), (0, y, 2.3)) for y in (-1.06, 1.06))),
        *paint("state", *(box((0.14, 1.98, 0.16), (x, 0, 2.3)) for x in (-1.46, 1.46))),
        *paint("shell_dim", box((2.8, 2.0, 0.06), (0, 0, 2.46))),
        *paint("panel", box((0.8, 0.03, 1.9), (-0.8, front - 0.01, 0.3), bevel=0.01)),
        *handle((-0.5, front - 0.02, 1.2)),
        *paint("shell_dim", box((0.8, 0.3, 0.6), (0.8, front - 0.15, 0.5), bevel=0.03)),
        *louvres((0.8, front - 0.3, 0.54), 0.66, 0.5, 8),
        *paint(
            "steel", *(bar((x, y, 2.46), (x, y, 2.9), 0.04, 0.04) for x in (-1.4, 1.4) for y in (-1.0, 1.0))
        ),
        *paint("steel", *(bar((-1.4, y, 2.9), (1.4, y, 2.9), 0.04, 0.04) for y in (-1.0, 1.0))),
        *paint("grey", pipe([(1.2, 0.8, 2.4), (1.2, 0.8, 4.9)], 0.05, sides=10)),
        *paint("dark", cylinder(0.1, 0.16, (1.2, 0.8, 4.8), sides=12)),
        *paint("glow", box((0.5, 0.02, 0.3), (0.1, front - 0.01, 1.6))),
        *paint("screen", box((0.6, 0.02, 0.4), (0.1, front - 0.005, 1.55))),
    ]
    for x, tall in ((-0.9, 1.3), (-0.3, 1.1), (0.4, 1.5)):
        parts += paint("steel", cylinder(0.045, tall, (x, 0.1, 2.4), sides=10))
        head = [(0.04, 0.0), (0.13, 0.04), (0.16, 0.12), (0.07, 0.2), (0.1, 0.26), (0.0, 0.3)]
        parts += paint("shell_dim", lathe([(0.0, 0.0), *head[1:]], (x, 0.1, 2.4 + tall), sides=14))
    return parts


def solar_roof() -> list[Part]:
    """A roof-top array: rows of modules flush with a roof that rises to +y as halls' roofs do, inverters
    below."""
    slope = 2 * PITCH
    parts: list[Part] = []
    for row in range(6):
        y = -6.2 + 2.05 * row
        z = 0.16 + slope * (y + 6.2)
        high = z + slope * 1.98
        section = [(y, z), (y + 1.98, high), (y + 1.98, high + 0.04), (y, z + 0.04)]
        for part in range(4):
            x = -11.4 + 5.75 * part
            parts += paint("photovoltaic", prism(section, x, x + 5.6, axis="x"))
        edge = [(y - 0.04, z - 0.04), (y, z - 0.04), (y, z + 0.06), (y - 0.04, z + 0.06)]
        parts += paint("state", prism(edge, -11.4, 11.45, axis="x"))
        back = [(y + 1.98, high), (y + 2.04, high), (y + 2.04, high + 0.05), (y + 1.98, high + 0.05)]
        parts += paint("state", prism(back, -11.4, 11.45, axis="x"))
    rise = slope * 12.3
    for x in (-8.5, -3.0, 3.0, 8.5):
        parts += paint("steel", bar((x, -6.2, 0.1), (x, 6.1, 0.1 + rise), 0.1, 0.12))
    parts += paint("grey", bar((-11.7, -6.1, 0.06), (-11.7, 6.1, 0.06 + rise), 0.3, 0.1))
    for x in (-10.6, -9.4, 9.4, 10.6):
        parts += paint("shell", box((0.7, 0.3, 0.5), (x, -6.5, 0.0), bevel=0.03))
        parts += paint("state", box((0.74, 0.34, 0.05), (x, -6.5, 0.5)))
    return parts


def switchboard() -> list[Part]:
    """A low-voltage switchboard of six cubicles: incoming breaker, meters, withdrawable feeders, busbar
    duct."""
    front = -0.48
    parts = [*plinth(4.8, 0.96), *paint("shell", box((4.8, 0.9, 2.0), (0, 0.03, 0.1), bevel=0.015))]
    parts += paint("panel", box((4.8, 0.5, 0.2), (0, 0.1, 2.1), bevel=0.02))
    parts += paint("state", box((4.82, 0.94, 0.1), (0, 0.03, 2.0), bevel=0.02))
    for cubicle in range(6):
        x = -2.0 + 0.8 * cubicle
        parts += paint("shell_dim", box((0.76, 0.03, 1.86), (x, front + 0.04, 0.14), bevel=0.008))
        if cubicle == 0:
            parts += paint("dark", box((0.5, 0.04, 0.6), (x, front + 0.02, 0.9), bevel=0.01))
            parts += paint("state", box((0.16, 0.03, 0.1), (x, front, 1.25)))
            parts += paint("screen", box((0.24, 0.02, 0.2), (x, front + 0.01, 1.65)))
            parts += handle((x + 0.3, front + 0.02, 0.6))
            continue
        for drawer in range(4):
            z = 0.24 + 0.44 * drawer
            parts += paint("panel", box((0.68, 0.02, 0.38), (x, front + 0.015, z)))
            parts += paint("black", box((0.1, 0.03, 0.1), (x + 0.2, front, z + 0.14)))
        parts += paint("screen", box((0.14, 0.02, 0.1), (x - 0.18, front, 1.78)))
    parts += paint("grey", box((0.6, 0.3, 0.2), (-2.0, 0.2, 2.1)))
    return parts


def capacitor_bank() -> list[Part]:
    """An outdoor capacitor bank: steel frame on insulators, two tiers of cans with bushings, reactors,
    fence."""
    parts = [*paint("concrete", box((3.0, 1.6, 0.2), bevel=0.03))]
    parts += paint(
        "porcelain",
        *(
            lathe([(0.06, 0), (0.11, 0.1), (0.06, 0.2), (0.11, 0.3), (0.06, 0.4)], (x, y, 0.2), sides=10)
            for x in (-1.3, 0.5)
            for y in (-0.55, 0.55)
        ),
    )
    for z in (0.62, 1.62):
        parts += paint("grey", *(bar((-1.4, y, z), (0.6, y, z), 0.08, 0.08) for y in (-0.6, 0.6)))
        for i in range(6):
            for y in (-0.3, 0.3):
                x = -1.22 + 0.33 * i
                parts += paint("shell_dim", box((0.24, 0.34, 0.62), (x, y, z + 0.05)))
                parts += paint("porcelain", cylinder(0.035, 0.16, (x, y, z + 0.67), sides=6))
        parts += paint(
            "copper", *(bar((-1.3, y, z + 0.84), (0.55, y, z + 0.84), 0.04, 0.02) for y in (-0.3, 0.3))
        )
    parts += paint("grey", *(box((0.08, 0.08, 2.0), (x, y, 0.6)) for x in (-1.4, 0.6) for y in (-0.6, 0.6)))
    parts += paint(
        "state",
        box((2.1, 1.3, 0.08), (-0.4, 0, 2.58), bevel=0.02),
        box((2.0, 0.03, 0.16), (-0.4, -0.65, 1.45)),
    )
    for z in (0.3, 0.95, 1.6):
        parts += paint("copper", ring(0.2, 0.38, 0.4, (1.05, 0.2, z), sides=20))
        parts += paint("porcelain", cylinder(0.08, 0.25, (1.05, 0.2, z + 0.4), sides=8))
    parts += paint("shell", box((0.5, 0.4, 1.2), (1.1, -0.5, 0.2), bevel=0.03))
    parts += paint("state", box((0.54, 0.44, 0.08), (1.1, -0.5, 1.4), bevel=0.02))
    parts += handle((1.25, -0.71, 0.8), 0.24)
    return parts


def gas_skid() -> list[Part]:
    """A gas reducing and metering skid: two filters, two regulator lines, a turbine meter, an odorant pot."""
    z = 0.75
    parts = [*paint("dark", *(bar((-3.0, y, 0.1), (3.0, y, 0.1), 0.14, 0.2) for y in (-1.0, 1.0)))]
    parts += paint("dark", *(box((0.14, 2.0, 0.16), (x, 0, 0.02)) for x in (-2.8, -1.0, 0.9, 2.8)))
    parts += paint(
        "blue",
        pipe([(-3.0, 0, z), (-2.4, 0, z)], 0.16, sides=12),
        pipe([(2.2, 0, z), (3.0, 0, z)], 0.16, sides=12),
    )
    parts += flange((-2.8, 0, z), 0.28, "x") + flange((2.8, 0, z), 0.28, "x")
    for y in (-0.6, 0.6):
        parts += paint("blue", pipe([(-2.4, 0, z), (-2.4, y, z), (2.2, y, z), (2.2, 0, z)], 0.11, 0.2, 8))
        parts += paint("shell", vessel(0.26, 1.3, (-1.7, y, 0.3), dome=0.5, sides=12))
        parts += paint("state", ring(0.255, 0.28, 0.12, (-1.7, y, 1.15), sides=12))
        parts += flange((-1.2, y, z), 0.2, "x") + flange((0.4, y, z), 0.2, "x")
        parts += paint("blue_dark", cylinder(0.3, 0.12, (-0.5, y, z + 0.3), sides=12))
        parts += paint("blue_dark", cylinder(0.18, 0.4, (-0.5, y, z - 0.12), bevel=0.03, sides=10))
        parts += paint("state", cylinder(0.12, 0.2, (-0.5, y, z + 0.42), bevel=0.03, sides=12))
        parts += paint(
            "steel",
            ring(0.14, 0.19, 0.04, (0.9, y, z + 0.3), sides=12),
            cylinder(0.03, 0.3, (0.9, y, z), sides=6),
        )
    parts += paint("steel", cylinder(0.24, 0.6, (1.3, -0.6, z), "x", bevel=0.03, sides=12))
    parts += paint("state", box((0.3, 0.24, 0.2), (1.6, -0.6, z + 0.22), bevel=0.03))
    parts += paint("shell", vessel(0.3, 1.1, (2.5, 0.8, 0.1), dome=0.5, sides=10))
    parts += paint("shell", box((0.7, 0.35, 1.5), (0.2, -0.95, 0.2), bevel=0.03))
    parts += paint("state", box((0.74, 0.39, 0.1), (0.2, -0.95, 1.7), bevel=0.02))
    parts += handle((0.42, -1.14, 1.0))
    parts += paint("grey", pipe([(-1.0, 1.0, 0.2), (-1.0, 1.0, 2.3)], 0.04, sides=8))
    parts += paint("steel", *(box((0.1, 0.1, 1.9), (x, y, 0.2)) for x in (-2.9, 2.9) for y in (-1.05, 1.05)))
    parts += paint(
        "shell_dim",
        prism([(-1.3, 2.1), (1.3, 2.1), (1.3, 2.16), (0.0, 2.4), (-1.3, 2.16)], -3.1, 3.1, axis="x"),
    )
    return parts
