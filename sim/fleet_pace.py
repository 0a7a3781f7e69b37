"""When fleets of slow machines are worked out: every few seconds, but at once when one starts or stops."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.kind import Bools


class FleetPaces:
    """Of all fleets of a plant.

    Args:
        every_s: how often each fleet is worked out [s]; 0 = in every step.
        firsts: where the units of each fleet begin, in fleet order; none is empty.

    >>> paces = FleetPaces([2.0, 0.0], [0, 1])
    >>> on, off = np.array([True, True]), np.array([False, True])
    >>> [paces.due(dt_s, now, on) for dt_s, now in ((0.0, on), (1.0, on), (1.0, on), (1.0, off))]
    [[0.0, 0.0], [None, 1.0], [2.0, 1.0], [1.0, 1.0]]
    """

    def __init__(self, every_s: Sequence[float], firsts: Sequence[int]) -> None:
        self._every_s = tuple(every_s)
        self._firsts = np.array(firsts, np.intp)
        self._held_s = [0.0] * len(every_s)
        self._before: tuple[Bools, Bools] | None = None

    def due(self, dt_s: float, running: Bools, powered: Bools) -> list[float | None]:
        """How long the step of each fleet is [s], None where it is not due.

        Args:
            dt_s: since it was asked last.
            running, powered: ``bool[n]``, of all units in fleet order.
        """
        if self._before is None:
            changed = [True] * len(self._every_s)
        else:
            moved = (running != self._before[0]) | (powered != self._before[1])
            changed = np.logical_or.reduceat(moved, self._firsts).tolist()
        self._before = running.copy(), powered.copy()
        due: list[float | None] = []
        for fleet, every_s in enumerate(self._every_s):
            held_s = self._held_s[fleet] + dt_s
            if every_s <= 0.0 or changed[fleet] or held_s >= every_s:
                self._held_s[fleet] = 0.0
                due.append(held_s)
            else:
                self._held_s[fleet] = held_s
                due.append(None)
        return due
