"""Two processes that record share the readings on a real Kafka broker; one is killed. Nothing is missing from
what they have stored together, and key figures come out as of the feed itself.

Each has a chDB of its own here, because there is no ClickHouse server that both could write to; what is shown
is that every reading is in one of them at least, which is once where both write to one table.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from benchmarks.bench_kpi import make_park
from tests.support.kafka import KafkaBroker, RunningBroker
from tests.support.services import wait_for
from tests.twin.bus.topics import delete_all_topics
from twin.api.kpi_history import HistoryReadings
from twin.bus.base import Message
from twin.bus.connect import open_bus
from twin.contract.codec import encode_message, frame_headers
from twin.contract.frame import Frame, encode_frame
from twin.contract.messages import TagSet
from twin.contract.topics import READINGS, TAG_SETS
from twin.historian.connect import open_history
from twin.kpi.packml import STATES
from twin.kpi.plan import KpiPlan
from twin.kpi.report import worked
from twin.kpi.series import Series, empty_series, in_order

pytestmark = [pytest.mark.slow, pytest.mark.kafka, pytest.mark.timeout(600)]

LINES = 12
STEPS = 120
KILL_AT = 50
S = 1_000_000_000
NAMES = ("Execute", "Suspended", "Held", "Aborted", "Idle")


class Whole:
    """What was told, as it was told."""

    def __init__(self) -> None:
        self.rows: dict[str, list[tuple[int, float]]] = {}

    def read(self, tags: Sequence[str], start: int, end: int) -> Mapping[str, Series]:
        """Return the series of tags."""
        return {tag: self._series(tag) for tag in tags}

    def _series(self, tag: str) -> Series:
        rows = self.rows.get(tag, [])
        if not rows:
            return empty_series()
        time_, value = (np.array(column) for column in zip(*rows, strict=True))
        return in_order(time_.astype(np.int64), value.astype(np.float64), np.zeros(len(rows), np.uint32))

    def counters(
        self, tags: Sequence[str], start: int, end: int, edges: Sequence[int]
    ) -> Mapping[str, Series]:
        """Return all of counters."""
        return self.read(tags, start, end)


def read_from(folder: Path, tags: Sequence[str], start: int, end: int) -> Mapping[str, Series]:
    """Return what a history holds; a process has one chDB open at a time."""
    with closing(open_history(f"chdb:{folder}", retention_days=0)) as store:
        assert store.stats().readings, f"{folder.name} had its share"
        return HistoryReadings(lambda: store).read(tags, start, end)


class Halves:
    """What two histories hold together."""

    def __init__(self, parts: Sequence[Mapping[str, Series]]) -> None:
        self._parts = parts

    def read(self, tags: Sequence[str], start: int, end: int) -> Mapping[str, Series]:
        """Return the series of tags."""
        return {tag: self._joined([part.get(tag, empty_series()) for part in self._parts]) for tag in tags}

    def _joined(self, parts: Sequence[Series]) -> Series:
        time_, value, status = (
            np.concatenate([getattr(part, name) for part in parts]) for name in ("time", "value", "status")
        )
        return in_order(time_, value, status)

    def counters(
        self, tags: Sequence[str], start: int, end: int, edges: Sequence[int]
    ) -> Mapping[str, Series]:
        """Return all of counters."""
        return self.read(tags, start, end)


class Recording:
    """The process, and where it stores."""

    def __init__(self, url: str, folder: Path) -> None:
        self.folder = folder
        self._log = folder.with_suffix(".log").open("wb")
        command = [sys.executable, "-m", "tests.end_to_end.recording", url, str(folder)]
        self.process = subprocess.Popen(command, stdout=self._log, stderr=subprocess.STDOUT, env=os.environ)

    def waiting(self) -> float:
        """How many messages wait for it; -1 = it has not said."""
        status = self.folder.with_suffix(".status")
        text = status.read_text() if status.exists() else ""
        return float(text or -1)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(20)
        self._log.close()


@pytest.fixture
def broker(kafka_broker: KafkaBroker | RunningBroker) -> str:
    delete_all_topics(kafka_broker.bootstrap)
    return f"kafka://{kafka_broker.bootstrap}"


@pytest.fixture
def recordings(broker: str, tmp_path: Path) -> Iterator[list[Recording]]:
    made = [Recording(broker, tmp_path / name) for name in ("one", "two")]
    yield made
    for each in made:
        each.end()


def test_two_that_record_and_one_that_dies_leave_nothing_out(
    broker: str, recordings: list[Recording]
) -> None:
    one, two = recordings
    park, whole, rng = make_park(), Whole(), np.random.default_rng(3)
    lines = [tuple(tag.tag for tag in park.tags[3 * n : 3 * n + 3]) for n in range(LINES)]
    sets = [
        TagSet(source=f"plc{n}", tags=tags, units=("",) * 3, data_types=("String", "UInt32", "UInt32"))
        for n, tags in enumerate(lines)
    ]
    with closing(open_bus(broker)) as bus:
        for tag_set in sets:
            value, headers = encode_message(tag_set, message_id=tag_set.id, source=tag_set.source, time_ns=1)
            bus.publish([Message(TAG_SETS.name, tag_set.id, value, headers)])
        wait_for(lambda: one.waiting() >= 0 and two.waiting() >= 0, "both are there", 180)
        begin = time.time_ns()
        counted = np.zeros((LINES, 2))
        for step in range(STEPS):
            if step == KILL_AT:
                one.process.kill()  # SIGKILL
            at = time.time_ns()
            bus.publish([
                _told(tag_set, step, at, rng, counted[n], whole) for n, tag_set in enumerate(sets)
            ])  # fmt: skip
            time.sleep(max(0.0, 0.08 - (time.time_ns() - at) / S))
        end = time.time_ns()
        time.sleep(6.0)  # it looks at what waits every five seconds
        wait_for(lambda: two.waiting() == 0, "the other has stored the rest", 120)
        two.process.terminate()
        assert two.process.wait(60) == 0
    tags = [tag for line in lines for tag in line]
    both = Halves([read_from(each.folder, tags, begin - S, end + S) for each in recordings])
    for tag, series in both.read(tags, begin, end).items():
        wanted = whole.read([tag], begin, end)[tag]
        assert series.time.tolist() == wanted.time.tolist(), tag
        assert series.value.tolist() == wanted.value.tolist(), tag
    plan = KpiPlan(park)
    found = worked(plan, both, "bench", begin, end)
    assert found == worked(plan, whole, "bench", begin, end)
    assert found[0].oee.availability


def _told(
    tag_set: TagSet, step: int, at: int, rng: np.random.Generator, counted: np.ndarray, whole: Whole
) -> Message:
    """Make the frame of one line, and remember what it says."""
    counted += rng.integers(0, 3, 2)
    state = str(rng.choice(NAMES))
    values = (float(STATES.index(state)), *counted.tolist())
    for tag, value in zip(tag_set.tags, values, strict=True):
        whole.rows.setdefault(tag, []).append((at, value))
    frame = Frame(
        source=tag_set.source,
        sequence=step + 1,
        tag_set=tag_set.id,
        index=np.arange(3, dtype=np.uint32),
        source_time=np.full(3, at, np.int64),
        status=np.zeros(3, np.uint32),
        value=np.array([np.nan, *counted]),
        text=(state, None, None),
    )
    return Message(READINGS.name, tag_set.source, encode_frame(frame), frame_headers(frame, at))
