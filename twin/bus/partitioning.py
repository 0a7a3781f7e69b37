"""Who reads what: keys to partitions, partitions to the members of a group, and what every bus refuses."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from zlib import crc32

from twin.bus.base import (
    MAX_MESSAGE_BYTES,
    BusError,
    Message,
    MessageTooLargeError,
    Positions,
    TopicPartition,
    UnknownTopicError,
)
from twin.contract.topics import TOPICS


def check_topics(topics: Sequence[str]) -> None:
    """Refuse topics that are not in the table.

    Raises:
        UnknownTopicError: names the first of them.
    """
    for topic in topics:
        if topic not in TOPICS:
            raise UnknownTopicError(
                f"topic {topic!r} is not in the table; it has {', '.join(sorted(TOPICS))}; "
                "add a row to twin/contract/topics.py"
            )


def check_messages(messages: Sequence[Message]) -> None:
    """Refuse messages before anything is sent.

    Raises:
        UnknownTopicError, MessageTooLargeError: of the first that does not pass.
    """
    for message in messages:
        if message.topic not in TOPICS:
            check_topics([message.topic])
        size = len(message.value) + len(message.key)
        if size > MAX_MESSAGE_BYTES // 2:
            size += sum(len(name) + len(text) for name, text in message.headers.items())
        if size > MAX_MESSAGE_BYTES:
            raise MessageTooLargeError(
                f"message of {size} bytes for {message.topic!r}, key {message.key!r}: a bus carries at most "
                f"{MAX_MESSAGE_BYTES}; split it"
            )


def check_positions(
    group: str | None, positions: Positions | None, partitions: Collection[TopicPartition] | None = None
) -> None:
    """Refuse positions, or a choice of partitions, for a member of a group: the group says both.

    Raises:
        BusError: both are given.
    """
    if group is not None and (positions is not None or partitions is not None):
        raise BusError(
            f"consumer of group {group!r}: positions and partitions are for consumers without a group; "
            "drop one"
        )


def partitions_of(
    topics: Sequence[str], only: Collection[TopicPartition] | None = None
) -> list[TopicPartition]:
    """List the partitions of topics, in order; ``only`` some of them."""
    every = [TopicPartition(topic, number) for topic in topics for number in range(TOPICS[topic].partitions)]
    return [partition for partition in every if only is None or partition in only]


def partition_of(topic: str, key: str) -> TopicPartition:
    """Find the partition a key belongs to, always the same.

    >>> partition_of("gaps", "anphat")
    TopicPartition(topic='gaps', partition=0)
    """
    return TopicPartition(topic, crc32(key.encode()) % TOPICS[topic].partitions)


def assign(
    members: Mapping[str, Sequence[str]], owners: Mapping[TopicPartition, str]
) -> dict[TopicPartition, str]:
    """Share partitions among the members of a group evenly, and move as few as possible.

    A pure function of what every member can see, so that all come to the same result without a leader.

    Args:
        members: the topics of each member.
        owners: who has what now.

    >>> topics = {"a": ["gaps", "readings"], "b": ["gaps", "readings"]}
    >>> owners = {partition: "a" for partition in partitions_of(["gaps", "readings"])}
    >>> [(p.topic, p.partition) for p, member in assign(topics, owners).items() if member == "b"]
    [('readings', 5), ('readings', 4), ('readings', 3)]
    """
    held: dict[str, list[TopicPartition]] = {member: [] for member in sorted(members)}
    unowned = []
    for partition in partitions_of(sorted({topic for topics in members.values() for topic in topics})):
        owner = owners.get(partition)
        if owner in held and partition.topic in members[owner]:
            held[owner].append(partition)
        else:
            unowned.append(partition)
    for partition in unowned:
        takers = [member for member in held if partition.topic in members[member]]
        held[min(takers, key=lambda member: len(held[member]))].append(partition)
    while True:
        move = _move(members, held)
        if move is None:
            return {partition: member for member, partitions in held.items() for partition in partitions}
        partition, giver, taker = move
        held[giver].remove(partition)
        held[taker].append(partition)


def _move(
    members: Mapping[str, Sequence[str]], held: Mapping[str, list[TopicPartition]]
) -> tuple[TopicPartition, str, str] | None:
    """Find a partition whose move makes the shares more even."""
    by_load = sorted(held, key=lambda member: len(held[member]))
    for giver in reversed(by_load):
        for taker in by_load:
            if len(held[giver]) - len(held[taker]) < 2:
                break
            for partition in reversed(held[giver]):
                if partition.topic in members[taker]:
                    return partition, giver, taker
    return None
