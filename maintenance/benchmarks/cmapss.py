"""The C-MAPSS benchmark: train on ``train``, forecast each unit of ``test``, score if the truth is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from maintenance.backtest import HeldOut, held_out
from maintenance.benchmarks import planning
from maintenance.benchmarks.planning import PlanningScore, score_planning
from maintenance.cmapss import Subset
from maintenance.forecast import HORIZON_CYCLES, Forecasts
from maintenance.histories import F64, Bools
from maintenance.model import FittedModel, ModelSettings, fit_model
from maintenance.scores import IntervalScore, auc, interval_score, nasa_penalty, nasa_score, rmse
from maintenance.truncation import truncation_weights


@dataclass(frozen=True)
class Score:
    """How good forecasts were against lives left, under both protocols in use.

    Args:
        capped_rmse, capped_score: truth capped as the labels of training were.
        raw_rmse, raw_score: truth as it is.
        interval: of the 90 % interval, truth capped.
        auc: of the probability to fail within the horizon.
    """

    capped_rmse: float
    capped_score: float
    raw_rmse: float
    raw_score: float
    interval: IntervalScore
    auc: float


@dataclass(frozen=True)
class Outcome:
    """Forecasts of the test units, the estimate by cross-validation and, where truth is given, the score.

    ``estimate_unmended`` leaves out rows followed by an overhaul without a record, which nobody can foresee;
    None if there was none. ``planned`` is what replacing training units by held-out forecasts would have
    cost.
    """

    forecasts: Forecasts
    estimate: Score
    estimate_unmended: Score | None
    score: Score | None
    planned: PlanningScore
    fitted: FittedModel


def run(
    subset: Subset, settings: ModelSettings, *, seed: int, jobs: int, progress: Callable[[int, int], None]
) -> Outcome:
    """Fit, forecast, score."""
    fitted = fit_model(subset.train, settings, seed=seed, jobs=jobs, progress=progress)
    forecasts = fitted.model.forecast(subset.test)
    score = None
    if subset.truth is not None:
        known = forecasts.known
        score = score_forecasts(
            forecasts.life[known],
            forecasts.quantiles[known],
            forecasts.fails_within[known],
            subset.truth[known],
            cap=forecasts.cap,
        )
    told = held_out(fitted, subset.train, settings)
    every = np.ones(subset.train.rows, np.bool_)
    return Outcome(
        forecasts=forecasts,
        estimate=cross_validated(told, every, subset, settings),
        estimate_unmended=(
            None if fitted.ended.all() else cross_validated(told, fitted.ended, subset, settings)
        ),
        score=score,
        planned=score_planning(told, subset.train),
        fitted=fitted,
    )


def cross_validated(told: HeldOut, chosen: Bools, subset: Subset, settings: ModelSettings) -> Score:
    """Score held-out forecasts of the ``chosen`` rows [n], stopped at ages like those of the test set."""
    weight = truncation_weights(subset.train, subset.test.lengths.astype(np.float64)) * chosen
    rows = np.flatnonzero(weight > 1e-9)
    return score_forecasts(
        told.life[rows],
        told.quantiles[rows],
        told.fails_within[rows],
        subset.train.remaining_life()[rows],
        cap=settings.cap,
        weight=weight[rows],
        units=len(subset.test.units),
    )


def score_forecasts(
    life: F64,
    quantiles: F64,
    fails_within: F64,
    truth: F64,
    *,
    cap: float,
    weight: F64 | None = None,
    units: int | None = None,
) -> Score:
    """Score forecasts; with weights, the NASA score is that of ``units`` machines."""
    capped = np.minimum(truth, cap)

    def penalty(against: F64) -> float:
        if weight is None or units is None:
            return nasa_score(life, against)
        return float(np.average(nasa_penalty(life - against), weights=weight) * units)

    return Score(
        capped_rmse=rmse(life, capped, weight),
        capped_score=penalty(capped),
        raw_rmse=rmse(life, truth, weight),
        raw_score=penalty(truth),
        interval=interval_score(quantiles[:, 0], quantiles[:, -1], life, capped, weight=weight),
        auc=auc(fails_within, truth <= HORIZON_CYCLES, weight),
    )


def lines(outcome: Outcome, cap: float) -> Iterator[str]:
    """The result as text, one fact a line."""
    yield from _score_lines(
        "cross-validation on training units, stopped like the test set", outcome.estimate, cap
    )
    if outcome.estimate_unmended is not None:
        yield from _score_lines(
            "the same without rows before an overhaul that nobody recorded", outcome.estimate_unmended, cap
        )
    yield from planning.lines(outcome.planned)
    if outcome.score is None:
        yield "test units: no truth given, forecast blind"
    else:
        yield from _score_lines("test units", outcome.score, cap)


def _score_lines(title: str, score: Score, cap: float) -> Iterator[str]:
    low, middle, high = score.interval.coverage_by_third
    yield f"{title}:"
    yield f"  labels capped at {cap:.0f}: RMSE {score.capped_rmse:.2f}, NASA score {score.capped_score:.0f}"
    yield f"  labels raw: RMSE {score.raw_rmse:.2f}, NASA score {score.raw_score:.0f}"
    yield (
        f"  90 % interval: coverage {score.interval.coverage:.1%} (by third of predicted life {low:.1%}, "
        f"{middle:.1%}, {high:.1%}), mean width {score.interval.width:.1f}, "
        f"below 30 cycles of life {score.interval.width_near_failure:.1f}"
    )
    yield f"  P(fails within {HORIZON_CYCLES:.0f}): AUC {score.auc:.4f}"
