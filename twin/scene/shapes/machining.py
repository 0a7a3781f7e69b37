"""Machine tools: machining centre."""

from __future__ import annotations

from twin.scene.parts import Part, paint
from twin.scene.shapes.fittings import feet, handle, louvres, screen, signal_tower
from twin.scene.solids import box, cylinder, pipe, prism


def cnc_machine() -> list[Part]:
    """A machining centre: enclosure with sliding doors and panes, spindle inside, pendant, chip conveyor."""
    return [
        *feet(2.5, 1.9, 0.1),
        *paint("dark", box((2.6, 1.9, 0.3), (0, 0.1, 0.08), bevel=0.03)),
        # enclosure: cheeks, back with the column, lintel, sill
        *paint("shell", box((0.5, 1.8, 1.75), (1.05, 0.1, 0.36), bevel=0.05)),
        *paint("shell", box((0.3, 1.8, 1.75), (-1.15, 0.1, 0.36), bevel=0.05)),
        *paint("shell_dim", box((1.9, 0.7, 1.85), (-0.1, 0.66, 0.36), bevel=0.04)),
        *paint("shell", prism([(-0.8, 1.78), (-0.7, 2.1), (0.4, 2.1), (0.4, 1.78)], -1.0, 0.8, 0.03, "x")),
        *paint("blue", box((1.84, 0.12, 0.36), (-0.1, -0.74, 0.36), bevel=0.02)),
        *paint("state", box((2.62, 0.06, 0.1), (0, -0.81, 1.8), bevel=0.02)),
        *paint("state", box((1.5, 0.6, 0.04), (-0.1, -0.15, 2.09), bevel=0.015)),
        # doors with panes
        *paint(
            "shell",
            *(box((0.06, 0.06, 1.08), (x, -0.77, 0.72), bevel=0.01) for x in (-0.98, -0.14, -0.06, 0.78)),
        ),
        *paint("pane", *(box((0.78, 0.02, 1.06), (x, -0.77, 0.73)) for x in (-0.56, 0.36))),
        *handle((-0.2, -0.79, 1.2), 0.34),
        *handle((0.0, -0.79, 1.2), 0.34),
        # inside: table, vice, work piece, spindle
        *paint("black", box((1.8, 1.0, 0.03), (-0.1, -0.2, 0.7))),
        *paint("steel_dark", box((1.0, 0.5, 0.16), (-0.1, -0.2, 0.8), bevel=0.02)),
        *paint("steel", box((0.34, 0.22, 0.14), (-0.1, -0.2, 0.96), bevel=0.01)),
        *paint("panel", box((0.34, 0.4, 0.6), (-0.1, 0.1, 1.2), bevel=0.03)),
        *paint(
            "steel",
            cylinder(0.12, 0.16, (-0.1, -0.05, 1.14), sides=14),
            cylinder(0.03, 0.1, (-0.1, -0.05, 1.06), sides=8),
        ),
        # pendant, tower, chip conveyor, coolant
        *paint("dark", box((0.4, 0.06, 0.62), (1.05, -0.82, 1.02), bevel=0.02)),
        *screen((1.05, -0.85, 1.3), 0.36, 6),
        *paint("grey", box((0.34, 0.02, 0.2), (1.05, -0.856, 1.06))),
        *paint("state", cylinder(0.035, 0.03, (1.18, -0.885, 1.14), "y", sides=10)),
        *louvres((1.05, -0.806, 0.46), 0.36, 0.3, 5),
        *paint(
            "panel",
            prism(
                [
                    (-1.3, 0.1),
                    (-1.3, 0.4),
                    (-1.5, 0.4),
                    (-1.8, 1.1),
                    (-2.02, 1.1),
                    (-2.02, 0.94),
                    (-1.64, 0.1),
                ],
                -0.2,
                0.3,
                0.02,
                "y",
            ),
        ),
        *paint("dark", box((0.3, 0.5, 0.5), (-1.95, 0.05, 0.0), bevel=0.02)),
        *paint("blue_dark", box((0.7, 0.36, 0.5), (0.6, 0.98, 0.1), bevel=0.03)),
        *paint("steel", pipe([(0.5, 0.98, 0.6), (0.5, 0.98, 0.9), (0.5, 0.85, 1.0)], 0.04, 0.08, 8)),
        *signal_tower((0.95, 0.6, 2.1), 0.44),
    ]
