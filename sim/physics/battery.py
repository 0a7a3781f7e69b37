"""Batteries by counting charge: voltage at rest over charge, less the drop at the inner resistance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's open-circuit voltage.

    Args:
        charge: states of charge, rising from 0 to 1.
        open_v: voltage at rest there [V].
    """

    charge: tuple[float, ...]
    open_v: tuple[float, ...]

    def at(self, charge: F64) -> F64:
        """Voltage at rest [V] at a state of charge, ``float64[n]``."""
        return np.interp(charge, self.charge, self.open_v)


LFP = Cell((0.0, 0.05, 0.1, 0.2, 0.4, 0.7, 0.9, 1.0), (2.6, 3.05, 3.18, 3.24, 3.28, 3.31, 3.33, 3.45))
"""Lithium iron phosphate at 25 °C: flat between 10 and 95 %."""

LEAD_ACID = Cell((0.0, 0.2, 0.4, 0.6, 0.8, 1.0), (1.93, 1.99, 2.03, 2.07, 2.11, 2.15))
"""A sealed lead-acid cell at rest."""


def current_a(power_w: F64, open_v: F64, ohm: F64 | float) -> F64:
    """Current of a battery that delivers a power at its poles [A], above 0 = discharge, ``float64[n]``.

    Solves P = (U - R I) I for the smaller current; what it cannot deliver is cut at its matched load.

    >>> current_a(np.array([460.0]), np.array([50.0]), 0.4).tolist()
    [10.0]
    """
    root = np.sqrt(np.maximum(open_v * open_v - 4.0 * ohm * power_w, 0.0))
    return (open_v - root) / (2.0 * np.asarray(ohm))


def charge_after(charge: F64, drawn_a: F64, dt_s: float, capacity_ah: F64) -> F64:
    """State of charge after a steady current, ``float64[n]``, within 0 and 1.

    >>> charge_after(np.array([0.8]), np.array([50.0]), 1800.0, np.array([100.0])).tolist()
    [0.55]
    """
    left = charge - drawn_a * (dt_s / 3600.0) / capacity_ah
    return np.minimum(np.maximum(left, 0.0), 1.0)
