"""Reading from Kafka: alone with positions of its own, or as a member of a group that commits."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from typing import Any, Protocol

from kafka import KafkaConsumer
from kafka.consumer.subscription_state import ConsumerRebalanceListener
from kafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from kafka.errors import (
    CommitFailedError,
    IllegalGenerationError,
    KafkaError,
    KafkaTimeoutError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)
from kafka.structs import OffsetAndMetadata
from kafka.structs import TopicPartition as KafkaPartition

from twin.bus.base import MAX_MESSAGE_BYTES, Message, Positions, Received, Start, TopicPartition
from twin.bus.kafka_clients import make_client
from twin.bus.kafka_settings import KafkaSettings, translated
from twin.contract.topics import TOPICS

SESSION_S = 10
"""A member that was killed keeps its partitions for this long [s]."""
PROBE_S = 5.0
"""How often a consumer that gets nothing asks whether the broker is there: the library does not say."""
_NS_PER_MS = 1_000_000
_MOVED = (CommitFailedError, IllegalGenerationError, RebalanceInProgressError, UnknownMemberIdError)


class TopicCreator(Protocol):
    """Makes topics that are not there."""

    def create_topics(self, names: set[str]) -> None:
        """Make them."""
        ...


class KafkaReader:
    """A consumer on Kafka. Belongs to one thread. Connects at its first poll.

    Args:
        settings: where the cluster is.
        creator: makes the topics.
        topics, group, start, positions: as :meth:`twin.bus.base.Bus.consumer`.
        only: its ``partitions``.
    """

    def __init__(
        self,
        settings: KafkaSettings,
        creator: TopicCreator,
        topics: Sequence[str],
        *,
        group: str | None,
        start: Start,
        positions: Positions | None,
        only: Collection[TopicPartition] | None = None,
    ) -> None:
        self._settings = settings
        self._creator = creator
        self._topics = list(topics)
        self._group = group
        self._start = start
        self._given = dict(positions or {})
        self._only = None if only is None else frozenset(only)
        self._consumer: KafkaConsumer | None = None
        self._positions: dict[TopicPartition, int] = {}
        self._polled: set[TopicPartition] = set()
        self._lost = 0
        self._heard = 0.0

    @property
    def positions(self) -> dict[TopicPartition, int]:
        """Next offset of every partition this consumer reads now (in a group: of which it has read)."""
        return dict(self._positions) if self._consumer else dict(self._given)

    @property
    def lost(self) -> int:
        """Messages that retention removed before this consumer had read them."""
        return self._lost

    def poll(self, timeout_s: float, max_messages: int = 1000) -> list[Received]:
        """Return what is there, waiting for a first message.

        Raises:
            BusUnavailableError: the broker does not answer; poll again.
            BusRefusedError: it does not let us in.
        """
        with translated(self._settings, "poll"):
            consumer = self.connect()
            fetched = consumer.poll(timeout_ms=max(0, int(timeout_s * 1000)), max_records=max_messages)
            if fetched:
                self._heard = time.monotonic()
            elif time.monotonic() - self._heard > PROBE_S:
                self._probe(consumer)
            received: list[Received] = []
            for partition, records in fetched.items():
                received += self._take(consumer, TopicPartition(*partition), records)
            return received

    def connect(self) -> Any:
        """Return the library's consumer, made if there is none yet."""
        if self._consumer is not None:
            return self._consumer
        with translated(self._settings, "connect"):
            self._creator.create_topics(set(self._topics))
            earliest = self._group is None or self._start is Start.EARLIEST
            consumer = make_client(
                KafkaConsumer,
                **self._settings.client(),
                metrics_enabled=False,
                group_id=self._group,
                enable_auto_commit=False,
                # without a group: only where retention has removed a position, and then the oldest kept is
                # next
                auto_offset_reset="earliest" if earliest else "latest",
                allow_auto_create_topics=False,
                partition_assignment_strategy=(RoundRobinPartitionAssignor,),
                session_timeout_ms=SESSION_S * 1000,
                heartbeat_interval_ms=SESSION_S * 100,
                fetch_max_bytes=32 << 20,
                max_partition_fetch_bytes=MAX_MESSAGE_BYTES + (256 << 10),
                fetch_max_wait_ms=250,
            )
            try:
                if self._group is None:
                    self._assign_all(consumer)
                else:
                    # a member that leads its group before it knows the partitions of a topic that was only
                    # just made shares out none of them, and the group hears nothing for minutes
                    self._partitions(consumer)
                    consumer.subscribe(self._topics, listener=_Revoked(self._forget))
            except BaseException:
                consumer.close(timeout_ms=0)
                raise
            self._consumer = consumer
            self._heard = time.monotonic()
            return consumer

    def _assign_all(self, consumer: Any) -> None:
        partitions = [
            partition
            for partition in self._partitions(consumer)
            if self._only is None or TopicPartition(*partition) in self._only
        ]
        timeout_ms = self._settings.timeout_s * 1000
        first = consumer.beginning_offsets(partitions, timeout_ms=timeout_ms)
        end = consumer.end_offsets(partitions, timeout_ms=timeout_ms)
        consumer.assign(partitions)
        for partition in partitions:
            ours = TopicPartition(*partition)
            default = first[partition] if self._start is Start.EARLIEST else end[partition]
            position = self._given.get(ours, default)
            if (
                position > end[partition]
            ):  # of a topic that was since removed: waiting would skip all of this one
                position = first[partition]
            if position < first[partition]:
                if not TOPICS[ours.topic].compacted:
                    self._lost += first[partition] - position
                position = first[partition]
            consumer.seek(partition, position)
            self._positions[ours] = position

    def _partitions(self, consumer: Any) -> list[KafkaPartition]:
        """Every partition of the topics.

        Raises:
            KafkaTimeoutError: the broker does not know one of them yet.
        """
        partitions = []
        for topic in self._topics:
            numbers = consumer.partitions_for_topic(topic)
            if not numbers:
                raise KafkaTimeoutError(f"the broker does not say which partitions topic {topic} has")
            partitions += [KafkaPartition(topic, number) for number in sorted(numbers)]
        return partitions

    def _take(self, consumer: Any, partition: TopicPartition, records: Sequence[Any]) -> list[Received]:
        expected = self._positions.get(partition)
        if expected is None and self._group is not None:
            with suppress(KafkaError):
                expected = consumer.committed(
                    KafkaPartition(*partition), timeout_ms=self._settings.timeout_s * 500
                )
        if expected is not None and not TOPICS[partition.topic].compacted:
            self._lost += max(0, records[0].offset - expected)
        self._positions[partition] = records[-1].offset + 1
        self._polled.add(partition)
        return [_received(record) for record in records]

    def _probe(self, consumer: Any) -> None:
        """Ask the broker something, so that one that is away is noticed.

        Raises:
            KafkaTimeoutError: it is.
        """
        partitions = [KafkaPartition(topic, 0) for topic in self._topics[:1]]
        consumer.end_offsets(partitions, timeout_ms=self._settings.timeout_s * 500)
        self._heard = time.monotonic()

    def _forget(self, revoked: Iterable[tuple[str, int]]) -> None:
        for partition in revoked:
            self._positions.pop(TopicPartition(*partition), None)
            self._polled.discard(TopicPartition(*partition))

    def commit(self) -> None:
        """Mark everything polled so far, of partitions that are still ours, as done for the group.

        Raises:
            BusUnavailableError: it could not be stored; the messages will come again.
        """
        if self._group is None or self._consumer is None or not self._polled:
            return
        offsets = {
            KafkaPartition(*partition): OffsetAndMetadata(self._positions[partition], "", -1)
            for partition in self._polled
        }
        with translated(self._settings, "commit"), suppress(*_MOVED):
            self._consumer.commit(offsets, timeout_ms=self._settings.timeout_s * 1000)
        self._polled.clear()

    def lag(self) -> int:
        """Count the messages behind the last poll (of compacted topics an upper bound); -1 if unknown."""
        if self._consumer is None:
            return -1
        timeout_ms = self._settings.timeout_s * 500
        try:
            assigned = list(self._consumer.assignment())
            if not assigned and self._group is None:
                return -1
            ends = self._consumer.end_offsets(assigned, timeout_ms=timeout_ms) if assigned else {}
            behind = 0
            for partition, end in ends.items():
                position = self._positions.get(TopicPartition(*partition))
                if position is None:
                    position = self._consumer.position(partition, timeout_ms=timeout_ms)
                behind += max(0, end - (position or 0))
            return behind
        except (KafkaError, OSError):
            return -1

    def waiting(self) -> frozenset[TopicPartition]:
        """Partitions of which the broker said at the last fetch that it has more, or has said nothing."""
        if self._consumer is None:
            return frozenset()
        behind = set()
        for partition in self._consumer.assignment():
            ours, end = TopicPartition(*partition), self._consumer.highwater(partition)
            if end is None or self._positions.get(ours, 0) < end:
                behind.add(ours)
        return frozenset(behind)

    def ends(self) -> dict[TopicPartition, int]:
        """Where each partition ends now.

        Raises:
            BusUnavailableError: the broker does not answer.
        """
        with translated(self._settings, "ends"):
            consumer = self.connect()
            wanted = list(consumer.assignment())
            timeout_ms = self._settings.timeout_s * 500
            found = consumer.end_offsets(wanted, timeout_ms=timeout_ms) if wanted else {}
            return {TopicPartition(*partition): end for partition, end in found.items()}

    def hold(self, partitions: Collection[TopicPartition]) -> None:
        """Leave these partitions out of the next polls, and no others."""
        if self._consumer is None:
            return
        wanted = {KafkaPartition(*partition) for partition in partitions}
        paused = self._consumer.paused()
        self._consumer.resume(*(paused - wanted))
        self._consumer.pause(*(wanted - paused))

    def close(self) -> None:
        """Leave the group and disconnect."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            with translated(self._settings, "close"):
                consumer.close(autocommit=False, timeout_ms=self._settings.timeout_s * 500)


class _Revoked(ConsumerRebalanceListener):  # type: ignore[misc]  # the library has no types
    """Forgets what was polled of partitions that go to another member: they come again from the
    commit on."""

    def __init__(self, forget: Any) -> None:
        self._forget = forget

    def on_partitions_revoked(self, revoked: Iterable[tuple[str, int]]) -> None:
        self._forget(revoked)

    def on_partitions_lost(self, lost: Iterable[tuple[str, int]]) -> None:
        self._forget(lost)

    def on_partitions_assigned(self, assigned: Iterable[tuple[str, int]]) -> None:
        """Nothing: positions are the commits."""


def _received(record: Any) -> Received:
    headers = {name: (value or b"").decode("utf-8", "replace") for name, value in record.headers}
    key = (record.key or b"").decode("utf-8", "replace")
    message = Message(record.topic, key, record.value or b"", headers)
    return Received(message, record.partition, record.offset, record.timestamp * _NS_PER_MS)
