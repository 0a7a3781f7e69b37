"""Sharing partitions without reading them, and reading several as one log: on every bus."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing

import pytest

from tests.twin.bus.conftest import OpenBus
from tests.twin.bus.reading import DEADLINE_S, message, numbers
from twin.bus.base import Bus, BusError, Membership, TopicPartition
from twin.bus.in_order import InOrder
from twin.contract.topics import READINGS

EVERY = frozenset(range(READINGS.partitions))
KEYS = [f"source{number}" for number in range(12)]


def settle(members: list[Membership], done: Callable[[list[frozenset[int]]], bool]) -> list[frozenset[int]]:
    deadline = time.monotonic() + DEADLINE_S
    while True:
        held = [member.held(0.05) for member in members]
        if done(held):
            return held
        assert time.monotonic() < deadline, held


def shared_out(held: list[frozenset[int]]) -> bool:
    return all(held) and not held[0] & held[1] and held[0] | held[1] == EVERY


def test_members_share_the_partitions_and_one_that_leaves_gives_them_back(
    bus: Bus, open_another: OpenBus, group: str
) -> None:
    first, second = bus.join(group, READINGS.name), open_another().join(group, READINGS.name)
    with closing(first):
        settle([first], lambda held: held[0] == EVERY)
        with closing(second):
            shares = settle(
                [first, second],
                lambda held: all(held) and not held[0] & held[1] and held[0] | held[1] == EVERY,
            )
            assert {len(share) for share in shares} == {3}
        settle([first], lambda held: held[0] == EVERY)


def test_a_member_reads_nothing_of_its_group(bus: Bus, group: str) -> None:
    bus.publish([message(n, key, "readings") for n in range(3) for key in KEYS])
    with closing(bus.join(group, READINGS.name)) as member:
        settle([member], lambda held: held[0] == EVERY)
    with closing(bus.consumer(["readings"], group=group)) as consumer:
        found: list[int] = []
        deadline = time.monotonic() + DEADLINE_S
        while len(found) < 36:
            found += numbers(consumer.poll(0.2))
            assert time.monotonic() < deadline


def test_a_key_goes_where_the_bus_says(bus: Bus) -> None:
    bus.publish([message(1, key, "readings") for key in KEYS])
    for key in KEYS:
        place = TopicPartition("readings", bus.partition_of("readings", key))
        with closing(bus.consumer(["readings"], partitions=[place])) as consumer:
            keys: set[str] = set()
            deadline = time.monotonic() + DEADLINE_S
            while key not in keys:
                batch = consumer.poll(0.2)
                keys |= {one.message.key for one in batch}
                assert {one.partition for one in batch} <= {place.partition}
                assert time.monotonic() < deadline
            assert set(consumer.positions) == {place}


def test_a_member_of_a_group_chooses_no_partitions(bus: Bus, group: str) -> None:
    with pytest.raises(BusError, match="partitions are for consumers without a group"):
        bus.consumer(["readings"], group=group, partitions=[TopicPartition("readings", 0)])


def test_a_backlog_of_many_partitions_is_read_in_the_order_in_which_it_came(bus: Bus) -> None:
    rounds = 40
    for n in range(rounds):
        bus.publish([message(n, key, "readings") for key in KEYS])
        time.sleep(0.002)  # a broker's clock counts milliseconds
    with closing(bus.consumer(["readings"])) as consumer:
        log = InOrder(consumer, "readings")
        seen: list[tuple[int, int, int]] = []
        deadline = time.monotonic() + DEADLINE_S
        while len(seen) < rounds * len(KEYS):
            seen += [(one.time_ns, one.partition, one.offset) for one in log.poll(0.2, 7, now=0)]
            assert time.monotonic() < deadline, len(seen)
        assert seen == sorted(seen)
        assert log.lag() == 0


def test_what_waits_for_its_turn_is_not_passed_by_the_positions(bus: Bus) -> None:
    bus.publish([message(n, key, "readings") for n in range(5) for key in KEYS[:2]])
    long = 10**18
    with closing(bus.consumer(["readings"])) as consumer:
        log = InOrder(consumer, "readings", slack_ns=long)
        deadline = time.monotonic() + DEADLINE_S
        while log.poll(0.1, 100, now=time.time_ns()) or not log.current or consumer.lag():
            assert time.monotonic() < deadline
        begun = log.positions
        released = log.poll(0.1, 100, now=time.time_ns() + 2 * long)
        assert sum(consumer.positions.values()) - sum(begun.values()) == len(released) == 10
        for partition, offset in begun.items():
            mine = [one.offset for one in released if one.partition == partition.partition]
            assert not mine or mine[0] == offset
        assert log.positions == consumer.positions
