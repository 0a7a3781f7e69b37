"""Things that go somewhere, wait, and go on: lifts, cranes, vehicles."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]


class Trips:
    """Trips between random places of a box: each axis at its own speed, a wait at every end, loaded every
    other.

    Args:
        low, high: corners of the box, one number an axis [m].
        speed: of each axis [m/s].
        dwell_s: mean wait at an end [s], exponential.
        n: number of units.
        rng: for where they are at the start.

    >>> trips = Trips((0.0,), (12.0,), (0.5,), dwell_s=30.0, n=2, rng=np.random.default_rng(1))
    >>> position, speed = trips.step(1.0, np.ones(2), np.random.default_rng(2))
    >>> bool((np.abs(speed) <= 0.5).all())
    True
    """

    __slots__ = ("_dwell_s", "_high", "_low", "_speed", "_target", "_wait_s", "load", "position", "trips")

    def __init__(
        self,
        low: tuple[float, ...],
        high: tuple[float, ...],
        speed: tuple[float, ...],
        dwell_s: float,
        n: int,
        rng: np.random.Generator,
    ) -> None:
        self._low, self._high, self._speed = (np.array(row)[:, None] for row in (low, high, speed))
        self._dwell_s = dwell_s
        self.position: F64 = self._low + (self._high - self._low) * rng.random((len(low), n))
        self._target = self.position.copy()
        self._wait_s = rng.exponential(dwell_s, n)
        self.load: F64 = np.zeros(n)
        self.trips: F64 = np.zeros(n)

    def step(self, dt_s: float, go: F64, rng: np.random.Generator) -> tuple[F64, F64]:
        """Go forward by ``dt_s`` [s] where ``go`` is 1 (slower below); position [m] and speed [m/s],
        ``float64[axes, n]``. ``load`` is then how full each is, 0 to 1, and ``trips`` how many it has
        begun."""
        left = self._target - self.position
        reach = self._speed * (dt_s * go)
        moved = np.minimum(np.maximum(left, -reach), reach)
        self.position = self.position + moved
        there = (moved == left).all(axis=0)
        self._wait_s = self._wait_s - dt_s * (there & (go > 0))
        ready = there & (self._wait_s <= 0.0)
        if ready.any():
            places = self._low + (self._high - self._low) * rng.random(self.position.shape)
            self._target = np.where(ready, places, self._target)
            filled = np.where(self.load > 0, 0.0, rng.uniform(0.2, 1.0, ready.shape))
            self.load = np.where(ready, filled, self.load)
            self._wait_s = np.where(ready, rng.exponential(self._dwell_s, ready.shape), self._wait_s)
            self.trips = self.trips + ready
        return self.position, moved / dt_s if dt_s > 0 else np.zeros_like(moved)
