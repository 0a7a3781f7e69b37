"""The health model of one kind of machine: fitted on machines that failed, assessing those in service."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from maintenance.errors import NotEnoughDataError
from maintenance.health.calibration import UNCALIBRATED, Calibration
from maintenance.health.courses import Course, fit_course
from maintenance.health.deviation import BASELINE_WINDOWS, DeviationModel, baseline, fit_deviations
from maintenance.health.past import NO_PAST, PastMachines, keep_past
from maintenance.health.posterior import ALL_OF_IT, Posterior, Trust, assess
from maintenance.health.signatures import Signatures, fit_signatures, smooth
from maintenance.histories import F64, I64
from maintenance.machine_lives import Lives, ModeRow

LIVES_A_MODE = 4
LAST_ROWS = 60
EARLY_ROWS = 100
LOOKS_BACK = (0.25, 0.5, 0.75)
"""Besides now, a machine is looked at these shares of its history ago."""


@dataclass(frozen=True)
class HealthModel:
    """What is known of a kind.

    Args:
        kind: of machine.
        window_h: length of a window of its training [h].
        modes: its failure modes.
        deviation, signatures, courses: the parts; a course for each mode.
        calibration, calibration_unknown_age: of the distributions, with the age known and not.
        past: machines that it was learned from.
    """

    kind: str
    window_h: float
    modes: tuple[ModeRow, ...]
    deviation: DeviationModel
    signatures: Signatures
    courses: tuple[Course, ...]
    calibration: Calibration = UNCALIBRATED
    calibration_unknown_age: Calibration = UNCALIBRATED
    past: PastMachines = NO_PAST

    def deviations(self, value: F64, own: F64 | None = None) -> F64:
        """[r, c] smoothed deviations of a machine's windows [r, s] from its own healthy level, by default
        that of its first windows.

        Raises:
            NotEnoughDataError: there are too few windows for that.
        """
        residuals = self.deviation.residuals(value)
        return smooth(residuals - (baseline(residuals) if own is None else own))

    def assess(self, severities: F64, hour: F64, *, known_age: bool, trust: Trust = ALL_OF_IT) -> Posterior:
        """Assess a machine at the newest of its severities [r, m] after its first windows, of running times
        [r] since it was new, or since it was first seen; ``trust`` leaves a part of that out."""
        span = hour[-1] - hour[0]
        back = [_row_before(hour, hour[-1] - share * span) for share in LOOKS_BACK] if span > 0 else []
        rows = [len(hour) - 1, *back]
        age = float(hour[-1]) if known_age else None
        return assess(
            self.courses,
            severities[rows],
            hour[-1] - hour[rows],
            age_h=age,
            window_h=self.window_h,
            trust=trust,
        )


def fit_health_model(lives: Lives, *, window_h: float) -> HealthModel:
    """Fit on machines that ran to failure.

    Raises:
        NotEnoughDataError: of a mode there are fewer than :data:`LIVES_A_MODE`, or a life is all baseline.
    """
    counts = np.bincount(lives.mode, minlength=len(lives.modes))
    if counts.min() < LIVES_A_MODE:
        few = lives.modes[int(counts.argmin())].name
        raise NotEnoughDataError(
            f"{lives.kind}: {counts.min()} machines failed of {few}; at least {LIVES_A_MODE} are needed"
        )
    deviation = fit_deviations(lives)
    smoothed: list[F64] = []
    healthy: list[F64] = []
    for unit in range(lives.units):
        residuals = deviation.residuals(lives.value[lives.rows(unit)].astype(np.float64))
        smoothed.append(smooth(residuals - baseline(residuals)))
        healthy.append(smoothed[-1][10:BASELINE_WINDOWS])
    signatures = fit_signatures(smoothed, np.concatenate(healthy), lives.mode, len(lives.modes))
    severities = [signatures.severities(one) for one in smoothed]
    courses = []
    for mode in range(len(lives.modes)):
        mine = np.flatnonzero(lives.mode == mode)
        kept = [_thinned(len(severities[unit])) for unit in mine]
        courses.append(
            fit_course(
                [severities[unit][rows] for unit, rows in zip(mine, kept, strict=True)],
                [lives.hour[lives.rows(int(unit))][rows] for unit, rows in zip(mine, kept, strict=True)],
                lives.end_h[mine],
            )
        )
    past = keep_past(
        [one[BASELINE_WINDOWS:] for one in severities],
        [lives.hour[lives.rows(unit)][BASELINE_WINDOWS:] for unit in range(lives.units)],
        lives.end_h,
        lives.mode,
    )
    return HealthModel(lives.kind, window_h, lives.modes, deviation, signatures, tuple(courses), past=past)


def _thinned(length: int) -> I64:
    """Rows of a life to learn from: all of the last, and of the rest as many as tell its course."""
    last = max(length - LAST_ROWS, BASELINE_WINDOWS)
    early = np.linspace(BASELINE_WINDOWS, last, min(EARLY_ROWS, last - BASELINE_WINDOWS), endpoint=False)
    return np.concatenate([early.astype(np.int64), np.arange(last, length)])


def _row_before(hour: F64, when: float) -> int:
    return max(int(np.searchsorted(hour, when, side="right")) - 1, 0)
