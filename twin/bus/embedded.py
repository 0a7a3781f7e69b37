"""The embedded bus: any number of processes on one machine share a folder, and that is all they need.

``DIR/log.sqlite3`` holds the messages (:mod:`twin.bus.partition_log`), ``DIR/groups.sqlite3`` the groups
(:mod:`twin.bus.embedded_groups`), ``DIR/bells`` wakes (:mod:`twin.bus.doorbell`). The folder must be on a
local disk: SQLite's write-ahead log needs shared memory.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path

from twin.bus.base import Consumer, Membership, Message, Positions, Start, TopicPartition
from twin.bus.doorbell import Doorbell, Listener
from twin.bus.embedded_groups import GroupMember
from twin.bus.embedded_retention import Retention
from twin.bus.log_consumer import LogConsumer
from twin.bus.log_membership import LogMembership
from twin.bus.partition_log import LogReader, LogWriter
from twin.bus.partitioning import check_messages, check_positions, check_topics, partition_of, partitions_of
from twin.bus.sqlite_file import Synchronous
from twin.contract.clock import Clock
from twin.contract.topics import TOPICS

DEFAULT_MAX_BYTES = 20 << 30


class EmbeddedBus:
    """A bus in a folder. Thread-safe.

    Args:
        folder: made if it is not there.
        clock: stamps the messages; retention goes by it.
        max_bytes: keep at most about this much, the oldest messages go first.
        synchronous: see :mod:`twin.bus.sqlite_file`.

    Raises:
        BusFullError, BusDamagedError, BusUnavailableError: the folder cannot be used.
    """

    def __init__(
        self,
        folder: Path,
        *,
        clock: Clock,
        max_bytes: int = DEFAULT_MAX_BYTES,
        synchronous: Synchronous = "normal",
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._log = folder / "log.sqlite3"
        self._bells = folder / "bells"
        self._writer = LogWriter(self._log, synchronous=synchronous)
        self._ids: dict[TopicPartition, int] = self._writer.ensure(
            (partition, TOPICS[partition.topic].compacted) for partition in partitions_of(tuple(TOPICS))
        )
        self._retention = Retention(self._writer, LogReader(self._log), max_bytes)
        self._doorbell = Doorbell(self._bells)

    @property
    def spread(self) -> bool:
        """False: it is one machine's."""
        return False

    def publish(self, messages: Sequence[Message]) -> None:
        """Store the messages in one transaction, all of one call or none."""
        check_messages(messages)
        if not messages:
            return
        now_ns = self._clock()
        entries = [(self._ids[partition_of(message.topic, message.key)], message) for message in messages]
        self._writer.append(entries, now_ns)
        self._doorbell.ring({message.topic for message in messages})
        self._retention.published(sum(len(message.value) for message in messages), now_ns)

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
        bells = list(topics)
        member = None
        if group is not None:
            bell = f"group {group}"
            bells.append(bell)
            member = GroupMember(self._folder, group, topics, changed=lambda: self._doorbell.ring([bell]))
        return LogConsumer(
            partitions_of(topics, partitions),
            LogReader(self._log, follows=True),
            Listener(self._bells, bells),
            member=member,
            start=start,
            positions=positions,
        )

    def join(self, group: str, topic: str) -> Membership:
        """Take part in a group without reading."""
        check_topics([topic])
        bell = f"group {group}"
        changed = partial(self._doorbell.ring, [bell])
        member = GroupMember(self._folder, group, [topic], changed=changed)
        return LogMembership(member, Listener(self._bells, [bell]))

    def partition_of(self, topic: str, key: str) -> int:
        """Say where messages of a key go."""
        check_topics([topic])
        return partition_of(topic, key).partition

    def close(self) -> None:
        """Close; consumers that are still open must be closed first."""
        self._doorbell.close()
        self._retention.close()
        self._writer.close()
