"""A place in a group of the buses that are logs of our own (memory, embedded), without reading."""

from __future__ import annotations

import time

from twin.bus.log_consumer import LOOK_S, Bell, Member


class LogMembership:
    """Holds partitions of a topic. Belongs to one thread; joins at the first :meth:`held`.

    Args:
        member, bell: its own; closed with it.
    """

    def __init__(self, member: Member, bell: Bell) -> None:
        self._member = member
        self._bell = bell
        self._held: frozenset[int] = frozenset()

    def held(self, timeout_s: float) -> frozenset[int]:
        """Return the partitions that are this member's now, waiting for a change."""
        deadline = time.monotonic() + timeout_s
        while True:
            now = frozenset(partition.partition for partition in self._member.refresh())
            remaining = deadline - time.monotonic()
            if now != self._held or remaining <= 0:
                self._held = now
                return now
            self._bell.wait(min(remaining, LOOK_S))

    def close(self) -> None:
        """Leave the group."""
        try:
            self._member.leave()
        finally:
            self._bell.close()
