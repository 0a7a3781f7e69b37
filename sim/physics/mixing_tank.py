"""A fully mixed volume with a flow through it: what goes in comes out diluted and late, and no mass is
lost."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]


class MixingTank:
    """Constant volume, completely mixed: ``dM/dt = load - (Q/V) M``, by its exact solution for a constant
    step.

    Args:
        volume_m3: of each unit, ``float64[n]``.
        content: what is in it at the start, ``float64[k, n]`` [unit of a load times hours].

    >>> tank = MixingTank(np.array([10.0]), np.array([[0.0]]))
    >>> out = tank.step(np.array([5.0]), np.array([[50.0]]), dt_s=7200.0)  # one residence time
    >>> tank.content.round(2).tolist(), (out * 2.0 + tank.content).round(6).tolist()  # 50 kg/h for 2 h
    ([[63.21]], [[100.0]])
    """

    __slots__ = ("content", "volume_m3")

    def __init__(self, volume_m3: F64, content: F64) -> None:
        self.volume_m3 = volume_m3
        self.content = content

    def step(self, flow_m3_h: F64, loads: F64, dt_s: float) -> F64:
        """Go forward by ``dt_s`` [s]; mean loads that leave, ``float64[k, n]``, such that
        ``content_after = content_before + (loads - left) dt``."""
        hours = dt_s / 3600.0
        if hours <= 0.0:
            return self.content * (flow_m3_h / self.volume_m3)
        rate = flow_m3_h / self.volume_m3
        fade = np.exp(-rate * hours)
        # (1 - e^-x) / rate, which is the length of the step where nothing flows
        gained = np.where(rate * hours > 1e-9, -np.expm1(-rate * hours) / np.maximum(rate, 1e-30), hours)
        after = self.content * fade + loads * gained
        left: F64 = loads + (self.content - after) / hours
        self.content = after
        return left
