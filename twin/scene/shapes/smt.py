"""Surface-mount line: solder paste printer, placer, reflow oven. Boards travel along x at 0.95 to 1 m."""

from __future__ import annotations

from twin.scene.parts import Part, paint
from twin.scene.shapes.fittings import board_rails, feet, flange, handle, louvres, screen, signal_tower
from twin.scene.solids import bar, box, cylinder, pipe, prism

RAIL_Z = 0.96


def solder_paste_printer() -> list[Part]:
    """A stencil printer: cabinet, sloped hood with a window, screen, board rails."""
    hood = [(-0.72, 0.95), (0.74, 0.95), (0.74, 1.5), (0.1, 1.55), (-0.12, 1.55), (-0.62, 1.2), (-0.72, 1.08)]
    window = [(-0.16, 1.533), (-0.58, 1.239), (-0.58, 1.219), (-0.16, 1.513)]
    doors = [box((0.7, 0.02, 0.64), (side * 0.37, -0.745, 0.16), bevel=0.008) for side in (-1, 1)]
    return [
        *feet(1.5, 1.5),
        *paint("shell_dim", box((1.5, 1.48, 0.84), (0, 0, 0.07), bevel=0.03)),
        *paint("shell", prism(hood, -0.75, 0.75, 0.03, "x")),
        *paint("state", box((1.54, 1.53, 0.075), (0, 0, 0.885), bevel=0.02)),
        *paint("state", box((1.1, 0.5, 0.03), (0, 0.4, 1.53), bevel=0.012)),
        *paint("black", box((1.54, 0.5, 0.2), (0, 0.05, 1.0), bevel=0.02)),
        *board_rails(1.7, 0.05, RAIL_Z),
        *paint("board", box((0.12, 0.24, 0.01), (-0.79, 0.05, RAIL_Z + 0.05))),
        *paint("steel_dark", prism(window, -0.62, 0.24, 0, "x")),
        *paint("screen", prism([(y, z + 0.014) for y, z in window], -0.58, 0.2, 0, "x")),
        *paint("blue", box((0.5, 0.03, 0.05), (-0.4, -0.715, 1.06), bevel=0.01)),
        *paint("panel", *doors),
        *handle((-0.1, -0.752, 0.55), 0.2),
        *handle((0.1, -0.752, 0.55), 0.2),
        *louvres((0.37, -0.752, 0.2), 0.5, 0.14, 4),
        *louvres((-0.37, -0.752, 0.2), 0.5, 0.14, 4),
        *paint("steel_dark", box((0.06, 0.3, 0.05), (0.5, -0.56, 1.22))),
        *screen((0.5, -0.72, 1.1), 0.42, 14),
        *signal_tower((0.62, 0.62, 1.52)),
    ]


def _feeder_bank(side: int, count: int = 9) -> list[Part]:
    """A row of tape feeders with their reels, on the side that ``side`` (-1 front, 1 back) says."""
    parts: list[Part] = []
    for i in range(count):
        x = -0.66 + 1.32 * i / (count - 1)
        parts += paint("steel_dark" if i % 2 else "steel", box((0.09, 0.42, 0.1), (x, side * 0.86, 0.86)))
        reel = cylinder(0.19, 0.06, (x - 0.025, side * 0.98, 0.62), "x", sides=10)
        hub = cylinder(0.07, 0.066, (x - 0.033, side * 0.98, 0.62), "x", sides=6)
        parts += paint(("grey", "blue", "panel")[i % 3], reel) + paint("shell", hub)
    rail = box((1.5, 0.1, 0.12), (0, side * 0.84, 0.36), bevel=0.02)
    cheeks = [box((0.03, 0.5, 0.6), (x, side * 0.88, 0.3)) for x in (-0.74, 0.74)]
    return [*parts, *paint("dark", rail), *paint("panel", *cheeks)]


def pick_and_place() -> list[Part]:
    """A placer: cast base, feeder banks with reels front and back, gantry under a glass hood."""
    hood = [(-0.78, 1.02), (-0.74, 1.3), (-0.5, 1.52), (0.5, 1.52), (0.74, 1.3), (0.78, 1.02)]
    ends = [(y * 1.015, z * 1.002) for y, z in hood]
    return [
        *feet(1.6, 1.3),
        *paint("shell_dim", box((1.86, 1.3, 0.76), (0, 0, 0.07), bevel=0.04)),
        *paint("shell", box((1.9, 1.6, 0.16), (0, 0, 0.83), bevel=0.03)),
        *paint("state", box((1.94, 1.64, 0.06), (0, 0, 0.98), bevel=0.02)),
        *_feeder_bank(-1),
        *_feeder_bank(1),
        # under the glass: table, rails, gantry beams, two heads
        *paint("dark", box((1.7, 1.4, 0.02), (0, 0, 1.03))),
        *board_rails(2.1, 0.0, RAIL_Z + 0.08),
        *paint("board", box((0.4, 0.26, 0.012), (0.1, 0, RAIL_Z + 0.13))),
        *paint("steel", *(box((0.1, 1.36, 0.1), (x, 0, 1.24), bevel=0.015) for x in (-0.42, 0.42))),
        *paint(
            "blue",
            *(box((0.2, 0.2, 0.26), (x, y, 1.14), bevel=0.03) for x, y in ((-0.42, -0.2), (0.42, 0.3))),
        ),
        # hood: end walls, bridge with the state plate, panes
        *paint("shell", prism(ends, -0.95, -0.72, 0.02, "x"), prism(ends, 0.72, 0.95, 0.02, "x")),
        *paint("shell", box((1.46, 0.34, 0.08), (0, 0, 1.46), bevel=0.02)),
        *paint("state", box((1.2, 0.24, 0.03), (0, 0, 1.53), bevel=0.01)),
        *paint("pane", prism(hood, -0.72, 0.72, 0, "x")),
        *paint("steel_dark", *(bar((-0.72, y, 1.03), (0.72, y, 1.03), 0.03, 0.03) for y in (-0.78, 0.78))),
        *screen((0.6, -0.84, 1.2), 0.4, 12),
        *screen((-0.6, 0.88, 1.2), 0.3, -12),
        *signal_tower((-0.83, 0.0, 1.5), 0.46),
    ]


def _oven_zone(x: float, width: float) -> list[Part]:
    """One hood segment of the tunnel with its lid's handle."""
    profile = [(-0.66, 0.98), (-0.62, 1.2), (-0.4, 1.4), (0.4, 1.4), (0.62, 1.2), (0.66, 0.98)]
    return [
        *paint("shell", prism(profile, x - width / 2, x + width / 2, 0.02, "x")),
        *paint("steel_dark", box((width * 0.4, 0.03, 0.03), (x, -0.66, 1.09))),
    ]


def reflow_oven() -> list[Part]:
    """A reflow oven: ten hood segments over a long tunnel, exhaust stacks, conveyor in and out, screen."""
    zones, length = 10, 4.8
    pitch = length / zones
    parts: list[Part] = []
    for i in range(zones):
        x = -length / 2 + (i + 0.5) * pitch
        parts += _oven_zone(x, pitch - 0.03)
        parts += paint("panel", box((pitch - 0.05, 0.02, 0.6), (x, -0.66, 0.22)))
        parts += louvres((x, -0.672, 0.3), pitch - 0.16, 0.2, 2)
    for x in (-1.75, 1.75):
        parts += paint("steel", cylinder(0.17, 0.42, (x, 0.12, 1.38), sides=16))
        parts += flange((x, 0.12, 1.6), 0.23, "z", 0.04)
        parts += paint("steel_dark", cylinder(0.2, 0.05, (x, 0.12, 1.8), sides=16))
    for x in (-1, 1):
        mouth = [(-0.5, 0.84), (0.5, 0.84), (0.5, 1.16), (-0.5, 1.16)]
        low, high = (2.42, 2.6) if x > 0 else (-2.6, -2.42)
        parts += paint("shell_dim", prism(mouth, low, high, 0.02, "x"))
        parts += paint("black", box((0.03, 0.6, 0.14), (x * 2.6, 0, 0.93)))
        parts += paint("dark", box((0.1, 0.5, 0.8), (x * 2.5, 0, 0.06)))
    return [
        *feet(4.8, 1.3),
        *paint("dark", box((4.6, 1.16, 0.12), (0, 0, 0.06))),
        *paint("shell_dim", box((4.86, 1.32, 0.74), (0, 0, 0.16), bevel=0.03)),
        *paint("state", box((4.9, 1.38, 0.08), (0, 0, 0.9), bevel=0.02)),
        *paint("state", box((4.5, 0.26, 0.03), (0, -0.22, 1.39), bevel=0.01)),
        *paint("blue", box((4.86, 0.03, 0.05), (0, -0.655, 0.84))),
        *parts,
        *board_rails(5.6, 0.0, 0.9, 0.34),
        *paint("board", box((0.22, 0.28, 0.012), (2.68, 0, 0.95)), box((0.1, 0.28, 0.012), (-2.72, 0, 0.95))),
        *paint("steel_dark", pipe([(2.2, -0.5, 1.2), (2.2, -0.72, 1.24)], 0.025, sides=6)),
        *screen((2.2, -0.72, 1.1), 0.44, 12),
        *signal_tower((-2.2, -0.3, 1.38), 0.48),
    ]
