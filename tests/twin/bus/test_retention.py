"""What is forgotten and when, on the buses that are ours (a broker has its own tests)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

from tests.twin.bus.reading import message, numbers, read
from twin.bus.base import Bus, Message, TopicPartition
from twin.bus.connect import open_bus
from twin.contract.clock import Clock
from twin.contract.topics import TOPICS

MAX_BYTES = 2_000_000
HOUR_NS = 3_600_000_000_000
GAPS = TopicPartition("gaps", 0)
OpenWith = Callable[[Clock], Bus]


@pytest.fixture(params=["memory", "embedded"])
def open_with(request: pytest.FixtureRequest, tmp_path: Path) -> OpenWith:
    """Open a small bus with a clock."""
    place = uuid4().hex if request.param == "memory" else tmp_path / "bus"
    return lambda clock: open_bus(f"{request.param}:{place}?max_bytes={MAX_BYTES}", clock=clock)


def large(number: int, topic: str = "gaps", key: str = "k") -> Message:
    """A message of 20 kB that carries a number."""
    return Message(topic, key, b"%d%b" % (number, b" " * 20_000))


def test_above_the_limit_the_oldest_go_and_a_slow_reader_counts_them(open_with: OpenWith) -> None:
    with closing(open_with(lambda: 1)) as bus, closing(bus.consumer(["gaps"])) as slow:
        bus.publish([large(0), large(1)])
        assert numbers(slow.poll(1.0, max_messages=1)) == [0]
        for number in range(2, 400):
            bus.publish([large(number)])
        rest = numbers(slow.poll(1.0))
        assert rest == list(range(rest[0], 400))
        assert slow.lost == rest[0] - 1
        assert 50 <= len(rest) <= 120
        assert slow.lag() == 0


def test_offsets_grow_on_when_everything_has_gone(open_with: OpenWith) -> None:
    now = [HOUR_NS]
    with closing(open_with(lambda: now[0])) as bus, closing(bus.consumer(["gaps"])) as reader:
        bus.publish([large(n) for n in range(5)])
        now[0] += int((TOPICS["gaps"].retention_hours + 1) * HOUR_NS)
        bus.publish([large(n, "readings") for n in range(5)])
        assert reader.poll(0.1) == []
        assert reader.lost == 5
        bus.publish([message(5)])
        (received,) = read(reader, 1)
    assert numbers([received]) == [5]
    assert received.offset >= 6


def test_what_is_older_than_its_topic_keeps_goes_and_younger_stays(open_with: OpenWith) -> None:
    now = [HOUR_NS]
    with closing(open_with(lambda: now[0])) as bus:
        bus.publish([large(n, "readings") for n in range(10)])
        bus.publish([large(n) for n in range(10)])
        now[0] += int((TOPICS["readings"].retention_hours + 1) * HOUR_NS)
        bus.publish([large(n, "readings") for n in range(10, 15)])
        with closing(bus.consumer(["readings"])) as readings, closing(bus.consumer(["gaps"])) as gaps:
            assert numbers(read(readings, 5)) == list(range(10, 15))
            assert numbers(read(gaps, 10)) == list(range(10))
            assert readings.lost == gaps.lost == 0


def test_compacted_topics_keep_one_of_each_key_and_stay_whole(open_with: OpenWith) -> None:
    with closing(open_with(lambda: 1)) as bus:
        for number in range(50):
            bus.publish([large(number, "source_configs", f"source{n}") for n in range(3)])
        for number in range(300):
            bus.publish([large(number)])
        with closing(bus.consumer(["source_configs"])) as reader:
            received = read(reader, 3)
            assert reader.poll(0.1) == []
            assert reader.lost == 0
    assert [(each.message.key, int(each.message.value)) for each in received] == [
        ("source0", 49),
        ("source1", 49),
        ("source2", 49),
    ]


def test_a_group_counts_what_was_removed_before_it_came_back(open_with: OpenWith) -> None:
    with closing(open_with(lambda: 1)) as bus:
        bus.publish([large(n) for n in range(4)])
        with closing(bus.consumer(["gaps"], group="recorder")) as first:
            read(first, 4)
            first.commit()
        for number in range(4, 400):
            bus.publish([large(number)])
        with closing(bus.consumer(["gaps"], group="recorder")) as second:
            received = numbers(second.poll(1.0))
            assert second.lost == received[0] - 4
