"""How a load that nobody simulates machine by machine goes through the day, as a share of its peak."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]

Curve = Literal["two_shifts", "three_shifts", "office", "night", "flat"]

CURVES: dict[Curve, tuple[float, ...]] = {
    "two_shifts": (
        0.62, 0.60, 0.58, 0.58, 0.60, 0.68, 0.80, 0.92, 0.98, 1.00, 0.99, 0.90,
        0.93, 0.99, 1.00, 0.98, 0.95, 0.90, 0.88, 0.87, 0.84, 0.78, 0.72, 0.66,
    ),
    "three_shifts": (
        0.88, 0.87, 0.86, 0.86, 0.87, 0.84, 0.90, 0.96, 0.99, 1.00, 0.99, 0.95,
        0.96, 0.99, 1.00, 0.98, 0.97, 0.93, 0.95, 0.95, 0.94, 0.93, 0.88, 0.89,
    ),
    "office": (
        0.10, 0.10, 0.10, 0.10, 0.12, 0.18, 0.35, 0.75, 0.95, 1.00, 1.00, 0.85,
        0.70, 0.95, 1.00, 0.98, 0.90, 0.60, 0.35, 0.25, 0.20, 0.15, 0.12, 0.10,
    ),
    "night": (
        1.00, 1.00, 1.00, 1.00, 1.00, 0.40, 0.10, 0.10, 0.10, 0.10, 0.10, 0.10,
        0.10, 0.10, 0.10, 0.10, 0.10, 0.30, 0.90, 1.00, 1.00, 1.00, 1.00, 1.00,
    ),
    "flat": (1.0,) * 24,
}  # fmt: skip
"""Share of the peak at each full hour. Two shifts: a dip at noon, a low at night; shaped as the load curves
of industrial customers of northern Vietnam, not measured ones."""


def share_of_peak(curve: Curve, hour: float) -> float:
    """One curve at an hour of the local day, between full hours in a straight line.

    >>> share_of_peak("two_shifts", 9.0), share_of_peak("two_shifts", 23.5)
    (1.0, 0.64)
    >>> share_of_peak("office", 24.0) == share_of_peak("office", 0.0)
    True
    """
    shares = CURVES[curve]
    return round(float(np.interp(hour % 24, range(25), (*shares, shares[0]))), 9)


class DailyCurves:
    """The curves of all units of a fleet.

    Args:
        curves: of each unit.

    >>> DailyCurves(["flat", "two_shifts"]).at(9.5).tolist()
    [1.0, 0.995]
    """

    __slots__ = ("_table",)

    def __init__(self, curves: Sequence[Curve]) -> None:
        self._table = np.array([[*CURVES[curve], CURVES[curve][0]] for curve in curves]).T

    def at(self, hour: float) -> F64:
        """Share of the peak of each unit at an hour of the local day, ``float64[n]``."""
        full = int(hour % 24)
        part = hour % 24 - full
        shares: F64 = self._table[full] * (1.0 - part) + self._table[full + 1] * part
        return shares
