"""A mixed volume whose level changes: wet wells and equalisation tanks. Volume and masses are never lost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """What left a store during a step.

    Args:
        flow_m3_h: what was drawn, mean; at most what was there.
        loads: what was in it, ``float64[k, n]``.
        spilled_m3_h: what ran over.
    """

    flow_m3_h: F64
    loads: F64
    spilled_m3_h: F64


class MixedStore:
    """Inflow is mixed in first, then drawn from: exact in mass for any step, first order in time.

    Args:
        capacity_m3: above it, the store spills; ``float64[n]``.
        volume_m3: at the start.
        content: what is in it at the start, ``float64[k, n]``.

    >>> store = MixedStore(np.array([100.0]), np.array([50.0]), np.array([[25.0]]))
    >>> drawn = store.step(np.array([10.0]), np.array([[20.0]]), np.array([30.0]), dt_s=3600.0)
    >>> drawn.flow_m3_h.tolist(), drawn.loads.tolist(), store.volume_m3.tolist(), store.content.tolist()
    ([30.0], [[22.5]], [30.0], [[22.5]])
    """

    __slots__ = ("capacity_m3", "content", "volume_m3")

    def __init__(self, capacity_m3: F64, volume_m3: F64, content: F64) -> None:
        self.capacity_m3 = capacity_m3
        self.volume_m3 = volume_m3
        self.content = content

    @property
    def concentration(self) -> F64:
        """What is in a cubic metre of it, ``float64[k, n]``."""
        found: F64 = self.content / np.maximum(self.volume_m3, 1e-9)
        return found

    def step(self, in_m3_h: F64, loads: F64, wanted_m3_h: F64, dt_s: float) -> Drawn:
        """Go forward by ``dt_s`` [s] with a constant inflow and a draw that is wanted."""
        hours = dt_s / 3600.0
        if hours <= 0.0:
            flow = np.where(self.volume_m3 > 0.0, wanted_m3_h, 0.0)
            return Drawn(flow, self.concentration * flow, np.zeros_like(flow))
        there = self.volume_m3 + in_m3_h * hours
        content = self.content + loads * hours
        drawn = np.minimum(np.maximum(wanted_m3_h, 0.0) * hours, there)
        spilled = np.maximum(there - drawn - self.capacity_m3, 0.0)
        share = np.divide(drawn, there, out=np.zeros_like(there), where=there > 0.0)
        kept = np.divide(there - drawn - spilled, there, out=np.zeros_like(there), where=there > 0.0)
        self.volume_m3 = there - drawn - spilled
        self.content = content * kept
        return Drawn(drawn / hours, content * share / hours, spilled / hours)
