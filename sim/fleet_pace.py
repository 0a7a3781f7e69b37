"""When a fleet of slow machines is worked out: not in every step, but at once when one starts or stops."""

from __future__ import annotations

import numpy as np

from sim.kind import Bools


class FleetPace:
    """Of one fleet.

    Args:
        every_s: how often it is worked out [s]; 0 = in every step.

    >>> pace = FleetPace(every_s=2.0)
    >>> on = np.array([True])
    >>> [pace.due(0.0, on, on), pace.due(1.0, on, on), pace.due(1.0, on, on), pace.due(1.0, ~on, on)]
    [0.0, None, 2.0, 1.0]
    """

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._held_s = 0.0
        self._running: Bools | None = None
        self._powered: Bools | None = None

    def due(self, dt_s: float, running: Bools, powered: Bools) -> float | None:
        """How long its step is [s] if it is due now, else None.

        Args:
            dt_s: since it was asked last.
            running, powered: ``bool[n]``, of its units.
        """
        if self._every_s <= 0.0:
            return dt_s
        self._held_s += dt_s
        changed = (
            self._running is None
            or self._powered is None
            or not np.array_equal(running, self._running)
            or not np.array_equal(powered, self._powered)
        )
        if not changed and self._held_s < self._every_s:
            return None
        self._running, self._powered = running.copy(), powered.copy()
        held_s, self._held_s = self._held_s, 0.0
        return held_s
