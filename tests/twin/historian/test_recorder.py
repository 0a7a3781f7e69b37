"""The recorder on a real bus and a real history: everything stored, once, and nothing stops it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from time import monotonic, sleep

import numpy as np
import pytest

from tests.twin.historian.frames import SECOND, START, frame, tag_set
from twin.bus.base import Bus, BusUnavailableError, Consumer, Message, Received
from twin.bus.connect import open_bus
from twin.bus.tag_sets import TagSetDirectory
from twin.contract.clock import system_clock
from twin.contract.codec import decode_message, encode_message, frame_headers
from twin.contract.frame import F64, I64, U32, Frame, decode_frame, encode_frame
from twin.contract.messages import DeadLetter, Gap, GapReason, TagSet
from twin.historian.base import HistoryStore, HistoryUnavailableError, Trend
from twin.historian.connect import open_history
from twin.historian.recorder import GROUP, Recorder

NOW = START + 3600 * SECOND
_NAMES = count(1)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HistoryStore]:
    store = open_history(f"chdb:{tmp_path_factory.mktemp('recorded')}", retention_days=0)
    yield store
    store.close()


@pytest.fixture(params=["memory", "embedded"])
def bus(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bus]:
    place = f"recorder{next(_NAMES)}" if request.param == "memory" else str(tmp_path / "bus")
    opened = open_bus(f"{request.param}:{place}", clock=lambda: NOW)
    yield opened
    opened.close()


class Recording:
    """A recorder that runs, with what it needs."""

    def __init__(self, bus: Bus, history: HistoryStore) -> None:
        self.tag_sets = TagSetDirectory(bus)
        self.recorder = Recorder(
            bus, self.tag_sets, history, clock=lambda: NOW, max_wait_s=0.05, tag_set_wait_s=0.1
        )

    def __enter__(self) -> Recorder:
        self.recorder.start()
        return self.recorder

    def __exit__(self, *_: object) -> None:
        assert self.recorder.stop(30)
        self.tag_sets.close()


def announce(bus: Bus, of: TagSet) -> None:
    value, headers = encode_message(of, message_id=of.id, source=of.source, time_ns=NOW)
    bus.publish([Message("tag_sets", of.id, value, headers)])


def readings(*frames: tuple[TagSet, Frame]) -> list[Message]:
    return [
        Message("readings", told.source, encode_frame(told), frame_headers(told, NOW)) for _, told in frames
    ]


def wait_until(true: Callable[[], bool], what: str) -> None:
    deadline = monotonic() + 30
    while not true():
        assert monotonic() < deadline, what
        sleep(0.02)


def stored(recorder: Recorder) -> float:
    """Rows as ``/metrics`` prints them."""
    (metric,) = recorder.metrics.rows.collect()
    return next(sample.value for sample in metric.samples if sample.name.endswith("_total"))


def dead_letters(bus: Bus) -> list[DeadLetter]:
    consumer = bus.consumer(["dead_letters"])
    found = [decode_message(DeadLetter, r.message.value, r.message.headers) for r in consumer.poll(0)]
    consumer.close()
    return found


def whole(history: HistoryStore, tag: str) -> Trend:
    return history.trend(tag, START - 3600 * SECOND, NOW, 1000)


def test_readings_and_gaps_are_stored_and_committed(bus: Bus, history: HistoryStore, source: str) -> None:
    of = tag_set(source)
    announce(bus, of)
    bus.publish(
        readings(*(frame(of, [START + i], [float(i)], text=("x",) if i == 3 else None) for i in range(9)))
    )
    gap = Gap(id=f"{source}:1", source=source, start=START, end=START + 5, reason=GapReason.CONNECTOR_DOWN)
    value, headers = encode_message(gap, message_id=gap.id, source=source, time_ns=NOW)
    bus.publish([Message("gaps", source, value, headers)] * 2)
    with Recording(bus, history) as recorder:
        wait_until(lambda: stored(recorder) == 9, "nine readings")
        assert recorder.troubles() == {}
    trend = whole(history, of.tags[0])
    assert (trend.count.sum(), trend.gaps) == (9, (gap,))
    assert trend.raw is not None
    assert trend.raw.text is not None
    assert trend.raw.text[3] == "x"
    consumer = bus.consumer(["readings", "gaps"], group=GROUP)
    assert consumer.poll(0.2) == []
    consumer.close()


def test_stopping_stores_what_was_taken(bus: Bus, history: HistoryStore, source: str) -> None:
    of = tag_set(source)
    announce(bus, of)
    tag_sets = TagSetDirectory(bus)
    recorder = Recorder(bus, tag_sets, history, clock=lambda: NOW, max_wait_s=60)
    bus.publish(readings(frame(of, [START], [1.0])))
    recorder.start()
    sleep(1.0)
    assert stored(recorder) == 0, "it waits for more"
    assert recorder.stop(30)
    assert stored(recorder) == 1
    assert whole(history, of.tags[0]).count.sum() == 1
    tag_sets.close()


def test_a_full_batch_does_not_wait(bus: Bus, history: HistoryStore, source: str) -> None:
    of = tag_set(source)
    announce(bus, of)
    tag_sets = TagSetDirectory(bus)
    recorder = Recorder(bus, tag_sets, history, clock=lambda: NOW, max_wait_s=60, max_rows=100)
    recorder.start()
    bus.publish(readings(frame(of, [START + i for i in range(100)], list(range(100)))))
    wait_until(lambda: stored(recorder) == 100, "a hundred readings")
    assert recorder.stop(30)
    tag_sets.close()


def test_what_cannot_be_read_goes_to_dead_letters_and_the_rest_is_stored(
    bus: Bus, history: HistoryStore, source: str
) -> None:
    of, unknown, foreign = tag_set(source), tag_set(source, ("never", "told")), tag_set(f"{source}-other")
    announce(bus, of)
    announce(bus, foreign)
    whole_frame = encode_frame(frame(of, [START], [0.0])[1])
    thief = frame(foreign, [START], [0.0])[1]
    bad = {
        b"": "contract.frame",
        b"rubbish" * 30: "contract.frame",
        whole_frame[:-9]: "contract.frame",
        whole_frame[:70] + b"\xff" + whole_frame[71:]: "contract.frame",
        encode_frame(frame(unknown, [START], [0.0])[1]): "contract.unknown_tag_set",
        encode_frame(frame(of, [START], [0.0], index=3)[1]): "contract.frame",
        encode_frame(Frame(source, 1, thief.tag_set, *_columns(thief))): "contract.frame",
    }
    for number, value in enumerate(bad):
        bus.publish([Message("readings", source, value)])
        bus.publish(readings(frame(of, [START + number], [float(number)])))
    bus.publish([Message("gaps", source, b"{}")])
    with Recording(bus, history) as recorder:
        wait_until(lambda: stored(recorder) == len(bad), "the good ones")
        wait_until(lambda: len(dead_letters(bus)) == len(bad) + 1, "the bad ones")
        assert recorder.troubles() == {}
    letters = {letter.value: letter for letter in dead_letters(bus)}
    assert {value: letters[value].code for value in bad} == bad
    assert letters[b"{}"].topic == "gaps"
    assert {letter.consumer for letter in letters.values()} == {GROUP}
    assert whole(history, of.tags[0]).count.sum() == len(bad)


def _columns(of: Frame) -> tuple[U32, I64, U32, F64]:
    return of.index, of.source_time, of.status, of.value


def test_impossible_times_go_to_dead_letters_and_their_neighbours_are_stored(
    bus: Bus, history: HistoryStore, source: str
) -> None:
    of = tag_set(source)
    announce(bus, of)
    day = 86_400 * SECOND
    times = [START, -1, NOW + day - 1, NOW + day, int(np.iinfo(np.int64).max), START + 1]
    text = tuple(str(i) for i in range(6))
    bus.publish(readings(frame(of, times, list(range(6)), text=text)))
    with Recording(bus, history) as recorder:
        wait_until(lambda: stored(recorder) == 3, "the three possible ones")
    (letter,) = dead_letters(bus)
    assert letter.code == "history.reading_time"
    assert "3 readings" in letter.reason
    assert "set the device's clock" in letter.reason
    refused = decode_frame(letter.value)
    assert refused.source_time.tolist() == [times[1], times[3], times[4]]
    assert refused.text == ("1", "3", "4")
    pages = list(history.export(of.tags[0], 0, NOW + 2 * day))
    assert [v for page in pages for v in page.value.tolist()] == [0.0, 5.0, 2.0]


class Ailing:
    """A history that fails now and then, as a full disk or a server being restarted does."""

    def __init__(self, history: HistoryStore, failures: int) -> None:
        self._history = history
        self.failures = failures

    def __getattr__(self, name: str) -> object:
        return getattr(self._history, name)

    def append(self, frames: Sequence[tuple[TagSet, Frame]]) -> int:
        rows = self._history.append(frames)
        if self.failures:
            self.failures -= 1
            raise HistoryUnavailableError("disk full; make room")  # after the rows are in: the worst case
        return rows


def test_while_the_history_is_away_it_waits_and_says_so_once(
    bus: Bus, history: HistoryStore, source: str, caplog: pytest.LogCaptureFixture
) -> None:
    of = tag_set(source)
    announce(bus, of)
    ailing = Ailing(history, failures=3)
    with caplog.at_level(logging.INFO, "twin.historian"), Recording(bus, ailing) as recorder:  # type: ignore[arg-type]
        bus.publish(readings(frame(of, [START], [1.0])))
        wait_until(lambda: "disk full; make room" in recorder.troubles().get("history", ""), "a trouble")
        wait_until(lambda: stored(recorder) == 1, "one reading")
        assert recorder.troubles() == {}
    lines = [r.getMessage() for r in caplog.records if "history" in r.getMessage()]
    assert [line.partition(":")[0] for line in lines] == ["recorder waits for the history", "recorder"]
    assert whole(history, of.tags[0]).count.sum() == 1


def test_stopped_while_the_history_is_away_nothing_is_committed(
    bus: Bus, history: HistoryStore, source: str
) -> None:
    of = tag_set(source)
    announce(bus, of)
    bus.publish(readings(frame(of, [START], [1.0])))
    with Recording(bus, Ailing(history, failures=1_000_000)) as recorder:  # type: ignore[arg-type]
        wait_until(lambda: "history" in recorder.troubles(), "a trouble")
    with Recording(bus, history) as recorder:
        wait_until(lambda: stored(recorder) == 1, "the uncommitted reading")
    assert whole(history, of.tags[0]).count.sum() == 1


class Flaky:
    """A bus that is away for a while wherever it is touched: each call fails ``failures`` times."""

    def __init__(self, bus: Bus, failures: int) -> None:
        self._bus = bus
        self._left = {"consumer": failures, "publish": failures, "poll": failures, "commit": failures}

    def fail(self, call: str) -> None:
        if self._left[call]:
            self._left[call] -= 1
            raise BusUnavailableError(f"{call}: the broker is away")

    def publish(self, messages: Sequence[Message]) -> None:
        self.fail("publish")
        self._bus.publish(messages)

    def consumer(self, topics: Sequence[str], *, group: str | None = None) -> Consumer:
        self.fail("consumer")
        return FlakyConsumer(self, self._bus.consumer(topics, group=group))  # type: ignore[return-value]


class FlakyConsumer:
    """Its consumer."""

    def __init__(self, bus: Flaky, consumer: Consumer) -> None:
        self._bus = bus
        self._consumer = consumer

    def __getattr__(self, name: str) -> object:
        return getattr(self._consumer, name)

    def poll(self, timeout_s: float, max_messages: int = 1000) -> list[Received]:
        self._bus.fail("poll")
        return self._consumer.poll(timeout_s, max_messages)

    def commit(self) -> None:
        self._bus.fail("commit")
        self._consumer.commit()


def test_a_bus_that_comes_and_goes_costs_nothing(bus: Bus, history: HistoryStore, source: str) -> None:
    of = tag_set(source)
    announce(bus, of)
    bus.publish([Message("readings", source, b"rubbish")])
    bus.publish(readings(frame(of, [START], [1.0])))
    with Recording(Flaky(bus, 3), history) as recorder:  # type: ignore[arg-type]
        for i in range(1, 6):
            wait_until(lambda told=i: stored(recorder) >= told, f"reading {i}")  # type: ignore[misc]
            bus.publish(readings(frame(of, [START + i], [1.0])))
        wait_until(lambda: stored(recorder) == 6, "six readings")
        wait_until(lambda: recorder.troubles() == {}, "no trouble any more")
    assert len(dead_letters(bus)) == 1
    assert whole(history, of.tags[0]).count.sum() == 6


def test_an_unforeseen_error_is_told_and_survived(
    bus: Bus, history: HistoryStore, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = tag_set(source)
    announce(bus, of)
    monkeypatch.setattr("twin.historian.recorder._RETRY_LAST_S", 0.2)
    errors = iter([ZeroDivisionError("nobody foresaw this")])

    def once(of: TagSet, told: Frame) -> None:
        for error in errors:
            raise error

    monkeypatch.setattr("twin.historian.recorder.check_indexes", once)
    bus.publish(readings(frame(of, [START], [1.0])))
    with Recording(bus, history) as recorder:
        wait_until(lambda: "nobody foresaw this" in recorder.troubles().get("recorder", ""), "a trouble")
        wait_until(lambda: stored(recorder) == 1, "the reading")
        wait_until(lambda: recorder.troubles() == {}, "no trouble any more")
    assert whole(history, of.tags[0]).count.sum() == 1


def test_the_real_clock_takes_readings_of_now(bus: Bus, history: HistoryStore, source: str) -> None:
    of = tag_set(source)
    announce(bus, of)
    now = system_clock()
    tag_sets = TagSetDirectory(bus)
    recorder = Recorder(bus, tag_sets, history, clock=system_clock, max_wait_s=0.05)
    recorder.start()
    bus.publish(readings(frame(of, [now], [1.0])))
    wait_until(lambda: stored(recorder) == 1, "one reading")
    assert recorder.stop(30)
    tag_sets.close()
    assert history.last_before(of.tags[0], now + 1).time.tolist() == [now]
