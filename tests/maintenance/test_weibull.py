"""Weibull lives against what they were drawn from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maintenance.errors import NotEnoughDataError
from maintenance.prognosis.weibull import Weibull, fit_posterior, fit_weibull


@pytest.mark.parametrize("shape", [0.8, 1.0, 2.5, 6.0])
def test_the_shape_and_scale_are_found_though_half_still_run(shape: float) -> None:
    rng = np.random.default_rng(0)
    life = 1000.0 * rng.weibull(shape, 20_000)
    seen = np.full(len(life), 1000.0 * np.log(2.0) ** (1.0 / shape))
    fitted = fit_weibull(np.minimum(life, seen), life <= seen)
    assert fitted.shape == pytest.approx(shape, rel=0.03)
    assert fitted.scale == pytest.approx(1000.0, rel=0.03)


def test_machines_that_still_run_make_lives_longer() -> None:
    age = np.array([100.0, 120.0, 150.0, 400.0, 400.0])
    failed = np.array([True, True, True, False, False])
    assert fit_weibull(age, failed).scale > 1.5 * fit_weibull(age[:3], failed[:3]).scale


@given(st.floats(0.5, 8.0), st.floats(1.0, 1e5), st.floats(0.0, 3.0))
def test_quantiles_and_probabilities_agree(shape: float, scale: float, spent: float) -> None:
    lives = Weibull(shape, scale)
    age = np.array([spent * scale])
    levels = np.array([0.05, 0.5, 0.95])
    left = lives.quantiles_left(age, levels)[0]
    assert np.all(np.diff(left) > 0.0)
    for one, level in zip(left, levels, strict=True):
        assert lives.fails_within(age, float(one))[0] == pytest.approx(level, abs=1e-6)


def test_equal_lives_are_a_sharp_life() -> None:
    fitted = fit_weibull(np.full(5, 300.0), np.full(5, True))
    assert fitted.quantiles_left(np.array([0.0]), np.array([0.5]))[0, 0] == pytest.approx(300.0, rel=0.01)


def test_two_failures_are_not_enough() -> None:
    with pytest.raises(NotEnoughDataError, match="2 failures of 4 machines"):
        fit_weibull(np.array([1.0, 2.0, 3.0, 4.0]), np.array([True, True, False, False]))


def test_intervals_from_four_failures_hold_as_often_as_they_say_and_the_likeliest_life_is_too_sure() -> None:
    rng = np.random.default_rng(3)
    held = np.zeros(2)
    trials = 120
    for _ in range(trials):
        life = 1000.0 * rng.weibull(2.0, 8)
        seen = np.r_[np.full(4, np.inf), rng.uniform(200.0, 800.0, 4)]
        age, failed = np.minimum(life, seen), life <= seen
        left = 1000.0 * rng.weibull(2.0)
        posterior = fit_posterior(age, failed).quantiles_left(1e-3, np.array([0.05, 0.95]))
        likeliest = fit_weibull(age, failed).quantiles_left(np.zeros(1), np.array([0.05, 0.95]))[0]
        held += [low <= left <= high for low, high in (posterior, likeliest)]
    assert 0.84 <= held[0] / trials <= 0.96
    assert held[1] < held[0]


def test_many_lives_leave_one_life() -> None:
    rng = np.random.default_rng(0)
    age = 1000.0 * rng.weibull(2.5, 2000)
    posterior = fit_posterior(age, np.full(len(age), True))
    levels = np.array([0.1, 0.5, 0.9])
    one = Weibull(2.5, 1000.0).quantiles_left(np.array([400.0]), levels)[0]
    assert posterior.quantiles_left(400.0, levels) == pytest.approx(one, rel=0.06)
    within = posterior.fails_within(400.0, posterior.quantiles_left(400.0, levels))
    assert within == pytest.approx(levels, abs=0.01)
