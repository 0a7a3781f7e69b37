"""Windows of a source: means, what is carried on, what is late, and what is a gap."""

from __future__ import annotations

import numpy as np

from maintenance.live.source_windows import GRACE_NS, ClosedWindow, SourceWindows
from twin.contract.clock import NS_PER_S

LENGTH_NS = 60 * NS_PER_S
BASE = 1_000_000


def _add(windows: SourceWindows, *rows: tuple[str, float, float]) -> list[ClosedWindow]:
    """Add rows of (tag, seconds since the base window began, value)."""
    tags = windows.tag_numbers(tuple(tag for tag, _, _ in rows))
    time = np.array([BASE * LENGTH_NS + round(at * NS_PER_S) for _, at, _ in rows], np.int64)
    return list(windows.add(tags, time, np.array([value for _, _, value in rows])))


def test_a_window_is_the_mean_of_its_readings_and_closes_after_a_grace() -> None:
    windows = SourceWindows(LENGTH_NS)
    grace_s = GRACE_NS / NS_PER_S
    assert _add(windows, ("a", 1, 2.0), ("a", 30, 4.0), ("a", 61, 9.0)) == []
    assert _add(windows, ("a", 59, 6.0)) == []
    (closed,) = _add(windows, ("a", 60 + grace_s, 9.0))
    assert closed.number == BASE
    assert closed.mean.tolist() == [4.0]


def test_a_signal_that_did_not_change_stands_and_one_never_heard_is_missing() -> None:
    windows = SourceWindows(LENGTH_NS)
    _add(windows, ("a", 1, 2.0), ("b", 1, 7.0))
    first, second = _add(windows, ("b", 70, 8.0), ("c", 131, 1.0))
    assert first.mean.tolist() == [2.0, 7.0, np.nan][: len(first.mean)] or np.isnan(first.mean[2])
    assert second.mean[:2].tolist() == [2.0, 8.0]


def test_silence_is_a_gap_and_not_the_last_value() -> None:
    windows = SourceWindows(LENGTH_NS)
    _add(windows, ("a", 1, 2.0))
    closed = _add(windows, ("a", 200, 3.0))
    assert [one.silent for one in closed] == [False, True, True]
    assert np.isnan(closed[1].mean).all()


def test_what_comes_after_its_window_is_late_and_changes_nothing() -> None:
    windows = SourceWindows(LENGTH_NS)
    _add(windows, ("a", 1, 2.0))
    _add(windows, ("a", 80, 3.0))
    _add(windows, ("a", 2, 100.0))
    (closed,) = _add(windows, ("a", 140, 3.0))
    assert windows.late == 1
    assert closed.mean.tolist() == [3.0]


def test_a_silence_of_years_is_passed_over_in_bounded_steps() -> None:
    windows = SourceWindows(LENGTH_NS)
    _add(windows, ("a", 1, 2.0))
    closed = _add(windows, ("a", 3.2e8, 3.0))
    assert len(closed) <= 10_002
    assert windows.current <= BASE + round(3.2e8 / 60)
    (newest,) = _add(windows, ("a", 3.2e8 + 80, 4.0))
    assert newest.mean.tolist() == [3.0]
