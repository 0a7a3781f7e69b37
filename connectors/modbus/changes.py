"""What a poll read, as readings worth telling: what changed, and everything once a minute."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from connectors.frames import Readings
from twin.contract.clock import NS_PER_S

REFRESH_S: Final = 60.0
"""An unchanged value is told anew this often, so that a reader knows it was read."""


class Changes:
    """The last reading of every tag of one source.

    Args:
        tag_set_id: of the readings.
        n: how many tags.
    """

    def __init__(self, tag_set_id: str, n: int) -> None:
        self._id = tag_set_id
        self._value = np.full(n, np.nan)
        self._status = np.zeros(n, np.uint32)
        self._told = np.zeros(n, np.int64)

    def forget(self) -> None:
        """Tell everything anew the next time."""
        self._told[:] = 0

    def take(
        self, index: Sequence[int], value: Sequence[float], status: Sequence[int], time_ns: Sequence[int]
    ) -> Readings | None:
        """Return the readings to tell; None if nothing changed.

        >>> changes = Changes("00" * 16, 2)
        >>> len(changes.take([0, 1], [1.0, 2.0], [0, 0], [10, 10]))
        2
        >>> changes.take([0, 1], [1.0, 2.5], [0, 0], [20, 20]).value.tolist()
        [2.5]
        """
        at = np.array(index, np.uint32)
        values, times = np.array(value, np.float64), np.array(time_ns, np.int64)
        codes = np.array(status, np.uint32)
        same = (values == self._value[at]) | (np.isnan(values) & np.isnan(self._value[at]))
        known = (self._told[at] > 0) & (times - self._told[at] < REFRESH_S * NS_PER_S)
        rows = np.flatnonzero(~(same & (codes == self._status[at]) & known))
        if not len(rows):
            return None
        at, values, codes, times = at[rows], values[rows], codes[rows], times[rows]
        self._value[at], self._status[at], self._told[at] = values, codes, times
        return Readings(self._id, at, times, codes, values)
