"""State detection: how far each signal is from what this machine, healthy, would show at the same work.

Signals that wear does not move tell what the machine has to do; from them the others are expected, by a
quadratic ridge regression that machines of a kind share. What each machine differs by all its life is its own
baseline, from its first windows. What is left is in units of the kind's healthy scatter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from maintenance.errors import NotEnoughDataError
from maintenance.histories import F64, Bools
from maintenance.machine_lives import Lives

BASELINE_WINDOWS = 30
HEALTHY_SHARE = 0.15
"""Machines that ran to failure are taken to be healthy in this first share of their lives."""
LATE_SHARE = 0.9
MOVED_BY_WEAR = 0.7
"""A signal whose mean moves by more than this many healthy scatters before failure speaks of wear."""
FINEST = 0.003
"""No scatter is taken to be below this share of what a signal ever covered: some stand still when healthy."""
RIDGE = 1.0
REACH = 4.0
"""Beyond so many scatters of training, what is asked of the machine is new and is held at that."""


@dataclass(frozen=True)
class DeviationModel:
    """What machines of a kind show when healthy.

    Args:
        signals: names of all columns it reads.
        operating, condition: [k], [c] columns that tell the work and the wear.
        centre, scale: [k] of the operating signals.
        weights: [1 + 2 k, c] of the regression.
        scatter: [c] healthy scatter of what the regression leaves, within a machine.
    """

    signals: tuple[str, ...]
    operating: F64
    condition: F64
    centre: F64
    scale: F64
    weights: F64
    scatter: F64

    @property
    def condition_names(self) -> tuple[str, ...]:
        """Names of the signals whose deviations are told."""
        return tuple(self.signals[int(one)] for one in self.condition)

    def residuals(self, value: F64) -> F64:
        """[r, c] of windows [r, s], before the machine's own baseline is taken off; NaN where missing."""
        design = _design((value[:, self.operating.astype(int)] - self.centre) / self.scale)
        result: F64 = (value[:, self.condition.astype(int)] - design @ self.weights) / self.scatter
        return result


def baseline(residuals: F64) -> F64:
    """[c] a machine's own level, from its first windows [r, c]; NaN of a signal that none of them has.

    Raises:
        NotEnoughDataError: there are fewer than :data:`BASELINE_WINDOWS`.
    """
    if len(residuals) < BASELINE_WINDOWS:
        raise NotEnoughDataError(
            f"{len(residuals)} windows of work; the machine's own healthy level needs {BASELINE_WINDOWS}"
        )
    first = residuals[:BASELINE_WINDOWS]
    known = np.isfinite(first)
    count = known.sum(axis=0)
    total = np.where(known, first, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def fit_deviations(lives: Lives) -> DeviationModel:
    """Fit on machines that ran to failure."""
    value = lives.value.astype(np.float64)
    unit = np.repeat(np.arange(lives.units), np.diff(lives.starts))
    share = lives.hour / lives.end_h[unit]
    healthy = share <= HEALTHY_SHARE
    centred = value - _unit_means(value, unit, healthy)[unit]
    finest = np.maximum(FINEST * (value.max(axis=0) - value.min(axis=0)), 1e-9)
    scatter = np.maximum(centred[healthy].std(axis=0), finest)
    moved = np.zeros(value.shape[1])
    for mode in range(len(lives.modes)):
        late = (share >= LATE_SHARE) & (lives.mode[unit] == mode)
        moved = np.maximum(moved, np.abs(centred[late].mean(axis=0)) / scatter)
    still = scatter <= 1e-6 * np.maximum(np.abs(value.mean(axis=0)), 1e-6)
    operating = np.flatnonzero((moved < MOVED_BY_WEAR) & ~still)
    condition = np.flatnonzero((moved >= MOVED_BY_WEAR) & ~_counters(lives))
    centre = value[healthy][:, operating].mean(axis=0)
    scale = np.maximum(value[healthy][:, operating].std(axis=0), 1e-9)
    design = _design((value[:, operating] - centre) / scale)
    means = _unit_means(design, unit, healthy)
    inner = (design - means[unit])[healthy]
    inner[:, 0] = 0.0
    gram = inner.T @ inner + RIDGE * np.eye(inner.shape[1])
    weights = np.linalg.solve(gram, inner.T @ centred[healthy][:, condition])
    left = centred[healthy][:, condition] - inner @ weights
    return DeviationModel(
        lives.signals,
        operating.astype(np.float64),
        condition.astype(np.float64),
        centre,
        scale,
        np.asarray(weights, np.float64),
        np.maximum(left.std(axis=0), finest[condition]),
    )


def _design(scaled: F64) -> F64:
    held = np.clip(np.nan_to_num(scaled), -REACH, REACH)
    return np.concatenate([np.ones((len(held), 1)), held, held**2], axis=1)


def _unit_means(value: F64, unit: np.ndarray, rows: Bools) -> F64:
    units = int(unit.max()) + 1
    count = np.maximum(np.bincount(unit, rows, units), 1.0)
    total = np.stack([np.bincount(unit, np.where(rows, column, 0.0), units) for column in value.T], axis=1)
    result: F64 = total / count[:, None]
    return result


def _counters(lives: Lives) -> Bools:
    """[s] signals that only ever rise: they count, and say how old a machine is, not how it is."""
    result = np.ones(len(lives.signals), np.bool_)
    for unit in range(lives.units):
        steps = np.diff(lives.value[lives.rows(unit)], axis=0)
        if len(steps):
            result &= (steps >= 0).all(axis=0) & (steps > 0).any(axis=0)
    return result
