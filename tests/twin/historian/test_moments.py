"""A state of the past is what a search through all readings gives, however they came."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import time_ns

import numpy as np
import pytest

from tests.twin.historian.counting_writer import OF as COUNTED
from tests.twin.historian.counting_writer import ROWS
from tests.twin.historian.engines import ENGINES, open_engine
from tests.twin.historian.frames import SECOND, frame, tag_set
from twin.contract.messages import TagSet
from twin.historian.base import NO_TIME, LastReadings, QueryError
from twin.historian.connect import open_history
from twin.historian.engine import Engine
from twin.historian.moments_table import REPLAY_DAYS
from twin.historian.store import EngineHistory

DAY = 86_400 * SECOND
WRITER = "tests.twin.historian.counting_writer"
LOCAL = [kind for kind in ENGINES if kind != "server"]
Told = dict[tuple[int, int], tuple[float, str | None]]
"""By tag and time, the value and text that were told last."""


@pytest.fixture(params=LOCAL)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    made = open_engine(request.param, tmp_path)
    yield made
    made.close()


def tell(history: EngineHistory, of: TagSet, rng: np.random.Generator, told: Told, back: list[int]) -> None:
    """Tell 60 readings of random tags and ages, some in words, some again with another value."""
    now, rows = time_ns(), []
    again = list(told)
    for _ in range(60):
        if again and rng.random() < 0.2:
            tag, at = again[rng.integers(len(again))]
        else:
            tag, at = int(rng.integers(len(of.tags))), now - int(rng.random() * back[rng.integers(len(back))])
        value = float(rng.integers(1000))
        text = f"words {value}" if tag == 0 else None
        told[tag, at] = value, text
        rows.append((tag, at, value, text))
    tags, times, values, texts = zip(*rows, strict=True)
    history.append([frame(of, times, values, index=tags, text=texts)])


def searched(told: Told, of: TagSet, after: int, until: int) -> list[tuple[int, float, str | None] | None]:
    """Look through everything."""
    found: list[tuple[int, float, str | None] | None] = []
    for tag in range(len(of.tags)):
        times = [at for one, at in told if one == tag and after < at <= until]
        found.append((max(times), *told[tag, max(times)]) if times else None)
    return found


def rows_of(found: LastReadings) -> list[tuple[int, float, str | None] | None]:
    return [
        None if time == NO_TIME else (time, value, found.text.get(row))
        for row, (time, value) in enumerate(zip(found.time.tolist(), found.value.tolist(), strict=True))
    ]


def compare(history: EngineHistory, of: TagSet, told: Told, rng: np.random.Generator) -> None:
    """Ask for moments of every age, and stretches of every length."""
    now, times = time_ns(), sorted(at for _, at in told)
    moments = [now, times[0], times[-1], times[0] - 1, *(now - np.array([1, 400, 90_000]) * SECOND).tolist()]
    moments += [now - int(rng.random() * 1.1 * (now - times[0])) for _ in range(4)]
    moments += [times[place] - int(rng.integers(2)) for place in rng.integers(len(times), size=4).tolist()]
    for at in moments:
        assert rows_of(history.last_readings(of.tags, at)) == searched(told, of, 0, at), now - at
        for length in (SECOND, 900 * SECOND, 2 * DAY)[: 1 + at % 3]:
            wanted = searched(told, of, at - length, at)
            assert rows_of(history.last_between(of.tags, at - length, at)) == wanted, (now - at, length)


def test_as_if_all_readings_were_searched(engine: Engine) -> None:
    """Late by up to months, twice, corrected: in the slots of every width and across their borders."""
    history = EngineHistory(engine, retention_days=0)
    of = tag_set("searched", [f"s{number}" for number in range(12)])
    rng, told = np.random.default_rng(11), Told()
    ages = [600 * SECOND, 86_400 * SECOND, 9 * DAY, 60 * DAY]
    for _ in range(6):
        tell(history, of, rng, told, ages)
    compare(history, of, told, rng)
    for table in ("readings", "moments"):
        engine.execute(f"OPTIMIZE TABLE {table} FINAL")
    compare(history, of, told, rng)


@pytest.mark.parametrize("engine", LOCAL[:1], indirect=True)
def test_a_history_from_before_there_were_moments(engine: Engine) -> None:
    """What came before counts, and what comes late after."""
    old = EngineHistory(engine, retention_days=0)
    for name in ("moments_as_told", "moments", "moments_since", "moments_marks"):
        engine.execute(f"DROP TABLE {name}")
    rng, told = np.random.default_rng(12), Told()
    of = tag_set("grown", [f"s{number}" for number in range(12)])
    tell(old, of, rng, told, [3600 * SECOND, 20 * DAY])
    history = EngineHistory(engine, retention_days=0)
    compare(history, of, told, rng)
    tell(history, of, rng, told, [SECOND, 3600 * SECOND, 20 * DAY])
    compare(history, of, told, rng)


def test_more_tags_than_can_be_named(engine: Engine) -> None:
    history = EngineHistory(engine, retention_days=0)
    of = tag_set("many", [f"s{number}" for number in range(2_500)])
    now, n = time_ns(), len(of.tags)
    history.append([frame(of, [now - 3 * DAY] * (n - 1), [*range(n - 1)], index=range(n - 1))])
    recent = [place + 0.5 for place in range(400)]
    history.append([frame(of, [now - SECOND] * 400, recent, index=range(400))])
    found = history.last_readings([*of.tags, "park/nobody:told"], now)
    assert found.value[:400].tolist() == recent
    assert found.value[400 : n - 1].tolist() == list(range(400, n - 1))
    assert np.isnan(found.value[n - 1 :]).all()
    stretch = history.last_between(of.tags, now - 2 * SECOND, now)
    assert np.flatnonzero(stretch.time != NO_TIME).tolist() == list(range(400))
    with pytest.raises(QueryError, match="must lie before"):
        history.last_between(of.tags, now, now - 1)


def test_slots_of_minutes_are_kept_for_a_month_and_a_moment_before_is_still_right(tmp_path: Path) -> None:
    engine = open_engine("chdb", tmp_path)
    history = EngineHistory(engine, retention_days=365)
    of = tag_set("old")
    now = time_ns()
    ages = [100, REPLAY_DAYS + 10, REPLAY_DAYS + 9, 1]
    for age in ages:
        history.append([frame(of, [now - age * DAY], [float(age)])])
    for _ in range(50):
        engine.execute("OPTIMIZE TABLE moments FINAL")
        left = engine.query("SELECT count() AS n FROM moments WHERE level < 2", {})["n"]
        if np.asarray(left)[0] == 2:
            break
    assert np.asarray(left)[0] == 2, "one reading of a day ago, by itself and as the last of its slot"
    for age in ages:
        at = now - age * DAY
        assert history.last_readings(of.tags[:1], at).value.tolist() == [age]
        assert history.last_readings(of.tags[:1], at + DAY // 2).value.tolist() == [age]
        assert history.last_between(of.tags[:1], at - 1, at + 1).value.tolist() == [age]
    history.close()


def test_what_was_stored_before_a_kill_is_in_the_past_too(tmp_path: Path) -> None:
    start, number = time_ns() - 3600 * SECOND, 0
    for _ in range(3):
        writer = subprocess.Popen(
            [sys.executable, "-m", WRITER, str(tmp_path), str(number), str(start)],
            stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        assert writer.stdout is not None
        for _ in range(4):
            number = int(writer.stdout.readline()) + 1
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
        history = open_history(f"chdb:{tmp_path}", retention_days=0)
        for place in (number * ROWS - 1, number * ROWS // 2):
            found = history.last_readings(COUNTED.tags, start + place)
            assert sorted(found.value.tolist()) == list(range(place - len(COUNTED.tags) + 1, place + 1))
        history.close()
