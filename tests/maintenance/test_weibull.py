"""Weibull lives against what they were drawn from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maintenance.errors import NotEnoughDataError
from maintenance.prognosis.weibull import Weibull, fit_weibull


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
