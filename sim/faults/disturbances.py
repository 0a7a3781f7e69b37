"""Faults that any machine can suffer, as columns that the operation of the park reads in every step."""

from __future__ import annotations

import numpy as np

from sim.faults.fault_kind import EXCURSION, SHORTAGE, SLOW, TRIP
from sim.kind import F64, Bools


class Disturbances:
    """Columns of one element a machine, changed in place by the fault board only.

    Args:
        n: how many machines.

    Attributes:
        tripped: ``bool[n]``: somebody has hit the emergency stop.
        short: ``bool[n]``: the station has no material.
        reject_share: ``float64[n]``: more pieces rejected, as a share.
        pace: ``float64[n]``: factor on the pace, 1 = as usual.
        any: whether any of them is not as usual.
    """

    def __init__(self, n: int) -> None:
        self.tripped: Bools = np.zeros(n, np.bool_)
        self.short: Bools = np.zeros(n, np.bool_)
        self.reject_share: F64 = np.zeros(n)
        self.pace: F64 = np.ones(n)
        self.any = False

    def set(self, name: str, unit: int, strength: float) -> None:
        """Set one of them for one machine; 0 = as usual."""
        if name == TRIP:
            self.tripped[unit] = strength > 0
        elif name == SHORTAGE:
            self.short[unit] = strength > 0
        elif name == EXCURSION:
            self.reject_share[unit] = strength
        elif name == SLOW:
            self.pace[unit] = 1.0 - strength
        unusual = self.tripped | self.short | (self.reject_share > 0) | (self.pace < 1)
        self.any = bool(unusual.any())
