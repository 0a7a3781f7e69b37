"""The table of shapes: a new one is one row here and one function in a family's file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from twin.scene.glb import Primitive
from twin.scene.parts import Part, merge
from twin.scene.shapes import (
    electrical,
    enclosures,
    handling,
    inspection,
    machining,
    outdoor,
    process,
    rotating,
    smt,
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
        Shape("ahu", ventilation.ahu, (4.13, 1.83, 2.56)),
        Shape("aoi", inspection.aoi, (1.1, 1.38, 2.04)),
        Shape(FALL_BACK, enclosures.cabinet, (0.8, 0.62, 2.0)),
        Shape("cnc_machine", machining.cnc_machine, (3.41, 2.06, 2.54)),
        Shape("compressor", rotating.compressor, (4.6, 1.94, 2.3)),
        Shape("conveyor", handling.conveyor, (1.5, 0.79, 1.01)),
        Shape("cooling_tower", process.cooling_tower, (4.0, 4.14, 4.84)),
        Shape("feeder", electrical.feeder, (0.9, 1.78, 2.3)),
        Shape("lamp", outdoor.lamp, (2.09, 0.52, 8.09)),
        Shape("mast", outdoor.mast, (1.7, 1.7, 17.4)),
        Shape("meter", electrical.meter, (0.7, 0.52, 1.7)),
        Shape("motor", rotating.motor, (1.31, 0.74, 0.87)),
        Shape("pick_and_place", smt.pick_and_place, (2.1, 2.34, 1.96)),
        Shape("pump", rotating.pump, (1.74, 0.74, 1.01)),
        Shape("reflow_oven", smt.reflow_oven, (5.6, 1.44, 1.86)),
        Shape("robot", handling.robot, (2.35, 1.1, 2.31)),
        Shape("silo", process.silo, (3.9, 3.94, 11.96)),
        Shape("solar_panel", outdoor.solar_panel, (4.0, 2.03, 1.54)),
        Shape("solder_paste_printer", smt.solder_paste_printer, (1.7, 1.59, 1.97)),
        Shape("spi", inspection.spi, (1.1, 1.41, 1.78)),
        Shape("tank", process.tank, (2.8, 2.93, 5.34)),
        Shape("transformer", electrical.transformer, (6.0, 4.6, 4.96)),
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
