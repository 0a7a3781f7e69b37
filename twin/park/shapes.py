"""The shapes an equipment kind can be drawn with; :mod:`twin.scene` has a geometry for each.

An unknown shape is drawn as :data:`FALLBACK`, so it is a warning, not an error.
"""

from __future__ import annotations

FALLBACK = "cabinet"

SHAPES = (
    "aoi",
    FALLBACK,
    "compressor",
    "conveyor",
    "feeder",
    "meter",
    "pick_and_place",
    "reflow_oven",
    "solder_paste_printer",
    "spi",
    "transformer",
)
