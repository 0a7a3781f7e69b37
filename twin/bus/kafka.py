"""The bus on Apache Kafka, for more than one machine, with kafka-python.

One idempotent producer with ``acks=all``; a message goes to the partition of its key (murmur2, as Java
does), so order per key holds for other clients too. A ``publish`` waits for the broker, so what is in memory
is bounded by the callers. After a failure the producer is thrown away with everything it still held: a batch
that came through later would stand before the ones that are published again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Any

from kafka import KafkaAdminClient
from kafka.errors import KafkaTimeoutError, TopicAlreadyExistsError
from kafka.partitioner.default import murmur2
from kafka.record import util as record_util

from twin.bus.base import (
    MAX_MESSAGE_BYTES,
    BusError,
    BusUnavailableError,
    Consumer,
    Membership,
    Message,
    Positions,
    Start,
    TopicPartition,
)
from twin.bus.kafka_clients import DroppableProducer, make_client
from twin.bus.kafka_consumer import KafkaReader
from twin.bus.kafka_membership import KafkaMembership
from twin.bus.kafka_settings import KafkaSettings, translated
from twin.bus.partitioning import check_messages, check_positions, check_topics
from twin.contract.topics import TOPICS, Topic

MAX_BATCH_BYTES = MAX_MESSAGE_BYTES + (256 << 10)
"""The largest message with what Kafka adds; ``max.message.bytes`` of the topics."""
_MAX_IN_FLIGHT_BYTES = 32 << 20
_CLOSE_S = 0.5
_MS_PER_HOUR = 3_600_000
_COMPACTED = {
    # Kafka never compacts the segment it writes to: with its defaults (1 GiB, 7 days) a newcomer to
    # source_states would read a week of heartbeats
    "cleanup.policy": "compact",
    "segment.ms": str(_MS_PER_HOUR),
    "segment.bytes": str(64 << 20),
    "min.cleanable.dirty.ratio": "0.1",
}


class KafkaBus:
    """A bus on a Kafka cluster. Thread-safe. Nothing is sent before the first publish or poll.

    Args:
        settings: where the cluster is.

    Raises:
        BusError: the C extension for checksums is missing, without which 24 kB messages cost 45 times as
        much.
    """

    def __init__(self, settings: KafkaSettings) -> None:
        if record_util.crc32c_c is None:
            raise BusError("kafka: the package 'crc32c' is missing; pip install 'kafka-python[crc32c]'")
        self._settings = settings
        self._lock = threading.Lock()
        self._creating = threading.Lock()  # its own: whoever closes must not wait for a broker that is away
        self._producer: DroppableProducer | None = None
        self._topics: set[str] = set()
        self._counts: dict[str, int] = {}

    @property
    def spread(self) -> bool:
        """True: a cluster serves machines."""
        return True

    def publish(self, messages: Sequence[Message]) -> None:
        """Send the messages and wait until all in-sync replicas have them.

        Raises:
            BusUnavailableError: the broker did not take all of them in time; publish all of them again.
            BusRefusedError: it does not allow us to.
        """
        check_messages(messages)
        if not messages:
            return
        with translated(self._settings, "publish"):
            self.create_topics({message.topic for message in messages})
            producer = self._get_producer()
            try:
                for chunk in _chunks(messages):
                    self._send(producer, chunk)
            except BaseException:
                self._drop(producer)
                raise

    def _send(self, producer: DroppableProducer, messages: Sequence[Message]) -> None:
        deadline = time.monotonic() + self._settings.timeout_s
        futures = [
            producer.send(
                message.topic,
                key=message.key.encode(),
                value=message.value,
                headers=[(name, text.encode()) for name, text in message.headers.items()],
            )
            for message in messages
        ]
        for future in futures:
            future.get(timeout=max(0.0, deadline - time.monotonic()))

    def consumer(
        self,
        topics: Sequence[str],
        *,
        group: str | None = None,
        start: Start = Start.EARLIEST,
        positions: Positions | None = None,
        partitions: Collection[TopicPartition] | None = None,
    ) -> Consumer:
        """Open a reader; it connects at its first poll."""
        check_topics(topics)
        check_positions(group, positions, partitions)
        reader = KafkaReader(
            self._settings,
            self,
            topics,
            group=group,
            start=start,
            positions=positions,
            only=partitions,
        )
        if group is None and start is Start.LATEST:
            with suppress(BusUnavailableError):  # then it begins where the broker is once it answers
                reader.connect()
        return reader

    def join(self, group: str, topic: str) -> Membership:
        """Take part in a group without reading; it connects when first asked."""
        check_topics([topic])
        return KafkaMembership(self._settings, self, group, topic)

    def partition_of(self, topic: str, key: str) -> int:
        """Say where messages of a key go: the library's own rule, over the partitions that the cluster has.

        Raises:
            BusUnavailableError: the cluster cannot be asked.
        """
        check_topics([topic])
        if topic not in self._counts:
            with translated(self._settings, "partitions"):
                self.create_topics({topic})
                admin = make_client(KafkaAdminClient, **self._settings.client())
                try:
                    (found,) = admin.describe_topics([topic])
                finally:
                    admin.close()
                if not found["partitions"]:
                    raise KafkaTimeoutError(f"the broker does not say which partitions topic {topic} has")
            self._counts[topic] = len(found["partitions"])
        return int((murmur2(key.encode()) & 0x7FFFFFFF) % self._counts[topic])

    def create_topics(self, names: set[str]) -> None:
        """Create those of the topics that the cluster does not have, as the table of topics says.

        Topics that are there stay as they are: whoever runs the cluster may know better.
        """
        with self._creating:
            wanted = names - self._topics
            if not wanted:
                return
            admin = make_client(KafkaAdminClient, **self._settings.client())
            try:
                found = {
                    topic["name"]
                    for topic in admin.describe_topics(sorted(wanted))
                    if not topic.get("error_code")
                }
                new = {name: self._new_topic(TOPICS[name]) for name in sorted(wanted - found)}
                if new:
                    with suppress(TopicAlreadyExistsError):
                        admin.create_topics(new, timeout_ms=self._settings.timeout_s * 500)
                    admin.wait_for_topics(sorted(new), timeout_ms=self._settings.timeout_s * 1000)
            finally:
                admin.close()
            self._topics |= wanted

    def _new_topic(self, topic: Topic) -> dict[str, Any]:
        retention_ms = int(topic.retention_hours * _MS_PER_HOUR)
        policy = _COMPACTED if topic.compacted else {"retention.ms": str(retention_ms)}
        return {
            "num_partitions": topic.partitions,
            "replication_factor": self._settings.replication,
            "configs": {
                **policy,
                "max.message.bytes": str(MAX_BATCH_BYTES),
                "message.timestamp.type": "LogAppendTime",
            },
        }

    def _get_producer(self) -> DroppableProducer:
        with self._lock:
            if self._producer is None:
                timeout_ms = self._settings.timeout_s * 1000
                compression = self._settings.compression
                self._producer = make_client(
                    DroppableProducer,
                    **self._settings.client(),
                    metrics_enabled=False,
                    acks="all",
                    enable_idempotence=True,
                    allow_auto_create_topics=False,
                    compression_type=None if compression == "none" else compression,
                    batch_size=1 << 20,
                    max_request_size=MAX_BATCH_BYTES,
                    max_block_ms=timeout_ms // 2,
                    delivery_timeout_ms=timeout_ms,
                )
            return self._producer

    def _drop(self, producer: DroppableProducer) -> None:
        with self._lock:
            if self._producer is producer:
                self._producer = None
            self._topics.clear()
        producer.drop(_CLOSE_S)

    def close(self) -> None:
        """Close; nothing is left to send, as every publish has waited for its own, and one that still waits
        for a broker that is away is given up."""
        with self._lock:
            producer, self._producer = self._producer, None
        if producer is not None:
            producer.drop(_CLOSE_S)


def _chunks(messages: Sequence[Message]) -> list[list[Message]]:
    """Part the messages so that no part is more than may be in flight."""
    chunks: list[list[Message]] = [[]]
    size = 0
    for message in messages:
        if chunks[-1] and size + len(message.value) > _MAX_IN_FLIGHT_BYTES:
            chunks.append([])
            size = 0
        chunks[-1].append(message)
        size += len(message.value)
    return chunks
