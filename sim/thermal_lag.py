"""First-order lag, advanced by its exact solution, so that the size of the step does not matter."""

from __future__ import annotations

import math


def relax(value: float, target: float, dt_s: float, tau_s: float) -> float:
    """Let ``value`` approach ``target`` for ``dt_s`` [s] with time constant ``tau_s`` [s].

    Solution of ``tau dv/dt = target - v`` for a constant target.

    >>> round(relax(20.0, 120.0, dt_s=90.0, tau_s=90.0), 3)  # 63.2 % of the way
    83.212
    """
    return target + (value - target) * math.exp(-dt_s / tau_s)
