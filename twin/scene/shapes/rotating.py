"""Rotating machines: compressor, pump, motor."""

from __future__ import annotations

import numpy as np

from twin.scene.parts import Part, paint
from twin.scene.shapes.fittings import flange, screen
from twin.scene.solids import Point, bar, box, cylinder, lathe, pipe, prism, ring


def _motor_body(x: float, length: float, radius: float, z: float, ribs: int) -> list[Part]:
    """A finned motor along x from ``x``; terminal box on top, fan cowl at its low-x end."""
    profile: list[tuple[float, float]] = [(radius * 0.88, 0.0)]
    pitch = length / ribs
    for i in range(ribs):
        start = i * pitch
        profile += [(radius * 0.88, start + 0.3 * pitch), (radius, start + 0.34 * pitch)]
        profile += [(radius, start + 0.96 * pitch), (radius * 0.88, start + pitch)]
    shell = lathe(profile, (x, 0, z), "x", sides=14)
    cowl = lathe(
        [(radius * 0.6, -0.3), (radius * 0.9, -0.22), (radius * 0.96, -0.16), (radius * 0.96, 0.0)],
        (x, 0, z),
        "x",
        sides=14,
    )
    grill = cylinder(radius * 0.5, 0.02, (x - 0.31, 0, z), "x", sides=14)
    bell = lathe(
        [(radius * 0.96, 0.0), (radius * 0.96, 0.08), (radius * 0.5, 0.16), (radius * 0.3, 0.2)],
        (x + length, 0, z),
        "x",
        sides=14,
    )
    middle = x + length * 0.5
    return [
        *paint("blue", shell),
        *paint("blue_dark", cowl, bell),
        *paint("black", grill),
        *paint(
            "panel",
            box((radius * 0.9, radius * 0.75, radius * 0.55), (middle, 0, z + radius * 0.9), bevel=0.03),
        ),
        *paint("dark", box((length * 0.86, radius * 1.5, z - 0.9 * radius), (middle, 0, 0.0))),
    ]


def compressor() -> list[Part]:
    """A geared centrifugal compressor on its skid, 4.6 x 2.0 x 2.3 m: motor, gearbox, stage with volute."""
    z = 1.0
    angles = np.linspace(np.radians(-60), np.radians(270), 12)
    scroll_r = 0.52
    scroll: list[Point] = [
        (1.42, -scroll_r * float(np.cos(a)), z - scroll_r * float(np.sin(a))) for a in angles
    ]
    radii = [0.1 + 0.13 * i / 11 for i in range(12)]
    end = scroll[-1]
    return [
        # skid: two channels, cross members, deck
        *paint("dark", *(box((4.6, 0.22, 0.26), (0, side * 0.86, 0), bevel=0.03) for side in (-1, 1))),
        *paint("dark", *(box((0.2, 1.6, 0.2), (x, 0, 0.02)) for x in (-2.1, -0.7, 0.7, 2.1))),
        *paint("grey", box((4.4, 1.7, 0.05), (0, 0, 0.24))),
        # train
        *_motor_body(-1.85, 1.35, 0.52, z, 5),
        *paint("steel", cylinder(0.1, 0.5, (-0.4, 0, z), "x", sides=12)),
        *paint(
            "panel",
            prism(
                [
                    (-0.24, z - 0.6),
                    (0.24, z - 0.6),
                    (0.24, z + 0.1),
                    (0.12, z + 0.24),
                    (-0.12, z + 0.24),
                    (-0.24, z + 0.1),
                ],
                -0.34,
                -0.02,
                0.02,
                "x",
            ),
        ),
        *paint("shell", box((0.86, 1.2, 0.72), (0.42, 0, 0.28), bevel=0.05)),
        *paint(
            "shell",
            prism(
                [(-0.6, 1.04), (0.6, 1.04), (0.6, 1.2), (0.34, 1.56), (-0.34, 1.56), (-0.6, 1.2)],
                0.0,
                0.84,
                0.05,
                "x",
            ),
        ),
        *paint("steel_dark", box((0.94, 1.28, 0.06), (0.42, 0, 0.99), bevel=0.012)),
        *paint("state", box((0.5, 0.56, 0.06), (0.42, 0, 1.55), bevel=0.02)),
        # stage: back plate, state ring, volute, inlet
        *paint("shell", lathe([(0.3, -0.2), (0.62, -0.12), (0.66, 0.0), (0.66, 0.1)], (1.02, 0, z), "x", 18)),
        *paint("state", ring(0.6, 0.73, 0.15, (1.1, 0, z), "x", 20)),
        *paint("shell", lathe([(0.62, 0.0), (0.58, 0.12), (0.42, 0.3), (0.3, 0.4)], (1.25, 0, z), "x", 18)),
        *paint("shell_dim", pipe(scroll, radii, sides=10)),
        *paint("shell_dim", pipe([end, (end[0], end[1], z + 1.1)], 0.23, sides=14)),
        *flange((end[0], end[1], z + 1.1), 0.32, "z"),
        *paint("shell_dim", cylinder(0.23, 0.18, (end[0], end[1], z + 1.12), sides=14)),
        *paint("shell_dim", lathe([(0.28, 0.0), (0.26, 0.3), (0.26, 0.62)], (1.62, 0, z), "x", 16)),
        *flange((1.95, 0, z), 0.36, "x"),
        *paint(
            "steel", lathe([(0.26, 0.0), (0.42, 0.12), (0.42, 0.14), (0.36, 0.14)], (2.16, 0, z), "x", 18)
        ),
        *paint("dark", box((0.3, 0.9, 0.5), (1.18, 0, 0.26), bevel=0.02)),
        # oil: cooler along the side, pipes up to the gearbox
        *paint("blue_dark", cylinder(0.15, 1.3, (-0.55, 0.7, 0.5), "x", sides=12)),
        *paint("dark", *(bar((x, 0.7, 0.26), (x, 0.7, 0.5), 0.08, 0.2) for x in (-0.3, 0.5))),
        *paint("copper", pipe([(0.3, 0.7, 0.62), (0.3, 0.7, 0.84), (0.3, 0.58, 0.84)], 0.035, 0.08, 6)),
        *paint("copper", pipe([(-0.4, 0.7, 0.62), (-0.4, 0.7, 1.12), (0.05, 0.56, 1.12)], 0.035, 0.1, 6)),
        # local panel
        *paint("shell_dim", box((0.6, 0.22, 1.1), (-0.2, -0.84, 0.28), bevel=0.03)),
        *paint("state", box((0.6, 0.24, 0.07), (-0.2, -0.84, 1.38), bevel=0.02)),
        *screen((-0.2, -0.94, 0.96), 0.42, 8),
    ]


def motor() -> list[Part]:
    """A foot-mounted motor with its shaft end, on a plate."""
    return [
        *paint("dark", box((1.3, 0.74, 0.06), bevel=0.015)),
        *_motor_body(-0.34, 0.62, 0.3, 0.42, 6),
        *paint("steel", cylinder(0.05, 0.3, (0.36, 0, 0.42), "x", sides=12)),
        *paint("state", ring(0.27, 0.315, 0.1, (-0.07, 0, 0.42), "x", 18)),
        *paint("state", box((0.22, 0.18, 0.025), (-0.03, 0, 0.85), bevel=0.008)),
        *paint("dark", *(box((0.14, 0.7, 0.08), (x, 0, 0.05), bevel=0.01) for x in (-0.28, 0.22))),
        *paint(
            "steel",
            *(cylinder(0.025, 0.05, (x, y, 0.13), sides=6) for x in (-0.28, 0.22) for y in (-0.3, 0.3)),
        ),
    ]


def pump() -> list[Part]:
    """An end-suction pump set: motor, guarded coupling, volute with suction and discharge flanges."""
    z = 0.5
    angles = np.linspace(np.radians(-40), np.radians(270), 11)
    scroll: list[Point] = [(0.52, -0.2 * float(np.cos(a)), z - 0.2 * float(np.sin(a))) for a in angles]
    end = scroll[-1]
    guard = [
        (-0.14, z - 0.14),
        (0.14, z - 0.14),
        (0.14, z + 0.08),
        (0.07, z + 0.16),
        (-0.07, z + 0.16),
        (-0.14, z + 0.08),
    ]
    return [
        *paint("dark", box((1.64, 0.66, 0.12), bevel=0.02)),
        *paint("grey", box((1.56, 0.58, 0.04), (0, 0, 0.11), bevel=0.01)),
        *_motor_body(-0.6, 0.5, 0.24, z, 4),
        *paint("panel", prism(guard, -0.04, 0.22, 0.015, "x")),
        *paint("steel", cylinder(0.05, 0.4, (-0.1, 0, z), "x", sides=10)),
        *paint(
            "blue_dark", lathe([(0.1, 0.0), (0.16, 0.06), (0.16, 0.16), (0.27, 0.2)], (0.22, 0, z), "x", 18)
        ),
        *paint("state", ring(0.24, 0.315, 0.09, (0.4, 0, z), "x", 20)),
        *paint("state", box((0.18, 0.15, 0.025), (-0.35, 0, z + 0.34), bevel=0.008)),
        *paint("shell_dim", pipe(scroll, [0.07 + 0.05 * i / 10 for i in range(11)], sides=10)),
        *paint(
            "shell_dim", lathe([(0.27, 0.0), (0.22, 0.1), (0.11, 0.16), (0.11, 0.3)], (0.5, 0, z), "x", 18)
        ),
        *flange((0.79, 0, z), 0.18, "x", 0.035),
        *paint("shell_dim", cylinder(0.11, 0.22, (end[0], end[1], z + 0.24), sides=14)),
        *flange((end[0], end[1], z + 0.48), 0.18, "z", 0.035),
        *paint("dark", box((0.2, 0.3, 0.22), (0.5, 0, 0.13), bevel=0.02)),
        *paint("steel", pipe([(0.52, -0.3, z), (0.52, -0.38, z), (0.52, -0.38, z + 0.12)], 0.018, sides=6)),
        *paint("shell", cylinder(0.07, 0.04, (0.52, -0.4, z + 0.18), "y", sides=14)),
        *paint("dark", cylinder(0.05, 0.01, (0.52, -0.405, z + 0.18), "y", sides=12)),
    ]
