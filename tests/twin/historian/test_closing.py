"""Slots of moments are closed without a hole, whenever the process ends and however late a reading comes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from time import time_ns

import numpy as np
import pytest

from tests.twin.historian.engines import open_engine
from tests.twin.historian.frames import SECOND, frame, tag_set
from tests.twin.historian.test_moments import Told, rows_of, searched
from twin.contract.messages import TagSet
from twin.historian.base import HistoryUnavailableError
from twin.historian.closing import GRACE_NS, HOLD_NS
from twin.historian.engine import Engine, Parameters
from twin.historian.moments_table import FOUR_HOURS_NS, SLOT_NS, WEEK_NS
from twin.historian.native import Column, Columns
from twin.historian.store import EngineHistory

HOUR = 3600 * SECOND


class Failing:
    """An engine that fails at some of what closes slots: as if the process were killed there.

    Args:
        engine: the real one.
        rng: when.
        share: of the statements that fail.
    """

    def __init__(self, engine: Engine, rng: np.random.Generator, share: float) -> None:
        self._engine = engine
        self._rng = rng
        self._share = share

    def execute(self, sql: str) -> None:
        self._fail(sql.startswith("INSERT INTO moments"))
        self._engine.execute(sql)

    def query(self, sql: str, parameters: Parameters) -> Columns:
        return self._engine.query(sql, parameters)

    def insert(self, table: str, columns: Sequence[Column]) -> None:
        self._fail(table == "moments_marks")
        self._engine.insert(table, columns)

    def close(self) -> None:
        self._engine.close()

    def _fail(self, closing: bool) -> None:
        if closing and self._rng.random() < self._share:
            raise HistoryUnavailableError("killed")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_engine("chdb", tmp_path)
    yield made
    made.close()


class Days:
    """A clock, and readings about it."""

    def __init__(self, seed: int) -> None:
        self.now = time_ns() // WEEK_NS * WEEK_NS - 3 * HOUR  # soon the slots of all widths end
        self.rng = np.random.default_rng(seed)
        self.of = tag_set("closed", [f"s{number}" for number in range(8)])
        self.told = Told()

    def tell(self, history: EngineHistory, late_s: Sequence[float]) -> None:
        """Tell eight readings, each as late as one of these [s]."""
        rows = []
        for _ in range(8):
            tag, late = int(self.rng.integers(8)), float(self.rng.choice(late_s))
            at = self.now - int(late * SECOND * self.rng.random()) - tag
            value = float(self.rng.integers(1000))
            text = f"words {value}" if tag == 0 and self.rng.random() < 0.5 else None
            self.told[tag, at] = value, text
            rows.append((tag, at, value, text))
        tags, times, values, texts = zip(*rows, strict=True)
        history.append([frame(self.of, times, values, index=tags, text=texts)])

    def compare(self, history: EngineHistory) -> None:
        """Ask for moments near the present, at borders of slots, and all over."""
        borders = [self.now // width * width - 1 for width in (SLOT_NS, FOUR_HOURS_NS, WEEK_NS)]
        moments = [self.now, *borders, *(border + 1 for border in borders)]
        first = min(at for _, at in self.told)
        moments += [self.now - int(self.rng.random() * (self.now - first)) for _ in range(3)]
        moments += [self.now - int(self.rng.random() * 1200 * SECOND) for _ in range(3)]
        for at in moments:
            wanted = searched(self.told, self.of, 0, at)
            assert rows_of(history.last_readings(self.of.tags, at)) == wanted, self.now - at
            for length in (400 * SECOND, 5 * HOUR):
                wanted = searched(self.told, self.of, at - length, at)
                assert rows_of(history.last_between(self.of.tags, at - length, at)) == wanted, self.now - at


def levels(engine: Engine, of: TagSet) -> list[int]:
    """How many rows there are of each level."""
    found = engine.query("SELECT toUInt8(level) AS level, count() AS n FROM moments GROUP BY level", {})
    rows = dict(zip(np.asarray(found["level"]).tolist(), np.asarray(found["n"]).tolist(), strict=True))
    return [rows.get(level, 0) for level in range(4)]


@pytest.mark.parametrize("share", [0.0, 0.4])
def test_the_past_is_exact_through_restarts_in_the_middle_of_slots(engine: Engine, share: float) -> None:
    """Slots of all widths end, readings come late, the twin restarts, and closing fails half way."""
    days = Days(21)
    frail = Failing(engine, days.rng, 0.0)
    history = EngineHistory(frail, retention_days=0, clock=lambda: days.now)
    frail._share = share  # noqa: SLF001  # what opens a history must not fail
    late_s = (1.0, 1.0, 1.0, 90.0, 400.0, 20_000.0)
    for step in range(40):
        days.now += int(days.rng.choice([15, 40, 200, 900]) * SECOND)
        days.tell(history, late_s)
        if step % 7 == 3:
            history = EngineHistory(frail, retention_days=0, clock=lambda: days.now)
        if step % 20 == 19:
            days.compare(history)
    found = engine.query("SELECT max(time) AS t FROM moments_marks WHERE name = 'closed'", {})
    assert days.now - int(np.asarray(found["t"])[0]) < HOUR, "closing goes on"
    days.compare(history)


def test_a_reading_is_written_once_until_its_slot_is_over(engine: Engine) -> None:
    days = Days(22)
    days.now = days.now // SLOT_NS * SLOT_NS
    history = EngineHistory(engine, retention_days=0, clock=lambda: days.now)
    days.now += SECOND
    days.tell(history, [0.0])
    n = len(days.told)
    assert levels(engine, days.of) == [n, 0, 0, 0]
    days.now += SLOT_NS + GRACE_NS
    days.tell(history, [0.0])  # `closing` moves on
    assert levels(engine, days.of)[1] == 0
    days.compare(history)
    days.now += HOLD_NS + SECOND
    days.tell(history, [0.0])
    tags = len({tag for tag, at in days.told if at < days.now // SLOT_NS * SLOT_NS - SLOT_NS // 2})
    assert levels(engine, days.of)[1] == tags
    late = days.now - SLOT_NS - 2 * GRACE_NS
    history.append([frame(days.of, [late], [1.5], index=[0])])
    days.told[0, late] = 1.5, None
    assert levels(engine, days.of)[2:] == [1, 1], "what comes late goes into all levels at once"
    days.compare(history)


def test_a_history_whose_view_wrote_all_levels_goes_on(engine: Engine) -> None:
    days = Days(23)
    history = EngineHistory(engine, retention_days=0, clock=lambda: days.now)
    for statement in (
        "DROP TABLE moments_as_told",
        "DROP TABLE moments_marks",
        f"""CREATE MATERIALIZED VIEW moments_of_readings TO moments AS
        SELECT CAST(arrayJoin([0, 1, 2, 3]) AS UInt8) AS level,
               toUInt32(intDiv(ts, multiIf(level < 2, {SLOT_NS}, level = 2, {FOUR_HOURS_NS}, {WEEK_NS})))
                   AS slot, tag, ts, value, status, text FROM readings""",
    ):
        engine.execute(statement)
    old = tag_set("old", ["a", "b"])
    history.append([frame(old, [days.now - HOUR, days.now - SECOND], [1.0, 2.0], index=[0, 1])])
    assert levels(engine, days.of) == [2, 2, 2, 2]
    history = EngineHistory(engine, retention_days=0, clock=lambda: days.now)
    for _ in range(12):
        days.now += 100 * SECOND
        days.tell(history, [1.0, 9 * 24 * 3600.0])
    days.compare(history)
    assert history.last_readings(old.tags, days.now).value.tolist() == [1.0, 2.0]
    assert not engine.query("SELECT name FROM system.tables WHERE name = 'moments_of_readings'", {}).get(
        "name"
    )
