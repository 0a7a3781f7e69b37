"""Surface-mount line: solder paste printer, inspection, placer, reflow oven."""

from __future__ import annotations

from twin.scene.parts import Part, paint
from twin.scene.shapes.fittings import board_rails, feet, handle, louvres, plinth, screen, signal_tower
from twin.scene.solids import box, cylinder, prism


def solder_paste_printer() -> list[Part]:
    """A stencil printer, 1.7 x 1.6 x 2.0 m: cabinet, sloped hood with a window, screen, board rails."""
    hood = [(-0.72, 0.95), (0.74, 0.95), (0.74, 1.55), (-0.1, 1.55), (-0.62, 1.2), (-0.72, 1.05)]
    return [
        *feet(1.5, 1.5),
        *paint("shell_dim", box((1.5, 1.48, 0.84), (0, 0, 0.07), bevel=0.03)),
        *paint("shell", prism(hood, -0.75, 0.75, 0.03, "x")),
        *paint("state", box((1.54, 1.52, 0.07), (0, 0, 0.89), bevel=0.02)),
        *paint("black", box((1.56, 0.46, 0.22), (0, 0.05, 1.02), bevel=0.02)),
        *board_rails(1.7, 0.05, 0.98),
        *paint("board", box((0.12, 0.24, 0.01), (-0.79, 0.05, 1.03))),
        *paint(
            "screen",
            prism([(-0.16, 1.53), (-0.56, 1.258), (-0.56, 1.238), (-0.16, 1.508)], -0.56, 0.3, 0, "x"),
        ),
        *paint("blue", box((0.3, 0.02, 0.06), (-0.5, -0.725, 1.08))),
        *paint(
            "panel",
            box((0.7, 0.02, 0.62), (-0.37, -0.745, 0.16)),
            box((0.7, 0.02, 0.62), (0.37, -0.745, 0.16)),
        ),
        *handle((-0.1, -0.752, 0.55), 0.2),
        *handle((0.1, -0.752, 0.55), 0.2),
        *louvres((0.37, -0.752, 0.2), 0.5, 0.14, 4),
        *screen((0.52, -0.66, 1.22), 0.4, 14),
        *paint("steel_dark", box((0.06, 0.3, 0.05), (0.52, -0.52, 1.24))),
        *signal_tower((0.6, 0.6, 1.55)),
        *plinth(0.2, 0.2, 0.05),
        *paint("grey", cylinder(0.12, 0.06, (-0.4, 0.4, 1.55), sides=14)),
    ]
