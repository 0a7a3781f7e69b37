"""The model as a whole: it learns, repeats itself to the bit, and answers bad input with a reason."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from maintenance.backtest import held_out, score_backtest
from maintenance.errors import HistoryError, NotEnoughDataError
from maintenance.histories import F64, Histories
from maintenance.model import FittedModel
from maintenance.scores import rmse
from tests.maintenance.conftest import SMALL, fit_small
from tests.maintenance.fleet import SENSORS, wearing_fleet


@pytest.fixture(scope="module")
def live() -> Histories:
    """Machines the model has not seen, each stopped somewhere after its thirtieth cycle."""
    fleet = wearing_fleet(60, seed=99)
    ages = np.random.default_rng(5).integers(30, fleet.lengths - 2)
    return fleet.truncated(ages)


def _truth(live: Histories) -> F64:
    fleet = wearing_fleet(60, seed=99)
    return (fleet.lengths - live.lengths).astype(np.float64)


def _with_sensor(h: Histories, sensor: str, values: F64) -> Histories:
    sensors = h.sensors.copy()
    sensors[:, SENSORS.index(sensor)] = values
    return replace(h, sensors=sensors)


def test_it_forecasts_machines_it_has_not_seen(fitted: FittedModel, live: Histories) -> None:
    told = fitted.model.forecast(live)
    truth = np.minimum(_truth(live), SMALL.cap)
    assert rmse(told.life, truth) < 0.5 * float(truth.std())
    inside = (told.quantiles[:, 0] <= truth) & (truth <= told.quantiles[:, -1])
    assert 0.8 <= inside.mean() <= 1.0
    assert np.all(np.diff(told.quantiles, axis=1) >= 0)


def test_the_same_seed_gives_the_same_bits_with_one_process_or_two(
    fitted: FittedModel, fleet: Histories, live: Histories
) -> None:
    again = fit_small(fleet, jobs=2).model.forecast(live)
    told = fitted.model.forecast(live)
    assert np.array_equal(told.life, again.life)
    assert np.array_equal(told.quantiles, again.quantiles)
    other = fit_small(fleet, seed=4).model.forecast(live)
    assert not np.array_equal(told.life, other.life)


def test_a_forecast_does_not_depend_on_the_other_machines(fitted: FittedModel, live: Histories) -> None:
    alone = fitted.model.forecast(live.select(np.array([7])))
    assert alone.life[0] == pytest.approx(fitted.model.forecast(live).life[7], abs=1e-4)


def test_a_machine_with_few_cycles_gets_a_reason_and_no_number(fitted: FittedModel, live: Histories) -> None:
    told = fitted.model.forecast(live.truncated(np.where(np.arange(60) == 3, 4, 1000)))
    assert told.status[3] == "not_enough_data"
    assert "4 cycles of history; at least 10" in told.reasons[3]
    assert np.isnan(told.life[3])
    assert np.isnan(told.quantiles[3]).all()
    assert told.known.sum() == 59


@pytest.mark.parametrize("fault", ["missing", "stuck", "mis-scaled"])
def test_a_lost_sensor_is_named_and_widens_the_interval(
    fitted: FittedModel, live: Histories, fault: str
) -> None:
    column = live.sensors[:, SENSORS.index("pressure")]
    last_value = np.repeat(column[live.starts[1:] - 1], live.lengths)
    values = {"missing": np.full(live.rows, np.nan), "stuck": last_value, "mis-scaled": 1000.0 * column}[
        fault
    ]
    told = fitted.model.forecast(_with_sensor(live, "pressure", values))
    usual = fitted.model.forecast(live)
    assert set(told.status) == {"indicative"}
    assert all("without pressure" in reason for reason in told.reasons)
    width = told.quantiles[:, -1] - told.quantiles[:, 0]
    assert width.mean() > (usual.quantiles[:, -1] - usual.quantiles[:, 0]).mean()
    truth = np.minimum(_truth(live), SMALL.cap)
    assert rmse(told.life, truth) < 2.5 * rmse(usual.life, truth)


def test_a_machine_that_lost_too_many_sensors_gets_a_reason(fitted: FittedModel, live: Histories) -> None:
    broken = _with_sensor(live, "pressure", np.full(live.rows, np.nan))
    broken = _with_sensor(broken, "vibration", np.full(live.rows, np.inf))
    told = fitted.model.forecast(
        replace(broken, sensors=np.where(np.isinf(broken.sensors), np.nan, broken.sensors))
    )
    assert set(told.status) == {"not_enough_data"}
    assert "2 of 3 sensors missing, stuck or unlike" in told.reasons[0]
    assert "pressure, vibration" in told.reasons[0]


def test_a_machine_of_another_kind_is_refused(fitted: FittedModel, live: Histories) -> None:
    told = fitted.model.forecast(replace(live, sensors=live.sensors[:, ::-1] * 40.0))
    assert set(told.status) == {"not_enough_data"}


def test_a_few_gaps_change_little(fitted: FittedModel, live: Histories) -> None:
    holes = np.random.default_rng(1).random(live.sensors.shape) < 0.1
    told = fitted.model.forecast(replace(live, sensors=np.where(holes, np.nan, live.sensors)))
    truth = np.minimum(_truth(live), SMALL.cap)
    assert rmse(told.life, truth) < 1.3 * rmse(fitted.model.forecast(live).life, truth)


def test_columns_that_are_missing_are_named(fitted: FittedModel, live: Histories) -> None:
    short = replace(live, sensors=live.sensors[:, :2], sensor_names=SENSORS[:2])
    with pytest.raises(HistoryError, match="vibration, constant are missing"):
        fitted.model.forecast(short)


def test_too_few_machines_to_learn_from_are_refused() -> None:
    with pytest.raises(NotEnoughDataError, match="9 machines"):
        fit_small(wearing_fleet(9, seed=0))


def test_a_fleet_whose_sensors_all_stand_still_is_refused(fleet: Histories) -> None:
    with pytest.raises(HistoryError, match="nothing to learn"):
        fit_small(replace(fleet, sensors=np.ones_like(fleet.sensors)))


def test_a_backtest_covers_what_it_says(fitted: FittedModel, fleet: Histories) -> None:
    result = score_backtest(held_out(fitted, fleet, SMALL), fleet, SMALL.cap)
    assert result.machines == 40
    assert 0.85 <= result.interval.coverage <= 0.95
    assert result.auc > 0.97
    assert result.unexpected <= 0.1
