"""A place in a Kafka consumer group that reads nothing: its partitions are paused as they are given."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kafka import KafkaConsumer
from kafka.consumer.subscription_state import ConsumerRebalanceListener
from kafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor

from twin.bus.kafka_clients import make_client
from twin.bus.kafka_consumer import TopicCreator
from twin.bus.kafka_settings import KafkaSettings, translated

SESSION_S = 6
"""A member that was killed keeps its partitions for this long [s]; brokers allow no less by default."""


class KafkaMembership:
    """Holds partitions of a topic. Belongs to one thread; connects when first asked.

    Args:
        settings: where the cluster is.
        creator: makes the topic.
        group: name of the group.
        topic: whose partitions are shared.
    """

    def __init__(self, settings: KafkaSettings, creator: TopicCreator, group: str, topic: str) -> None:
        self._settings = settings
        self._creator = creator
        self._group = group
        self._topic = topic
        self._consumer: Any = None

    def held(self, timeout_s: float) -> frozenset[int]:
        """Return the partitions that are this member's now.

        Raises:
            BusUnavailableError: the broker does not answer; call again.
        """
        with translated(self._settings, "join"):
            consumer = self._connect()
            consumer.poll(timeout_ms=max(0, int(timeout_s * 1000)), max_records=1)
            return frozenset(partition.partition for partition in consumer.assignment())

    def _connect(self) -> Any:
        if self._consumer is not None:
            return self._consumer
        self._creator.create_topics({self._topic})
        consumer = make_client(
            KafkaConsumer,
            **self._settings.client(),
            metrics_enabled=False,
            group_id=self._group,
            enable_auto_commit=False,
            auto_offset_reset="latest",
            allow_auto_create_topics=False,
            partition_assignment_strategy=(RoundRobinPartitionAssignor,),
            session_timeout_ms=SESSION_S * 1000,
            heartbeat_interval_ms=SESSION_S * 100,
        )
        try:
            consumer.partitions_for_topic(self._topic)  # see KafkaReader: a leader must know them
            consumer.subscribe([self._topic], listener=_Paused(consumer))
        except BaseException:
            consumer.close(timeout_ms=0)
            raise
        self._consumer = consumer
        return consumer

    def close(self) -> None:
        """Leave the group and disconnect."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            with translated(self._settings, "close"):
                consumer.close(autocommit=False, timeout_ms=self._settings.timeout_s * 500)


class _Paused(ConsumerRebalanceListener):  # type: ignore[misc]  # the library has no types
    """Pauses what is given, so that nothing of it is ever fetched."""

    def __init__(self, consumer: Any) -> None:
        self._consumer = consumer

    def on_partitions_assigned(self, assigned: Iterable[Any]) -> None:
        self._consumer.pause(*assigned)

    def on_partitions_revoked(self, revoked: Iterable[Any]) -> None:
        """Nothing: what is held is asked for after each poll."""

    def on_partitions_lost(self, lost: Iterable[Any]) -> None:
        """Nothing, likewise."""
