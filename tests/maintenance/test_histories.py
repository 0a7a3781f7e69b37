"""Histories: what is accepted, what is refused and by which name."""

from __future__ import annotations

import numpy as np
import pytest

from maintenance.errors import HistoryError
from maintenance.histories import Histories, histories
from tests.maintenance.fleet import wearing_fleet


def _made(unit: list[int], cycle: list[float]) -> Histories:
    n = len(unit)
    return histories(
        np.array(unit, np.int64),
        np.array(cycle),
        np.zeros((n, 1)),
        np.ones((n, 2)),
        setting_names=("load",),
        sensor_names=("a", "b"),
    )


def test_no_row_is_an_empty_history() -> None:
    with pytest.raises(HistoryError, match="history is empty"):
        _made([], [])


def test_time_that_runs_backwards_is_refused_with_machine_and_cycle() -> None:
    with pytest.raises(HistoryError, match="machine 4: cycle 2 comes after cycle 3"):
        _made([3, 4, 4], [9, 3, 2])


def test_time_that_stands_still_is_refused() -> None:
    with pytest.raises(HistoryError, match="time must rise"):
        _made([1, 1], [5, 5])


def test_a_machine_in_two_places_is_refused() -> None:
    with pytest.raises(HistoryError, match="machine 1 appears in two places"):
        _made([1, 2, 1], [1, 1, 2])


def test_a_cycle_that_is_no_number_is_refused() -> None:
    with pytest.raises(HistoryError, match="has no cycle"):
        _made([1, 1], [1, float("nan")])


def test_infinite_readings_become_gaps() -> None:
    made = histories(
        np.array([1]),
        np.array([1.0]),
        np.array([[np.inf]]),
        np.array([[1.0, -np.inf]]),
        setting_names=("load",),
        sensor_names=("a", "b"),
    )
    assert np.isnan(made.settings).all()
    assert np.isnan(made.sensors).tolist() == [[False, True]]


def test_selecting_and_truncating_keep_machines_whole() -> None:
    fleet = wearing_fleet(5, seed=0)
    chosen = fleet.select(np.array([3, 0]))
    assert chosen.units.tolist() == [4, 1]
    assert chosen.lengths.tolist() == [fleet.lengths[3], fleet.lengths[0]]
    cut = chosen.truncated(np.array([7, 1000]))
    assert cut.lengths.tolist() == [7, fleet.lengths[0]]
    assert cut.cycle[:8].tolist() == [1, 2, 3, 4, 5, 6, 7, 1]
    assert np.array_equal(cut.sensors[:7], fleet.sensors[fleet.starts[3] : fleet.starts[3] + 7])
