"""The shapes an equipment kind can be drawn with; :mod:`twin.scene` has a geometry for each.

An unknown shape is drawn as :data:`FALLBACK`, so it is a warning, not an error.
"""

from __future__ import annotations

FALLBACK = "cabinet"

SHAPES = (
    "ahu",
    "aoi",
    FALLBACK,
    "cnc_machine",
    "compressor",
    "conveyor",
    "cooling_tower",
    "feeder",
    "lamp",
    "mast",
    "meter",
    "motor",
    "pick_and_place",
    "pump",
    "reflow_oven",
    "robot",
    "silo",
    "solar_panel",
    "solder_paste_printer",
    "spi",
    "tank",
    "transformer",
)
