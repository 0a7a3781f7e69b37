"""Distributions of remaining life: the quantiles of the forecast, and tails beyond them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maintenance.plan.life import HEALTHY_LEVEL, LEVELS, life_at_random, life_of, life_of_quantiles
from tests.maintenance.plan.sites import told
from twin.contract.health import HealthState, MachineHealth


@given(st.lists(st.floats(0.0, 1e5), min_size=5, max_size=5))
def test_it_rises_from_never_to_certain(hours: list[float]) -> None:
    life = life_of_quantiles(np.sort(np.array(hours)))
    grid = np.concatenate([[0.0], np.geomspace(1e-3, 1e6, 500)])
    fails = life.fails_within(grid)
    assert fails[0] == 0.0
    assert np.all(np.diff(fails) >= -1e-12)
    assert np.all((fails >= 0.0) & (fails <= 1.0))


def test_the_quantiles_of_a_forecast_are_kept() -> None:
    hours = np.array([40.0, 60.0, 100.0, 170.0, 300.0])
    np.testing.assert_allclose(life_of_quantiles(hours).fails_within(hours), LEVELS, atol=1e-4)


def test_expected_use_is_that_of_a_lognormal_life() -> None:
    life = life_of(told("park/a/l/m", 100.0, spread=0.3))
    assert life is not None
    drawn = 100.0 * np.exp(0.3 * np.random.default_rng(1).standard_normal(200_000))
    for hours in (50.0, 100.0, 200.0):
        assert life.used(np.array([hours]))[0] == pytest.approx(np.minimum(drawn, hours).mean(), rel=0.005)


def test_failures_at_random_use_what_an_exponential_life_does() -> None:
    used = life_at_random(100.0).used(np.array([50.0]))[0]
    assert used == pytest.approx(100.0 * (1.0 - np.exp(-0.5)), rel=1e-4)


def test_a_healthy_machine_may_fail_before_what_it_says_with_the_level_it_says() -> None:
    well = MachineHealth(machine="m/a", time=0, state=HealthState.HEALTHY, healthy_beyond_h=2000.0)
    life = life_of(well)
    assert life is not None
    assert life.fails_within(np.array([2000.0]))[0] == pytest.approx(HEALTHY_LEVEL)


def test_without_a_number_there_is_no_distribution() -> None:
    assert life_of(MachineHealth(machine="m/a", time=0, state=HealthState.NOT_ENOUGH_DATA)) is None
