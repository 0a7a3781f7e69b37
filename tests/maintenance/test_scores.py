"""Scores and truncation weights against what they are by hand."""

from __future__ import annotations

import numpy as np
import pytest

from maintenance.failure_modes import fit_failure_modes
from maintenance.scores import auc, interval_score, nasa_score
from maintenance.truncation import LAST_CYCLES, truncation_weights
from tests.maintenance.fleet import wearing_fleet


def test_late_costs_more_than_early() -> None:
    assert nasa_score(np.array([60.0]), np.array([50.0])) > nasa_score(np.array([40.0]), np.array([50.0]))


def test_auc_is_one_apart_and_a_half_alike() -> None:
    positive = np.array([True, False])
    assert auc(np.array([0.9, 0.1]), positive) == 1.0
    assert auc(np.array([0.5, 0.5]), positive) == 0.5
    assert np.isnan(auc(np.array([0.5]), np.array([True])))


def test_an_interval_is_scored_by_thirds_of_the_forecast() -> None:
    forecast = np.arange(1.0, 10.0)
    truth = forecast.copy()
    truth[:3] += 100.0
    scored = interval_score(forecast - 1, forecast + 1, forecast, truth, near=5.0)
    assert scored.coverage == pytest.approx(6 / 9)
    assert scored.coverage_by_third == (0.0, 1.0, 1.0)
    assert scored.width == scored.width_near_failure == 2.0


def test_truncation_weights_have_both_margins() -> None:
    fleet = wearing_fleet(50, seed=2)
    ages = np.random.default_rng(0).integers(20, 80, 200).astype(np.float64)
    weight = truncation_weights(fleet, ages)
    assert np.bincount(fleet.unit_of_row, weight) == pytest.approx(np.ones(50))
    assert np.average(fleet.cycle, weights=weight) == pytest.approx(ages.mean(), abs=6.0)
    assert weight[fleet.remaining_life() < LAST_CYCLES].max() == 0.0


def test_the_mode_that_is_there_ranks_first() -> None:
    rng = np.random.default_rng(0)
    table = rng.standard_normal((800, 3))
    modes = table[:, :2] > 1.0
    fitted = fit_failure_modes(table, modes, ("hot", "worn"), seed=0)
    parts = fitted.contributions(table[:5])
    probability = fitted.probabilities(table[:5])
    assert np.allclose(parts.sum(axis=2), np.log(probability / (1.0 - probability)))
    assert np.argmax(np.abs(parts[..., :-1]).mean(axis=0), axis=1).tolist() == [0, 1]
    ranked = fitted.ranked(np.array([[2.0, -1.0, 0.0], [-1.0, 2.0, 0.0]]))
    assert [row[0][0] for row in ranked] == ["hot", "worn"]
