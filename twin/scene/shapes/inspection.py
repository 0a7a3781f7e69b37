"""Inspection machines of the line: solder paste inspection, automated optical inspection."""

from __future__ import annotations

from twin.scene.parts import Part, paint
from twin.scene.shapes.fittings import board_rails, feet, handle, louvres, screen, signal_tower
from twin.scene.shapes.smt import RAIL_Z
from twin.scene.solids import bar, box, cylinder, prism


def spi() -> list[Part]:
    """Solder paste inspection: a low cabinet under a rounded hood, with the projector's dome on top."""
    hood = [(-0.66, 0.9), (-0.64, 1.12), (-0.46, 1.34), (0.36, 1.34), (0.62, 1.2), (0.66, 0.9)]
    window = [(-0.636, 1.16), (-0.486, 1.346), (-0.466, 1.33), (-0.616, 1.144)]
    return [
        *feet(1.0, 1.3),
        *paint("shell_dim", box((1.0, 1.3, 0.78), (0, 0, 0.07), bevel=0.03)),
        *paint("shell", prism(hood, -0.5, 0.5, 0.03, "x")),
        *paint("state", box((1.04, 1.35, 0.07), (0, 0, 0.84), bevel=0.02)),
        *paint("black", box((1.03, 0.44, 0.16), (0, 0.05, 0.94), bevel=0.02)),
        *board_rails(1.1, 0.05, RAIL_Z - 0.05),
        *paint("screen", prism(window, -0.4, 0.1, 0, "x")),
        *paint("blue_dark", cylinder(0.26, 0.1, (0, 0.12, 1.34), bevel=0.03, sides=20)),
        *paint("state", cylinder(0.18, 0.05, (0, 0.12, 1.43), bevel=0.015, sides=20)),
        *paint("panel", box((0.86, 0.02, 0.56), (0, -0.655, 0.18), bevel=0.008)),
        *handle((-0.34, -0.662, 0.5), 0.18),
        *louvres((0.08, -0.662, 0.22), 0.5, 0.16, 4),
        *screen((0.3, -0.7, 1.02), 0.36, 14),
        *signal_tower((0.4, 0.5, 1.28), 0.5),
    ]


def aoi() -> list[Part]:
    """Automated optical inspection: a tall cabinet with a camera bay behind glass, screen and keyboard."""
    return [
        *feet(1.0, 1.2),
        *paint("shell_dim", box((1.02, 1.16, 0.76), (0, 0.02, 0.07), bevel=0.03)),
        *paint("state", box((1.07, 1.21, 0.07), (0, 0.02, 0.83), bevel=0.02)),
        # the camera bay: back, cheeks and roof around what one sees through the pane
        *paint("shell", box((1.02, 0.5, 0.72), (0, 0.35, 0.89), bevel=0.03)),
        *paint(
            "shell", *(box((0.07, 0.68, 0.72), (side * 0.475, -0.22, 0.89), bevel=0.02) for side in (-1, 1))
        ),
        *paint("shell", box((1.04, 1.18, 0.12), (0, 0.02, 1.58), bevel=0.04)),
        *paint("dark", box((0.88, 0.64, 0.02), (0, -0.22, 0.9))),
        *paint("pane", box((0.88, 0.012, 0.66), (0, -0.52, 0.91))),
        *paint("blue_dark", box((0.24, 0.24, 0.3), (0, -0.16, 1.26), bevel=0.03)),
        *paint("black", cylinder(0.09, 0.12, (0, -0.16, 1.15), sides=14)),
        *paint("state", cylinder(0.16, 0.03, (0, -0.16, 1.12), bevel=0.008, sides=18)),
        *paint("steel", bar((-0.44, -0.06, 1.5), (0.44, -0.06, 1.5), 0.08, 0.08)),
        *board_rails(1.1, -0.16, RAIL_Z - 0.04, 0.34),
        *paint("board", box((0.3, 0.26, 0.012), (0.05, -0.16, RAIL_Z + 0.01))),
        *paint("state", box((0.76, 0.5, 0.035), (0, 0.2, 1.69), bevel=0.012)),
        *paint("panel", box((0.86, 0.02, 0.56), (0, -0.565, 0.18), bevel=0.008)),
        *handle((-0.34, -0.572, 0.5), 0.18),
        *louvres((0.08, -0.572, 0.22), 0.5, 0.16, 4),
        *paint("dark", box((0.44, 0.2, 0.03), (0.28, -0.66, 0.88), bevel=0.008)),
        *paint("steel_dark", box((0.05, 0.1, 0.05), (0.4, -0.58, 1.34))),
        *screen((0.34, -0.64, 1.16), 0.4, 8),
        *signal_tower((-0.38, 0.42, 1.68), 0.36),
    ]
