"""The directory of tag sets, on every bus."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from typing import ClassVar
from uuid import uuid4

import pytest

from tests.twin.bus.conftest import OpenBus
from tests.twin.bus.reading import DEADLINE_S, read
from twin.bus.base import Bus, BusUnavailableError, Message, Received, TopicPartition
from twin.bus.connect import open_bus
from twin.bus.tag_sets import TagSetDirectory
from twin.contract.codec import encode_message
from twin.contract.errors import UnknownTagSetError
from twin.contract.messages import Gap, GapReason, TagSet


@pytest.fixture
def directory(bus: Bus) -> Iterator[TagSetDirectory]:
    """A directory on an empty bus."""
    directory = TagSetDirectory(bus)
    yield directory
    directory.close()


def tag_set(source: str, tags: int = 3) -> TagSet:
    """A tag set of a source."""
    return TagSet(
        source=source,
        tags=tuple(f"yenphong/{source}:t{n}" for n in range(tags)),
        units=("",) * tags,
        data_types=("Double",) * tags,
    )


def announcement(announced: TagSet) -> Message:
    """Its announcement."""
    value, headers = encode_message(announced, message_id=announced.id, source="test", time_ns=1)
    return Message("tag_sets", announced.id, value, headers)


def test_announced_tag_sets_are_found(bus: Bus, directory: TagSetDirectory) -> None:
    small, large = tag_set("anphat"), tag_set("dongho", 10_000)
    bus.publish([announcement(small), announcement(large)])
    assert directory.get(small.id, wait_s=DEADLINE_S) == small
    assert directory.get(large.id, wait_s=DEADLINE_S) == large
    later = tag_set("utilities")
    bus.publish([announcement(later)])
    assert directory.get(later.id, wait_s=DEADLINE_S) == later


def test_one_that_is_announced_while_we_wait_is_found(
    open_another: OpenBus, directory: TagSetDirectory
) -> None:
    announced = tag_set("anphat")
    other = open_another()
    later = threading.Timer(0.5, lambda: other.publish([announcement(announced)]))
    later.start()
    found = [directory.get(announced.id, wait_s=DEADLINE_S)]
    later.join()
    assert found == [announced]


def test_one_that_nobody_announces_is_unknown_after_the_wait(bus: Bus, directory: TagSetDirectory) -> None:
    bus.publish([announcement(tag_set("anphat"))])
    start = time.monotonic()
    with pytest.raises(UnknownTagSetError, match=r"nobody has announced it .* within 0.5 s"):
        directory.get("f" * 32, wait_s=0.5)
    assert 0.4 < time.monotonic() - start < DEADLINE_S
    with pytest.raises(UnknownTagSetError):
        directory.get("f" * 32, wait_s=0.0)


class SlowReader:
    """A reader whose broker has just come back: it hands out nothing yet, and cannot say what is behind."""

    positions: ClassVar[dict[TopicPartition, int]] = {}
    lost = 0

    def __init__(self, behind: int) -> None:
        self._behind = behind

    def poll(self, timeout_s: float, max_messages: int = 1000) -> list[Received]:
        return []

    def lag(self) -> int:
        return self._behind

    def commit(self) -> None: ...
    def close(self) -> None: ...


@pytest.mark.parametrize("behind", [-1, 3])
def test_a_topic_not_read_to_its_end_proves_nothing(behind: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(open_bus(f"memory:{uuid4().hex}")) as bus, closing(TagSetDirectory(bus)) as directory:
        monkeypatch.setattr(bus, "consumer", lambda *_, **__: SlowReader(behind))
        with pytest.raises(BusUnavailableError, match="ask again"):
            directory.get("f" * 32, wait_s=0.0)


def test_announcements_that_are_not_what_they_say_are_left_out(
    bus: Bus, directory: TagSetDirectory, caplog: pytest.LogCaptureFixture
) -> None:
    good, other = tag_set("anphat"), tag_set("dongho")
    gap = Gap(id="1", source="a", start=1, end=2, reason=GapReason.SOURCE_LOST)
    value, headers = encode_message(gap, message_id="1", source="test", time_ns=1)
    lie = announcement(other)
    bus.publish(
        [
            Message("tag_sets", "0" * 32, b"{"),
            Message("tag_sets", "1" * 32, value, headers),
            Message("tag_sets", "2" * 32, lie.value, lie.headers),
            announcement(good),
        ]
    )
    assert directory.get(good.id, wait_s=DEADLINE_S) == good
    for false_id in ("0" * 32, "1" * 32, "2" * 32):
        with pytest.raises(UnknownTagSetError):
            directory.get(false_id, wait_s=0.0)
    assert sum("left out" in text for text in caplog.messages) == 3
    with closing(bus.consumer(["dead_letters"])) as reader:
        assert [each.message.key for each in read(reader, 3)] == ["tag_sets"] * 3


def test_threads_may_share_a_directory(bus: Bus, directory: TagSetDirectory) -> None:
    announced = [tag_set(f"source{n}") for n in range(8)]
    found: list[TagSet] = []
    threads = [
        threading.Thread(target=lambda id_=each.id: found.append(directory.get(id_, wait_s=DEADLINE_S)))
        for each in announced
    ]
    for thread in threads:
        thread.start()
    for each in announced:
        bus.publish([announcement(each)])
    for thread in threads:
        thread.join()
    assert sorted(each.source for each in found) == [each.source for each in announced]
