"""What a health model says of a machine now: state, distribution of remaining life, ranking of modes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from maintenance.health.model import HealthModel
from maintenance.health.posterior import AGE_ONLY, NO_COURSE
from maintenance.histories import F64

State = Literal["healthy", "degrading", "failing"]

LEVELS = np.array([0.05, 0.10, 0.50, 0.90, 0.95])
MEDIAN = 2
HEALTHY_ABOVE = 0.85
"""A health index above this is within what healthy machines show."""
FAILING_WITHIN_H = 168.0
FAILING_PROBABILITY = 0.5
"""Failing: as likely as not to fail within a week of running."""


@dataclass(frozen=True)
class HealthForecast:
    """A forecast of one machine.

    Args:
        state: healthy means that the quantiles say no more than their lowest: more than that.
        health: 1 as its own healthy self, 0 at functional failure.
        quantiles: [5] of the running time to failure [h], at ``LEVELS``.
        fails_within_week: probability to fail within :data:`FAILING_WITHIN_H`.
        modes: [m] probability of each mode.
        severities: [m] of each mode now.
        used: expected share of life that is over.
    """

    state: State
    health: float
    quantiles: F64
    fails_within_week: float
    modes: F64
    severities: F64
    used: float


def forecast(model: HealthModel, severities: F64, hour: F64, *, known_age: bool) -> HealthForecast:
    """Forecast a machine from its severities [r, m] at running times [r], at the newest of them."""
    posterior = model.assess(severities, hour, known_age=known_age)
    calibration = model.calibration if known_age else model.calibration_unknown_age
    quantiles = posterior.quantiles(calibration.levels(posterior.used, LEVELS))
    within = calibration.calibrated(posterior.used, posterior.probability_within(FAILING_WITHIN_H))
    now = severities[-1]
    health = float(1.0 - np.clip(now.max(), 0.0, 1.0))
    state: State = "healthy" if health > HEALTHY_ABOVE else "degrading"
    if within >= FAILING_PROBABILITY:
        state = "failing"
    return HealthForecast(
        state, health, np.maximum(quantiles, 0.0), within, posterior.modes, now, posterior.used
    )


def median_steps(model: HealthModel, severities: F64, hour: F64, *, known_age: bool) -> tuple[float, float]:
    """Median running time to failure [h] by age and kind alone, and with the signals of now; with the course
    before them too it is the forecast's own."""
    calibration = model.calibration if known_age else model.calibration_unknown_age
    medians = []
    for trust in (AGE_ONLY, NO_COURSE):
        posterior = model.assess(severities, hour, known_age=known_age, trust=trust)
        level = calibration.levels(posterior.used, np.array([0.5]))
        medians.append(max(float(posterior.quantiles(level)[0]), 0.0))
    return medians[0], medians[1]
