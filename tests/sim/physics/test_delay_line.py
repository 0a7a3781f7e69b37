"""Plug flow: what enters leaves a travel time later, and no mass is lost at any step."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.physics.delay_line import DelayLine


def test_a_pulse_comes_out_after_the_travel_time_unchanged() -> None:
    line = DelayLine(np.array([600.0, 900.0]), np.zeros((1, 2)))
    left = [line.step(np.full((1, 2), 36.0 if 60 <= second < 120 else 0.0), 1.0) for second in range(1200)]
    out = np.array(left)[:, 0]
    for unit, travel in ((0, 600), (1, 900)):
        assert np.flatnonzero(out[:, unit] > 1e-9).tolist() == list(range(60 + travel, 120 + travel))
        np.testing.assert_allclose(out[60 + travel : 120 + travel, unit], 36.0)


@settings(max_examples=40, deadline=None)
@given(
    travel_s=st.lists(st.floats(5.0, 5000.0), min_size=1, max_size=3),
    steps=st.lists(
        st.tuples(st.one_of(st.just(0.0), st.floats(0.01, 4000.0)), st.floats(0.0, 500.0)),
        min_size=1,
        max_size=60,
    ),
)
def test_in_is_out_and_under_way(travel_s: list[float], steps: list[tuple[float, float]]) -> None:
    line = DelayLine(np.array(travel_s), np.full((1, len(travel_s)), 20.0))
    start = line.under_way.copy()
    entered = np.zeros(len(travel_s))
    went = np.zeros(len(travel_s))
    for dt_s, rate in steps:
        out = line.step(np.full((1, len(travel_s)), rate), dt_s)
        entered += rate * dt_s / 3600.0
        went += out[0] * dt_s / 3600.0
        assert (out >= -1e-3).all()  # rounding of the curve over a hundredth of a second
    np.testing.assert_allclose(start[0] + entered, went + line.under_way[0], rtol=1e-9, atol=1e-6)


def test_what_was_there_before_the_start_leaves_first() -> None:
    line = DelayLine(np.array([3600.0]), np.array([[12.0]]))
    assert line.under_way[0, 0] == pytest.approx(12.0)
    assert line.step(np.array([[0.0]]), 1800.0)[0, 0] == pytest.approx(12.0)
    assert line.step(np.array([[0.0]]), 1800.0)[0, 0] == pytest.approx(12.0)
    assert line.step(np.array([[0.0]]), 1800.0)[0, 0] == pytest.approx(0.0)


def test_a_long_run_forgets_old_points_and_keeps_its_balance() -> None:
    """Through several makings of room: 20,000 steps."""
    line = DelayLine(np.array([1500.0, 40.0]), np.zeros((2, 2)))
    entered, went = np.zeros((2, 2)), np.zeros((2, 2))
    rng = np.random.default_rng(1)
    for _ in range(20_000):
        rates = rng.uniform(0.0, 100.0, (2, 2))
        entered += rates / 3600.0
        went += line.step(rates, 1.0) / 3600.0
    np.testing.assert_allclose(entered, went + line.under_way, rtol=1e-9)


def test_a_reading_without_time_shows_what_leaves_now() -> None:
    line = DelayLine(np.array([100.0]), np.array([[7.0]]))
    assert line.step(np.array([[0.0]]), 0.0)[0, 0] == pytest.approx(7.0)
