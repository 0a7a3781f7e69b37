"""Plug flow: what enters one end leaves the other after the travel time, nothing lost and nothing mixed.

Kept as curves of what has entered so far; what has left by now is what had entered a travel time ago, read
off the curve. So any length of step is exact in mass, and what is under way is the difference of the two.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]

_ROOM = 1024


class DelayLine:
    """Delay lines of n units with a travel time each; k quantities in each.

    Before the start they carried ``initial`` for ever.

    Args:
        travel_s: ``float64[n]`` [s].
        initial: rates at the start, ``float64[k, n]`` [quantity/h].

    >>> line = DelayLine(np.array([5400.0]), np.array([[0.0]]))
    >>> [line.step(np.array([[rate]]), dt_s=3600.0).tolist() for rate in (8.0, 0.0, 0.0)]
    [[[0.0]], [[4.0]], [[4.0]]]
    >>> line.under_way.tolist()
    [[0.0]]
    """

    __slots__ = ("_entered", "_first", "_last", "_left", "_now_s", "_times_s", "_travel_s")

    def __init__(self, travel_s: F64, initial: F64) -> None:
        self._travel_s = travel_s
        longest = float(travel_s.max(initial=0.0)) + 1.0
        self._times_s = np.zeros(_ROOM)
        self._entered = np.zeros((_ROOM, *initial.shape))
        self._times_s[:2] = (-longest, 0.0)
        self._entered[1] = initial * (longest / 3600.0)
        self._first, self._last = 0, 1
        self._now_s = 0.0
        self._left = self._read(-travel_s)

    @property
    def under_way(self) -> F64:
        """What is in each line now, ``float64[k, n]``."""
        under_way: F64 = self._entered[self._last] - self._left
        return under_way

    def step(self, rates: F64, dt_s: float) -> F64:
        """Take in ``rates`` (``float64[k, n]``, per hour) for ``dt_s`` [s]; mean rates that leave."""
        if dt_s <= 0.0:
            slope = self._read(self._now_s - self._travel_s + 1e-3) - self._read(
                self._now_s - self._travel_s - 1e-3
            )
            return slope * (3600.0 / 2e-3)
        self._now_s += dt_s
        if self._last + 1 == len(self._times_s):
            self._make_room()
        self._last += 1
        self._times_s[self._last] = self._now_s
        self._entered[self._last] = self._entered[self._last - 1] + rates * (dt_s / 3600.0)
        left = self._read(self._now_s - self._travel_s)
        went: F64 = (left - self._left) * (3600.0 / dt_s)
        self._left = left
        return went

    def _read(self, at_s: F64) -> F64:
        """What had entered by a time of each unit, ``float64[k, n]``, between the points in a straight
        line."""
        known = self._times_s[self._first : self._last + 1]
        at = np.clip(np.searchsorted(known, at_s, side="right"), 1, len(known) - 1) + self._first
        before, after = self._times_s[at - 1], self._times_s[at]
        part = np.clip((at_s - before) / (after - before), 0.0, 1.0)
        unit = np.arange(len(at_s))
        low, high = self._entered[at - 1, :, unit].T, self._entered[at, :, unit].T
        between: F64 = low + (high - low) * part
        return between

    def _make_room(self) -> None:
        """Drop what has left all lines; twice the room if that is not much. Counting starts again from there,
        so that the sums keep their digits."""
        oldest_s = self._now_s - float(self._travel_s.max(initial=0.0)) - 3600.0
        keep = max(int(np.searchsorted(self._times_s[: self._last + 1], oldest_s)) - 1, 0)
        points = self._last + 1 - keep
        times_s, entered = self._times_s[keep : self._last + 1], self._entered[keep : self._last + 1]
        room = len(self._times_s) if points < len(self._times_s) // 2 else 2 * len(self._times_s)
        base = entered[0].copy()
        self._times_s = np.zeros(room)
        self._times_s[:points] = times_s
        grown = np.zeros((room, *entered.shape[1:]))
        grown[:points] = entered - base
        self._entered = grown
        self._left = self._left - base
        self._first, self._last = 0, points - 1
