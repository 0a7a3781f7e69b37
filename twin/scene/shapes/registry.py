"""The table of shapes: a new one is one row here and one function in a family's file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from twin.scene.glb import Primitive
from twin.scene.parts import Part, merge
from twin.scene.shapes import electrical, enclosures, rotating, smt

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
        Shape("compressor", rotating.compressor, (4.6, 2.0, 2.3)),
        Shape("solder_paste_printer", smt.solder_paste_printer, (1.7, 1.6, 2.0)),
        Shape("transformer", electrical.transformer, (6.0, 4.6, 5.0)),
        Shape("cabinet", enclosures.cabinet, (0.8, 0.6, 2.0)),
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
