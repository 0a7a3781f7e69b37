"""Where wastewater and river water come and go: manhole, flume, intake, outfall; and the meter of a water
pipe."""

from __future__ import annotations

from twin.scene.parts import Part, paint
from twin.scene.shapes.fittings import flange, handle, louvres
from twin.scene.solids import bar, box, cylinder, pipe, prism, ring


def _kiosk(x: float, y: float, height: float) -> list[Part]:
    """A cabinet of analysers that faces -y, with a roof in the colour of its state."""
    return [
        *paint("dark", box((0.76, 0.5, 0.12), (x, y, 0.0))),
        *paint("shell", box((0.8, 0.55, height - 0.24), (x, y, 0.12), bevel=0.03)),
        *paint("panel", box((0.7, 0.02, height - 0.44), (x, y - 0.28, 0.2), bevel=0.006)),
        *paint("screen", box((0.34, 0.02, 0.24), (x - 0.1, y - 0.295, height * 0.62))),
        *handle((x + 0.28, y - 0.29, height * 0.5), 0.26),
        *louvres((x, y - 0.29, 0.3), 0.5, 0.26, 5),
        *paint("state", box((0.94, 0.7, 0.12), (x, y, height - 0.12), bevel=0.03)),
    ]


def manhole() -> list[Part]:
    """A manhole with a raised rim and cover, steps, and the cabinet of its level and quality meters."""
    return [
        *paint("concrete", cylinder(0.75, 0.35, (0, 0, 0), bevel=0.04, sides=24)),
        *paint("state", ring(0.46, 0.62, 0.05, (0, 0, 0.34), sides=24)),
        *paint("black", cylinder(0.45, 0.05, (0, 0, 0.34), bevel=0.01, sides=24)),
        *paint("steel_dark", *(box((0.5, 0.04, 0.02), (0, y, 0.39)) for y in (-0.2, -0.07, 0.07, 0.2))),
        *paint("steel", pipe([(0.3, 0.3, 0.3), (0.3, 0.55, 0.6), (0.3, 0.72, 0.6)], 0.035, 0.1, 8)),
        *_kiosk(0.3, 0.95, 1.7),
        *paint("grey", pipe([(-0.5, 0.6, 0.1), (-0.5, 0.6, 2.2)], 0.05, sides=8)),
        *paint("shell", box((0.34, 0.06, 0.26), (-0.5, 0.55, 1.95), bevel=0.01)),
        *paint("photovoltaic", box((0.3, 0.02, 0.22), (-0.5, 0.515, 1.97))),
    ]


def flume() -> list[Part]:
    """A Parshall flume: a channel that narrows, its water, a level sensor on a bow, the cabinet of
    analysers."""
    half = [(-1.6, 0.65), (-0.5, 0.65), (0.0, 0.32), (0.4, 0.32), (1.0, 0.55), (1.6, 0.55)]
    parts: list[Part] = [*paint("concrete", box((3.2, 1.8, 0.14), (0, 0.0, 0.0)))]
    for side in (-1, 1):
        inner = [(x, side * y) for x, y in half]
        outer = [(x, side * 0.82) for x, _ in reversed(half)]
        parts += paint("concrete", prism([*inner, *outer], 0.14, 0.9))
        strip = [(x, side * (y + 0.03)) for x, y in half] + [
            (x, side * (y + 0.12)) for x, y in reversed(half)
        ]
        parts += paint("state", prism(strip, 0.9, 0.94))
    water = [(x, y - 0.01) for x, y in half] + [(x, -y + 0.01) for x, y in reversed(half)]
    parts += paint("pond", prism(water, 0.14, 0.55))
    parts += paint(
        "steel",
        pipe([(-1.0, 0.74, 0.9), (-1.0, 0.74, 1.4), (-1.0, -0.74, 1.4), (-1.0, -0.74, 0.9)], 0.03, 0.1, 8),
    )
    parts += paint("blue_dark", cylinder(0.07, 0.24, (-1.0, 0.0, 1.14), bevel=0.02, sides=12))
    parts += paint("blue", pipe([(1.3, 0.0, 0.4), (2.0, 0.0, 0.4)], 0.2, sides=14))
    parts += _kiosk(1.0, 0.62, 1.8)
    parts += paint("grey", pipe([(0.6, 0.62, 1.0), (-0.3, 0.62, 1.0), (-0.3, 0.2, 0.6)], 0.025, 0.1, 6))
    return parts


def intake() -> list[Part]:
    """A river intake: a chamber in the bank, a bar screen in front, a gate with its spindle, a walkway."""
    parts = [
        *paint("concrete", *(box((0.35, 3.6, 1.5), (x, 0, 0), bevel=0.04) for x in (-1.7, 1.7))),
        *paint("concrete", box((3.05, 0.35, 1.5), (0, 1.62, 0), bevel=0.04)),
        *paint("pond", box((3.05, 3.3, 0.15), (0, -0.1, 0.5))),
        *paint("steel", *(box((0.06, 0.06, 1.3), (-1.4 + 0.2 * i, -1.5, 0.1)) for i in range(15))),
        *paint("steel_dark", *(box((3.05, 0.08, 0.08), (0, -1.5, z)) for z in (0.5, 1.35))),
        *paint("steel", box((3.8, 1.0, 0.08), (0, 0.6, 1.5))),
        *paint("state", box((3.75, 0.2, 0.06), (0, -1.7, 1.44)), box((3.75, 0.03, 0.3), (0, -1.8, 1.15))),
        *paint("state", *(box((0.36, 3.4, 0.05), (x, 0.0, 1.5)) for x in (-1.7, 1.7))),
    ]
    for y in (0.12, 1.08):
        parts += paint("steel_dark", *(box((0.05, 0.05, 1.0), (x, y, 1.58)) for x in (-1.8, -0.6, 0.6, 1.8)))
        parts += paint("steel_dark", *(bar((-1.8, y, z), (1.8, y, z), 0.04, 0.04) for z in (2.1, 2.56)))
    parts += paint("grey", *(box((0.12, 0.12, 2.4), (x, 0.0, 0.6)) for x in (-0.7, 0.7)))
    parts += paint("grey", box((1.6, 0.16, 0.16), (0, 0.0, 2.95)))
    parts += paint("steel", cylinder(0.05, 2.2, (0, 0.0, 1.0), sides=8))
    parts += paint("blue", cylinder(0.22, 0.3, (0, 0.0, 3.1), bevel=0.04, sides=16))
    parts += paint("blue_dark", ring(0.3, 0.36, 0.05, (0, -0.3, 3.2), "y", 18))
    parts += paint("blue", pipe([(0.0, 1.6, 0.5), (0.0, 2.3, 0.5)], 0.28, sides=14))
    parts += flange((0.0, 2.1, 0.5), 0.38, "y")
    return parts


def outfall() -> list[Part]:
    """An outfall: headwall with wings, the mouth of the pipe, a gate above it, falling water, the cabinet."""
    parts = [
        *paint("concrete", box((4.0, 0.4, 1.6), (0, 0.6, 0), bevel=0.05)),
        *paint("concrete", prism([(-2.0, 0.5), (-2.4, -1.2), (-2.1, -1.2), (-1.6, 0.5)], 0.0, 1.0)),
        *paint("concrete", prism([(2.0, 0.5), (1.6, 0.5), (2.1, -1.2), (2.4, -1.2)], 0.0, 1.0)),
        *paint("concrete", box((4.0, 1.7, 0.12), (0, -0.3, 0))),
        *paint("pond", prism([(-1.6, 0.4), (1.6, 0.4), (2.0, -1.15), (-2.0, -1.15)], 0.12, 0.24)),
        *paint("dark", cylinder(0.5, 0.1, (0, 0.3, 0.75), "y", sides=24)),
        *paint("steel_dark", ring(0.5, 0.58, 0.2, (0, 0.22, 0.75), "y", 24)),
        *paint("pond", prism([(-0.35, 0.6), (0.35, 0.6), (0.45, 0.2), (-0.45, 0.2)], 0.02, 0.3, axis="y")),
        *paint("state", box((4.04, 0.44, 0.12), (0, 0.6, 1.6), bevel=0.02)),
        *paint("grey", *(box((0.1, 0.1, 1.7), (x, 0.34, 1.0)) for x in (-0.62, 0.62))),
        *paint("grey", box((1.4, 0.14, 0.14), (0, 0.34, 2.7))),
        *paint("steel", cylinder(0.04, 1.0, (0, 0.34, 1.8), sides=8), box((1.1, 0.06, 0.5), (0, 0.34, 1.35))),
        *paint("blue", cylinder(0.16, 0.24, (0, 0.34, 2.84), bevel=0.03, sides=14)),
        *paint("steel_dark", *(box((0.05, 0.05, 0.95), (x, 0.72, 1.7)) for x in (-1.9, -1.0, 1.0, 1.9))),
        *paint("steel_dark", bar((-1.9, 0.72, 2.62), (-1.0, 0.72, 2.62), 0.04, 0.04)),
        *paint("steel_dark", bar((1.0, 0.72, 2.62), (1.9, 0.72, 2.62), 0.04, 0.04)),
        *_kiosk(-1.4, 1.15, 2.0),
    ]
    return parts


def water_meter() -> list[Part]:
    """A flanged water meter between two gate valves with hand wheels, its register and transmitter."""
    z = 0.55
    parts = [*paint("concrete", *(box((0.3, 0.5, 0.28), (x, 0, 0), bevel=0.02) for x in (-0.9, 0.9)))]
    parts += paint("blue", pipe([(-1.2, 0, z), (1.2, 0, z)], 0.14, sides=16))
    for x in (-1.14, -0.42, 0.42, 1.14):
        parts += flange((x, 0, z), 0.24, "x")
    parts += paint("blue_dark", cylinder(0.26, 0.44, (0, 0, z - 0.2), bevel=0.05, sides=20))
    parts += paint("state", cylinder(0.24, 0.14, (0, 0, z + 0.24), bevel=0.03, sides=20))
    parts += paint("screen", cylinder(0.17, 0.02, (0, 0, z + 0.38), sides=16))
    for x in (-0.78, 0.78):
        parts += paint("blue", cylinder(0.19, 0.4, (x, 0, z - 0.16), bevel=0.04, sides=14))
        parts += paint("steel", cylinder(0.03, 0.36, (x, 0, z + 0.22), sides=6))
        parts += paint("state", ring(0.14, 0.21, 0.05, (x, 0, z + 0.56), sides=18))
        parts += paint(
            "steel_dark", *(bar((x - 0.15, 0, z + 0.58), (x + 0.15, 0, z + 0.58), 0.03, 0.03) for _ in (0,))
        )
    parts += paint("grey", box((0.07, 0.07, 1.2), (0.3, 0.34, 0.0)))
    parts += paint("shell", box((0.34, 0.16, 0.4), (0.3, 0.34, 0.85), bevel=0.02))
    parts += paint("screen", box((0.22, 0.02, 0.14), (0.3, 0.255, 1.02)))
    parts += paint("state", box((0.36, 0.18, 0.05), (0.3, 0.34, 1.25)))
    parts += paint("grey", pipe([(0.1, 0.1, z + 0.3), (0.3, 0.3, z + 0.3), (0.3, 0.34, 0.9)], 0.015, 0.05, 6))
    return parts
