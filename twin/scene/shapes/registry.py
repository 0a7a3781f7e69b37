"""The table of shapes: a new one is one row here and one function in a family's file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from twin.scene.glb import Primitive
from twin.scene.parts import Part, merge
from twin.scene.shapes import (
    bottling,
    cloth,
    electrical,
    enclosures,
    forming,
    handling,
    inspection,
    machining,
    outdoor,
    packaged,
    park,
    process,
    rotating,
    sewers,
    smt,
    spinning,
    thermal,
    treatment,
    ventilation,
)

FALL_BACK = "cabinet"
"""Stands in for a shape that nobody has drawn yet."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One row.

    Args:
        name: key in the park file's equipment kinds.
        build: returns the parts at natural size.
        size: natural width, depth, height [m]; a machine of other proportions is stretched.
    """

    name: str
    build: Callable[[], list[Part]]
    size: tuple[float, float, float]


SHAPES: dict[str, Shape] = {
    shape.name: shape
    for shape in (
        Shape("aeration_basin", treatment.aeration_basin, (20.02, 10.04, 3.9)),
        Shape("agv", bottling.agv, (1.9, 1.1, 1.32)),
        Shape("ahu", ventilation.ahu, (4.13, 1.83, 2.56)),
        Shape("air_station", park.air_station, (3.06, 2.54, 4.96)),
        Shape("aoi", inspection.aoi, (1.1, 1.38, 2.04)),
        Shape("bale_opener", spinning.bale_opener, (8.9, 3.0, 3.24)),
        Shape("barrier", park.barrier, (6.9, 1.9, 2.64)),
        Shape("belt_press", treatment.belt_press, (5.0, 2.74, 2.87)),
        Shape("blower", treatment.blower, (2.72, 1.57, 2.08)),
        Shape("boiler", thermal.boiler, (6.4, 2.9, 3.9)),
        Shape(FALL_BACK, enclosures.cabinet, (0.8, 0.62, 2.0)),
        Shape("capacitor_bank", park.capacitor_bank, (3.0, 1.6, 2.66)),
        Shape("carding_machine", spinning.carding_machine, (4.01, 2.14, 2.74)),
        Shape("case_packer", bottling.case_packer, (3.3, 2.13, 2.84)),
        Shape("checkweigher", bottling.checkweigher, (1.8, 1.0, 1.92)),
        Shape("chiller", packaged.chiller, (3.94, 1.68, 2.08)),
        Shape("clarifier", treatment.clarifier, (14.23, 14.06, 3.79)),
        Shape("cnc_machine", machining.cnc_machine, (3.41, 2.06, 2.54)),
        Shape("cold_room", thermal.cold_room, (20.0, 18.25, 6.88)),
        Shape("compressor", rotating.compressor, (4.6, 1.94, 2.3)),
        Shape("cone_winder", spinning.cone_winder, (13.87, 1.6, 2.38)),
        Shape("conveyor", handling.conveyor, (1.5, 0.79, 1.01)),
        Shape("cooling_tower", process.cooling_tower, (4.0, 4.14, 4.84)),
        Shape("crane", forming.crane, (17.9, 2.4, 3.25)),
        Shape("decoiler", forming.decoiler, (2.8, 1.7, 2.0)),
        Shape("draw_frame", spinning.draw_frame, (3.84, 1.92, 2.02)),
        Shape("dyeing_machine", cloth.dyeing_machine, (6.31, 3.04, 3.45)),
        Shape("feeder", electrical.feeder, (0.9, 1.78, 2.3)),
        Shape("filler", bottling.filler, (4.2, 3.52, 3.1)),
        Shape("flume", sewers.flume, (3.6, 1.87, 1.8)),
        Shape("gas_skid", park.gas_skid, (6.2, 2.6, 2.4)),
        Shape("inspection_frame", cloth.inspection_frame, (3.2, 2.13, 2.5)),
        Shape("intake", sewers.intake, (3.8, 4.12, 3.56)),
        Shape("labeller", bottling.labeller, (3.0, 1.92, 2.42)),
        Shape("lamp", outdoor.lamp, (2.09, 0.52, 8.09)),
        Shape("loom", cloth.loom, (3.94, 1.88, 1.9)),
        Shape("manhole", sewers.manhole, (1.52, 2.05, 2.21)),
        Shape("mast", outdoor.mast, (1.7, 1.7, 17.4)),
        Shape("measuring_machine", forming.measuring_machine, (1.86, 1.63, 2.6)),
        Shape("membrane_rack", thermal.membrane_rack, (5.27, 1.42, 2.15)),
        Shape("meter", electrical.meter, (0.7, 0.52, 1.7)),
        Shape("motor", rotating.motor, (1.31, 0.74, 0.87)),
        Shape("open_basin", treatment.open_basin, (17.59, 12.04, 4.3)),
        Shape("outfall", sewers.outfall, (4.8, 2.7, 3.08)),
        Shape("palletiser", bottling.palletiser, (4.15, 3.23, 3.72)),
        Shape("pick_and_place", smt.pick_and_place, (2.1, 2.34, 1.96)),
        Shape("plate_exchanger", thermal.plate_exchanger, (3.56, 1.23, 2.0)),
        Shape("press", forming.press, (2.85, 2.31, 4.8)),
        Shape("pump", rotating.pump, (1.74, 0.74, 1.01)),
        Shape("reflow_oven", smt.reflow_oven, (5.6, 1.44, 1.86)),
        Shape("reservoir", treatment.reservoir, (13.59, 13.12, 6.45)),
        Shape("ring_spinning_frame", spinning.ring_spinning_frame, (23.68, 1.6, 2.26)),
        Shape("robot", handling.robot, (2.35, 1.1, 2.31)),
        Shape("screw_compressor", packaged.screw_compressor, (2.55, 1.48, 1.92)),
        Shape("silo", process.silo, (3.9, 3.94, 11.96)),
        Shape("solar_panel", outdoor.solar_panel, (4.0, 2.03, 1.54)),
        Shape("solar_roof", park.solar_roof, (23.3, 12.78, 2.41)),
        Shape("solder_paste_printer", smt.solder_paste_printer, (1.7, 1.59, 1.97)),
        Shape("spi", inspection.spi, (1.1, 1.41, 1.78)),
        Shape("stenter", cloth.stenter, (25.4, 3.08, 3.55)),
        Shape("switchboard", park.switchboard, (4.82, 1.03, 2.3)),
        Shape("tank", process.tank, (2.8, 2.93, 5.34)),
        Shape("tank_skid", thermal.tank_skid, (6.0, 2.3, 3.25)),
        Shape("transformer", electrical.transformer, (6.0, 4.6, 4.96)),
        Shape("vessel", thermal.receiver_vessel, (5.2, 1.6, 2.84)),
        Shape("water_meter", sewers.water_meter, (2.4, 0.69, 1.3)),
        Shape("weather_mast", park.weather_mast, (2.72, 2.4, 10.0)),
        Shape("wet_well", treatment.wet_well, (4.59, 4.44, 2.63)),
    )
}


def unit_model(shape: Shape) -> tuple[Primitive, ...]:
    """Build a shape scaled into the unit box: x and y in [-0.5, 0.5], z in [0, 1], all six faces touched."""
    primitives = merge(shape.build(), shade=True)
    points = np.concatenate([primitive.points for primitive in primitives])
    low, high = points.min(axis=0), points.max(axis=0)
    extent = high - low
    origin = np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]])
    return tuple(
        Primitive(
            primitive.material,
            (primitive.points - origin) / extent,
            # a normal goes with the inverse of the stretch; the writer makes it length one again
            primitive.normals * extent,
            primitive.colours,
            primitive.triangles,
        )
        for primitive in primitives
    )
