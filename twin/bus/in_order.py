"""Reads several partitions as one log, in the order in which the bus took the messages.

Partitions of a backlog come one after the other, hours of one before the first minute of the next; whoever
works out something of two sources must see them side by side. Messages wait here until no partition that is
known to hold more can bring an earlier one. So what is read does not depend on how it was fetched.
"""

from __future__ import annotations

from collections import deque

from twin.bus.base import Consumer, Received, TopicPartition
from twin.bus.catch_up import CatchUp

MOST_HELD = 2_000
"""Messages of one partition that wait for the others; then it is not asked for more."""
_UNKNOWN = -(2**63)


class InOrder:
    """A consumer of which one topic comes in order of time. Belongs to one thread.

    Args:
        consumer: without a group; closed with this.
        topic: that is put in order; messages of others are handed out as they come, and first.
        slack_ns: messages younger than this [ns] wait too: what two brokers took at about the same time may
            come in either order.
    """

    def __init__(self, consumer: Consumer, topic: str, *, slack_ns: int = 0) -> None:
        self._consumer = consumer
        self._topic = topic
        self._slack = slack_ns
        self._queues: dict[TopicPartition, deque[tuple[int, Received]]] = {}
        self._reached: dict[TopicPartition, int] = {}
        self._waiting: frozenset[TopicPartition] = frozenset()
        self._current = False
        self._catch_up = CatchUp()
        self._first: list[Received] = []

    @property
    def positions(self) -> dict[TopicPartition, int]:
        """Next offset to be handed out of every partition."""
        waiting = {partition: queue[0][1].offset for partition, queue in self._queues.items() if queue}
        return self._consumer.positions | waiting

    @property
    def lost(self) -> int:
        """Messages that retention removed before they were read."""
        return self._consumer.lost

    @property
    def current(self) -> bool:
        """Whether everything that was known to be there has been handed out, but what is too young."""
        return self._current

    def caught_up(self) -> bool:
        """Whether that was the end of the bus, or its end of a moment ago. Asks the broker."""
        return self._current and self._catch_up.reached(self._consumer)

    def poll(self, timeout_s: float, max_messages: int, *, now: int) -> list[Received]:
        """Return what is next, in order, waiting up to ``timeout_s`` [s] for a first message; all of what is
        in order, which may be more than ``max_messages`` that are fetched.

        Args:
            now: of the bus's clock [ns]; for the slack.

        Raises:
            BusUnavailableError: the broker is away; poll again.
        """
        self._consumer.hold([part for part, queue in self._queues.items() if len(queue) >= MOST_HELD])
        # what a broker says beside its messages is as old as they are: behind a backlog it must be asked
        ends = None if self._current else self._consumer.ends()
        for received in self._consumer.poll(timeout_s, max_messages):
            partition = TopicPartition(received.message.topic, received.partition)
            if partition.topic != self._topic:
                self._first.append(received)
                continue
            reached = max(received.time_ns, self._reached.get(partition, received.time_ns))
            self._reached[partition] = reached
            self._queues.setdefault(partition, deque()).append((reached, received))
        if ends is None and self._consumer.waiting():
            ends = self._consumer.ends()
        positions = self._consumer.positions
        behind = (part for part, end in (ends or {}).items() if positions.get(part, 0) < end)
        self._waiting = frozenset(part for part in behind if part.topic == self._topic)
        self._current = not self._waiting
        first, self._first = self._first, []
        return first + self._release(now - self._slack if self._slack else None)

    def _release(self, until: int | None) -> list[Received]:
        if not any(self._queues.values()):
            return []
        # the next message of a partition that has more is not before what was read of it
        bounds = sorted((self._reached.get(one, _UNKNOWN), one.partition) for one in self._waiting)[:2]
        ready: list[tuple[int, int, Received]] = []
        for partition, queue in self._queues.items():
            number = partition.partition
            others = [bound for bound in bounds if bound[1] != number]
            while (
                queue
                and (not others or (queue[0][0], number) < others[0])
                and (until is None or queue[0][0] <= until)
            ):
                time, received = queue.popleft()
                ready.append((time, number, received))
        ready.sort(key=lambda one: one[:2])  # stable: those of one partition stay in their order
        return [received for *_, received in ready]

    def lag(self) -> int:
        """Messages not handed out yet, but for those that are too young, over all partitions; -1 if the
        broker cannot be asked now."""
        behind = self._consumer.lag()
        held = 0 if self.current else sum(len(queue) for queue in self._queues.values())
        return behind if behind < 0 else behind + held

    def close(self) -> None:
        """Close the consumer."""
        self._consumer.close()
