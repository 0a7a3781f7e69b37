"""Figures of the live stream are those of the history: the same readings, however they came."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.twin.kpi.small_park import BAD, DAY, HOUR, LINE1, MINUTE, Kept, small_plan
from twin.api.kpi_history import HistoryReadings
from twin.contract.frame import Frame
from twin.contract.messages import Gap, GapReason, TagSet
from twin.historian.embedded import EmbeddedEngine
from twin.historian.store import EngineHistory
from twin.kpi.live import LiveReadings
from twin.kpi.packml import STATES
from twin.kpi.report import energy_of, stops_of, worked
from twin.kpi.series import in_order

PLAN = small_plan()
TAGS = tuple(tag for tag in PLAN.tags if tag.startswith(LINE1) or "/q" in tag)
END = DAY + 4 * HOUR
GAP = Gap(
    id="plc:1", source="plc", start=DAY + 90 * MINUTE, end=DAY + 97 * MINUTE, reason=GapReason.SOURCE_LOST
)

Told = tuple[int, int, float, int, str | None]
"""Index, time, value, status and text of a reading."""
SOME = ("Execute", "Held", "Aborted", "Idle", "Suspended")


def some_hours(seed: int) -> list[Told]:
    """Readings of (index, time, value, status, text) as the small plant's machines could tell them."""
    rng = np.random.default_rng(seed)
    rows: list[Told] = []
    for index, tag in enumerate(TAGS):
        signal = tag.rpartition(":")[2]
        total = 0.0
        for time in np.sort(rng.integers(DAY - HOUR, END, 60)).tolist():
            status = BAD if rng.random() < 0.05 else 0
            if signal == "state":
                rows.append(
                    (
                        index,
                        time,
                        float("nan"),
                        status,
                        str(rng.choice(SOME)),
                    )
                )
            elif signal in ("starved", "blocked", "calibrating"):
                rows.append((index, time, float(rng.random() < 0.3), status, None))
            else:
                total = 0.0 if rng.random() < 0.02 else total + float(rng.integers(0, 50))
                rows.append((index, time, total, status, None))
    rows.append((0, END + 3 * HOUR, float("nan"), 0, "Aborted"))  # a clock that is ahead
    return rows


def frames(rows: list[Told], tag_set: TagSet, size: int = 40) -> Iterator[Frame]:
    for number in range(0, len(rows), size):
        part = rows[number : number + size]
        yield Frame(
            source="plc",
            sequence=number,
            tag_set=tag_set.id,
            index=np.array([row[0] for row in part], "<u4"),
            source_time=np.array([row[1] for row in part], "<i8"),
            status=np.array([row[3] for row in part], "<u4"),
            value=np.array([row[2] for row in part], "<f8"),
            text=tuple(row[4] for row in part),
        )


def numbered(frame: Frame) -> np.ndarray:
    """The values of a frame, a state as its number."""
    texts = frame.text or (None,) * len(frame)
    return np.array(
        [
            value if text is None else STATES.index(text)
            for value, text in zip(frame.value, texts, strict=True)
        ]
    )


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineHistory]:
    store = EngineHistory(EmbeddedEngine(Path(tmp_path_factory.mktemp("history"))), retention_days=0)
    yield store
    store.close()


def test_live_is_as_history_whatever_the_order(history: EngineHistory) -> None:
    tag_set = TagSet(source="plc", tags=TAGS, units=("",) * len(TAGS), data_types=("Double",) * len(TAGS))
    rows = some_hours(1)
    history.append([(tag_set, frame) for frame in frames(rows, tag_set)])
    history.append_gaps([GAP])
    live = LiveReadings(dict.fromkeys(TAGS, "plc"))
    shuffled = rows + rows[::3]  # some told twice
    np.random.default_rng(2).shuffle(shuffled)
    for frame in frames(shuffled, tag_set):
        live.take(TAGS, frame.index.astype(np.int64), frame.source_time, numbered(frame), frame.status)
    live.take_gap(GAP)
    kept = HistoryReadings(lambda: history)
    for start, end in ((DAY, END), (DAY + 20 * MINUTE, DAY + 100 * MINUTE), (DAY + HOUR, DAY + HOUR + 1)):
        assert worked(PLAN, live, LINE1, start, end) == worked(PLAN, kept, LINE1, start, end)
        assert stops_of(PLAN, live, LINE1, start, end) == stops_of(PLAN, kept, LINE1, start, end)
        for place in (LINE1, "nho/a/f1"):
            assert energy_of(PLAN, live, place, start, end) == energy_of(PLAN, kept, place, start, end)
    whole = worked(PLAN, live, LINE1, DAY, END)[0]
    assert whole.oee.gap_share is not None
    assert 0.0 < whole.oee.gap_share < 0.5, "the gap and what was Bad, and not what the wrong clock said"


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), size=st.integers(1, 500))
def test_late_twice_and_out_of_order_is_as_in_order(seed: int, size: int) -> None:
    rows = some_hours(seed % 97)
    tag_set = TagSet(source="plc", tags=TAGS, units=("",) * len(TAGS), data_types=("Double",) * len(TAGS))
    rng = np.random.default_rng(seed)
    live = LiveReadings(dict.fromkeys(TAGS, "plc"))
    order = rng.permutation(np.concatenate((np.arange(len(rows)), rng.integers(0, len(rows), 50))))
    for number, frame in enumerate(frames([rows[row] for row in order.tolist()], tag_set, size)):
        live.take(TAGS, frame.index.astype(np.int64), frame.source_time, numbered(frame), frame.status)
        if number % 3 == 0:
            worked(PLAN, live, LINE1, DAY, END)  # whoever asks in between changes nothing
            live.forget(END)
    (whole,) = frames(rows, tag_set, len(rows))
    value, time, status = numbered(whole), whole.source_time, whole.status
    series = {
        tag: in_order(*(column[whole.index == index] for column in (time, value, status)))
        for index, tag in enumerate(TAGS)
    }
    assert worked(PLAN, live, LINE1, DAY, END) == worked(PLAN, Kept(series), LINE1, DAY, END)


def test_what_is_older_than_what_is_kept_goes_but_the_reading_that_holds() -> None:
    live = LiveReadings(dict.fromkeys(TAGS, "plc"), kept_s=3600.0)
    index = np.zeros(3, np.int64)
    time = np.array([DAY, DAY + 10 * MINUTE, DAY + 3 * HOUR], np.int64)
    live.take(TAGS, index, time, np.array([6.0, 9.0, 6.0]), np.zeros(3, np.uint32))
    live.whole_from(DAY)
    live.forget(DAY + 3 * HOUR)
    kept = live.read([TAGS[0]], DAY, END)[TAGS[0]]
    assert kept.time.tolist() == [DAY + 10 * MINUTE, DAY + 3 * HOUR]
    assert (live.since, live.dropped) == (DAY + 2 * HOUR, 1)
