"""Weibull lives with censoring: all there is to go by where only failure dates are known.

Maximum likelihood with machines that still run counted as such; dropping them would call every kind
short-lived (Meeker and Escobar 1998, chapter 8).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from maintenance.errors import NotEnoughDataError
from maintenance.histories import F64, Bools

# below three failures the shape is a guess
MIN_FAILURES = 3
SHAPE_RANGE = (0.05, 100.0)


@dataclass(frozen=True)
class Weibull:
    """Lives whose chance to last beyond t is exp(-(t / scale) ** shape); a shape above one is wear."""

    shape: float
    scale: float

    def quantiles_left(self, age: F64, levels: F64) -> F64:
        """[m, l] quantiles of the life left to machines of this age [m] that still run.

        >>> Weibull(1.0, 100.0).quantiles_left(np.array([0.0, 50.0]), np.array([0.5])).round(1).tolist()
        [[69.3], [69.3]]
        """
        spent = (age[:, None] / self.scale) ** self.shape
        total = self.scale * (spent - np.log1p(-levels)[None, :]) ** (1.0 / self.shape)
        result: F64 = total - age[:, None]
        return result

    def fails_within(self, age: F64, life: float) -> F64:
        """[m] probability that a machine of this age fails within ``life`` more."""
        result: F64 = -np.expm1((age / self.scale) ** self.shape - ((age + life) / self.scale) ** self.shape)
        return result


def fit_weibull(age: F64, failed: Bools) -> Weibull:
    """Fit to ages [n] at failure or, where not ``failed`` [n], ages of machines that still run.

    Raises NotEnoughDataError below ``MIN_FAILURES`` failures.
    """
    usable = np.isfinite(age) & (age > 0.0)
    age, failed = age[usable], failed[usable]
    if failed.sum() < MIN_FAILURES:
        raise NotEnoughDataError(
            f"{int(failed.sum())} failures of {len(age)} machines; a life needs at least {MIN_FAILURES}"
        )
    relative = age / age.max()
    log_age = np.log(relative)
    mean_failed = log_age[failed].mean()

    def slope(shape: float) -> float:
        power = relative**shape
        return float(np.sum(power * log_age) / power.sum() - 1.0 / shape - mean_failed)

    low, high = SHAPE_RANGE
    # equal lives have no spread, and the likelihood rises with the shape for ever
    shape = float(brentq(slope, low, high)) if slope(low) < 0.0 < slope(high) else high
    scale = float(age.max() * (np.sum(relative**shape) / failed.sum()) ** (1.0 / shape))
    return Weibull(shape, scale)
