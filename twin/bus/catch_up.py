"""When a reader has caught up with a bus that never rests.

On a busy bus there is never a moment with nothing to read. A reader is at the end as well when it has read
all that was there a moment ago.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Final

from twin.bus.base import BusUnavailableError, Consumer, TopicPartition

WITHIN_S: Final = 5.0
"""Whoever needs longer to come to where the bus ended when it was asked is still behind."""


class CatchUp:
    """Watches one reader come to the end.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._ends: dict[TopicPartition, int] = {}
        self._asked = 0.0

    def reached(self, consumer: Consumer) -> bool:
        """Say whether nothing is left to read, or all is read that was there less than :data:`WITHIN_S` ago.

        Asks the broker; False if it is away.
        """
        if consumer.lag() == 0:
            return True
        positions, now = consumer.positions, self._clock()
        if any(positions.get(partition, 0) < end for partition, end in self._ends.items()):
            return False
        if self._ends and now - self._asked < WITHIN_S:
            return True
        try:
            self._ends, self._asked = consumer.ends(), now
        except BusUnavailableError:
            self._ends = {}
        return False
