"""Ventilation: air handling unit."""

from __future__ import annotations

from twin.scene.parts import Part, paint
from twin.scene.shapes.fittings import handle, screen
from twin.scene.solids import bar, box, cylinder, pipe, prism, ring


def ahu() -> list[Part]:
    """An air handling unit: panelled sections on a base frame, fan section with inlet cone, ducts, coil
    pipes."""
    parts = [
        *paint("dark", box((3.9, 1.6, 0.14), bevel=0.02)),
        *paint("state", box((3.94, 1.66, 0.07), (0, 0, 1.64), bevel=0.02)),
        *paint("shell_dim", box((3.7, 1.44, 0.05), (0, 0, 1.7), bevel=0.015)),
    ]
    for low, high in ((-1.95, -1.02), (-1.0, -0.12), (-0.1, 0.83), (0.85, 1.95)):
        middle, width = (low + high) / 2, high - low
        parts += paint("shell", box((width, 1.6, 1.5), (middle, 0, 0.14), bevel=0.03))
        parts += paint("panel", box((width - 0.16, 0.03, 1.3), (middle, -0.8, 0.24), bevel=0.012))
        parts += handle((high - 0.16, -0.812, 0.9), 0.2)
        parts += paint("steel_dark", *(box((0.05, 0.03, 0.1), (low + 0.1, -0.815, z)) for z in (0.4, 1.3)))
    # intake louvres on the low side
    for i in range(7):
        parts += paint("grey", box((0.05, 1.2, 0.1), (-1.98, 0, 0.34 + i * 0.17)))
    # the fan one sees through the round inspection window
    parts += paint(
        "steel_dark",
        ring(0.36, 0.43, 0.06, (1.4, -0.86, 0.9), "y", 20),
    )
    parts += paint("screen", cylinder(0.37, 0.03, (1.4, -0.84, 0.9), "y", sides=20))
    for turn in range(3):
        x, z = ((0.3, 0.02), (0.16, 0.26), (0.16, -0.26))[turn]
        parts += paint("glow", bar((1.4 - x, -0.845, 0.9 - z), (1.4 + x, -0.845, 0.9 + z), 0.015, 0.05))
    # supply duct up and away, coil connections, control box
    elbow = [(1.0, 1.72), (1.7, 1.72), (1.7, 1.82), (1.76, 1.92), (1.86, 1.98), (2.1, 1.98)]
    elbow += [(2.1, 2.5), (1.5, 2.5), (1.2, 2.36), (1.04, 2.1), (1.0, 1.9)]
    parts += paint("steel", prism(elbow, -0.4, 0.5, 0.012, "y"))
    parts += paint(
        "steel_dark", box((0.82, 1.02, 0.05), (1.35, 0.05, 1.76)), box((0.05, 1.02, 0.64), (2.1, 0.05, 1.92))
    )
    for x, colour in ((-0.38, "blue"), (-0.18, "copper")):
        parts += paint(
            colour, pipe([(x + 0.6, -0.78, 0.4), (x + 0.6, -0.95, 0.4), (x + 0.6, -0.95, 0.05)], 0.05, 0.1, 8)
        )
    parts += paint("shell_dim", box((0.5, 0.14, 0.6), (-0.56, -0.87, 0.75), bevel=0.02))
    parts += screen((-0.56, -0.95, 0.98), 0.3, 4)
    parts += paint("state", box((0.5, 0.15, 0.05), (-0.56, -0.87, 1.35), bevel=0.012))
    return parts
