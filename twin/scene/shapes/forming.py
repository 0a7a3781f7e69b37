"""The mechanical shop: press, decoiler, overhead crane, coordinate measuring machine."""

from __future__ import annotations

from twin.scene.parts import Part, paint
from twin.scene.shapes.fittings import feet, handle, louvres, screen, signal_tower
from twin.scene.solids import bar, box, cylinder, prism, ring


def press() -> list[Part]:
    """A straight-sided press: four columns, crown with flywheel, slide over the bolster, pendant."""
    parts = [
        *paint("dark", box((2.7, 1.9, 0.5), (0, 0.1, 0), bevel=0.04)),
        *paint("steel_dark", box((1.6, 1.3, 0.3), (0, 0.1, 0.5), bevel=0.03)),
        # columns and crown
        *paint(
            "shell",
            *(box((0.5, 0.62, 2.6), (x, y, 0.5), bevel=0.05) for x in (-1.05, 1.05) for y in (-0.4, 0.6)),
        ),
        *paint("shell_dim", box((2.7, 1.8, 1.25), (0, 0.1, 3.1), bevel=0.07)),
        *paint("state", box((2.74, 0.06, 0.16), (0, -0.83, 3.2), bevel=0.02)),
        *paint("state", box((1.5, 1.0, 0.05), (0.35, 0.1, 4.34), bevel=0.02)),
        # slide with the upper die, lower die, sheet between them
        *paint("blue", box((1.5, 1.15, 0.75), (0, 0.1, 1.9), bevel=0.04)),
        *paint("blue_dark", *(box((0.12, 0.2, 0.6), (x, 0.1, 2.0)) for x in (-0.8, 0.8))),
        *paint("steel", box((1.1, 0.8, 0.35), (0, 0.1, 1.55), bevel=0.02)),
        *paint("steel", box((1.1, 0.8, 0.3), (0, 0.1, 0.8), bevel=0.02)),
        *paint("panel", box((2.6, 0.5, 0.02), (0, 0.1, 1.14))),
        # flywheel and motor on the back of the crown
        *paint("grey", cylinder(0.62, 0.2, (-0.7, 1.0, 3.72), "y", bevel=0.03, sides=22)),
        *paint("dark", cylinder(0.2, 0.26, (-0.7, 0.98, 3.72), "y", sides=14)),
        *paint("blue", cylinder(0.24, 0.6, (0.6, 0.8, 4.55), "x", bevel=0.03, sides=14)),
        *paint("dark", box((0.7, 0.5, 0.2), (0.85, 0.8, 4.33), bevel=0.02)),
        # guards in front, pendant
        *paint("pane", *(box((0.7, 0.02, 1.3), (x, -0.72, 1.0)) for x in (-0.37, 0.37))),
        *paint("dark", *(box((0.05, 0.06, 1.5), (x, -0.72, 0.9)) for x in (-0.76, 0.0, 0.76))),
        *louvres((0.8, -0.81, 3.5), 0.6, 0.5, 6),
        *paint("dark", bar((1.28, -0.5, 2.6), (1.28, -0.95, 2.5), 0.06, 0.06)),
        *paint("dark", box((0.4, 0.08, 0.6), (1.28, -1.0, 1.75), bevel=0.02)),
        *screen((1.28, -1.04, 2.0), 0.34, 6),
    ]
    return parts + signal_tower((-1.15, -0.6, 4.35), 0.45)


def decoiler() -> list[Part]:
    """A coil on its mandrel, hold-down arm, and the straightener that the strip goes through."""
    coil = (-0.55, -0.05, 1.05)
    rolls = [
        cylinder(0.07, 0.9, (x, -0.5, z), "y", sides=10)
        for x, z in ((0.75, 1.02), (0.93, 1.02), (1.11, 1.02), (0.84, 1.2), (1.02, 1.2))
    ]
    return [
        *paint("dark", box((1.5, 1.5, 0.16), (-0.6, 0.05, 0), bevel=0.03)),
        *paint(
            "shell", prism([(-1.0, 0.16), (-0.95, 1.5), (-0.25, 1.5), (-0.1, 0.16)], 0.45, 0.98, 0.04, "y")
        ),
        *paint("blue_dark", cylinder(0.3, 0.5, (coil[0], 0.5, coil[2]), "y", bevel=0.03, sides=18)),
        *paint("steel", ring(0.32, 0.88, 0.86, (coil[0], -0.45, coil[2]), "y", 26)),
        *paint("steel_dark", ring(0.26, 0.33, 0.92, (coil[0], -0.48, coil[2]), "y", 18)),
        *paint("black", cylinder(0.12, 1.1, (coil[0], -0.55, coil[2]), "y", sides=12)),
        # hold-down arm
        *paint("panel", bar((-0.9, 0.75, 1.45), (-0.45, 0.2, 1.96), 0.09, 0.09)),
        *paint("black", cylinder(0.09, 0.4, (-0.45, -0.1, 1.91), "y", sides=12)),
        # straightener
        *paint("dark", box((0.85, 1.2, 0.6), (0.95, 0.0, 0), bevel=0.03)),
        *paint("shell", *(box((0.8, 0.14, 0.75), (0.95, y, 0.6), bevel=0.03) for y in (-0.52, 0.52))),
        *paint("shell_dim", box((0.8, 1.16, 0.16), (0.95, 0, 1.35), bevel=0.03)),
        *paint("state", box((0.7, 0.9, 0.03), (0.95, 0, 1.5), bevel=0.01)),
        *paint("state", box((0.8, 0.04, 0.14), (0.95, -0.6, 1.2), bevel=0.012)),
        *paint("steel", *rolls),
        *paint("panel", box((1.5, 0.8, 0.012), (0.6, -0.05, 1.11))),
        *paint("blue", cylinder(0.16, 0.4, (0.95, 0.6, 0.85), "y", bevel=0.02, sides=12)),
        *screen((0.78, -0.64, 0.75), 0.26, 6),
        *signal_tower((1.2, 0.4, 1.51), 0.4),
    ]


def crane() -> list[Part]:
    """A double-girder bridge crane of 18 m: end carriages, trolley with hoist, hook on its rope."""
    span = 8.7
    return [
        *paint("blue", *(box((17.4, 0.34, 0.75), (0, y, 2.0), bevel=0.03) for y in (-0.6, 0.6))),
        *paint("blue_dark", *(box((0.5, 2.4, 0.5), (side * span, 0, 1.75), bevel=0.04) for side in (-1, 1))),
        *paint(
            "black",
            *(
                cylinder(0.2, 0.3, (side * span - 0.15, y, 1.72), "x", sides=14)
                for side in (-1, 1)
                for y in (-0.85, 0.85)
            ),
        ),
        *paint("steel_dark", *(box((17.0, 0.06, 0.06), (0, y, 2.75)) for y in (-0.6, 0.6))),
        *paint("state", *(box((16.8, 0.03, 0.22), (0, y, 2.3), bevel=0.01) for y in (-0.79, 0.79))),
        *paint("state", box((1.5, 1.3, 0.05), (2.2, 0, 3.15), bevel=0.015)),
        # trolley
        *paint("panel", box((1.9, 1.6, 0.18), (2.2, 0, 2.8), bevel=0.03)),
        *paint("shell", box((0.9, 0.8, 0.3), (2.5, 0, 2.95), bevel=0.03)),
        *paint("grey", cylinder(0.2, 1.0, (1.7, -0.5, 2.95), "y", sides=14)),
        *paint("dark", *(bar((1.7 + dx, 0, 2.8), (1.7 + dx, 0, 0.75), 0.03, 0.03) for dx in (-0.1, 0.1))),
        *paint("state", box((0.4, 0.3, 0.34), (1.7, 0, 0.42), bevel=0.05)),
        *paint("steel_dark", ring(0.09, 0.16, 0.08, (1.7, -0.04, 0.16), "y", 14)),
        # power chain along the girder
        *paint("dark", *(box((0.5, 0.06, 0.3), (x, 0.86, 2.42), bevel=0.02) for x in range(-8, 2, 1))),
        *paint("shell_dim", box((0.7, 0.3, 0.9), (-7.4, -0.95, 1.9), bevel=0.03)),
    ]


def measuring_machine() -> list[Part]:
    """A bridge measuring machine: granite table, moving bridge, quill with probe, part, controller."""
    return [
        *feet(1.7, 1.3, 0.12),
        *paint("panel", box((1.5, 1.1, 0.6), (0, 0.05, 0.1), bevel=0.04)),
        *paint("dark", box((1.86, 1.4, 0.2), (0, 0.05, 0.7), bevel=0.02)),
        # bridge: legs on both sides of the table, beam, quill
        *paint("shell", box((0.24, 0.5, 0.95), (-0.78, 0.15, 0.9), bevel=0.04)),
        *paint("shell", box((0.2, 0.34, 0.95), (0.8, 0.15, 0.9), bevel=0.04)),
        *paint("shell_dim", box((1.86, 0.34, 0.34), (0, 0.15, 1.85), bevel=0.05)),
        *paint("state", box((1.5, 0.24, 0.03), (0, 0.15, 2.18), bevel=0.01)),
        *paint("state", box((1.86, 0.03, 0.12), (0, -0.03, 1.98), bevel=0.01)),
        *paint("blue", box((0.42, 0.3, 0.7), (0.15, -0.14, 1.8), bevel=0.04)),
        *paint("shell", box((0.2, 0.2, 1.0), (0.15, -0.14, 1.55), bevel=0.02)),
        *paint("steel", box((0.12, 0.12, 1.05), (0.15, -0.14, 1.4), bevel=0.01)),
        *paint("dark", cylinder(0.05, 0.12, (0.15, -0.14, 1.29), sides=12)),
        *paint("steel", cylinder(0.012, 0.16, (0.15, -0.14, 1.14), sides=8)),
        *paint("glow", cylinder(0.025, 0.04, (0.15, -0.14, 1.11), sides=10)),
        # part on its fixture
        *paint("steel_dark", box((0.4, 0.3, 0.08), (0.1, -0.14, 0.9), bevel=0.01)),
        *paint("steel", cylinder(0.12, 0.12, (0.08, -0.14, 0.98), sides=18)),
        # controller beside the table
        *paint("shell_dim", box((0.34, 0.4, 0.6), (-0.55, -0.6, 0.1), bevel=0.03)),
        *handle((-0.5, -0.81, 0.4), 0.2),
        *screen((0.5, -0.74, 0.88), 0.4, 8),
        *louvres((-0.55, -0.81, 0.16), 0.24, 0.16, 4),
        *paint("dark", box((0.06, 0.06, 0.8), (0.5, -0.72, 0.1))),
        *signal_tower((0.75, 0.55, 2.15), 0.45),
    ]
