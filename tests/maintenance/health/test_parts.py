"""The parts of a health model against what is known of them."""

from __future__ import annotations

import numpy as np
import pytest

from maintenance.errors import NotEnoughDataError
from maintenance.health.calibration import LEVELS, UNCALIBRATED, fit_calibration
from maintenance.health.courses import Course, fit_course
from maintenance.health.deviation import BASELINE_WINDOWS, baseline
from maintenance.health.posterior import assess
from maintenance.health.signatures import Signatures, fit_signatures, smooth


def test_two_modes_at_once_are_taken_apart() -> None:
    rng = np.random.default_rng(1)
    pattern = np.array([[10.0, 0.0], [5.0, 5.0], [0.0, 8.0]])
    mode = np.arange(40) % 2
    lives = []
    for own in mode.tolist():
        severity = np.zeros((60, 2))
        severity[:, own] = np.linspace(0, 1, 60)
        severity[:, 1 - own] = rng.uniform(0, 0.6)
        lives.append(severity @ pattern.T + 0.1 * rng.standard_normal((60, 3)))
    signatures = fit_signatures(lives, 0.1 * rng.standard_normal((500, 3)), mode, 2)
    found = signatures.severities(np.array([[0.3, 0.9]]) @ pattern.T)
    assert found[0] == pytest.approx([0.3, 0.9], abs=0.08)
    without = np.array([[0.3, 0.9]]) @ pattern.T
    without[0, 1] = np.nan
    assert signatures.severities(without)[0] == pytest.approx([0.3, 0.9], abs=0.08)
    parts = signatures.parts((np.array([[0.0, 1.0]]) @ pattern.T)[0], 1)
    assert parts.sum() == pytest.approx(1.0, abs=0.08)


def test_nothing_known_is_no_severity() -> None:
    signatures = Signatures(np.array([[10.0], [5.0]]), np.eye(2))
    assert signatures.severities(np.full((1, 2), np.nan)).tolist() == [[0.0]]


def test_a_gap_holds_what_was_before_it() -> None:
    values = np.array([[1.0], [1.0], [np.nan], [np.nan], [1.0]])
    assert smooth(values)[:, 0].tolist() == pytest.approx([1.0] * 5)


def test_a_level_needs_enough_windows_and_forgives_holes() -> None:
    residuals = np.full((BASELINE_WINDOWS, 2), 3.0)
    residuals[:10, 0] = np.nan
    residuals[:, 1] = np.nan
    level = baseline(residuals)
    assert level[0] == 3.0
    assert np.isnan(level[1])
    with pytest.raises(NotEnoughDataError):
        baseline(residuals[:-1])


def _linear(rng: np.random.Generator, lives_h: np.ndarray) -> Course:
    """A mode whose severity is the share of life that is over."""
    age = [np.arange(10.0, life, 10.0) for life in lives_h]
    severity = [
        (one / life)[:, None] + 0.01 * rng.standard_normal((len(one), 1))
        for one, life in zip(age, lives_h, strict=True)
    ]
    return fit_course(severity, age, lives_h)


def test_a_straight_way_to_failure_is_forecast_by_the_rule_of_three() -> None:
    rng = np.random.default_rng(2)
    course = _linear(rng, 1000.0 * np.exp(0.3 * rng.standard_normal(30)))
    told = assess([course], np.array([[0.6]]), np.array([0.0]), age_h=900.0, window_h=10.0)
    low, median, high = told.quantiles(np.array([0.05, 0.5, 0.95]))
    assert median == pytest.approx(600.0, rel=0.12)
    assert low < 600.0 < high
    assert told.probability_within(high) == pytest.approx(0.95, abs=1e-6)


def test_without_the_age_the_way_it_went_tells() -> None:
    rng = np.random.default_rng(3)
    course = _linear(rng, 1000.0 * np.exp(0.3 * rng.standard_normal(30)))
    told = assess(
        [course], np.array([[0.6], [0.5], [0.4]]), np.array([0.0, 150.0, 300.0]), age_h=None, window_h=10.0
    )
    assert told.quantiles(np.array([0.5]))[0] == pytest.approx(600.0, rel=0.3)


def test_a_sudden_mode_is_learned_by_the_hours_that_are_left() -> None:
    rng = np.random.default_rng(4)
    lives = rng.uniform(500.0, 5000.0, 30)
    age = [np.arange(5.0, life, 5.0) for life in lives]
    severity = [
        np.clip(1.0 - (life - one) / 100.0, 0.0, 1.0)[:, None] + 0.01 * rng.standard_normal((len(one), 1))
        for one, life in zip(age, lives, strict=True)
    ]
    course = fit_course(severity, age, lives)
    assert course.by_hours
    assert not _linear(rng, lives).by_hours


def test_calibration_widens_what_was_too_narrow() -> None:
    rng = np.random.default_rng(5)
    came_at = rng.beta(0.4, 0.4, 2000)  # the truth too often at the ends of what was forecast
    calibration = fit_calibration(came_at, rng.uniform(0, 1, 2000), np.ones(2000))
    low, high = calibration.levels(0.5, np.array([0.05, 0.95]))
    assert np.mean((came_at >= low) & (came_at <= high)) == pytest.approx(0.9, abs=0.02)
    assert calibration.calibrated(0.5, low) == pytest.approx(0.05, abs=1e-6)
    assert UNCALIBRATED.levels(0.3, LEVELS).tolist() == pytest.approx(LEVELS.tolist())
