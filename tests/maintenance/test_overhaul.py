"""Overhauls without a record: seen where wear steps back, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from maintenance.histories import F64, Histories
from maintenance.model import FittedModel
from maintenance.overhaul import EARLIEST, find_overhauls, noise_of, worn_length
from tests.maintenance.conftest import SMALL, fit_small
from tests.maintenance.fleet import SENSORS, wearing_fleet


def _z(units: int, *, seed: int) -> tuple[F64, Histories]:
    h = wearing_fleet(units, seed=seed, regimes=1)
    used = h.sensors[:, :3]
    return (used - used.mean(axis=0)) / used.std(axis=0), h


def test_wear_alone_is_no_overhaul() -> None:
    z, h = _z(60, seed=0)
    noise = noise_of(z, h.starts)
    assert len(find_overhauls(z, h.starts, noise, worn_length(z, h.starts, noise))) == 0


@pytest.mark.parametrize("at", [55, 70, 90])
def test_a_worn_machine_put_back_to_its_youth_is_seen_to_the_row(at: int) -> None:
    z, h = _z(60, seed=0)
    noise = noise_of(z, h.starts)
    worn = worn_length(z, h.starts, noise)
    long_lived = int(np.argmax(h.lengths))
    begin, end = h.starts[long_lived], h.starts[long_lived + 1]
    worn_rows = z[end - at : end]
    mended = np.vstack([z[begin : begin + EARLIEST], worn_rows, z[begin : begin + 30]])
    found = find_overhauls(mended, np.array([0, len(mended)]), noise, worn)
    assert found.tolist() == [pytest.approx(EARLIEST + at, abs=1)]


def test_one_sensor_that_falls_back_alone_is_a_fault_of_that_sensor() -> None:
    z, h = _z(60, seed=0)
    noise = noise_of(z, h.starts)
    worn = worn_length(z, h.starts, noise)
    long_lived = int(np.argmax(h.lengths))
    rows = z[h.starts[long_lived] : h.starts[long_lived + 1]].copy()
    rows[-20:, 0] = rows[:20, 0]
    assert len(find_overhauls(rows, np.array([0, len(rows)]), noise, worn)) == 0


def test_a_sensor_that_mostly_repeats_itself_is_taken_out() -> None:
    rng = np.random.default_rng(0)
    z = np.column_stack([rng.standard_normal(100), np.repeat([0.0, 1.0], 50)])
    assert np.isinf(noise_of(z, np.array([0, 100]))).tolist() == [False, True]


def test_the_forecast_says_that_the_machine_was_overhauled(fitted: FittedModel) -> None:
    fleet = wearing_fleet(40, seed=1)
    one = fleet.select(np.array([int(np.argmax(fleet.lengths))]))
    n = one.rows
    again = replace(
        one,
        starts=np.array([0, 2 * n - 40]),
        cycle=np.arange(1.0, 2 * n - 39),
        settings=np.vstack([one.settings, one.settings[: n - 40]]),
        sensors=np.vstack([one.sensors, one.sensors[: n - 40]]),
    )
    told = fitted.model.forecast(again)
    assert told.status == ("indicative",)
    assert "much less worn from cycle" in told.reasons[0]
    assert told.life[0] > 15.0


def test_rows_before_an_overhaul_are_not_learned_from(fleet: Histories) -> None:
    # a machine worn to the end, mended, and worn again: its first life teaches nothing
    first, second = fleet.select(np.array([0])), fleet.select(np.array([1]))
    merged = replace(
        fleet,
        units=np.delete(fleet.units, 1),
        starts=np.delete(fleet.starts, 1),
        cycle=np.concatenate([first.cycle, second.cycle + first.rows, fleet.cycle[fleet.starts[2] :]]),
    )
    refitted = fit_small(merged)
    assert not refitted.ended[: first.rows - 2].any()
    assert refitted.ended[first.rows + 2 :].all()
    assert refitted.model.stack.cap == SMALL.cap
    assert len(SENSORS) == merged.sensors.shape[1]
