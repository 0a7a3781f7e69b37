"""Dimensions against their tolerances: diameters and gaps, with uncertainty and a decision that minds it."""

from __future__ import annotations

from typing import Annotated

import msgspec
import numpy as np

from vision_qc.checks.decision import GUARD, decide
from vision_qc.checks.edges import F32, F64, Inside, Length, measure_circle, measure_gap
from vision_qc.checks.scale import EDGE_PX, Positive, Scale

Pixels = Annotated[float, msgspec.Meta(ge=0, le=1e5)]
Width = Annotated[float, msgspec.Meta(ge=3, le=1e4)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class Diameter(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="diameter"
):
    """The diameter of a round edge.

    Args:
        name: of the characteristic.
        x, y, radius_px: about where it is.
        search_px: how far from there edges are looked for.
        lower_mm, upper_mm: of the tolerance.
        inside: what is inside of the circle.
    """

    name: Name
    x: Pixels
    y: Pixels
    radius_px: Positive
    search_px: Positive
    lower_mm: Positive
    upper_mm: Positive
    inside: Inside = "any"

    def measure(self, grey: F32, place: F64) -> Length | None:
        """Measure it; ``place``, ``float64[2, 3]``, says where in the picture what was taught is."""
        x, y = place @ (self.x, self.y, 1.0)
        return measure_circle(grey, float(x), float(y), self.radius_px, self.search_px, self.inside)


class Gap(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="gap"):
    """The distance of two nearly parallel edges.

    Args:
        name: of the characteristic.
        x0, y0, x1, y1: a line that crosses both, one in each half.
        width_px: of the strip around it that is looked at.
        lower_mm, upper_mm: of the tolerance.
        inside: what is between the edges.
    """

    name: Name
    x0: Pixels
    y0: Pixels
    x1: Pixels
    y1: Pixels
    width_px: Width
    lower_mm: Positive
    upper_mm: Positive
    inside: Inside = "any"

    def measure(self, grey: F32, place: F64) -> Length | None:
        """As :meth:`Diameter.measure`."""
        (a, b), (c, d) = ((place @ (x, y, 1.0)).tolist() for x, y in ((self.x0, self.y0), (self.x1, self.y1)))
        return measure_gap(grey, (a, b), (c, d), self.width_px, self.inside)


Characteristic = Diameter | Gap


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One value.

    Args:
        name: of the characteristic.
        value_mm: null where it could not be measured.
        u_mm: combined standard uncertainty.
        lower_mm, upper_mm: of the tolerance.
        guard_mm: by which the tolerance is drawn in and out.
        verdict: ``accept``, ``review`` or ``reject``.
        budget_mm: contributions to ``u_mm``: edges (type A), edge bias and scale (type B).
    """

    name: str
    value_mm: float | None
    u_mm: float | None
    lower_mm: float
    upper_mm: float
    guard_mm: float | None
    verdict: str
    budget_mm: dict[str, float] = msgspec.field(default_factory=dict)


def measure(characteristic: Characteristic, scale: Scale, grey: F32, place: F64) -> Measured:
    """Measure one characteristic and decide on it.

    Args:
        characteristic: what and where.
        scale: of the camera.
        grey: ``float32[height, width]``.
        place: ``float64[2, 3]``, from where things were taught to where they are [px].
    """
    lower, upper = characteristic.lower_mm, characteristic.upper_mm
    length = characteristic.measure(grey, place)
    if length is None:
        return Measured(
            name=characteristic.name, value_mm=None, u_mm=None, lower_mm=lower, upper_mm=upper, guard_mm=None,
            verdict="review",
        )  # fmt: skip
    value = length.px * scale.mm_per_px
    budget = {
        "edges": length.u_px * scale.mm_per_px,
        # two edges that may err the same way; a rectangular distribution (GUM 4.3.7)
        "edge_bias": 2 * EDGE_PX / 3**0.5 * scale.mm_per_px,
        "scale": value * scale.u_rel,
    }
    u = float(np.sqrt(sum(part**2 for part in budget.values())))
    return Measured(
        name=characteristic.name,
        value_mm=value,
        u_mm=u,
        lower_mm=lower,
        upper_mm=upper,
        guard_mm=GUARD * u,
        verdict=decide(value, u, lower, upper),
        budget_mm=budget,
    )
