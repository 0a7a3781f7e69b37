"""Cloth: loom, dyeing machine, stenter, inspection frame."""

from __future__ import annotations

from twin.scene.parts import Part, paint
from twin.scene.shapes.fittings import feet, flange, handle, louvres, screen, signal_tower
from twin.scene.solids import bar, box, cylinder, pipe, prism, ring, vessel


def loom() -> list[Part]:
    """A loom: side frames, warp beam behind, heald frames above, cloth roller in front, weft packages."""
    frame = [(-0.85, 0.05), (0.85, 0.05), (0.85, 0.75), (0.3, 1.05), (-0.5, 1.05), (-0.85, 0.8)]
    parts = [
        *feet(3.0, 1.5, 0.06),
        *paint("shell", prism(frame, -1.5, -1.2, 0.03, "x"), prism(frame, 1.2, 1.5, 0.03, "x")),
        *paint("steel_dark", cylinder(0.08, 2.4, (-1.2, -0.35, 0.7), "x", sides=10)),
        # warp beam with its flanges, breast beam, cloth roller
        *paint("shell", cylinder(0.34, 2.2, (-1.1, 0.55, 0.5), "x", sides=18)),
        *paint("grey", *(cylinder(0.46, 0.05, (x, 0.55, 0.5), "x", sides=18) for x in (-1.14, 1.09))),
        *paint("shell_dim", cylinder(0.2, 2.2, (-1.1, -0.55, 0.36), "x", sides=16)),
        *paint("steel", cylinder(0.07, 2.4, (-1.2, -0.7, 0.95), "x", sides=10)),
        *paint(
            "board", prism([(-0.7, 1.0), (-0.1, 1.06), (-0.1, 1.045), (-0.7, 0.985)], -1.05, 1.05, 0, "x")
        ),
        *paint("shell", prism([(-0.1, 1.06), (0.6, 0.98), (0.6, 0.965), (-0.1, 1.045)], -1.05, 1.05, 0, "x")),
        # reed, heald frames under their bridge
        *paint("steel_dark", box((2.3, 0.06, 0.18), (0, -0.12, 1.04))),
        *paint(
            "steel", *(box((2.2, 0.03, 0.5), (0, 0.02 + i * 0.08, 1.0 + 0.05 * (i % 2))) for i in range(4))
        ),
        *paint("shell", *(box((0.16, 0.5, 0.75), (x, 0.14, 1.0), bevel=0.03) for x in (-1.3, 1.3))),
        *paint("shell", box((2.8, 0.4, 0.14), (0, 0.14, 1.72), bevel=0.04)),
        *paint("state", box((2.6, 0.3, 0.04), (0, 0.14, 1.86), bevel=0.012)),
        *paint("state", box((2.7, 0.06, 0.09), (0, -0.83, 0.8), bevel=0.015)),
        *paint("blue", box((0.55, 0.9, 0.6), (1.72, 0.1, 0.2), bevel=0.05)),
        *louvres((1.35, -0.86, 0.25), 0.24, 0.35, 4),
        *screen((1.3, -0.6, 1.05), 0.3, 20),
        *signal_tower((-1.4, -0.2, 1.06), 0.5),
    ]
    for z in (0.55, 0.95):
        for y in (-0.35, 0.2):
            parts += paint("shell", cylinder(0.15, 0.26, (-1.95, y, z), "x", bevel=0.04, sides=10))
    parts += paint("steel_dark", *(bar((-1.9, y, 0.0), (-1.9, y, 1.2), 0.05, 0.05) for y in (-0.35, 0.2)))
    return parts


def dyeing_machine() -> list[Part]:
    """A jet dyeing machine: a lying vessel with a loading door and windows, the jet above, pump and heat
    exchanger."""
    return [
        *paint("concrete", box((6.3, 3.0, 0.1), bevel=0.02)),
        *paint("steel_dark", *(box((0.3, 1.6, 0.7), (x, 0.3, 0.1)) for x in (-1.9, 1.9))),
        *paint("steel", vessel(1.05, 5.4, (-2.8, 0.3, 1.75), "x", 0.35, 22)),
        *paint("steel_dark", *(ring(1.04, 1.1, 0.12, (x, 0.3, 1.75), "x", 18) for x in (-1.9, 1.8))),
        *paint("state", ring(1.05, 1.12, 0.3, (-0.1, 0.3, 1.75), "x", 24)),
        # loading door, two windows, walkway
        *paint("steel_dark", cylinder(0.48, 0.3, (-0.9, -0.95, 2.05), "y", bevel=0.04, sides=18)),
        *paint("pane", cylinder(0.36, 0.03, (-0.9, -0.98, 2.05), "y", sides=18)),
        *paint("state", ring(0.38, 0.47, 0.05, (-0.9, -1.0, 2.05), "y", 18)),
        *paint(
            "steel_dark",
            *(cylinder(0.2, 0.2, (x, -0.82, 2.1), "y", bevel=0.03, sides=14) for x in (0.5, 1.4)),
        ),
        *paint("pane", *(cylinder(0.14, 0.03, (x, -0.84, 2.1), "y", sides=12) for x in (0.5, 1.4))),
        *paint("grey", box((4.6, 0.6, 0.08), (-0.1, -1.15, 0.95))),
        *paint("steel_dark", *(bar((x, -1.42, 0.1), (x, -1.42, 1.0), 0.06, 0.06) for x in (-2.2, 0.0, 2.1))),
        # jet tube over the vessel, its nozzle, the rope's way down
        *paint(
            "steel",
            pipe([(2.1, 0.3, 2.5), (2.1, 0.3, 3.2), (-1.6, 0.3, 3.2), (-2.1, 0.3, 2.6)], 0.18, 0.35, 10),
        ),
        *paint("blue", cylinder(0.26, 0.4, (1.0, 0.3, 3.2), "x", bevel=0.04, sides=14)),
        # pump, heat exchanger, steam pipe
        *paint("blue", cylinder(0.26, 0.7, (1.2, -0.55, 0.4), "x", bevel=0.05, sides=14)),
        *paint("steel", cylinder(0.3, 0.26, (0.85, -0.55, 0.4), "x", bevel=0.05, sides=14)),
        *paint("steel", pipe([(0.95, -0.55, 0.6), (0.95, -0.55, 0.9), (0.95, 0.3, 0.9)], 0.1, 0.15, 10)),
        *paint("steel", vessel(0.24, 2.0, (-2.6, 1.3, 0.6), "x", 0.3, 12)),
        *paint("copper", pipe([(-2.3, 1.3, 0.8), (-2.3, 1.3, 2.9), (-2.9, 1.3, 2.9)], 0.07, 0.12, 8)),
        *flange((-2.3, 1.3, 1.8), 0.13, "z"),
        *paint("shell", box((0.5, 0.4, 1.6), (2.9, -1.0, 0.1), bevel=0.03)),
        *paint("state", box((0.52, 0.42, 0.08), (2.9, -1.0, 1.7), bevel=0.015)),
        *screen((2.9, -1.24, 1.1), 0.36, 8),
        *handle((2.75, -1.22, 0.7), 0.26),
        # dosing tanks
        *paint("shell", *(cylinder(0.32, 0.9, (x, 1.15, 0.25), sides=12) for x in (0.6, 1.4))),
        *paint("steel_dark", *(cylinder(0.06, 0.4, (x, 1.15, 1.15), sides=8) for x in (0.6, 1.4))),
    ]


def stenter() -> list[Part]:
    """A stenter: cloth in over rollers, eight chambers with fans and exhausts, cloth out onto a trolley."""
    parts: list[Part] = [
        *paint("dark", box((22.0, 2.6, 0.14), (0.4, 0, 0))),
        *paint("steel", *(box((25.4, 0.1, 0.12), (-0.1, y, 1.05)) for y in (-1.05, 1.05))),
        *paint("board", box((25.0, 1.9, 0.02), (-0.1, 0, 1.12))),
    ]
    for i in range(8):
        x = -7.2 + i * 2.3
        parts += paint("shell", box((2.2, 3.0, 2.0), (x, 0, 0.14), bevel=0.05))
        parts += paint("panel", box((1.9, 0.03, 1.5), (x, -1.5, 0.4)))
        parts += paint("pane", box((0.6, 0.02, 0.36), (x + 0.4, -1.52, 1.3)))
        parts += handle((x - 0.6, -1.515, 1.1), 0.3)
        parts += paint("state", box((2.1, 0.9, 0.06), (x, -0.98, 2.13)))
        parts += paint("blue", cylinder(0.26, 0.4, (x, 0.9, 2.1), sides=10))
        parts += paint("steel", pipe([(x, 0.25, 2.1), (x, 0.25, 2.75)], 0.2, sides=8))
    parts += paint("state", box((18.4, 0.05, 0.14), (0.85, -1.53, 1.95)))
    parts += paint("steel", box((17.4, 0.5, 0.46), (0.85, 0.25, 2.7), bevel=0.05))
    parts += paint("steel", cylinder(0.3, 0.5, (5.0, 0.25, 3.05), sides=12))
    # entry: rollers on a frame, operator's stand; exit: rollers, plaiting arm
    for x in (-12.4, -11.6, -10.6, -9.6):
        parts += paint(
            "steel_dark", cylinder(0.11, 2.2, (x, -1.1, 1.0 + 0.25 * (x < -12 or x == -10.6)), "y", sides=10)
        )
    parts += paint("shell_dim", *(box((3.6, 0.14, 0.9), (-11.0, y, 0.1), bevel=0.03) for y in (-1.2, 1.2)))
    parts += paint("shell_dim", *(box((1.6, 0.14, 0.9), (11.8, y, 0.1), bevel=0.03) for y in (-1.2, 1.2)))
    parts += paint("steel", cylinder(0.24, 2.2, (11.3, -1.1, 1.2), "y", sides=14))
    parts += paint("steel_dark", *(bar((11.6, y, 0.9), (12.4, y, 2.2), 0.08, 0.08) for y in (-1.2, 1.2)))
    parts += paint("steel", cylinder(0.09, 2.4, (12.4, -1.2, 2.2), "y", sides=10))
    parts += screen((-9.4, -1.4, 1.1), 0.44, 12)
    parts += signal_tower((-8.2, -1.3, 2.14), 0.5)
    return parts


def inspection_frame() -> list[Part]:
    """A cloth inspection frame: a sloping lit table, rollers above and below, a roll going in and one
    coming out."""
    side = [(-1.15, 0.05), (0.9, 0.05), (0.9, 2.1), (0.6, 2.1), (-0.25, 0.95), (-1.15, 0.95)]
    table = [(-0.42, 0.98), (0.42, 2.06), (0.46, 2.03), (-0.38, 0.95)]
    return [
        *feet(2.8, 2.0, 0.06),
        *paint("shell", prism(side, -1.6, -1.46, 0.02, "x"), prism(side, 1.46, 1.6, 0.02, "x")),
        *paint("dark", prism([(y + 0.06, z - 0.05) for y, z in table], -1.45, 1.45, 0, "x")),
        *paint("screen", prism(table, -1.4, 1.4, 0, "x")),
        *paint("glow", prism([(y - 0.02, z + 0.02) for y, z in table], -1.2, 1.2, 0, "x")),
        *paint("state", box((3.2, 0.3, 0.06), (0, 0.75, 2.1), bevel=0.015)),
        *paint("state", box((2.9, 0.05, 0.08), (0, -1.16, 0.85), bevel=0.012)),
        *paint("shell", box((3.0, 0.26, 0.12), (0, 0.1, 2.18), bevel=0.02)),
        *paint(
            "steel",
            *(
                cylinder(0.07, 2.9, (-1.45, y, z), "x", sides=10)
                for y, z in ((0.56, 2.0), (-0.55, 0.9), (-0.9, 0.75))
            ),
        ),
        *paint("board", cylinder(0.34, 2.5, (-1.25, 0.5, 0.55), "x", sides=20)),
        *paint("board", cylinder(0.26, 2.5, (-1.25, -0.85, 0.42), "x", sides=20)),
        *paint(
            "copper",
            *(cylinder(0.05, 2.8, (-1.4, y, z), "x", sides=8) for y, z in ((0.5, 0.55), (-0.85, 0.42))),
        ),
        *paint("board", *(box((2.4, 0.015, 0.9), (0, y, 0.9)) for y in (0.6,))),
        *screen((1.3, -1.0, 1.0), 0.36, 14),
        *louvres((1.53, -1.17, 0.2), 0.1, 0.3, 4),
        *signal_tower((-1.5, 0.75, 2.1), 0.4),
    ]
