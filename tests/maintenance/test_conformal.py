"""Local conformal prediction on errors whose distribution is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from maintenance.conformal import LocalConformal, fit_conformal

LEVELS = np.array([0.05, 0.5, 0.95])


def _drawn(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Forecasts whose error has a spread of a tenth of the forecast."""
    rng = np.random.default_rng(seed)
    forecast = rng.uniform(10.0, 90.0, n)
    return forecast, forecast + 0.1 * forecast * rng.standard_normal(n)


@pytest.fixture(scope="module")
def conformal() -> LocalConformal:
    forecast, life = _drawn(20_000, 1)
    return fit_conformal(forecast, life, np.ones(len(life)), cap=200.0, bandwidth=3.0)


def test_coverage_is_nominal_everywhere_though_the_errors_grow(conformal: LocalConformal) -> None:
    forecast, life = _drawn(20_000, 2)
    told = conformal.quantiles(forecast, LEVELS)
    inside = (told[:, 0] <= life) & (life <= told[:, 2])
    for low, high in ((10, 35), (35, 65), (65, 90)):
        part = (forecast >= low) & (forecast < high)
        assert inside[part].mean() == pytest.approx(0.90, abs=0.02)


def test_quantiles_are_those_of_the_errors(conformal: LocalConformal) -> None:
    told = conformal.quantiles(np.array([50.0]), LEVELS)[0]
    assert told == pytest.approx(50.0 + 5.0 * norm.ppf(LEVELS), abs=0.5)


def test_the_probability_to_fail_is_that_of_the_errors(conformal: LocalConformal) -> None:
    told = conformal.probability_below(np.array([28.0, 30.0, 34.0, 80.0]), 30.0)
    assert told == pytest.approx(norm.cdf((30 - np.array([28, 30, 34, 80])) / [2.8, 3.0, 3.4, 8.0]), abs=0.03)


def test_lost_sensors_widen_the_interval(conformal: LocalConformal) -> None:
    narrow = conformal.quantiles(np.array([50.0]), LEVELS)[0]
    wide = conformal.quantiles(np.array([50.0]), LEVELS, widening=2.0)[0]
    assert wide[2] - wide[0] == pytest.approx(2.0 * (narrow[2] - narrow[0]))


@given(st.lists(st.floats(-50.0, 400.0), min_size=1, max_size=20), st.floats(1.0, 5.0))
def test_quantiles_rise_and_stay_between_zero_and_the_cap(
    conformal_forecasts: list[float], widening: float
) -> None:
    forecast, life = _drawn(300, 3)
    small = fit_conformal(forecast, np.minimum(life, 70.0), np.ones(300), cap=70.0, bandwidth=3.0)
    told = small.quantiles(np.array(conformal_forecasts), LEVELS, widening=widening)
    assert np.all(np.diff(told, axis=1) >= 0.0)
    assert told.min() >= 0.0
    assert told.max() <= 70.0
    chance = small.probability_below(np.array(conformal_forecasts), 30.0, widening=widening)
    assert np.all((chance >= 0.0) & (chance <= 1.0))


def test_a_machine_with_many_rows_counts_as_one() -> None:
    # machine A: 1000 rows, error +10; machine B: one row, error -10; both weigh one half
    forecast = np.full(1001, 50.0)
    life = np.concatenate([np.full(1000, 60.0), [40.0]])
    weight = np.concatenate([np.full(1000, 1e-3), [1.0]])
    told = fit_conformal(forecast, life, weight, cap=100.0, bandwidth=3.0)
    assert told.quantiles(np.array([50.0]), np.array([0.05]))[0, 0] == pytest.approx(40.0)
    assert told.probability_below(np.array([50.0]), 50.0)[0] == pytest.approx(0.5, abs=0.27)
