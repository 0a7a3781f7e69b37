"""The bus in memory, for tests and one-process uses: the same semantics, nothing survives the process.

``memory:NAME`` opened twice in one process is one bus; it is gone when the last of them is closed.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from twin.bus.base import Consumer, Membership, Message, Positions, Start, TopicPartition
from twin.bus.log_consumer import LogConsumer
from twin.bus.log_membership import LogMembership
from twin.bus.partition_log import Head, Stored
from twin.bus.partitioning import (
    assign,
    check_messages,
    check_positions,
    check_topics,
    partition_of,
    partitions_of,
)
from twin.contract.clock import Clock
from twin.contract.topics import TOPICS

DEFAULT_MAX_BYTES = 256 << 20
_NS_PER_HOUR = 3_600_000_000_000


@dataclass(slots=True)
class _Partition:
    id: int
    name: TopicPartition
    compacted: bool
    stored: list[Stored] = field(default_factory=list)
    first: int = 1
    next: int = 1
    bytes: int = 0

    def append(self, message: Message, time_ns: int) -> None:
        if self.compacted:
            older = next((s for s in self.stored if s.message.key == message.key), None)
            if older is not None:
                self.stored.remove(older)
                self.bytes -= len(older.message.value)
        self.stored.append(Stored(self.next, time_ns, message))
        self.next += 1
        self.bytes += len(message.value)

    def drop_oldest(self) -> None:
        oldest = self.stored.pop(0)
        self.bytes -= len(oldest.message.value)
        self.first = oldest.offset + 1


@dataclass(slots=True)
class _Group:
    members: dict[str, Sequence[str]] = field(default_factory=dict)
    owners: dict[TopicPartition, str] = field(default_factory=dict)
    committed: dict[TopicPartition, int] = field(default_factory=dict)


class _Store:
    """What all handles on one name share; ``lock`` guards everything."""

    def __init__(self, max_bytes: int) -> None:
        self.lock = threading.RLock()
        self.handles = 0
        self.max_bytes = max_bytes
        self.partitions = {
            name: _Partition(number, name, TOPICS[name.topic].compacted)
            for number, name in enumerate(partitions_of(tuple(TOPICS)))
        }
        self.by_id = list(self.partitions.values())
        self.groups: dict[str, _Group] = {}
        self.bells: list[_Bell] = []

    def ring(self) -> None:
        for bell in self.bells:
            bell.event.set()

    def forget(self, now_ns: int) -> None:
        bounded = [partition for partition in self.by_id if not partition.compacted]
        for partition in bounded:
            before_ns = now_ns - int(TOPICS[partition.name.topic].retention_hours * _NS_PER_HOUR)
            while partition.stored and partition.stored[0].time_ns < before_ns:
                partition.drop_oldest()
        while sum(partition.bytes for partition in self.by_id) > self.max_bytes:
            filled = [partition for partition in bounded if partition.stored]
            if not filled:
                return
            min(filled, key=lambda partition: partition.stored[0].time_ns).drop_oldest()


class _Log:
    def __init__(self, store: _Store) -> None:
        self._store = store

    def heads(self) -> list[Head]:
        with self._store.lock:
            return [Head(p.id, p.name, p.compacted, p.first, p.next, p.bytes) for p in self._store.by_id]

    def read(self, partition_id: int, from_offset: int, max_messages: int, max_bytes: int) -> list[Stored]:
        with self._store.lock:
            stored = self._store.by_id[partition_id].stored
            begin = bisect_left(stored, from_offset, key=lambda s: s.offset)
            found: list[Stored] = []
            for entry in stored[begin : begin + max_messages]:
                max_bytes -= len(entry.message.value)
                if found and max_bytes < 0:
                    break
                found.append(entry)
            return found

    def span(self, partition_id: int, start: int, end: int) -> int:
        return max(0, end - start)

    def close(self) -> None:
        """Nothing is this reader's own."""


class _Bell:
    def __init__(self, store: _Store) -> None:
        self.event = threading.Event()
        self._store = store
        with store.lock:
            store.bells.append(self)

    def wait(self, timeout_s: float) -> None:
        self.event.wait(timeout_s)
        self.event.clear()

    def close(self) -> None:
        with self._store.lock:
            self._store.bells.remove(self)


class _Member:
    def __init__(self, store: _Store, group: str, topics: Sequence[str]) -> None:
        self._store = store
        with store.lock:
            self._group = store.groups.setdefault(group, _Group())
        self._topics = topics
        self._name = uuid4().hex

    def refresh(self) -> Mapping[TopicPartition, int | None]:
        group = self._group
        with self._store.lock:
            group.members[self._name] = self._topics
            wanted = assign(group.members, group.owners)
            mine = {partition for partition, owner in group.owners.items() if owner == self._name}
            for partition in mine:
                if wanted.get(partition) != self._name:
                    del group.owners[partition]
                    self._store.ring()
            for partition, owner in wanted.items():
                if owner == self._name:
                    group.owners.setdefault(partition, owner)
            return {p: group.committed.get(p) for p, owner in group.owners.items() if owner == self._name}

    def commit(self, positions: Positions) -> None:
        with self._store.lock:
            for partition, offset in positions.items():
                if self._group.owners.get(partition) == self._name:
                    self._group.committed[partition] = offset

    def leave(self) -> None:
        with self._store.lock:
            self._group.members.pop(self._name, None)
            for partition in [p for p, owner in self._group.owners.items() if owner == self._name]:
                del self._group.owners[partition]
            self._store.ring()


_STORES: dict[str, _Store] = {}
_STORES_LOCK = threading.Lock()


class MemoryBus:
    """A named bus of this process. Thread-safe.

    Args:
        name: buses of one name are one bus.
        clock: stamps the messages; retention goes by it.
        max_bytes: keep at most this much, the oldest messages go first.
    """

    def __init__(self, name: str, *, clock: Clock, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        self._name = name
        self._clock = clock
        self._closed = False
        with _STORES_LOCK:
            self._store = _STORES.setdefault(name, _Store(max_bytes))
            self._store.handles += 1

    @property
    def spread(self) -> bool:
        """False: it is one machine's."""
        return False

    def publish(self, messages: Sequence[Message]) -> None:
        """Store the messages, all of one call."""
        check_messages(messages)
        now_ns = self._clock()
        with self._store.lock:
            for message in messages:
                self._store.partitions[partition_of(message.topic, message.key)].append(message, now_ns)
            self._store.forget(now_ns)
            self._store.ring()

    def consumer(
        self,
        topics: Sequence[str],
        *,
        group: str | None = None,
        start: Start = Start.EARLIEST,
        positions: Positions | None = None,
        partitions: Collection[TopicPartition] | None = None,
    ) -> Consumer:
        """Open a reader."""
        check_topics(topics)
        check_positions(group, positions, partitions)
        return LogConsumer(
            partitions_of(topics, partitions),
            _Log(self._store),
            _Bell(self._store),
            member=None if group is None else _Member(self._store, group, topics),
            start=start,
            positions=positions,
        )

    def join(self, group: str, topic: str) -> Membership:
        """Take part in a group without reading."""
        check_topics([topic])
        return LogMembership(_Member(self._store, group, [topic]), _Bell(self._store))

    def partition_of(self, topic: str, key: str) -> int:
        """Say where messages of a key go."""
        check_topics([topic])
        return partition_of(topic, key).partition

    def close(self) -> None:
        """Close; the last one to close a name forgets its messages."""
        with _STORES_LOCK:
            if not self._closed:
                self._closed = True
                self._store.handles -= 1
                if not self._store.handles:
                    _STORES.pop(self._name, None)
