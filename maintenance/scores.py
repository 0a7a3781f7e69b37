"""How good forecasts of remaining life were, once the truth is known.

Errors are forecast minus truth: above zero is late, which costs more than early.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from maintenance.histories import F64, Bools


def rmse(forecast: F64, truth: F64, weight: F64 | None = None) -> float:
    """Root mean square error.

    >>> rmse(np.array([1.0, 5.0]), np.array([4.0, 1.0]))
    3.5355339059327378
    """
    return float(np.sqrt(np.average((forecast - truth) ** 2, weights=weight)))


def nasa_score(forecast: F64, truth: F64) -> float:
    """Sum of exp(d/10) - 1 for late and exp(-d/13) - 1 for early forecasts (Saxena et al. 2008, equation 10).

    >>> round(nasa_score(np.array([10.0, 0.0]), np.array([0.0, 13.0])), 3)
    3.437
    """
    return float(np.sum(nasa_penalty(forecast - truth)))


def nasa_penalty(error: F64) -> F64:
    """[n] penalty of each error."""
    return np.where(error < 0, np.exp(-error / 13.0), np.exp(error / 10.0)) - 1.0


def auc(score: F64, positive: Bools, weight: F64 | None = None) -> float:
    """Area under the ROC curve; NaN if one class is missing.

    >>> auc(np.array([0.1, 0.4, 0.4, 0.9]), np.array([False, False, True, True]))
    0.875
    """
    w = np.ones(len(score)) if weight is None else weight
    values, place = np.unique(score, return_inverse=True)
    pos = np.bincount(place, w * positive, len(values))
    neg = np.bincount(place, w * ~positive, len(values))
    if not pos.sum() or not neg.sum():
        return float("nan")
    below = np.cumsum(neg) - 0.5 * neg
    return float(np.sum(pos * below) / (pos.sum() * neg.sum()))


@dataclass(frozen=True)
class IntervalScore:
    """Coverage and mean width [cycles] of an interval: overall, by third of predicted life, near failure."""

    coverage: float
    width: float
    coverage_by_third: tuple[float, float, float]
    width_near_failure: float


def interval_score(
    low: F64, high: F64, forecast: F64, truth: F64, *, near: float = 30.0, weight: F64 | None = None
) -> IntervalScore:
    """Score intervals [low, high]; near failure is where the truth is below ``near`` cycles.

    Thirds are of the machines, ordered by their forecast.
    """
    w = np.ones(len(truth)) if weight is None else weight
    inside = (low <= truth) & (truth <= high)
    order = np.argsort(forecast, kind="stable")
    third = np.minimum((np.cumsum(w[order]) - 0.5 * w[order]) / w.sum() * 3, 2).astype(int)
    by_third = [_mean(inside[order][third == part], w[order][third == part]) for part in range(3)]
    close = truth < near
    return IntervalScore(
        coverage=_mean(inside, w),
        width=_mean(high - low, w),
        coverage_by_third=(by_third[0], by_third[1], by_third[2]),
        width_near_failure=_mean((high - low)[close], w[close]),
    )


def _mean(values: F64 | Bools, weight: F64) -> float:
    return float(np.average(values, weights=weight)) if weight.sum() > 0 else float("nan")
