"""Training of a health model, with intervals calibrated on machines held out of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from maintenance.health.calibration import Calibration, fit_calibration
from maintenance.health.deviation import BASELINE_WINDOWS
from maintenance.health.model import HealthModel, fit_health_model
from maintenance.histories import F64
from maintenance.machine_lives import Lives

FOLDS = 4
LOOKS = np.linspace(0.1, 0.97, 14)
"""Shares of life at which held-out machines are looked at."""


def train(lives: Lives, *, window_h: float, progress: Callable[[int, int], None]) -> HealthModel:
    """Fit on machines that ran to failure; the same lives give the same model to the bit.

    Raises:
        NotEnoughDataError: some mode has too few lives, in all or in a fold.
    """
    place = np.empty(lives.units, np.int64)
    for mode in range(len(lives.modes)):
        mine = np.flatnonzero(lives.mode == mode)
        place[mine] = np.arange(len(mine)) % FOLDS
    known: list[F64] = []
    unknown: list[F64] = []
    for fold in range(FOLDS):
        progress(fold, FOLDS + 1)
        model = fit_health_model(lives.take(np.flatnonzero(place != fold)), window_h=window_h)
        for unit in np.flatnonzero(place == fold):
            known += _looks(model, lives, int(unit), known_age=True)
            unknown += _looks(model, lives, int(unit), known_age=False)
    progress(FOLDS, FOLDS + 1)
    model = fit_health_model(lives, window_h=window_h)
    progress(FOLDS + 1, FOLDS + 1)
    return replace(model, calibration=_fit(known), calibration_unknown_age=_fit(unknown))


def _looks(model: HealthModel, lives: Lives, unit: int, *, known_age: bool) -> list[F64]:
    """Where in its forecasts the life of a machine ended: level, share used, weight."""
    rows = lives.rows(unit)
    hour = lives.hour[rows]
    severities = model.signatures.severities(model.deviations(lives.value[rows].astype(np.float64)))
    end = float(lives.end_h[unit])
    ends = sorted({int(np.searchsorted(hour, share * end)) for share in LOOKS})
    ends = [n for n in ends if BASELINE_WINDOWS < n <= len(hour)]
    found = []
    for n in ends:
        posterior = model.assess(
            severities[BASELINE_WINDOWS:n], hour[BASELINE_WINDOWS:n], known_age=known_age
        )
        level = posterior.probability_within(end - float(hour[n - 1]))
        found.append(np.array([level, posterior.used, 1.0 / len(ends)]))
    return found


def _fit(found: list[F64]) -> Calibration:
    came_at, used, weight = np.array(found).T
    return fit_calibration(came_at, used, weight)
