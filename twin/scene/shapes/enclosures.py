"""Cabinets: the fall-back for equipment that has no shape of its own."""

from __future__ import annotations

from twin.scene.parts import Part, paint
from twin.scene.shapes.fittings import handle, louvres, plinth
from twin.scene.solids import box


def cabinet() -> list[Part]:
    """A control cabinet, 0.8 x 0.6 x 2.0 m."""
    return [
        *plinth(0.8, 0.56),
        *paint("shell_dim", box((0.8, 0.52, 1.82), (0, 0.02, 0.1), bevel=0.02)),
        *paint("shell", box((0.74, 0.03, 1.6), (0, -0.255, 0.16), bevel=0.012)),
        *paint("state", box((0.74, 0.035, 0.08), (0, -0.255, 1.79), bevel=0.01)),
        *paint("state", box((0.6, 0.36, 0.04), (0, 0.03, 1.9), bevel=0.015)),
        *paint("shell_dim", box((0.78, 0.5, 0.03), (0, 0.02, 1.9), bevel=0.01)),
        *paint("steel_dark", box((0.16, 0.12, 0.06), (0, 0.03, 1.94), bevel=0.02)),
        *paint("screen", box((0.26, 0.02, 0.18), (0, -0.27, 1.42))),
        *paint("glow", box((0.16, 0.01, 0.03), (-0.03, -0.281, 1.52))),
        *handle((0.3, -0.268, 1.05), 0.22),
        *louvres((0, -0.272, 0.3), 0.5, 0.3, 6),
    ]
