"""The shapes an equipment kind can be drawn with; :mod:`twin.scene` has a geometry for each.

An unknown shape is drawn as :data:`FALLBACK`, so it is a warning, not an error.
"""

from __future__ import annotations

FALLBACK = "cabinet"

SHAPES = (
    "aeration_basin",
    "ahu",
    "air_station",
    "aoi",
    "barrier",
    "belt_press",
    "blower",
    FALLBACK,
    "capacitor_bank",
    "chiller",
    "clarifier",
    "cnc_machine",
    "compressor",
    "conveyor",
    "cooling_tower",
    "crane",
    "decoiler",
    "feeder",
    "flume",
    "gas_skid",
    "intake",
    "lamp",
    "manhole",
    "mast",
    "measuring_machine",
    "meter",
    "motor",
    "open_basin",
    "outfall",
    "pick_and_place",
    "press",
    "pump",
    "reflow_oven",
    "reservoir",
    "robot",
    "screw_compressor",
    "silo",
    "solar_panel",
    "solar_roof",
    "solder_paste_printer",
    "spi",
    "switchboard",
    "tank",
    "transformer",
    "water_meter",
    "weather_mast",
    "wet_well",
)
