"""Heat and cold: boiler, lying vessel, plate heat exchanger, skid of tanks, membrane rack, cold room."""

from __future__ import annotations

import numpy as np

from twin.scene.parts import Part, paint
from twin.scene.shapes.fittings import feet, flange, handle, louvres, screen
from twin.scene.solids import bar, box, cylinder, lathe, pipe, ring, vessel


def boiler() -> list[Part]:
    """A shell boiler: lagged drum on saddles, burner at its front end, chimney, steam valve, feed pump."""
    return [
        *paint("concrete", box((6.4, 2.9, 0.14), bevel=0.03)),
        *paint("steel_dark", *(box((0.4, 1.8, 0.5), (x, 0, 0.14)) for x in (-1.4, 1.6))),
        *paint("shell", cylinder(1.15, 4.2, (-1.9, 0, 1.65), "x", bevel=0.05, sides=28)),
        *paint("steel", *(ring(1.14, 1.18, 0.06, (x, 0, 1.65), "x", 28) for x in (-1.2, 0.2, 1.6))),
        *paint("state", ring(1.14, 1.2, 0.3, (-0.7, 0, 1.65), "x", 28)),
        *paint("dark", cylinder(1.0, 0.1, (-2.0, 0, 1.65), "x", bevel=0.03, sides=26)),
        *paint("blue", cylinder(0.42, 0.7, (-2.65, 0, 1.4), "x", bevel=0.06, sides=18)),
        *paint("blue_dark", cylinder(0.5, 0.36, (-2.6, 0.1, 1.0), "y", bevel=0.05, sides=16)),
        *paint("state", box((0.5, 0.5, 0.05), (-2.3, 0, 1.8), bevel=0.012)),
        *paint("shell_dim", box((0.3, 1.9, 1.9), (2.4, 0, 0.75), bevel=0.04)),
        *paint("steel", cylinder(0.28, 1.3, (2.1, 0, 2.6), sides=16)),
        *paint("steel_dark", cylinder(0.34, 0.08, (2.1, 0, 2.7), sides=16)),
        # dome with the steam valve, safety valves, manhole
        *paint("steel", cylinder(0.2, 0.5, (0.4, 0, 2.7), sides=12)),
        *flange((0.4, 0, 3.0), 0.26, "z"),
        *paint("steel", pipe([(0.4, 0, 3.1), (0.4, 0, 3.4), (0.4, 1.3, 3.4)], 0.12, 0.2, 10)),
        *paint("copper", *(cylinder(0.07, 0.4, (x, 0.2, 2.72), sides=8) for x in (-0.5, -0.2))),
        *paint("steel_dark", cylinder(0.28, 0.14, (1.2, 0, 2.74), bevel=0.03, sides=14)),
        # level glass, panel, gas train, feed pump
        *paint("pane", cylinder(0.04, 0.7, (-0.1, -1.2, 1.4), sides=8)),
        *paint("steel_dark", *(box((0.12, 0.16, 0.06), (-0.1, -1.14, z)) for z in (1.4, 2.06))),
        *paint("shell", box((0.6, 0.36, 1.7), (-2.6, -1.15, 0.14), bevel=0.03)),
        *paint("state", box((0.64, 0.4, 0.08), (-2.6, -1.15, 1.84), bevel=0.015)),
        *screen((-2.6, -1.35, 1.1), 0.4, 8),
        *louvres((-2.6, -1.34, 0.35), 0.4, 0.4, 4),
        *paint("copper", pipe([(-2.5, 0.4, 1.5), (-2.5, 1.2, 1.5), (-2.5, 1.2, 0.3)], 0.07, 0.12, 8)),
        *paint("blue", cylinder(0.16, 0.5, (1.9, -1.1, 0.4), "x", bevel=0.03, sides=12)),
        *paint("steel", cylinder(0.12, 0.6, (1.65, -1.1, 0.3), sides=10)),
        *paint("steel", pipe([(1.65, -1.1, 0.9), (1.65, -1.1, 1.5), (1.65, -0.9, 1.5)], 0.05, 0.08, 8)),
    ]


def receiver_vessel() -> list[Part]:
    """A lying pressure vessel on saddles with level column, flanged pipes and a pump below."""
    return [
        *paint("concrete", box((5.0, 1.6, 0.1), bevel=0.02)),
        *paint("steel_dark", *(box((0.24, 1.0, 0.9), (x, 0, 0.1)) for x in (-1.5, 1.5))),
        *paint("shell", vessel(0.7, 5.2, (-2.6, 0, 1.6), "x", 0.5, 26)),
        *paint("state", ring(0.69, 0.75, 0.34, (-0.9, 0, 1.6), "x", 26)),
        *paint("state", box((0.7, 0.3, 0.05), (0.6, 0, 2.28), bevel=0.012)),
        *paint("steel_dark", *(ring(0.69, 0.73, 0.06, (x, 0, 1.6), "x", 26) for x in (-1.7, 1.7))),
        *paint("steel", *(cylinder(0.11, 0.35, (x, 0, 2.25), sides=10) for x in (-0.4, 1.6))),
        *flange((-0.4, 0, 2.6), 0.17, "z"),
        *flange((1.6, 0, 2.6), 0.17, "z"),
        *paint("steel", pipe([(-0.4, 0, 2.2), (-0.4, 0, 2.75), (-0.4, 0.7, 2.75)], 0.09, 0.2, 10)),
        *paint("copper", cylinder(0.06, 0.36, (0.2, 0, 2.28), sides=8)),
        *paint("pane", cylinder(0.04, 0.8, (2.0, -0.7, 1.2), sides=8)),
        *paint("steel_dark", *(box((0.1, 0.26, 0.06), (2.0, -0.6, z)) for z in (1.2, 1.94))),
        *paint("blue", cylinder(0.16, 0.6, (0.1, -0.45, 0.38), "x", bevel=0.03, sides=12)),
        *paint("steel", cylinder(0.18, 0.2, (-0.1, -0.45, 0.38), "x", bevel=0.03, sides=12)),
        *paint("steel", cylinder(0.07, 0.35, (-0.05, -0.45, 0.5), sides=10)),
        *paint("steel", bar((-0.05, -0.45, 0.85), (-0.05, 0.0, 1.0), 0.13, 0.13)),
        *paint("shell", box((0.3, 0.1, 0.4), (-1.1, -0.74, 1.2), bevel=0.015)),
    ]


def plate_exchanger() -> list[Part]:
    """A plate pasteuriser: pack of plates between thick ends, holding tube, balance tank, pump, panel."""
    return [
        *feet(3.4, 1.2),
        *paint("grey", box((3.5, 1.2, 0.08), (0, 0, 0.08), bevel=0.015)),
        *paint("blue", *(box((0.07, 0.7, 1.5), (x, 0.1, 0.2), bevel=0.015) for x in (-0.75, 0.65))),
        *paint("steel", *(box((0.035, 0.6, 1.3), (-0.62 + i * 0.062, 0.1, 0.28)) for i in range(20))),
        *paint("steel_dark", *(bar((-0.8, 0.1, z), (1.1, 0.1, z), 0.08, 0.08) for z in (0.26, 1.66))),
        *paint("steel_dark", box((0.08, 0.5, 1.6), (1.1, 0.1, 0.16))),
        *paint("state", box((1.5, 0.5, 0.05), (-0.05, 0.1, 1.74), bevel=0.012)),
        *paint(
            "steel",
            *(cylinder(0.06, 0.25, (-1.05, y, z), "x", sides=8) for y in (-0.12, 0.32) for z in (0.45, 1.4)),
        ),
        *paint("steel", bar((-1.05, 0.32, 1.4), (-1.2, 0.55, 1.45), 0.1, 0.1)),
        # holding tube: a meander behind
        *paint(
            "steel",
            pipe(
                [(-1.2, 0.55, 1.45), (1.3, 0.55, 1.45), (1.3, 0.55, 1.95), (-1.3, 0.55, 1.95)],
                0.05, 0.15, 8,
            ),
        ),
        *paint("steel", cylinder(0.32, 0.8, (-1.45, -0.2, 0.4), bevel=0.05, sides=18)),
        *paint("steel_dark", cylinder(0.34, 0.05, (-1.45, -0.2, 1.2), sides=18)),
        *paint("blue", cylinder(0.14, 0.45, (-0.9, -0.42, 0.34), "x", bevel=0.03, sides=12)),
        *paint("steel", cylinder(0.16, 0.16, (-1.06, -0.42, 0.34), "x", bevel=0.03, sides=12)),
        *paint("shell", box((0.55, 0.35, 1.5), (1.48, -0.38, 0.16), bevel=0.03)),
        *paint("state", box((0.57, 0.37, 0.08), (1.48, -0.38, 1.66), bevel=0.015)),
        *screen((1.48, -0.58, 1.1), 0.4, 8),
        *handle((1.3, -0.565, 0.6), 0.24),
    ]  # fmt: skip


def tank_skid() -> list[Part]:
    """A cleaning station: three tanks on a frame, pumps and pipes before them, a panel."""
    parts = [
        *feet(5.8, 2.0),
        *paint("grey", box((6.0, 2.3, 0.1), (0, 0, 0.08), bevel=0.02)),
        *paint("steel", pipe([(-2.5, -0.75, 0.5), (2.0, -0.75, 0.5)], 0.06, sides=8)),
        *paint("steel", pipe([(-2.5, -0.95, 0.75), (2.0, -0.95, 0.75)], 0.06, sides=8)),
        *paint("shell", box((0.7, 0.4, 1.8), (2.6, -0.85, 0.18), bevel=0.03)),
        *paint("state", box((0.74, 0.44, 0.09), (2.6, -0.85, 1.98), bevel=0.015)),
        *screen((2.6, -1.08, 1.3), 0.42, 8),
        *handle((2.4, -1.06, 0.8), 0.26),
        *paint("steel_dark", *(bar((x, 1.0, 0.1), (x, 1.0, 2.9), 0.07, 0.07) for x in (-2.9, 0.9))),
        *paint("steel_dark", bar((-2.9, 1.0, 2.9), (0.9, 1.0, 2.9), 0.07, 0.07)),
    ]
    for i, x in enumerate((-2.0, -0.3, 1.4)):
        parts += paint(
            "steel_dark",
            *(
                cylinder(0.06, 0.7, (x + s * 0.5, 0.25 + t * 0.5, 0.15), sides=6)
                for s in (-1, 1)
                for t in (-1, 1)
            ),
        )
        parts += paint(
            "steel",
            lathe([(0.1, 0.6), (0.75, 0.9), (0.75, 2.6), (0.2, 2.85), (0.0, 2.86)], (x, 0.25, 0.0), "z", 20),
        )
        parts += paint("state", ring(0.74, 0.79, 0.16, (x, 0.25, 2.3), sides=20))
        parts += paint("steel_dark", cylinder(0.2, 0.12, (x, 0.25, 2.82), bevel=0.03, sides=12))
        parts += paint("steel", pipe([(x, 0.25, 0.65), (x, 0.25, 0.4), (x, -0.7, 0.4)], 0.05, 0.08, 8))
        parts += paint("blue", cylinder(0.13, 0.4, (x + 0.05, -0.55, 0.3), "x", bevel=0.03, sides=10))
        parts += paint(
            ("blue_dark", "copper", "steel_dark")[i], cylinder(0.05, 0.5, (x + 0.3, 0.0, 2.75), sides=8)
        )
    return parts


def membrane_rack() -> list[Part]:
    """A reverse osmosis plant: pressure tubes in a rack, high-pressure pump, cartridge filters, panel."""
    parts = [
        *feet(5.0, 1.2),
        *paint("grey", box((5.2, 1.3, 0.08), (0, 0, 0.08), bevel=0.015)),
        *paint(
            "steel_dark",
            *(bar((x, y, 0.1), (x, y, 2.1), 0.08, 0.08) for x in (-1.4, 1.9) for y in (-0.1, 0.6)),
        ),
        *paint(
            "steel_dark",
            *(bar((x, -0.1, z), (x, 0.6, z), 0.06, 0.06) for x in (-1.4, 1.9) for z in (0.5, 1.0, 1.5, 2.0)),
        ),
        *paint("state", box((3.6, 0.8, 0.05), (0.25, 0.25, 2.1), bevel=0.012)),
        *paint("blue", cylinder(0.2, 0.7, (-2.3, -0.25, 0.45), "x", bevel=0.04, sides=14)),
        *paint("steel", cylinder(0.13, 1.0, (-1.55, -0.3, 0.2), sides=12)),
        *paint("steel", *(cylinder(0.15, 0.9, (-2.2, y, 0.5), bevel=0.04, sides=12) for y in (0.25, 0.6))),
        *paint("steel", pipe([(-1.55, -0.3, 1.2), (-1.55, -0.3, 1.7), (-1.55, 0.1, 1.7)], 0.05, 0.08, 8)),
        *paint("shell", box((0.6, 0.36, 1.6), (2.35, -0.42, 0.16), bevel=0.03)),
        *paint("state", box((0.64, 0.4, 0.09), (2.35, -0.42, 1.76), bevel=0.015)),
        *screen((2.35, -0.62, 1.15), 0.4, 8),
        *handle((2.15, -0.605, 0.6), 0.24),
    ]
    for z in (0.68, 1.18, 1.68):
        for y in (-0.05, 0.25, 0.55):
            parts += paint("shell", cylinder(0.11, 3.6, (-1.55, y, z), "x", bevel=0.02, sides=12))
            parts += paint("steel_dark", cylinder(0.12, 0.08, (-1.6, y, z), "x", sides=10))
            parts += paint("steel_dark", cylinder(0.12, 0.08, (2.02, y, z), "x", sides=10))
    return parts


def cold_room() -> list[Part]:
    """A cold room with its roof left off: insulated walls, sliding door, racks with pallets, evaporators."""
    wall, high = 0.3, 6.6
    parts = [
        *paint("concrete", box((20.0, 18.0, 0.12), bevel=0.02)),
        *paint("shell", box((20.0, wall, high), (0, 8.85, 0.12))),
        *paint("shell", *(box((wall, 17.4, high), (x, 0, 0.12)) for x in (-9.85, 9.85))),
        *paint("shell", *(box((7.8, wall, high), (x, -8.85, 0.12)) for x in (-6.1, 6.1))),
        *paint("shell", box((4.4, wall, 2.4), (0, -8.85, 4.32))),
        *paint("state", box((4.4, 0.2, 0.5), (0, -9.05, 4.3), bevel=0.03)),
        *paint("state", *(box((20.0, 0.5, 0.16), (0, y, high + 0.12), bevel=0.03) for y in (-8.75, 8.75))),
        *paint("state", *(box((0.5, 17.0, 0.16), (x, 0, high + 0.12), bevel=0.03) for x in (-9.75, 9.75))),
        *paint("panel", box((4.4, 0.14, 4.1), (3.6, -9.1, 0.14), bevel=0.03)),
        *paint("steel_dark", box((9.4, 0.16, 0.16), (1.6, -9.08, 4.28))),
        *handle((1.8, -9.18, 1.4), 0.5),
    ]
    for x in (-7.6, -3.9, 3.9, 7.6):
        parts += paint("blue_dark", *(box((1.2, 0.12, 6.0), (x, y, 0.12)) for y in (-5.4, 0.6, 6.6)))
        parts += paint("copper", *(box((1.3, 12.2, 0.1), (x, 0.6, z)) for z in (1.9, 3.7)))
        for z in (0.2, 2.0, 3.8):
            stacks = np.linspace(-4.3, 5.5, 5).tolist()
            parts += paint(
                "shell_dim" if z != 2.0 else "concrete", *(box((1.1, 1.6, 1.35), (x, y, z)) for y in stacks)
            )
    for x in (-4.5, 4.5):
        parts += paint("steel", box((4.2, 1.1, 1.3), (x, 8.0, 5.0), bevel=0.04))
        parts += paint(
            "dark", *(cylinder(0.48, 0.06, (x + i * 1.3, 7.4, 5.65), "y", sides=14) for i in (-1, 0, 1))
        )
    return parts
