"""When to replace: never dearer than the naive policies, and it follows the price of a failure."""

from __future__ import annotations

import numpy as np
import pytest

from maintenance.backtest import HeldOut, held_out
from maintenance.benchmarks.planning import lines, score_planning
from maintenance.design import MIN_CYCLES
from maintenance.errors import NotEnoughDataError
from maintenance.histories import F64, I64, Histories
from maintenance.model import FittedModel
from maintenance.plan.replacement import THRESHOLDS, crossings, threshold_for
from tests.maintenance.conftest import SMALL


def _starts(lives: I64) -> I64:
    return np.concatenate([[0], np.cumsum(lives)]).astype(np.int64)


def _left(lives: I64) -> F64:
    return np.concatenate([np.arange(n - 1.0, -1.0, -1.0) for n in lives])


def test_machines_of_other_folds_teach_when_to_replace(fitted: FittedModel, fleet: Histories) -> None:
    score = score_planning(held_out(fitted, fleet, SMALL), fleet)
    assert score.oracle.per_cycle < score.planned.per_cycle < score.fixed_age.per_cycle
    assert score.fixed_age.per_cycle < score.run_to_failure.per_cycle
    assert score.planned.failed <= 1 / len(fleet.units)
    assert score.gap_closed > 0.5
    text = list(lines(score))
    assert len(text) == 6
    assert f"{score.gap_closed:.1%} of the gap" in text[-1]


def test_a_perfect_forecast_is_as_good_as_knowing_the_future() -> None:
    lives = np.random.default_rng(1).integers(60, 140, 40)
    left = _left(lives)
    fold = np.repeat(np.arange(40) % 4, lives)
    empty = np.empty((len(left), 5))
    told = HeldOut(left, empty, left, lowest=left, fold=fold)
    h = Histories(
        np.arange(40), _starts(lives), np.ones(len(left)), np.empty((len(left), 0)), np.empty((len(left), 0)),
        (), (),
    )  # fmt: skip
    score = score_planning(told, h)
    assert score.planned.failed == 0.0
    assert score.gap_closed > 0.97


def test_crossings_are_what_each_machine_would_have_come_to() -> None:
    lives = np.array([30, 40])
    past = crossings(_left(lives), _starts(lives))
    at = int(np.searchsorted(THRESHOLDS, 5.0))
    assert past.used[:, at].tolist() == [25.0, 35.0]
    assert past.lowest.tolist() == [1.0, 1.0]
    # a forecast that never falls so low saves nothing: the whole life is used, and it fails
    assert crossings(_left(lives) + 50.0, _starts(lives)).used[:, at].tolist() == [30.0, 40.0]


def test_the_dearer_a_failure_the_earlier_it_is_replaced() -> None:
    rng = np.random.default_rng(2)
    lives = rng.integers(100, 200, 200)
    noisy = _left(lives) + np.repeat(rng.normal(0.0, 4.0, 200), lives)
    past = crossings(noisy, _starts(lives))
    cheap, dear, dearest = (threshold_for(past, failure_cost=cost) for cost in (1.5, 10.0, 100.0))
    assert cheap < dear < dearest


def test_too_few_machines_are_refused() -> None:
    lives = np.full(9, 50)
    with pytest.raises(NotEnoughDataError, match="9 machines"):
        threshold_for(crossings(_left(lives), _starts(lives)), failure_cost=10.0)
    with pytest.raises(NotEnoughDataError, match="before there was a forecast"):
        crossings(np.zeros(MIN_CYCLES), np.array([0, MIN_CYCLES]))
