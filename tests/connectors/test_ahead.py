"""What overtakes a backlog: the present first, everything else once and in its turn."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from connectors.ahead import BEHIND_NS
from connectors.frames import Readings
from connectors.newest import SETS_OF_A_SOURCE, NewestReadings
from connectors.outbox import Delivery, Outbox
from connectors.sender import Sender
from tests.connectors.rig import BreakableBus
from tests.connectors.test_sender import wait
from twin.bus.base import Bus, BusRefusedError, Message
from twin.bus.embedded_log import DurableLog
from twin.contract.clock import NS_PER_S, system_clock
from twin.contract.frame import Frame, decode_frame
from twin.contract.messages import TagSet
from twin.contract.topics import READINGS, READINGS_AHEAD, TAG_SETS

TAGS = 4
TAG_SET = TagSet(
    source="plant",
    tags=tuple(f"park/a:s{n}" for n in range(TAGS)),
    units=("",) * TAGS,
    data_types=("Double",) * TAGS,
)


def readings(*rows: tuple[int, int, float], text: dict[int, str] | None = None) -> Readings:
    """Readings of (index, source time, value)."""
    return Readings(
        TAG_SET.id,
        np.array([row[0] for row in rows], np.uint32),
        np.array([row[1] for row in rows], np.int64),
        np.zeros(len(rows), np.uint32),
        np.array([row[2] for row in rows], np.float64),
        text or {},
    )


class Plant:
    """An outbox and a sender on a bus that can be taken away."""

    def __init__(self, path: Path, bus: Bus) -> None:
        self.log = DurableLog(path)
        self.outbox = Outbox(self.log, clock=system_clock, linger_s=0)
        self.sender = Sender(self.log, self.outbox, bus, clock=system_clock, rng=random.Random(1))

    def accept(self, *rows: tuple[int, int, float], announce: bool = False) -> None:
        """Have readings accepted, as a frame of their own."""
        tag_set = TAG_SET if announce else None
        self.outbox.accept(Delivery("plant", tag_set=tag_set, readings=readings(*rows))).result(10)

    def close(self) -> None:
        """Close all."""
        self.outbox.close()
        self.sender.close()
        self.log.close()


class Published(BreakableBus):
    """Remembers what was published, in order."""

    def __init__(self, name: str, refused: str = "") -> None:
        super().__init__(name)
        self.messages: list[Message] = []
        self.refused = refused

    def publish(self, messages: Sequence[Message]) -> None:
        """Refuse a topic if told to."""
        if any(message.topic == self.refused for message in messages):
            raise BusRefusedError(f"bus: {self.refused} is not allowed")
        super().publish(messages)
        self.messages += messages

    def of(self, topic: str) -> list[Frame]:
        """Frames of a topic, in order."""
        return [decode_frame(message.value) for message in self.messages if message.topic == topic]


@pytest.fixture
def bus() -> Published:
    return Published("ahead")


def newest(frames: Sequence[Frame]) -> dict[int, float]:
    """The last value of every index."""
    return {
        int(index): float(value)
        for frame in frames
        for index, value in zip(frame.index, frame.value, strict=True)
    }


def outage(plant: Plant, bus: Published) -> None:
    """A backlog that is old enough: tag 0 changes all the time, tag 1 once, tag 2 not at all."""
    plant.accept((0, 1, 1.0), (1, 1, 1.0), (2, 1, 7.0), announce=True)
    wait(lambda: plant.sender.unsent == 0)
    bus.away = True
    plant.accept((0, 2, 2.0), (1, 2, 5.0))
    for time in range(3, 9):
        plant.accept((0, time, float(time)))
    begun = system_clock()
    wait(lambda: system_clock() - begun > 1.2 * BEHIND_NS)


def test_after_an_outage_the_newest_of_every_tag_comes_first_and_all_comes_once(
    tmp_path: Path, bus: Published
) -> None:
    with closing(Plant(tmp_path / "outbox.sqlite3", bus)) as plant:
        outage(plant, bus)
        before = len(bus.messages)
        bus.away = False
        wait(lambda: plant.sender.unsent == 0)
        plant.accept((0, 9, 9.0))
        wait(lambda: plant.sender.unsent == 0)
        after = bus.messages[before:]
    assert [message.topic for message in after[:2]] == [TAG_SETS.name, READINGS_AHEAD.name]
    (picture,) = bus.of(READINGS_AHEAD.name)
    assert newest([picture]) == {0: 8.0, 1: 5.0, 2: 7.0}
    assert picture.sequence == 8
    assert [frame.sequence for frame in bus.of(READINGS.name)] == list(range(1, 10))
    ids = [message.headers["ce_id"] for message in bus.messages if "ce_id" in message.headers]
    assert len(set(ids)) == len(ids) - 1  # the tag set was announced twice


def test_without_a_backlog_nothing_goes_ahead(tmp_path: Path, bus: Published) -> None:
    with closing(Plant(tmp_path / "outbox.sqlite3", bus)) as plant:
        plant.accept((0, 1, 1.0), announce=True)
        plant.accept((0, 2, 2.0))
        wait(lambda: plant.sender.unsent == 0)
    assert bus.of(READINGS_AHEAD.name) == []


def test_a_bus_that_does_not_allow_the_lane_gets_the_backlog_all_the_same(tmp_path: Path) -> None:
    bus = Published("refused", refused=READINGS_AHEAD.name)
    with closing(Plant(tmp_path / "outbox.sqlite3", bus)) as plant:
        outage(plant, bus)
        bus.away = False
        wait(lambda: plant.sender.unsent == 0)
    assert [frame.sequence for frame in bus.of(READINGS.name)] == list(range(1, 9))


def test_a_process_killed_with_a_backlog_sends_all_of_it_and_the_present_of_who_is_connected_again(
    tmp_path: Path, bus: Published
) -> None:
    copy = tmp_path / "killed"
    copy.mkdir()
    with closing(Plant(tmp_path / "outbox.sqlite3", bus)) as plant:
        outage(plant, bus)
        for file in tmp_path.glob("outbox.sqlite3*"):  # what a SIGKILL now would leave
            (copy / file.name).write_bytes(file.read_bytes())
    with closing(Plant(copy / "outbox.sqlite3", bus)) as plant:
        plant.accept((0, 9, 9.0), announce=True)
        bus.away = False
        wait(lambda: plant.sender.unsent == 0)
    assert newest(bus.of(READINGS_AHEAD.name)) == {0: 9.0}
    assert sorted({frame.sequence for frame in bus.of(READINGS.name)}) == list(range(1, 10))


def test_what_history_brings_late_is_not_newest() -> None:
    kept = NewestReadings()
    kept.announce(TAG_SET)
    now = 1_000 * NS_PER_S
    for sequence, rows in enumerate([[(0, now, 3.0)], [(0, now - 5, 1.0), (1, now - 5, 2.0)]], 1):
        kept.take(frame(sequence, rows), now)
    assert newest(kept.changed(0).frames) == {0: 3.0, 1: 2.0}


def test_a_clock_that_ran_ahead_does_not_stay_newest() -> None:
    kept = NewestReadings()
    kept.announce(TAG_SET)
    now = 1_000 * NS_PER_S
    kept.take(frame(1, [(0, now + 7 * 3600 * NS_PER_S, 1.0)]), now)
    kept.take(frame(2, [(0, now, 2.0)]), now)
    assert newest(kept.changed(0).frames) == {0: 2.0}


def test_only_what_changed_since_is_said_with_its_text() -> None:
    kept = NewestReadings()
    kept.announce(TAG_SET)
    kept.take(frame(1, [(0, 1, 1.0), (1, 1, 1.0)], text=("chạy", None)), 9)
    first = kept.changed(0)
    kept.take(frame(2, [(1, 2, 2.0)], text=("dừng",)), 9)
    second = kept.changed(first.version)
    assert [part.text for part in first.frames] == [("chạy", None)]
    assert [(part.index.tolist(), part.text, part.sequence) for part in second.frames] == [
        ([1], ("dừng",), 2)
    ]
    kept.take(frame(3, [(0, 3, 1.0)]), 9)
    assert [part.text for part in kept.changed(second.version).frames] == [None]
    assert kept.changed(kept.changed(0).version).frames == ()


def test_a_tag_set_that_was_not_announced_or_long_ago_is_left_out() -> None:
    kept = NewestReadings()
    kept.take(frame(1, [(0, 1, 1.0)]), 9)
    assert kept.changed(0).frames == ()
    kept.announce(TAG_SET)
    kept.take(frame(2, [(0, 2, 1.0)]), 9)
    for number in range(SETS_OF_A_SOURCE):
        kept.announce(
            TagSet(source="plant", tags=(f"park/b:s{number}",), units=("",), data_types=("Double",))
        )
    assert kept.changed(0).frames == ()


def frame(
    sequence: int, rows: list[tuple[int, int, float]], text: tuple[str | None, ...] | None = None
) -> Frame:
    """A frame of the plant."""
    columns = readings(*rows)
    return Frame(
        "plant",
        sequence,
        TAG_SET.id,
        columns.index,
        columns.source_time,
        columns.status,
        columns.value,
        text,
    )
