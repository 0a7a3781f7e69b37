"""Backtest: what the manager would have been told about machines that the model had not seen, and what came.

Machines are held out whole, and each forecast sees only what was known by then. Distributions of a machine
are made of the errors of machines in other folds, so that coverage is out of sample too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from maintenance.conformal import fit_conformal
from maintenance.design import MIN_CYCLES
from maintenance.forecast import HORIZON_CYCLES, LEVELS
from maintenance.histories import F64, I64, Histories
from maintenance.model import FittedModel, ModelSettings, unit_weights
from maintenance.scores import IntervalScore, auc, interval_score, rmse

# Saxena et al. 2010, "Metrics for offline evaluation of prognostic performance": alpha 0.2, lambda 0.5
ALPHA = 0.2
LAMBDA = 0.5
ALARM_PROBABILITY = 0.5


@dataclass(frozen=True)
class HeldOut:
    """Forecasts of every training row by members that have not seen its machine.

    Args:
        life: [n] cycles left.
        quantiles: [n, 5] at the levels of a forecast.
        fails_within: [n] probability to fail within the horizon.
        lowest: [n] what the most pessimistic kind of member said [cycles].
        fold: [n] the fold whose members forecast it.
    """

    life: F64
    quantiles: F64
    fails_within: F64
    lowest: F64
    fold: I64


@dataclass(frozen=True)
class Backtest:
    """Scores of a backtest; every machine counts as one.

    Args:
        machines: how many were held out in turn.
        rmse: of forecasts, lives capped [cycles].
        interval: of the 90 % interval.
        auc: of the probability to fail within the horizon.
        alpha_lambda: share of machines forecast to within 20 % of the truth at half of their capped life.
        horizon: median prognostic horizon: life left from which on all forecasts are within 20 % of the cap.
        false_alarms: share of machines whose first alarm came with more than twice the horizon left.
        unexpected: share of machines that failed with no alarm before.
        unexploited: mean life left at the first alarm [cycles].
    """

    machines: int
    rmse: float
    interval: IntervalScore
    auc: float
    alpha_lambda: float
    horizon: float
    false_alarms: float
    unexpected: float
    unexploited: float


def held_out(fitted: FittedModel, h: Histories, settings: ModelSettings) -> HeldOut:
    """Return the forecasts each row of training would have got."""
    weight = unit_weights(fitted.remaining, h, settings.stack) * fitted.ended
    life = np.minimum(fitted.remaining, settings.cap)
    quantiles = np.empty((h.rows, len(LEVELS)))
    fails = np.empty(h.rows)
    folds = fitted.fitted.fold_of_row
    for fold in range(len(fitted.model.stack.folds)):
        others, mine = folds != fold, folds == fold
        conformal = fit_conformal(
            fitted.held_out[others],
            life[others],
            weight[others],
            cap=settings.cap,
            bandwidth=settings.bandwidth,
        )
        quantiles[mine] = conformal.quantiles(fitted.held_out[mine], LEVELS)
        fails[mine] = conformal.probability_below(fitted.held_out[mine], HORIZON_CYCLES)
    lowest = np.clip(fitted.fitted.members.min(axis=1), 0.0, settings.cap)
    return HeldOut(fitted.held_out, quantiles, fails, lowest, folds)


def score_backtest(told: HeldOut, h: Histories, cap: float) -> Backtest:
    """Score held-out forecasts from the first cycle at which there is one."""
    remaining = h.remaining_life()
    truth = np.minimum(remaining, cap)
    row_in_unit = np.arange(h.rows) - np.repeat(h.starts[:-1], h.lengths)
    scored = row_in_unit >= MIN_CYCLES - 1
    count = np.bincount(h.unit_of_row, scored)
    weight = (scored / np.maximum(count, 1)[h.unit_of_row])[scored]
    alarm = scored & (told.fails_within >= ALARM_PROBABILITY)
    within: list[bool] = []
    horizons: list[float] = []
    first_alarms: list[float] = []
    for begin, end in zip(h.starts[:-1], h.starts[1:], strict=True):
        left, life = remaining[begin:end], told.life[begin:end]
        half = int(np.argmin(np.abs(left - LAMBDA * min(cap, left[0]))))
        within.append(bool(abs(life[half] - left[half]) <= ALPHA * left[half]))
        off = np.flatnonzero(np.abs(life - truth[begin:end]) > ALPHA * cap)
        horizons.append(float(left[off[-1] + 1]) if len(off) and off[-1] + 1 < len(left) else float(left[0]))
        alarms = np.flatnonzero(alarm[begin:end])
        first_alarms.append(float(left[alarms[0]]) if len(alarms) else 0.0)
    first = np.array(first_alarms)
    return Backtest(
        machines=len(h.units),
        rmse=rmse(told.life[scored], truth[scored], weight),
        interval=interval_score(
            told.quantiles[scored, 0],
            told.quantiles[scored, -1],
            told.life[scored],
            truth[scored],
            weight=weight,
        ),
        auc=auc(told.fails_within[scored], remaining[scored] <= HORIZON_CYCLES, weight),
        alpha_lambda=float(np.mean(within)),
        horizon=float(np.median(horizons)),
        false_alarms=float(np.mean(first > 2 * HORIZON_CYCLES)),
        unexpected=float(np.mean(first <= 0.0)),
        unexploited=float(first[first > 0.0].mean()) if np.any(first > 0.0) else float("nan"),
    )


def lines(result: Backtest) -> Iterator[str]:
    """The result as text, one fact a line."""
    low, middle, high = result.interval.coverage_by_third
    yield f"{result.machines} machines, each forecast at every cycle by members that have not seen it"
    yield f"RMSE {result.rmse:.2f} cycles"
    yield (
        f"90 % interval: coverage {result.interval.coverage:.1%} (by third of predicted life {low:.1%}, "
        f"{middle:.1%}, {high:.1%}), mean width {result.interval.width:.1f} cycles, near failure "
        f"{result.interval.width_near_failure:.1f}"
    )
    yield f"P(fails within {HORIZON_CYCLES:.0f}): AUC {result.auc:.4f}"
    yield f"within 20 % of the truth at half life: {result.alpha_lambda:.1%} of machines"
    yield f"prognostic horizon (within 20 % of the cap from there on): median {result.horizon:.0f} cycles"
    yield (
        f"alarm at P >= {ALARM_PROBABILITY:.0%}: {result.unexpected:.1%} failed without one, "
        f"{result.false_alarms:.1%} called with more than {2 * HORIZON_CYCLES:.0f} cycles left, "
        f"{result.unexploited:.0f} cycles unexploited in the mean"
    )
