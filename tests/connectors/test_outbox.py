"""The outbox: durable, numbered, bounded, and honest about what it refused."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from connectors.errors import ConnectorError, OutboxFullError
from connectors.gap_parts import withdraw
from connectors.gaps import make_gap
from connectors.open_gaps import Filled, OpenGap
from connectors.outbox import Delivery, Outbox
from tests.connectors.test_frames import readings
from twin.bus.embedded_log import DurableLog
from twin.contract.clock import NS_PER_S, system_clock
from twin.contract.codec import decode_message
from twin.contract.frame import decode_frame
from twin.contract.messages import Gap, GapReason, TagSet
from twin.contract.topics import GAPS, READINGS, TAG_SETS

TAGS = TagSet(source="plant", tags=("park/a:b",), units=("",), data_types=("Double",))


class Box:
    """An outbox on a file, which can be closed and opened again."""

    def __init__(self, path: Path, max_bytes: int | None = None) -> None:
        self.log = DurableLog(path, max_bytes=max_bytes)
        self.outbox = Outbox(self.log, clock=system_clock, max_bytes=max_bytes)

    def close(self) -> None:
        """Close both."""
        self.outbox.close()
        self.log.close()

    def topics(self) -> list[str]:
        """Topics of what waits to be sent, in order."""
        return [entry.message.topic for entry in self.log.read(0)]

    def sequences(self, source: str = "plant") -> list[int]:
        """Sequence numbers of the frames that wait to be sent."""
        return [
            decode_frame(entry.message.value).sequence
            for entry in self.log.read(0)
            if entry.message.topic == READINGS.name and entry.message.key == source
        ]

    def gaps(self) -> list[Gap]:
        """Gaps that wait to be told."""
        return [
            decode_message(Gap, entry.message.value, entry.message.headers)
            for entry in self.log.read(0)
            if entry.message.topic == GAPS.name
        ]


@pytest.fixture
def open_box(tmp_path: Path) -> Iterator[Callable[..., Box]]:
    """Open outboxes on one file; all are closed at the end."""
    boxes: list[Box] = []

    def start(max_bytes: int | None = None) -> Box:
        boxes.append(Box(tmp_path / "outbox.sqlite3", max_bytes))
        return boxes[-1]

    yield start
    boxes[-1].close()


def delivery(whole: int, n: int = 3, source: str = "plant") -> Delivery:
    """Some readings, complete up to ``whole``."""
    return Delivery(source, whole=whole, readings=readings(n))


def done(*futures: Future[None]) -> None:
    """Wait until deliveries are durable."""
    for future in futures:
        future.result(10)


def test_sequence_numbers_and_whole_moments_outlive_the_process(open_box: Callable[..., Box]) -> None:
    box = open_box()
    done(box.outbox.accept(delivery(100)))
    done(box.outbox.accept(delivery(200)))
    done(box.outbox.accept(delivery(5, source="other")))
    box.close()
    box = open_box()
    done(box.outbox.accept(delivery(300)))
    assert box.sequences() == [1, 2, 3]
    assert box.sequences("other") == [1]
    assert (box.outbox.whole("plant"), box.outbox.whole("other"), box.outbox.whole("nobody")) == (300, 5, 0)


@pytest.mark.parametrize("keep_alive", [True, False])
def test_a_source_whose_clock_is_set_back_is_whole_up_to_its_new_time(
    open_box: Callable[..., Box], keep_alive: bool
) -> None:
    box = open_box()
    done(box.outbox.accept(delivery(7_200_000)))
    done(box.outbox.accept(Delivery("plant", whole=300) if keep_alive else delivery(300)))
    assert box.outbox.whole("plant") == 300
    box.close()
    box = open_box()
    assert box.outbox.whole("plant") == 300
    assert 0 < box.outbox.away("plant", system_clock()) < 60 * NS_PER_S
    assert box.outbox.away("nobody", system_clock()) == 0


def test_what_comes_together_is_one_commit_and_one_frame_a_source(open_box: Callable[..., Box]) -> None:
    box = open_box()
    futures = [
        box.outbox.accept(delivery(n, source=source)) for n in range(5) for source in ("plant", "other")
    ]
    done(*futures)
    assert box.outbox.counts.commits == 1
    assert box.sequences() == box.sequences("other") == [1]
    assert box.outbox.counts.readings == {"plant": 15, "other": 15}


def test_a_tag_set_and_a_gap_stand_before_the_readings_they_came_with(open_box: Callable[..., Box]) -> None:
    box = open_box()
    gap = make_gap("plant", 1, 2, GapReason.SOURCE_LOST)
    first = box.outbox.accept(delivery(1))
    second = box.outbox.accept(Delivery("plant", whole=2, readings=readings(1), tag_set=TAGS, gaps=(gap,)))
    done(first, second)
    assert box.topics() == [READINGS.name, TAG_SETS.name, GAPS.name, READINGS.name]


def test_keep_alives_move_the_whole_moment_without_a_message(open_box: Callable[..., Box]) -> None:
    box = open_box()
    done(box.outbox.accept(delivery(100)))
    done(box.outbox.accept(Delivery("plant", whole=900)))
    assert box.outbox.whole("plant") == 900
    assert box.topics() == [READINGS.name]
    box.close()
    assert open_box().outbox.whole("plant") == 900


def test_a_keep_alive_is_on_disk_within_about_a_second(open_box: Callable[..., Box]) -> None:
    box = open_box()
    done(box.outbox.accept(Delivery("plant", whole=900)))
    deadline = time.monotonic() + 20
    while box.log.get_meta("source:plant") is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_full_outbox_refuses_keeps_what_it_has_and_marks_the_hole(open_box: Callable[..., Box]) -> None:
    box = open_box(max_bytes=20_000)
    done(box.outbox.accept(delivery(100)))
    with pytest.raises(OutboxFullError, match="limit"):
        done(box.outbox.accept(delivery(200, n=2_000)))
    condition = box.outbox.condition
    assert condition is not None
    assert condition.code == "outbox_full"
    with pytest.raises(OutboxFullError):
        done(box.outbox.accept(delivery(300, n=2_000)))
    assert box.sequences() == [1]
    assert box.outbox.whole("plant") == 100
    assert box.outbox.counts.refused == {"plant": 4_000}
    accepted = False
    deadline = time.monotonic() + 20
    while not accepted and time.monotonic() < deadline:
        future = box.outbox.accept(delivery(400))
        accepted = future.exception(10) is None
    assert accepted
    assert box.outbox.condition is None
    (gap,) = box.gaps()
    assert (gap.start, gap.reason) == (100, GapReason.OUTBOX_FULL)
    assert gap.end >= 300
    assert box.topics() == [READINGS.name, GAPS.name, READINGS.name]
    assert box.sequences() == [1, 2]


def test_what_lies_on_the_disk_is_bounded_as_well(open_box: Callable[..., Box], tmp_path: Path) -> None:
    limit = 4 << 20
    box = open_box(max_bytes=limit)
    whole = 0
    while box.outbox.condition is None:
        whole += 1
        box.outbox.accept(delivery(whole, n=5_000)).exception(10)
    kept = box.outbox.whole("plant")
    assert 0.95 * limit < box.log.size_bytes <= limit
    for _ in range(5):
        assert box.outbox.accept(delivery(whole, n=5_000)).exception(10) is not None
    assert box.outbox.whole("plant") == kept
    assert box.sequences()[:1] == [1]
    box.close()
    reopened = open_box(max_bytes=limit)  # the write-ahead log is in the file now
    assert reopened.outbox.whole("plant") == kept
    assert (tmp_path / "outbox.sqlite3").stat().st_size < 1.5 * limit


def test_an_outbox_at_its_limit_waits_until_a_tenth_is_free(open_box: Callable[..., Box]) -> None:
    box = open_box(max_bytes=20_000)
    whole = 0
    refused = False
    while not refused:
        whole += 1
        refused = box.outbox.accept(delivery(whole, n=40)).exception(10) is not None
    time.sleep(1.2)
    assert box.outbox.accept(delivery(whole, n=1)).exception(10) is not None
    box.log.trim(box.log.last_offset - 1)
    deadline = time.monotonic() + 20
    while box.outbox.accept(delivery(whole + 1, n=1)).exception(10) is not None:
        assert time.monotonic() < deadline


def test_many_threads_lose_nothing_and_share_no_number(open_box: Callable[..., Box]) -> None:
    box = open_box()

    def bring(source: str) -> None:
        for n in range(20):
            done(box.outbox.accept(delivery(n, n=1, source=source)))

    threads = [threading.Thread(target=bring, args=(f"source{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for n in range(4):
        assert box.sequences(f"source{n}") == list(range(1, 21))


def test_a_closed_outbox_has_kept_everything_and_takes_no_more(open_box: Callable[..., Box]) -> None:
    box = open_box()
    future = box.outbox.accept(delivery(1))
    box.outbox.close()
    assert future.exception(0) is None
    with pytest.raises(ConnectorError, match="closed"):
        done(box.outbox.accept(delivery(2)))


def test_a_source_given_up_and_taken_up_again_has_no_gap_in_between(open_box: Callable[..., Box]) -> None:
    box = open_box()
    done(box.outbox.accept(delivery(100)))
    box.outbox.forget_whole("plant")
    assert box.outbox.whole("plant") == 0
    done(box.outbox.accept(delivery(200)))
    assert box.sequences() == [1, 2]


def accept_at_last(box: Box, last: Delivery) -> None:
    """Bring a delivery until it is accepted."""
    deadline = time.monotonic() + 20
    while box.outbox.accept(last).exception(10) is not None:
        assert time.monotonic() < deadline


def test_a_tag_set_that_was_refused_is_announced_before_the_first_frame(open_box: Callable[..., Box]) -> None:
    box = open_box(max_bytes=20_000)
    first = Delivery("plant", tag_set=TAGS, readings=readings(2_000))
    assert isinstance(box.outbox.accept(first).exception(10), OutboxFullError)
    accept_at_last(box, delivery(10))
    assert box.topics()[0] == TAG_SETS.name
    assert box.topics()[-1] == READINGS.name


def test_a_gap_that_was_refused_is_within_the_gap_that_is_told(open_box: Callable[..., Box]) -> None:
    box = open_box(max_bytes=20_000)
    done(box.outbox.accept(delivery(100)))
    overflow = make_gap("plant", 40, 190, GapReason.SERVER_OVERFLOW, ["park/a:b"])
    refused = Delivery("plant", whole=200, readings=readings(2_000), gaps=(overflow,))
    assert isinstance(box.outbox.accept(refused).exception(10), OutboxFullError)
    accept_at_last(box, delivery(300))
    (gap,) = box.gaps()
    assert gap.start == 40
    assert gap.end >= 200


def test_a_delivery_that_cannot_be_written_harms_no_other(
    open_box: Callable[..., Box], caplog: pytest.LogCaptureFixture
) -> None:
    box = open_box()
    done(box.outbox.accept(delivery(50)))
    lone_surrogate = Delivery("plant", whole=100, readings=readings(1, text={0: "\ud800"}))
    futures = [
        box.outbox.accept(delivery(1, source="before")),
        box.outbox.accept(lone_surrogate),
        box.outbox.accept(delivery(1, source="after")),
    ]
    assert [future.exception(10) is None for future in futures] == [True, False, True]
    assert "cannot be written down" in caplog.text
    done(box.outbox.accept(delivery(200)))
    (gap,) = box.gaps()
    assert (gap.source, gap.start, gap.end) == ("plant", 50, 100)
    assert box.sequences() == [1, 2]


def test_whoever_gives_up_waiting_harms_nobody(open_box: Callable[..., Box]) -> None:
    box = open_box()
    given_up = box.outbox.accept(delivery(1))
    given_up.cancel()
    box.outbox.accept(delivery(2)).result(10)
    given_up.result(10)
    assert box.sequences()


def test_an_open_gap_outlives_the_process_and_is_settled_with_what_was_fetched(tmp_path: Path) -> None:
    gap = make_gap("plant", 10, 20, GapReason.CONNECTOR_DOWN)
    first = Box(tmp_path / "outbox")
    first.outbox.keep_open("plant")
    first.outbox.accept(Delivery("plant", whole=20, gaps=(gap,))).result()
    first.close()
    second = Box(tmp_path / "outbox")
    second.outbox.keep_open("plant")
    (left,) = second.outbox.open_gaps("plant")
    assert left.gap == gap
    half = OpenGap(gap=gap, tag_set="set", place=1)
    second.outbox.accept(Delivery("plant", readings=readings(1), filled=Filled(gap.id, half))).result()
    second.close()
    third = Box(tmp_path / "outbox")
    third.outbox.keep_open("plant")
    assert third.outbox.open_gaps("plant") == (half,)
    rest = make_gap("plant", 10, 20, GapReason.CONNECTOR_DOWN, ["park/a:b"])
    settled = Delivery("plant", gaps=(rest, withdraw(gap)), filled=Filled(gap.id, None))
    third.outbox.accept(settled).result()
    assert third.outbox.open_gaps("plant") == ()
    assert [(told.start, told.end) for told in third.gaps()] == [(10, 20), (10, 20), (10, 10)]
    assert third.outbox.counts.gaps == {("plant", "connector_down"): 1}
    third.close()


def test_gaps_of_a_source_without_a_history_are_not_kept_open(tmp_path: Path) -> None:
    box = Box(tmp_path / "outbox")
    gap = make_gap("meters", 10, 20, GapReason.SOURCE_LOST)
    box.outbox.accept(Delivery("meters", gaps=(gap,))).result()
    assert box.outbox.open_gaps("meters") == ()
    box.close()


def test_fetched_readings_that_are_refused_owe_nothing(tmp_path: Path) -> None:
    box = Box(tmp_path / "outbox", max_bytes=2_000)
    box.outbox.keep_open("plant")
    gap = make_gap("plant", 10, 20, GapReason.SOURCE_LOST)
    box.outbox.accept(Delivery("plant", whole=20, gaps=(gap,))).result()
    with pytest.raises(OutboxFullError):
        box.outbox.accept(Delivery("plant", readings=readings(500), filled=Filled(gap.id, None))).result()
    (left,) = box.outbox.open_gaps("plant")
    assert left.gap == gap
    box.log.trim(box.log.last_offset)
    time.sleep(1.1)
    box.outbox.accept(Delivery("plant", whole=30, readings=readings(1))).result()
    assert box.gaps() == []
    box.close()
