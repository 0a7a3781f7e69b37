"""Detectors: quiet on healthy work, loud on a small shift of several signals, margin as asked."""

from __future__ import annotations

import numpy as np
import pytest

from maintenance.detectors.smoothed_mahalanobis import fit_smoothed_mahalanobis, margin_for
from maintenance.errors import NotEnoughDataError


def test_a_shift_of_half_a_deviation_in_all_signals_is_found() -> None:
    rng = np.random.default_rng(0)
    healthy = rng.standard_normal((500, 6))
    ill = rng.standard_normal((200, 6)) + 1.0
    detector = fit_smoothed_mahalanobis(healthy, margin=1.2)
    assert np.mean(detector.score(rng.standard_normal((2000, 6))) > 1.0) < 0.05
    assert np.mean(detector.score(ill)[60:] > 1.0) > 0.95


def test_signals_that_leave_their_usual_relation_are_found_though_each_is_in_range() -> None:
    rng = np.random.default_rng(1)
    common = rng.standard_normal((600, 1))
    healthy = common + 0.05 * rng.standard_normal((600, 2))
    apart = np.column_stack([np.full(100, 0.5), np.full(100, -0.5)])
    assert np.all(fit_smoothed_mahalanobis(healthy, margin=1.2).score(apart)[60:] > 1.0)


def test_the_margin_gives_the_false_alarms_asked_for() -> None:
    rng = np.random.default_rng(2)
    walk = np.cumsum(0.05 * rng.standard_normal((20_000, 3)), axis=0) + rng.standard_normal((20_000, 3))
    margin = margin_for(walk, training_rows=400, rows=1000, false_alarms=0.25)
    called = [
        fit_smoothed_mahalanobis(walk[begin : begin + 400], margin=margin).score(walk[begin : begin + 1000])[
            400:
        ]
        for begin in range(0, 19_000, 400)
    ]
    assert np.mean(np.concatenate(called) > 1.0) == pytest.approx(0.25, abs=0.01)


def test_a_signal_that_stands_still_or_is_missing_breaks_nothing() -> None:
    rng = np.random.default_rng(3)
    healthy = np.column_stack([rng.standard_normal(300), np.full(300, 4.0)])
    detector = fit_smoothed_mahalanobis(healthy, margin=1.2)
    healthy[50, 0] = np.nan
    assert np.isfinite(detector.score(healthy)).all()


def test_too_few_rows_are_refused() -> None:
    with pytest.raises(NotEnoughDataError, match="20 rows"):
        fit_smoothed_mahalanobis(np.zeros((20, 2)), margin=1.0)
    with pytest.raises(NotEnoughDataError, match="for a margin"):
        margin_for(np.zeros((200, 2)), training_rows=100, rows=300, false_alarms=0.1)
