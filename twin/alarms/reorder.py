"""Holds readings back for a stated lateness, so that what comes out of order within it counts in order."""

from __future__ import annotations

from collections import deque

import numpy as np

from twin.alarms.readings import Readings, concatenate
from twin.alarms.standing import NEVER
from twin.bus.base import TopicPartition
from twin.state.last_values import TagNumbers


class Reorder:
    """Readings wait until the bus's clock is ``lateness`` past their arrival. Not thread-safe.

    Args:
        tags: how many tags the park has.
        lateness: [ns]; 0 = nothing waits.
        together: ``intp[tags]``, one number for tags that are looked at together; left out, every tag is
            looked at alone.
    """

    def __init__(self, tags: int, lateness: int, together: TagNumbers | None = None) -> None:
        self.lateness = lateness
        self._together = np.arange(tags, dtype=np.intp) if together is None else together
        self._parts: list[Readings] = []
        self._messages: deque[tuple[TopicPartition, int, int]] = deque()
        self._newest = np.full(tags, NEVER, np.int64)

    def add(self, readings: Readings, partition: TopicPartition, offset: int, received: int) -> None:
        """Take the readings of one message."""
        if len(readings):
            self._parts.append(readings)
        self._messages.append((partition, offset, received))

    def release(self, now: int) -> Readings | None:
        """Return what has waited long enough at ``now`` [ns, of the bus], with every earlier reading of the
        same tags and of those that are looked at together with them; None if nothing has."""
        while self._messages and self._messages[0][2] + self.lateness <= now:
            self._messages.popleft()
        oldest = min((int(part.received.min()) for part in self._parts), default=None)
        if oldest is None or oldest + self.lateness > now:
            return None
        held = concatenate(self._parts)
        due = held.received + self.lateness <= now
        if due.all():
            self._parts = []
            return held
        group, time = self._together[held.tag], held.time
        np.maximum.at(self._newest, group[due], time[due])
        due |= time <= self._newest[group]
        self._newest[group] = NEVER
        self._parts = [held.take(~due)] if not due.all() else []
        return held.take(due)

    def hold_back(self, positions: dict[TopicPartition, int]) -> dict[TopicPartition, int]:
        """Return the positions up to which nothing waits here any more."""
        safe = dict(positions)
        for partition, offset, _ in self._messages:
            safe[partition] = min(offset, safe.get(partition, offset))
        return safe
