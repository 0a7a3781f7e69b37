"""First-order lags of whole fleets, advanced by their exact solution: any length of step is right."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]


class Lag:
    """Values that follow targets with a time constant each.

    ``tau dv/dt = target - v`` for a target that is constant during the step. The first step takes the target
    as it is: what has run for weeks does not start cold.

    Args:
        tau_s: time constants [s], of a shape that broadcasts with the values (a column for a row of units).
        value: where to start; ``None`` takes the first target.

    >>> oven = Lag(90.0, np.array([20.0, 20.0]))
    >>> oven.step(np.array([120.0, 220.0]), dt_s=90.0).round(2).tolist()  # 63.2 % of the way
    [83.21, 146.42]
    """

    __slots__ = ("_dt_s", "_keep", "tau_s", "value")

    def __init__(self, tau_s: float | F64, value: F64 | None = None) -> None:
        self.tau_s = np.asarray(tau_s, dtype=np.float64)
        self.value = value
        self._dt_s = -1.0
        self._keep = self.tau_s

    def step(self, target: F64, dt_s: float) -> F64:
        """Go forward by ``dt_s`` [s]; the values then, in an array of their own."""
        if self.value is None:
            self.value = np.array(target, dtype=np.float64)
            return self.value
        if dt_s != self._dt_s:
            self._dt_s = dt_s
            self._keep = np.exp(-dt_s / self.tau_s)
        self.value = target + (self.value - target) * self._keep
        return self.value
