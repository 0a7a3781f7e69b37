"""What every bus promises (:mod:`twin.bus.base`): one list for all of them."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from contextlib import closing

import pytest

from tests.twin.bus.conftest import OpenBus
from tests.twin.bus.reading import DEADLINE_S, message, numbers, read, read_until, share
from twin.bus.base import (
    MAX_MESSAGE_BYTES,
    Bus,
    BusError,
    Consumer,
    Message,
    MessageTooLargeError,
    Start,
    TopicPartition,
    UnknownTopicError,
)
from twin.contract.topics import TOPICS

KEYS = [f"source{number}" for number in range(12)]


def test_a_message_comes_back_as_it_was_sent(bus: Bus) -> None:
    sent = Message(
        "gaps", "Nhà máy Ấn Phát", b"\x00\xff value", {"ce_id": "1", "where": "Bắc Ninh", "empty": ""}
    )
    before_ns = time.time_ns()
    bus.publish([sent])
    with closing(bus.consumer(["gaps"])) as consumer:
        (received,) = read(consumer, 1)
    assert received.message == sent
    assert received.partition == 0
    assert before_ns - 10**9 <= received.time_ns <= time.time_ns() + 10**9


def test_order_is_kept_per_key(bus: Bus) -> None:
    with closing(bus.consumer(["readings"])) as consumer:
        for start in range(0, 100, 10):
            bus.publish([message(n, key, "readings") for n in range(start, start + 10) for key in KEYS])
        received = read(consumer, 100 * len(KEYS))
    for key in KEYS:
        assert numbers([each for each in received if each.message.key == key]) == list(range(100))
        assert len({each.partition for each in received if each.message.key == key}) == 1


def test_offsets_of_a_partition_only_grow(bus: Bus) -> None:
    bus.publish([message(n, key, "readings") for n in range(5) for key in KEYS])
    with closing(bus.consumer(["readings"])) as consumer:
        received = read(consumer, 5 * len(KEYS))
    assert len({each.partition for each in received}) > 1
    for partition in range(TOPICS["readings"].partitions):
        offsets = [each.offset for each in received if each.partition == partition]
        assert offsets == sorted(set(offsets))


def test_one_publish_may_be_of_several_topics(bus: Bus) -> None:
    bus.publish([message(1, topic="gaps"), message(2, topic="source_states"), message(3, topic="readings")])
    with closing(bus.consumer(["gaps", "source_states"])) as consumer:
        received = read(consumer, 2)
    assert {(each.message.topic, int(each.message.value)) for each in received} == {
        ("gaps", 1),
        ("source_states", 2),
    }


def test_publishing_nothing_is_nothing(bus: Bus) -> None:
    bus.publish([])
    with closing(bus.consumer(["gaps"])) as consumer:
        assert consumer.poll(0.0) == []


def test_a_poll_returns_at_most_what_was_asked_for(bus: Bus) -> None:
    bus.publish([message(n) for n in range(10)])
    with closing(bus.consumer(["gaps"])) as consumer:
        sizes: list[int] = []
        deadline = time.monotonic() + DEADLINE_S
        while sum(sizes) < 10:
            assert time.monotonic() < deadline, sizes
            sizes.append(len(consumer.poll(1.0, max_messages=4)))
    assert max(sizes) == 4
    assert sum(sizes) == 10


def test_a_waiting_poll_returns_when_something_comes(bus: Bus, open_another: OpenBus) -> None:
    other = open_another()
    with closing(bus.consumer(["gaps"], start=Start.LATEST)) as consumer:
        consumer.poll(0.5)
        publisher = threading.Timer(0.3, lambda: other.publish([message(1)]))
        publisher.start()
        start = time.monotonic()
        received = consumer.poll(DEADLINE_S)
        publisher.join()
    assert numbers(received) == [1]
    assert time.monotonic() - start < DEADLINE_S / 2


def test_uncommitted_messages_come_again(bus: Bus, group: str) -> None:
    bus.publish([message(n) for n in range(10)])
    for _ in range(2):
        with closing(bus.consumer(["gaps"], group=group)) as consumer:
            assert numbers(read(consumer, 10)) == list(range(10))


def test_committed_messages_do_not_come_again(bus: Bus, open_another: OpenBus, group: str) -> None:
    bus.publish([message(n) for n in range(10)])
    with closing(bus.consumer(["gaps"], group=group)) as first:
        read(first, 10)
        first.commit()
        bus.publish([message(n) for n in range(10, 15)])
        read(first, 5)
    with closing(open_another().consumer(["gaps"], group=group)) as second:
        assert numbers(read(second, 5)) == list(range(10, 15))


def test_a_commit_covers_what_was_polled_and_no_more(bus: Bus, group: str) -> None:
    bus.publish([message(n) for n in range(10)])
    with closing(bus.consumer(["gaps"], group=group)) as first:
        polled: list[int] = []
        while not polled:
            polled = numbers(first.poll(1.0, max_messages=3))
        first.commit()
    assert polled == [0, 1, 2]
    with closing(bus.consumer(["gaps"], group=group)) as second:
        assert numbers(read(second, 7)) == list(range(3, 10))


def test_a_group_shares_and_each_message_comes_once(bus: Bus, open_another: OpenBus, group: str) -> None:
    with (
        closing(bus.consumer(["readings"], group=group)) as one,
        closing(open_another().consumer(["readings"], group=group)) as two,
    ):
        settle(bus, [one, two])
        bus.publish([message(n, key, "readings") for n in range(50) for key in KEYS])
        received = share([one, two], 50 * len(KEYS))
    taken = [each.message.headers["ce_id"] for part in received for each in part]
    assert sorted(taken) == sorted(f"{key}:{n}" for n in range(50) for key in KEYS)
    assert all(received)


def test_who_leaves_a_group_hands_its_part_over(bus: Bus, open_another: OpenBus, group: str) -> None:
    leaving = open_another().consumer(["readings"], group=group)
    with closing(bus.consumer(["readings"], group=group)) as staying:
        settle(bus, [leaving, staying])
        bus.publish([message(n, key, "readings") for n in range(20) for key in KEYS])
        share([leaving, staying], 20 * len(KEYS))
        bus.publish([message(n, key, "readings") for n in range(20, 40) for key in KEYS])
        leaving.poll(1.0)  # taken, never committed
        leaving.close()
        received = read_until(
            staying, lambda got: len({each.message.headers["ce_id"] for each in got}) >= 240
        )
    for key in KEYS:
        assert numbers([each for each in received if each.message.key == key]) == list(range(20, 40))


def settle(bus: Bus, consumers: Sequence[Consumer]) -> None:
    """Publish and poll until every consumer of the group gets something, and what is there is read."""
    deadline = time.monotonic() + DEADLINE_S
    served: set[int] = set()
    while len(served) < len(consumers):
        assert time.monotonic() < deadline, f"only {served} of {len(consumers)} consumers get something"
        bus.publish([message(0, key, "readings") for key in KEYS])
        for number, consumer in enumerate(consumers):
            if consumer.poll(0.2):
                served.add(number)
            consumer.commit()
    while any([len(consumer.poll(0.3)) for consumer in consumers]):
        for consumer in consumers:
            consumer.commit()


def test_every_group_gets_everything(bus: Bus, group: str) -> None:
    bus.publish([message(n) for n in range(10)])
    for name in (group, f"{group}-other"):
        with closing(bus.consumer(["gaps"], group=name)) as consumer:
            assert numbers(read(consumer, 10)) == list(range(10))
            consumer.commit()


def test_without_a_group_everything_comes_every_time(bus: Bus) -> None:
    bus.publish([message(n) for n in range(10)])
    for _ in range(2):
        with closing(bus.consumer(["gaps"])) as consumer:
            assert numbers(read(consumer, 10)) == list(range(10))
            consumer.commit()


def test_a_reader_goes_on_from_given_positions(bus: Bus) -> None:
    bus.publish([message(n, key, "readings") for n in range(10) for key in KEYS])
    with closing(bus.consumer(["readings"])) as first:
        before = read_until(first, lambda received: len(received) >= 60)
        positions = first.positions
    assert set(positions) == {TopicPartition("readings", n) for n in range(TOPICS["readings"].partitions)}
    with closing(bus.consumer(["readings"], positions=positions)) as second:
        assert second.positions == positions
        bus.publish([message(10, key, "readings") for key in KEYS])
        after = read(second, 11 * len(KEYS) - len(before))
    taken = [each.message.headers["ce_id"] for each in before + after]
    assert sorted(taken) == sorted(f"{key}:{n}" for n in range(11) for key in KEYS)


def test_positions_of_a_log_that_is_no_more_begin_at_the_oldest(bus: Bus) -> None:
    bus.publish([message(n) for n in range(3)])
    stale = {TopicPartition("gaps", 0): 1_000_000}
    with closing(bus.consumer(["gaps"], positions=stale, start=Start.LATEST)) as consumer:
        assert numbers(read(consumer, 3)) == [0, 1, 2]
        assert consumer.lost == 0


def test_the_latest_start_is_when_the_reader_was_opened(bus: Bus) -> None:
    bus.publish([message(n) for n in range(5)])
    with closing(bus.consumer(["gaps"], start=Start.LATEST)) as consumer:
        bus.publish([message(n) for n in range(5, 8)])
        assert numbers(read(consumer, 3)) == [5, 6, 7]


def test_a_new_group_may_begin_at_the_latest(bus: Bus, group: str) -> None:
    bus.publish([message(n) for n in range(5)])
    with closing(bus.consumer(["gaps"], group=group, start=Start.LATEST)) as consumer:
        deadline = time.monotonic() + DEADLINE_S
        received: list[int] = []
        number = 5
        while not received:  # a group has a position once it has a partition
            assert time.monotonic() < deadline
            bus.publish([message(number)])
            number += 1
            received = numbers(consumer.poll(0.3))
        consumer.commit()
    assert min(received) >= 5
    bus.publish([message(number)])
    with closing(bus.consumer(["gaps"], group=group, start=Start.LATEST)) as consumer:
        assert numbers(read_until(consumer, lambda got: number in numbers(got)))[-1] == number


def test_positions_are_not_for_groups(bus: Bus, group: str) -> None:
    with pytest.raises(BusError, match="without a group"):
        bus.consumer(["gaps"], group=group, positions={})


def test_an_unknown_topic_is_refused_with_all_that_came_with_it(bus: Bus) -> None:
    with pytest.raises(UnknownTopicError, match="'wishes' is not in the table"):
        bus.publish([message(1), message(2, topic="wishes")])
    with pytest.raises(UnknownTopicError, match="wishes"):
        bus.consumer(["gaps", "wishes"])
    bus.publish([message(3)])
    with closing(bus.consumer(["gaps"])) as consumer:
        assert numbers(read(consumer, 1)) == [3]


def test_a_message_that_is_too_large_is_refused_with_all_that_came_with_it(bus: Bus) -> None:
    with pytest.raises(MessageTooLargeError, match="at most 8000000"):
        bus.publish([message(1), Message("gaps", "k", bytes(MAX_MESSAGE_BYTES))])
    bus.publish([message(3)])
    with closing(bus.consumer(["gaps"])) as consumer:
        assert numbers(read(consumer, 1)) == [3]


def test_large_messages_come_whole(bus: Bus) -> None:
    values = [os.urandom(5_000_000), bytes(MAX_MESSAGE_BYTES - 1), b"small"]
    for value in values:
        bus.publish([Message("gaps", "k", value)])
    with closing(bus.consumer(["gaps"])) as consumer:
        assert [each.message.value for each in read(consumer, 3)] == values


def test_many_threads_may_publish(bus: Bus) -> None:
    def publish(key: str) -> None:
        for number in range(30):
            bus.publish([message(number, key, "readings")])

    threads = [threading.Thread(target=publish, args=(key,)) for key in KEYS[:6]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with closing(bus.consumer(["readings"])) as consumer:
        received = read(consumer, 180)
    for key in KEYS[:6]:
        assert numbers([each for each in received if each.message.key == key]) == list(range(30))


def test_lag_counts_what_is_waiting(bus: Bus, group: str) -> None:
    bus.publish([message(n) for n in range(10)])
    for name in (None, group):
        with closing(bus.consumer(["gaps"], group=name)) as consumer:
            first = read_until(consumer, lambda received: len(received) >= 1)
            assert consumer.lag() == 10 - len(first)
            read(consumer, 10 - len(first))
            assert consumer.lag() == 0


def test_a_compacted_topic_ends_with_the_newest_of_each_key(bus: Bus) -> None:
    for number in range(5):
        bus.publish([message(number, key, "source_configs") for key in KEYS])
    with closing(bus.consumer(["source_configs"])) as consumer:
        newest: dict[str, int] = {}
        deadline = time.monotonic() + DEADLINE_S
        while set(newest.values()) != {4} or len(newest) < len(KEYS):
            assert time.monotonic() < deadline, newest
            newest |= {each.message.key: int(each.message.value) for each in consumer.poll(0.2)}
        assert consumer.lost == 0


def test_a_closed_consumer_does_not_hold_up_the_group(bus: Bus, group: str) -> None:
    for number in range(3):
        bus.publish([message(number)])
        with closing(bus.consumer(["gaps"], group=group)) as consumer:
            assert numbers(read(consumer, 1)) == [number]
            consumer.commit()
