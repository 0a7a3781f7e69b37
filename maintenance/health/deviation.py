"""State detection: how far each signal is from what this machine, healthy, would show at the same work.

Signals that wear does not move tell what the machine has to do; from them the others are expected, by a
quadratic ridge regression that machines of a kind share. What each machine differs by all its life is its own
baseline, from its first windows. What is left is in units of the kind's healthy scatter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from maintenance.errors import NotEnoughDataError
from maintenance.health.operating import gather, quadratic, sort_signals
from maintenance.histories import F64
from maintenance.machine_lives import Lives

BASELINE_WINDOWS = 30


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
        design = quadratic((value[:, self.operating.astype(int)] - self.centre) / self.scale)
        result: F64 = (value[:, self.condition.astype(int)] - design @ self.weights) / self.scatter
        return result


def baseline(residuals: F64, windows: int = BASELINE_WINDOWS) -> F64:
    """[c] a machine's own level, from its first ``windows`` [r, c]; NaN of a signal that none of them has.

    Raises:
        NotEnoughDataError: there are fewer than :data:`BASELINE_WINDOWS`.
    """
    if len(residuals) < BASELINE_WINDOWS:
        raise NotEnoughDataError(
            f"{len(residuals)} windows of work; the machine's own healthy level needs {BASELINE_WINDOWS}"
        )
    first = residuals[:windows]
    known = np.isfinite(first)
    count = known.sum(axis=0)
    total = np.where(known, first, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def fit_deviations(lives: Lives) -> DeviationModel:
    """Fit on machines that ran to failure."""
    evidence = gather(lives)
    operating, condition = sort_signals(evidence)
    weights = evidence.weights(operating, condition)
    left = (
        evidence.healthy_values[:, condition]
        - evidence.healthy_design[:, evidence.columns(operating)] @ weights
    )
    return DeviationModel(
        lives.signals,
        np.array(operating, np.float64),
        np.array(condition, np.float64),
        evidence.centre[operating],
        evidence.scale[operating],
        weights,
        np.maximum(left.std(axis=0), evidence.finest[condition]),
    )
