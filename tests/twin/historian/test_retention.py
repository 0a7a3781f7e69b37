"""Retention by the engine itself: what is too old goes, what is not stays, and a new setting takes hold."""

from __future__ import annotations

from pathlib import Path
from time import monotonic, sleep, time_ns

import pytest

from tests.twin.historian.engines import ENGINES, open_engine
from tests.twin.historian.frames import SECOND, frame, tag_set
from twin.historian.store import EngineHistory

DAY = 86_400 * SECOND
OF = tag_set("retained", ("a",))


def ages_left(history: EngineHistory, now: int) -> list[int]:
    """Ages in days of what is still there, oldest first."""
    pages = history.export(OF.tags[0], 0, now + DAY)
    return [round((now - time) / DAY) for page in pages for time in page.time.tolist()]


def wait_for(history: EngineHistory, now: int, ages: list[int]) -> None:
    """Merge until only ``ages`` are left: dropping a part is the engine's own, unhurried work."""
    deadline = monotonic() + 60
    while ages_left(history, now) != ages and monotonic() < deadline:
        history.optimize()
        sleep(0.1)
    assert ages_left(history, now) == ages


@pytest.mark.parametrize("kind", [kind for kind in ENGINES if kind != "server"])
def test_what_is_older_than_the_retention_goes(kind: str, tmp_path: Path) -> None:
    now = time_ns()
    told = [frame(OF, [now - age * DAY], [float(age)]) for age in (400, 200, 60, 1)]
    history = EngineHistory(open_engine(kind, tmp_path), retention_days=0)
    history.append(told)
    history.optimize()
    assert ages_left(history, now) == [400, 200, 60, 1]
    history.close()

    history = EngineHistory(open_engine(kind, tmp_path), retention_days=365)
    wait_for(history, now, [200, 60, 1])
    history.close()

    history = EngineHistory(open_engine(kind, tmp_path), retention_days=30)
    wait_for(history, now, [1])
    history.close()

    history = EngineHistory(open_engine(kind, tmp_path), retention_days=0)
    history.append(told)
    history.optimize()
    assert ages_left(history, now) == [400, 200, 60, 1]
    history.close()


def test_the_window_is_the_retention_and_a_day_ahead(tmp_path: Path) -> None:
    now = 1_790_000_000 * SECOND
    history = EngineHistory(open_engine("chdb", tmp_path), retention_days=30)
    assert history.window(now) == (now - 30 * DAY, now + DAY)
    history.close()
    history = EngineHistory(open_engine("chdb", tmp_path), retention_days=0)
    assert history.window(now) == (0, now + DAY)
    history.close()
