"""Outdoor: solar array, mast, street lamp."""

from __future__ import annotations

import numpy as np

from twin.scene.parts import Part, paint
from twin.scene.solids import bar, box, cylinder, lathe, moved, pipe


def solar_panel() -> list[Part]:
    """A table of eight modules on a tilted frame, with its inverter."""
    tilt = 24.0
    rise, mid = float(np.sin(np.radians(tilt))), 1.05
    parts: list[Part] = []
    for i in range(4):
        for j in range(2):
            x, y = -1.5 + i * 1.0, -0.52 + j * 1.04
            module = box((0.97, 1.0, 0.035), (x, y, 0.0), bevel=0.006)
            cells = box((0.91, 0.94, 0.01), (x, y, 0.03))
            lines = [box((0.91, 0.012, 0.006), (x, y + (k - 1) * 0.235, 0.038)) for k in (0, 1, 2)]
            parts += [
                part
                for colour, solids in (("steel", [module]), ("photovoltaic", [cells]), ("blue", lines))
                for part in paint(
                    colour, *(moved(moved(s, turn_deg=tilt, about="x"), (0, 0, mid)) for s in solids)
                )
            ]
    rails = [box((4.0, 0.06, 0.06), (0, y, -0.06)) for y in (-0.6, 0.6)]
    parts += paint(
        "steel_dark", *(moved(moved(rail, turn_deg=tilt, about="x"), (0, 0, mid)) for rail in rails)
    )
    edge = [box((4.0, 0.07, 0.05), (0, y, 0.0), bevel=0.01) for y in (-1.07, 1.07)]
    parts += paint("state", *(moved(moved(strip, turn_deg=tilt, about="x"), (0, 0, mid)) for strip in edge))
    for x in (-1.5, 0.0, 1.5):
        for y in (-0.6, 0.6):
            parts += paint("grey", box((0.08, 0.08, mid + y * rise), (x, y, 0.0)))
            parts += paint("concrete", box((0.34, 0.34, 0.12), (x, y, 0.0), bevel=0.03))
        parts += paint("grey", bar((x, -0.6, 0.3), (x, 0.6, 0.9), 0.05, 0.05))
    parts += paint("shell", box((0.5, 0.2, 0.6), (1.5, 0.72, 0.5), bevel=0.03))
    parts += paint("state", box((0.5, 0.21, 0.06), (1.5, 0.72, 1.1), bevel=0.015))
    return parts


def mast() -> list[Part]:
    """A telecommunication and weather mast: lattice, cross arms, aerials, anemometer, cabin."""
    parts: list[Part] = [*paint("concrete", box((1.7, 1.7, 0.3), bevel=0.05))]
    height, foot, top = 16.0, 0.6, 0.2
    corners = np.radians([90, 210, 330])

    def leg(i: int, z: float) -> tuple[float, float, float]:
        radius = foot + (top - foot) * z / height
        return (radius * float(np.cos(corners[i % 3])), radius * float(np.sin(corners[i % 3])), z + 0.3)

    for i in range(3):
        parts += paint("steel", pipe([leg(i, 0), leg(i, height)], 0.05, sides=6))
    bays = 11
    for bay in range(bays):
        low, high = height * bay / bays, height * (bay + 1) / bays
        for i in range(3):
            parts += paint("steel_dark", bar(leg(i, low), leg(i + 1, high), 0.035, 0.035))
            parts += paint("steel_dark", bar(leg(i, high), leg(i + 1, high), 0.035, 0.035))
    for turn in (30, 150, 270):
        for z in (13.6, 15.2):
            aerial = box((0.14, 0.3, 1.3), (0.62, 0, z - 0.5), bevel=0.03)
            parts += paint("shell", moved(aerial, turn_deg=turn))
            parts += paint("steel", moved(bar((0.15, 0, z), (0.6, 0, z), 0.05, 0.05), turn_deg=turn))
    dish = lathe([(0.0, 0.0), (0.25, 0.05), (0.4, 0.16), (0.38, 0.18), (0.0, 0.06)], (0, 0, 0), "y", 16)
    parts += paint("shell", moved(dish, (0, 0.28, 11.0)))
    parts += paint("steel", cylinder(0.03, 1.2, (0, 0, 16.2), sides=6))
    parts += paint("state", cylinder(0.34, 0.7, (0, 0, 16.5), bevel=0.1, sides=14))
    parts += paint("state", lathe([(0.44, 9.4), (0.52, 9.45), (0.52, 10.2), (0.44, 10.25)], sides=14))
    parts += paint("shell", box((0.7, 0.5, 1.1), (0.0, -0.45, 0.3), bevel=0.03))
    parts += paint("state", box((0.74, 0.54, 0.1), (0.0, -0.45, 1.4), bevel=0.02))
    parts += paint("panel", box((0.56, 0.02, 0.9), (0.0, -0.705, 0.4), bevel=0.006))
    return parts


def lamp() -> list[Part]:
    """A street lamp with a flat LED head."""
    return [
        *paint("concrete", cylinder(0.26, 0.14, sides=16, bevel=0.03)),
        *paint(
            "grey",
            lathe(
                [(0.17, 0.12), (0.17, 0.16), (0.12, 0.22), (0.11, 1.3), (0.085, 1.36), (0.06, 7.0)], sides=14
            ),
        ),
        *paint("panel", box((0.12, 0.03, 0.5), (0, -0.105, 0.6), bevel=0.01)),
        *paint("grey", pipe([(0, 0, 6.9), (0, 0, 7.8), (1.15, 0, 7.9)], 0.05, 0.6, 10)),
        *paint("dark", box((0.86, 0.34, 0.1), (1.4, 0, 7.84), bevel=0.03)),
        *paint("state", box((0.8, 0.3, 0.06), (1.4, 0, 7.93), bevel=0.02)),
        *paint("glow", box((0.7, 0.24, 0.03), (1.42, 0, 7.82))),
        *paint("state", cylinder(0.1, 0.24, (0, 0, 5.2), bevel=0.02, sides=14)),
        *paint("steel_dark", cylinder(0.05, 0.12, (1.2, 0, 7.97), sides=10)),
    ]
