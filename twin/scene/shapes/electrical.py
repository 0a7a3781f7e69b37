"""Electricity: power transformer, switchgear cubicle, meter."""

from __future__ import annotations

from twin.scene.parts import Part, paint
from twin.scene.shapes.fittings import handle, louvres
from twin.scene.solids import Point, box, cylinder, lathe, pipe, prism, ring


def _bushing(at: Point, height: float, sheds: int, radius: float, sides: int) -> list[Part]:
    """An insulator with its sheds, a metal turret below and a terminal on top."""
    x, y, z = at
    profile: list[tuple[float, float]] = []
    pitch = height / sheds
    for i in range(sheds):
        taper = 1.0 - 0.35 * i / sheds
        core = radius * 0.45 * taper
        profile += [(core, i * pitch), (radius * taper, (i + 0.3) * pitch), (core, (i + 0.62) * pitch)]
    profile.append((radius * 0.35, height))
    return [
        *paint("grey", cylinder(radius * 1.3, 0.24, (x, y, z - 0.12), sides=sides)),
        *paint("porcelain", lathe(profile, (x, y, z + 0.1), "z", sides, crease_deg=120)),
        *paint("steel", cylinder(radius * 0.3, 0.2, (x, y, z + 0.1 + height), sides=6)),
    ]


def _radiator(x: float, side: int) -> list[Part]:
    """A bank of cooling plates at one side of the tank, its headers and its fan."""
    plates = [box((0.05, 0.74, 1.75), (x + (i - 2) * 0.145, side * 1.52, 0.78)) for i in range(5)]
    start = 0.8 if side > 0 else -1.5
    headers = [cylinder(0.06, 0.7, (x, start, z), "y", sides=5) for z in (2.42,)]
    rails = [box((0.72, 0.1, 0.1), (x, side * 1.5, z)) for z in (2.37,)]
    return [
        *paint("shell_dim", *plates),
        *paint("grey", *headers, *rails),
        *paint("dark", cylinder(0.3, 0.1, (x, side * 1.52, 0.62), sides=8)),
    ]


def transformer() -> list[Part]:
    """An oil-filled power transformer on its foundation, with radiators, conservator and bushings."""
    parts = [
        *paint("concrete", box((6.0, 4.6, 0.24), bevel=0.05)),
        *paint("steel_dark", *(box((5.2, 0.16, 0.16), (0, side * 0.7, 0.24)) for side in (-1, 1))),
        *paint("panel", box((3.6, 1.7, 2.3), (0, 0, 0.5), bevel=0.06)),
        *paint("grey", box((3.7, 1.8, 0.12), (0, 0, 0.4))),
        *paint("panel", *(box((0.08, 1.78, 2.0), (x, 0, 0.6)) for x in (-1.72, -0.86, 0.0, 0.86, 1.72))),
        *paint("state", box((3.76, 1.86, 0.2), (0, 0, 2.72), bevel=0.03)),
        *paint("shell_dim", box((3.4, 1.5, 0.06), (0, 0, 2.9), bevel=0.02)),
    ]
    for side in (-1, 1):
        for x in (-1.29, -0.43, 0.43, 1.29):
            parts += _radiator(x, side)
    parts += paint("shell", cylinder(0.42, 2.5, (-1.5, 1.02, 3.95), "x", bevel=0.08, sides=16))
    parts += paint("state", *(ring(0.4, 0.435, 0.14, (x, 1.02, 3.95), "x", 16) for x in (-1.1, 0.48)))
    parts += paint("grey", *(box((0.1, 0.5, 1.0), (x, 0.84, 2.86)) for x in (-1.04, 0.54)))
    parts += paint(
        "steel", pipe([(0.9, 1.0, 3.7), (0.9, 0.8, 3.4), (0.9, 0.45, 3.25), (0.9, 0.4, 2.9)], 0.06, sides=8)
    )
    parts += paint("steel_dark", box((0.22, 0.24, 0.2), (0.9, 0.7, 3.26), bevel=0.03))
    for x in (-1.2, -0.1, 1.0):
        parts += _bushing((x, -0.35, 2.96), 1.7, 5, 0.22, 8)
    for x in (1.22, 1.42, 1.62):
        parts += _bushing((x, 0.42, 2.96), 0.45, 2, 0.1, 6)
    parts += paint("shell", box((0.42, 0.9, 1.3), (2.25, 0.0, 0.6), bevel=0.03))
    parts += paint("dark", box((0.3, 0.8, 0.4), (2.2, 0.0, 0.22)))
    parts += paint("state", box((0.46, 0.94, 0.09), (2.25, 0.0, 1.88), bevel=0.02))
    parts += paint("screen", box((0.02, 0.3, 0.2), (2.46, 0.0, 1.45)))
    parts += paint("blue", box((0.02, 0.8, 0.05), (2.46, 0.0, 1.75)))
    return parts


def feeder() -> list[Part]:
    """A medium-voltage cubicle: relay door with display, breaker door with window and mimic, cable door."""
    front = -0.83
    return [
        *paint("dark", box((0.86, 1.7, 0.1))),
        *paint("shell_dim", box((0.9, 1.66, 2.0), (0, 0.06, 0.1), bevel=0.015)),
        # pressure relief duct along the rear of the roof, low-voltage box on its front
        *paint("panel", box((0.9, 0.6, 0.2), (0, 0.5, 2.09), bevel=0.015)),
        *paint("steel_dark", box((0.7, 0.4, 0.02), (0, 0.5, 2.28))),
        *paint("state", box((0.84, 0.8, 0.05), (0, -0.28, 2.09), bevel=0.015)),
        # doors from the top: relay, breaker, cable
        *paint("shell", box((0.84, 0.06, 0.52), (0, front + 0.04, 1.5), bevel=0.012)),
        *paint("shell", box((0.84, 0.06, 0.7), (0, front + 0.04, 0.77), bevel=0.012)),
        *paint("shell", box((0.84, 0.06, 0.58), (0, front + 0.04, 0.15), bevel=0.012)),
        *paint("state", box((0.86, 0.07, 0.09), (0, front + 0.035, 2.03), bevel=0.012)),
        *paint("screen", box((0.3, 0.03, 0.24), (-0.16, front, 1.68), bevel=0.006)),
        *paint(
            "glow",
            *(
                box((w, 0.01, 0.03), (-0.27 + w / 2, front - 0.018, z))
                for w, z in ((0.2, 1.84), (0.12, 1.77))
            ),
        ),
        *paint(
            "state",
            *(cylinder(0.028, 0.03, (x, front - 0.02, 1.62), "y", sides=10) for x in (0.14, 0.24, 0.34)),
        ),
        *paint("dark", cylinder(0.05, 0.04, (0.24, front - 0.03, 1.82), "y", sides=12)),
        # mimic: busbar, breaker, cable
        *paint("blue", box((0.5, 0.014, 0.03), (0.1, front + 0.005, 1.39))),
        *paint("blue", box((0.03, 0.014, 0.14), (0.1, front + 0.005, 1.26))),
        *paint("blue", box((0.09, 0.02, 0.09), (0.1, front + 0.005, 1.17))),
        *paint("blue", box((0.03, 0.014, 0.2), (0.1, front + 0.005, 0.97))),
        *paint("screen", box((0.2, 0.02, 0.12), (-0.22, front + 0.004, 1.2), bevel=0.006)),
        *handle((-0.33, front + 0.01, 1.0), 0.2),
        *handle((0.33, front + 0.01, 0.48), 0.2),
        *paint("steel_dark", cylinder(0.06, 0.03, (0.28, front - 0.02, 1.05), "y", sides=14)),
        *louvres((-0.08, front + 0.01, 0.22), 0.46, 0.16, 4),
        *paint(
            "steel",
            *(
                lathe([(0.05, 0), (0.05, 0.03), (0.03, 0.05)], (x, y, 2.09), sides=8)
                for x in (-0.38, 0.38)
                for y in (-0.68, 0.12)
            ),
        ),
    ]


def meter() -> list[Part]:
    """A metering kiosk: pillar, case with a sloped roof, dial meters behind a pane, cable conduit."""
    roof = [(-0.23, 1.5), (0.23, 1.5), (0.23, 1.6), (-0.17, 1.7), (-0.23, 1.68)]
    return [
        *paint("concrete", box((0.7, 0.5, 0.1), bevel=0.02)),
        *paint("panel", box((0.44, 0.26, 0.7), (0, 0.02, 0.1), bevel=0.02)),
        *paint("shell", box((0.66, 0.38, 0.76), (0, 0, 0.76), bevel=0.03)),
        *paint("state", prism(roof, -0.35, 0.35, 0.015, "x")),
        *paint("shell_dim", box((0.56, 0.03, 0.6), (0, -0.19, 0.86), bevel=0.012)),
        *paint("screen", box((0.4, 0.02, 0.16), (0, -0.205, 1.22), bevel=0.006)),
        *paint("glow", *(box((0.04, 0.01, 0.08), (-0.13 + i * 0.065, -0.218, 1.26)) for i in range(5))),
        *paint(
            "steel_dark",
            *(cylinder(0.105, 0.04, (x, -0.225, 1.05), "y", bevel=0.008, sides=18) for x in (-0.14, 0.14)),
        ),
        *paint("shell", *(cylinder(0.085, 0.012, (x, -0.236, 1.05), "y", sides=18) for x in (-0.14, 0.14))),
        *paint(
            "blue_dark",
            box((0.014, 0.012, 0.08), (-0.12, -0.243, 1.04)),
            box((0.08, 0.012, 0.014), (0.12, -0.243, 1.06)),
        ),
        *paint("state", box((0.5, 0.02, 0.05), (0, -0.205, 0.89), bevel=0.006)),
        *paint("steel", *(cylinder(0.035, 0.7, (x, 0.14, 0.08), sides=8) for x in (-0.27, 0.27))),
        *handle((0.24, -0.2, 1.2), 0.1),
    ]
