"""The consumer of the buses that are logs of our own (memory, embedded): positions, loss and waiting."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from twin.bus.base import BusError, BusUnavailableError, Positions, Received, Start, TopicPartition
from twin.bus.partition_log import Head, Stored

MAX_POLL_BYTES = 32 << 20
"""One poll returns at most this much, and at least one message, so that a reader's memory is bounded."""
LOOK_S = 0.25
"""How often a waiting consumer looks without being woken: a publisher may be killed between commit and
ring."""


class Log(Protocol):
    """What a consumer reads."""

    def heads(self) -> list[Head]:
        """Return the state of every partition."""
        ...

    def read(self, partition_id: int, from_offset: int, max_messages: int, max_bytes: int) -> list[Stored]:
        """Return messages of a partition from an offset on."""
        ...

    def span(self, partition_id: int, start: int, end: int) -> int:
        """Count the messages ever taken between two offsets."""
        ...

    def close(self) -> None:
        """Free what was opened for this consumer."""
        ...


class Member(Protocol):
    """A consumer's place in a group."""

    def refresh(self) -> Mapping[TopicPartition, int | None]:
        """Take part in the group; return the partitions that are this member's now, with what is
        committed."""
        ...

    def commit(self, positions: Positions) -> None:
        """Store positions of the partitions that are still this member's."""
        ...

    def leave(self) -> None:
        """Give everything back."""
        ...


class Bell(Protocol):
    """Wakes a waiting consumer."""

    def wait(self, timeout_s: float) -> None:
        """Wait for a ring."""
        ...

    def close(self) -> None:
        """Stop listening."""
        ...


class LogConsumer:
    """Reads a log, for a group or alone.

    Args:
        partitions: what it subscribed to.
        log, bell: its own; closed with it.
        member: its place in a group, or None.
        start: where to begin a partition without a position.
        positions: where to begin others; only without a group.
    """

    def __init__(
        self,
        partitions: list[TopicPartition],
        log: Log,
        bell: Bell,
        *,
        member: Member | None = None,
        start: Start = Start.EARLIEST,
        positions: Positions | None = None,
    ) -> None:
        self._log = log
        self._bell = bell
        self._member = member
        self._start = start
        self._wanted = frozenset(partitions)
        self._positions: dict[TopicPartition, int] = {}
        self._polled: set[TopicPartition] = set()
        self._held: frozenset[TopicPartition] = frozenset()
        self._waiting = self._wanted
        self._turn = 0
        self._lost = 0
        if member is None:
            given = dict(positions or {})
            for head in self._heads():
                self._positions[head.partition] = self._begin(head, given.get(head.partition))

    @property
    def positions(self) -> dict[TopicPartition, int]:
        """Next offset of every partition this consumer reads now."""
        return dict(self._positions)

    @property
    def lost(self) -> int:
        """Messages that retention removed before this consumer had read them."""
        return self._lost

    def poll(self, timeout_s: float, max_messages: int = 1000) -> list[Received]:
        """Return what is there, waiting for a first message."""
        deadline = time.monotonic() + timeout_s
        while True:
            owned = None if self._member is None else self._member.refresh()
            heads = self._heads()  # read after the commits in ``owned``, so that none is past its head
            if owned is not None:
                self._take_over(owned, heads)
            received = self._read([head for head in heads if head.partition not in self._held], max_messages)
            self._waiting = frozenset(
                head.partition for head in heads if self._positions.get(head.partition, head.next) < head.next
            )
            remaining = deadline - time.monotonic()
            if received or remaining <= 0:
                return received
            self._bell.wait(min(remaining, LOOK_S))

    def commit(self) -> None:
        """Mark everything polled so far as done for the group."""
        if self._member is not None and self._polled:
            self._member.commit({partition: self._positions[partition] for partition in self._polled})
            self._polled.clear()

    def lag(self) -> int:
        """Count the messages behind the last poll; of compacted topics, an upper bound; -1 if unknown now."""
        try:
            return sum(
                self._log.span(head.id, self._positions[head.partition], head.next)
                for head in self._heads()
                if head.partition in self._positions
            )
        except BusUnavailableError:
            return -1

    def waiting(self) -> frozenset[TopicPartition]:
        """Partitions of which the last poll left something behind."""
        return self._waiting

    def ends(self) -> dict[TopicPartition, int]:
        """Where each partition ends now."""
        return {head.partition: head.next for head in self._heads() if head.partition in self._positions}

    def hold(self, partitions: Collection[TopicPartition]) -> None:
        """Leave these partitions out of the next polls, and no others."""
        self._held = frozenset(partitions)

    def close(self) -> None:
        """Leave the group and free everything."""
        steps: list[Callable[[], None]] = [self._bell.close, self._log.close]
        if self._member is not None:
            steps.insert(0, self._member.leave)
        _all(steps)

    def _heads(self) -> list[Head]:
        return [head for head in self._log.heads() if head.partition in self._wanted]

    def _begin(self, head: Head, position: int | None) -> int:
        if position is None:
            return head.first if self._start is Start.EARLIEST else head.next
        # past the end: of a log that was since removed; waiting for it would skip all of this one
        return position if position <= head.next else head.first

    def _take_over(self, owned: Mapping[TopicPartition, int | None], heads: list[Head]) -> None:
        for gone in self._positions.keys() - owned.keys():
            del self._positions[gone]
            self._polled.discard(gone)
        for head in heads:
            if head.partition in owned and head.partition not in self._positions:
                self._positions[head.partition] = self._begin(head, owned[head.partition])

    def _read(self, heads: list[Head], max_messages: int) -> list[Received]:
        """Read partitions in turn, beginning with another one each time, so that a busy one starves none."""
        received: list[Received] = []
        max_bytes = MAX_POLL_BYTES
        ready = [head for head in heads if self._positions.get(head.partition, head.next) < head.next]
        if not ready:
            return received
        self._turn = (self._turn + 1) % len(ready)
        for head in ready[self._turn :] + ready[: self._turn]:
            try:
                found = self._read_partition(head, max_messages - len(received), max_bytes)
            except BusError:
                if received:  # their positions have moved on: hand them out, the next poll fails again
                    break
                raise
            for stored in found:
                message = stored.message
                max_bytes -= len(message.value)
                received.append(Received(message, head.partition.partition, stored.offset, stored.time_ns))
            if len(received) >= max_messages or max_bytes <= 0:
                break
        return received

    def _read_partition(self, head: Head, max_messages: int, max_bytes: int) -> list[Stored]:
        position = self._positions[head.partition]
        found = self._log.read(head.id, position, max_messages, max_bytes)
        kept_from = found[0].offset if found else head.first
        if kept_from > position and not head.compacted:
            self._lost += self._log.span(head.id, position, kept_from)
        if found:
            self._positions[head.partition] = found[-1].offset + 1
            self._polled.add(head.partition)
        else:
            self._positions[head.partition] = max(position, head.first)
        return found


def _all(steps: list[Callable[[], None]]) -> None:
    """Do every step, whatever the ones before raised; raise the first error at the end."""
    try:
        steps[0]()
    finally:
        if steps[1:]:
            _all(steps[1:])
