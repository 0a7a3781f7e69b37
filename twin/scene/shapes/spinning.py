"""Spinning mill: bale opener, card, draw frame, ring frame, cone winder. Material runs along x."""

from __future__ import annotations

import numpy as np
import pyvista as pv

from twin.scene.parts import Part, paint
from twin.scene.shapes.fittings import feet, handle, louvres, screen, signal_tower
from twin.scene.solids import bar, box, cylinder, lathe, pipe, prism


def _bobbin(x: float, y: float, z: float, radius: float, height: float) -> pv.PolyData:
    """A wound package, thicker at its foot."""
    return lathe([(radius, 0.0), (radius, 0.55 * height), (0.4 * radius, height)], (x, y, z), "z", 6)


def _can(x: float, y: float) -> list[Part]:
    """A sliver can with a coil of sliver on top."""
    return [
        *paint("panel", cylinder(0.3, 0.95, (x, y, 0.04), sides=12)),
        *paint("shell", cylinder(0.26, 0.08, (x, y, 0.99), bevel=0.03, sides=12)),
    ]


def bale_opener() -> list[Part]:
    """A blow room line: rows of bales, the plucker's tower over them, a beater case, ducts and a dust
    filter."""
    parts = [
        *paint("steel_dark", *(box((5.4, 0.1, 0.12), (-1.7, y, 0)) for y in (-1.42, 1.42))),
        *paint("shell", box((0.9, 1.0, 2.5), (-1.2, -1.0, 0.14), bevel=0.05)),
        *paint("state", box((0.94, 1.04, 0.1), (-1.2, -1.0, 2.64), bevel=0.02)),
        *paint("state", box((0.6, 0.03, 0.3), (-1.2, -1.51, 1.9), bevel=0.01)),
        *paint("panel", box((0.7, 1.9, 0.34), (-1.2, 0.4, 1.35), bevel=0.04)),
        *paint("dark", cylinder(0.16, 1.8, (-1.2, -0.45, 1.3), "y", sides=10)),
        # beater with its glass door, filter with its drum
        *paint("shell_dim", box((1.5, 1.7, 2.0), (2.05, 0, 0.1), bevel=0.05)),
        *paint("panel", box((1.1, 0.03, 1.2), (2.05, -0.86, 0.3), bevel=0.012)),
        *paint("pane", box((0.7, 0.02, 0.5), (2.05, -0.88, 1.4))),
        *paint("state", box((1.54, 1.74, 0.08), (2.05, 0, 2.1), bevel=0.02)),
        *handle((2.5, -0.875, 0.9), 0.3),
        *paint("shell", box((1.4, 2.0, 1.9), (3.8, 0, 0.1), bevel=0.05)),
        *paint("dark", cylinder(0.7, 0.06, (3.8, -1.06, 1.05), "y", sides=18)),
        *louvres((3.8, -1.1, 0.6), 0.9, 0.9, 6),
        *paint(
            "steel",
            pipe([(-1.2, -1.0, 2.7), (-1.2, -1.0, 3.1), (2.05, 0.2, 3.1), (2.05, 0.2, 2.1)], 0.14, 0.3, 10),
        ),
        *paint(
            "steel",
            pipe([(2.6, 0.5, 2.0), (2.6, 0.5, 2.7), (3.8, 0.5, 2.7), (3.8, 0.5, 1.9)], 0.14, 0.25, 10),
        ),
        *screen((1.5, -0.9, 1.55), 0.3, 6),
        *signal_tower((2.6, -0.6, 2.16)),
    ]
    bales = [(x, y) for x in np.linspace(-4.0, -2.2, 3).tolist() for y in (-0.65, 0.05, 0.75)]
    bales += [(x, y) for x in (-0.2, 0.5) for y in (0.05, 0.75)]
    parts += paint("shell", *(box((0.72, 0.62, 1.05), (x, y, 0.06), bevel=0.05) for x, y in bales))
    parts += paint(
        "steel_dark", *(box((0.74, 0.64, 0.03), (x, y, z)) for x, y in bales for z in (0.35, 0.75))
    )
    return parts


def carding_machine() -> list[Part]:
    """A card: chute feed, big cylinder under its flats, doffer, coiler with its can."""
    flats = [(-0.75, 1.3), (-0.55, 1.86), (0.0, 2.08), (0.55, 1.86), (0.8, 1.3)]
    return [
        *feet(3.0, 2.0),
        *paint("shell_dim", box((0.8, 2.0, 2.2), (-1.5, 0, 0.08), bevel=0.05)),
        *paint("pane", box((0.5, 0.02, 0.6), (-1.5, -1.01, 1.4))),
        *paint("state", box((0.84, 2.04, 0.07), (-1.5, 0, 2.28), bevel=0.02)),
        *paint("dark", box((2.0, 1.8, 0.5), (0.1, 0, 0.08), bevel=0.03)),
        *paint("steel", cylinder(0.75, 1.7, (0.0, -0.85, 1.2), "y", sides=24)),
        *paint("shell", prism(flats, -0.95, -0.86, 0.01, "y"), prism(flats, 0.86, 0.95, 0.01, "y")),
        *paint(
            "grey",
            *(
                box((0.1, 1.72, 0.05), (0.72 * float(np.sin(a)), 0, 1.22 + 0.8 * float(np.cos(a))))
                for a in np.linspace(-0.9, 0.9, 11)
            ),
        ),
        *paint("shell", box((1.9, 0.14, 1.1), (0.05, -0.97, 0.2), bevel=0.03)),
        *paint("state", box((1.9, 0.15, 0.08), (0.05, -0.975, 1.32), bevel=0.015)),
        *handle((0.5, -1.05, 0.8), 0.3),
        *louvres((-0.4, -1.045, 0.35), 0.7, 0.5, 5),
        *paint("steel_dark", cylinder(0.34, 1.7, (0.98, -0.85, 0.95), "y", sides=16)),
        *paint("shell", box((0.6, 1.5, 0.9), (1.15, 0, 0.5), bevel=0.05)),
        *_can(1.78, 0.0),
        *paint("shell", box((0.7, 0.8, 0.22), (1.74, 0, 1.12), bevel=0.04)),
        *paint("panel", box((0.16, 0.2, 1.1), (1.5, 0.35, 0.05))),
        *screen((1.0, -0.82, 1.45), 0.34, 8),
        *signal_tower((-1.3, -0.8, 2.34), 0.4),
    ]


def draw_frame() -> list[Part]:
    """A draw frame: cans under the creel, drafting head, coiler."""
    parts = [
        *paint("shell", box((1.1, 1.2, 1.25), (0.9, 0, 0.08), bevel=0.05)),
        *paint("shell_dim", box((1.0, 1.0, 0.36), (0.9, 0, 1.33), bevel=0.08)),
        *paint("pane", box((0.7, 0.02, 0.2), (0.9, -0.51, 1.42))),
        *paint("state", box((1.14, 1.24, 0.07), (0.9, 0, 1.28), bevel=0.02)),
        *paint("state", box((0.8, 0.7, 0.03), (0.9, 0, 1.69), bevel=0.01)),
        *paint("steel", *(cylinder(0.05, 0.9, (x, -0.45, 1.2), "y", sides=8) for x in (0.3, 0.36))),
        *paint("panel", box((0.7, 0.03, 0.8), (0.9, -0.61, 0.2), bevel=0.01)),
        *handle((1.15, -0.625, 0.7), 0.24),
        *feet(3.0, 1.2),
        *_can(1.74, 0.0),
        *paint("shell", box((0.66, 0.8, 0.14), (1.7, 0, 1.14), bevel=0.03)),
        *paint("steel_dark", *(bar((-1.75, y, 1.75), (0.4, y, 1.5), 0.06, 0.06) for y in (-0.7, 0.0, 0.7))),
        *paint("steel_dark", *(bar((-1.75, y, 0.0), (-1.75, y, 1.75), 0.06, 0.06) for y in (-0.7, 0.7))),
        *paint(
            "steel",
            *(
                cylinder(0.05, 1.6, (x, -0.8, 1.72 - 0.11 * i), "y", sides=8)
                for i, x in enumerate((-1.6, -0.9, -0.2))
            ),
        ),
        *screen((0.45, -0.62, 1.3), 0.32, 10),
        *signal_tower((1.3, 0.45, 1.66), 0.36),
    ]
    for x in (-1.5, -0.86, -0.22):
        for y in (-0.66, 0.0, 0.66):
            parts += _can(x, y)
    return parts


def ring_spinning_frame() -> list[Part]:
    """A ring frame: two rows of cops along its whole length, roving in the creel above, head and foot
    cabinets."""
    reach = np.linspace(-10.6, 10.4, 26).tolist()
    parts = [
        *paint("dark", box((22.0, 0.9, 0.12), (-0.1, 0, 0))),
        *paint("shell_dim", box((21.6, 0.34, 1.0), (-0.1, 0, 0.12))),
        *paint("steel", *(box((21.6, 0.1, 0.06), (-0.1, y, 0.5)) for y in (-0.45, 0.45))),
        *paint("state", *(box((21.6, 0.1, 0.08), (-0.1, y, 1.14), bevel=0.015) for y in (-0.36, 0.36))),
        *paint("steel_dark", *(box((21.6, 0.24, 0.06), (-0.1, y, 1.08)) for y in (-0.25, 0.25))),
        *paint("grey", *(bar((x, 0, 1.1), (x, 0, 2.05), 0.06, 0.1) for x in (-9, -4.5, 0, 4.5, 9))),
        *paint("grey", *(box((21.4, 0.06, 0.05), (-0.1, y, 2.05)) for y in (-0.5, 0.5))),
        *paint("grey", *(box((0.06, 1.06, 0.05), (x, 0, 2.05)) for x in (-9, -4.5, 0, 4.5, 9))),
    ]
    for side in (-1, 1):
        parts += paint("shell", *(_bobbin(x, side * 0.45, 0.56, 0.09, 0.44) for x in reach))
        parts += paint("shell", *(cylinder(0.13, 0.36, (x, side * 0.5, 1.69), sides=6) for x in reach[::2]))
    parts += paint("shell", box((1.1, 1.5, 1.7), (-11.4, 0, 0.08), bevel=0.05))
    parts += paint("state", box((1.14, 1.54, 0.08), (-11.4, 0, 1.78), bevel=0.02))
    parts += paint("shell", box((0.9, 1.3, 1.5), (11.2, 0, 0.08), bevel=0.05))
    parts += paint("state", box((0.94, 1.34, 0.08), (11.2, 0, 1.58), bevel=0.02))
    parts += louvres((-11.4, -0.76, 0.3), 0.7, 0.5, 5)
    parts += paint("panel", box((0.8, 0.03, 0.7), (-11.4, -0.755, 0.95), bevel=0.01))
    parts += screen((-11.4, -0.8, 1.1), 0.4, 8)
    parts += paint("dark", cylinder(0.3, 0.05, (11.66, 0, 0.9), "x", sides=14))
    parts += signal_tower((-11.2, 0.4, 1.84), 0.42)
    return parts


def cone_winder() -> list[Part]:
    """An automatic winder: a row of heads, each with its cone, a travelling doffer on top."""
    heads = np.linspace(-5.6, 5.6, 15).tolist()
    parts = [
        *paint("dark", box((13.0, 1.2, 0.14))),
        *paint("shell_dim", box((12.4, 0.6, 1.3), (0, 0.25, 0.14), bevel=0.04)),
        *paint("shell", box((0.9, 1.5, 1.9), (-6.5, 0, 0.08), bevel=0.05)),
        *paint("shell", box((0.7, 1.4, 1.8), (6.55, 0, 0.08), bevel=0.05)),
        *paint("state", box((12.4, 0.3, 0.08), (0, 0.25, 1.44), bevel=0.02)),
        *paint("state", box((0.94, 1.54, 0.08), (-6.5, 0, 1.98), bevel=0.02)),
        *paint("state", box((12.2, 0.04, 0.06), (0, -0.5, 0.52), bevel=0.01)),
        *paint("steel", box((12.2, 0.5, 0.05), (0, -0.3, 0.46))),
        *paint("blue", box((1.0, 1.1, 0.7), (2.1, 0.1, 1.6), bevel=0.05)),
        *paint("steel_dark", box((13.0, 0.1, 0.1), (0, 0.5, 2.28))),
        *paint("steel_dark", *(bar((x, 0.5, 1.9), (x, 0.5, 2.3), 0.08, 0.08) for x in (-6.3, 0, 6.3))),
        *screen((-6.5, -0.8, 1.25), 0.4, 8),
        *louvres((-6.5, -0.765, 0.35), 0.6, 0.5, 5),
    ]
    for x in heads:
        parts += paint("panel", box((0.5, 0.3, 0.9), (x, -0.05, 0.5), bevel=0.02))
        parts += paint("shell", lathe([(0.19, 0.0), (0.13, 0.34)], (x - 0.17, -0.32, 1.2), "x", 10))
        parts += paint("black", cylinder(0.07, 0.3, (x - 0.15, -0.24, 0.98), "x", sides=8))
        parts += paint("shell", _bobbin(x, -0.38, 0.5, 0.06, 0.32))
    return parts
