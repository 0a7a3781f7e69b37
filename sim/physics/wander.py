"""Slow random movement about a mean: an Ornstein-Uhlenbeck process, sampled exactly at any step."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]


class Wander:
    """Deviations that forget themselves with a time constant; several quantities of all units at once.

    ``dx = -x/tau dt + s sqrt(2/tau) dW`` has standard deviation s and autocorrelation ``exp(-t/tau)``;
    between two samples it is exactly ``x' = k x + s sqrt(1 - k²) N(0, 1)`` with ``k = exp(-dt/tau)``.

    Args:
        spread: standard deviations, one a quantity [unit of the quantity].
        tau_s: their time constants [s].
        n: number of units.
        reach: deviations are kept within this many standard deviations: no limit is crossed by chance.

    >>> wander = Wander((1.0, 0.0), (60.0, 60.0), n=3)
    >>> wander.step(np.random.default_rng(1), dt_s=1.0).shape
    (2, 3)
    >>> wander.step(np.random.default_rng(1), dt_s=1e9)[1].tolist()
    [0.0, 0.0, 0.0]
    """

    __slots__ = ("_bound", "_dt_s", "_keep", "_kick", "_spread", "_tau_s", "value")

    def __init__(
        self, spread: tuple[float, ...], tau_s: tuple[float, ...], n: int, reach: float = 3.0
    ) -> None:
        self._spread = np.array(spread)[:, None]
        self._tau_s = np.array(tau_s)[:, None]
        self._bound = reach * self._spread
        self.value: F64 = np.zeros((len(spread), n))
        self._dt_s = -1.0
        self._keep = self._kick = self._spread

    def step(self, rng: np.random.Generator, dt_s: float) -> F64:
        """Go forward by ``dt_s`` [s]; ``float64[quantities, n]``, in an array of its own."""
        if dt_s != self._dt_s:
            self._dt_s = dt_s
            self._keep = np.exp(-dt_s / self._tau_s)
            self._kick = self._spread * np.sqrt(-np.expm1(-2.0 * dt_s / self._tau_s))
        moved = self.value * self._keep + self._kick * rng.standard_normal(self.value.shape)
        self.value = np.minimum(np.maximum(moved, -self._bound), self._bound)
        return self.value
