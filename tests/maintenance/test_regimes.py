"""Regimes: how many, and what is left of a sensor within them."""

from __future__ import annotations

import numpy as np
import pytest

from maintenance.errors import NotEnoughDataError
from maintenance.regimes import fit_regimes


@pytest.mark.parametrize("count", [1, 2, 3, 6])
def test_as_many_regimes_as_the_settings_show(count: int) -> None:
    rng = np.random.default_rng(count)
    told = rng.integers(0, count, 3000)
    settings = np.column_stack([10.0 * told, (told * 3) % 5]) + 0.01 * rng.standard_normal((3000, 2))
    settings = settings if count > 1 else np.zeros((3000, 2))
    regimes = fit_regimes(settings, rng.standard_normal((3000, 2)), seed=0)
    assert len(regimes.centres) == count
    assigned = regimes.assign(settings)
    for one in range(count):
        assert len(np.unique(assigned[told == one])) == 1


def test_settings_spread_evenly_are_one_regime() -> None:
    rng = np.random.default_rng(0)
    assert len(fit_regimes(rng.random((3000, 2)), rng.random((3000, 1)), seed=0).centres) == 1


def test_within_a_regime_a_sensor_has_mean_zero_and_scale_one() -> None:
    rng = np.random.default_rng(1)
    told = rng.integers(0, 2, 1000)
    sensors = (100.0 * told + (1.0 + told) * rng.standard_normal(1000))[:, None]
    regimes = fit_regimes(told[:, None].astype(float), sensors, seed=0)
    z = regimes.z_scores(sensors, regimes.assign(told[:, None].astype(float)))
    for one in (0, 1):
        assert z[told == one].mean() == pytest.approx(0.0, abs=1e-9)
        assert z[told == one].std() == pytest.approx(1.0)


def test_a_sensor_that_stands_still_has_no_z_score() -> None:
    rng = np.random.default_rng(1)
    regimes = fit_regimes(np.zeros((100, 1)), np.full((100, 1), 5.0), seed=0)
    assert np.isnan(regimes.z_scores(rng.random((3, 1)), np.zeros(3, np.int64))).all()


def test_too_few_rows_are_refused() -> None:
    with pytest.raises(NotEnoughDataError, match="5 rows"):
        fit_regimes(np.zeros((5, 1)), np.zeros((5, 1)), seed=0)
