"""Health assessment: deviations of many signals taken apart into the severities of the failure modes.

Each mode has a signature: how far it has moved every signal where machines failed of it. Deviations are a sum
of signatures, each times its severity, and scatter; generalised least squares finds the severities (Aitken
1936). So a fouled filter that routine service will clean is not taken for the bearing that is failing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

from maintenance.histories import F64, I64

SPAN_WINDOWS = 8
"""Deviations are averaged over about so many windows, newest counting most."""
LAST_WINDOWS = 3
SWEEPS = 8
RIDGE = 0.1
"""Share of each signal's own variance added to the diagonal of the covariance."""


@dataclass(frozen=True)
class Signatures:
    """How the modes of a kind show.

    Args:
        pattern: [c, m] deviation of each signal at severity 1 of each mode [scatters].
        covariance: [c, c] of smoothed deviations of healthy machines.
    """

    pattern: F64
    covariance: F64

    def severities(self, smoothed: F64) -> F64:
        """[r, m] of smoothed deviations [r, c]; a signal that is missing says nothing."""
        result = np.empty((len(smoothed), self.pattern.shape[1]))
        known = np.isfinite(smoothed)
        patterns, place = np.unique(known, axis=0, return_inverse=True)
        for number, there in enumerate(patterns):
            rows = place.reshape(-1) == number
            result[rows] = np.nan_to_num(smoothed[rows][:, there]) @ self._solver(there)
        return result

    def parts(self, smoothed: F64, mode: int) -> F64:
        """[c] what each signal's smoothed deviation [c] adds to the severity of a mode; 0 where missing."""
        there = np.isfinite(smoothed)
        result = np.zeros(len(smoothed))
        if there.any():
            result[there] = smoothed[there] * self._solver(there)[:, mode]
        return result

    def _solver(self, there: np.ndarray) -> F64:
        """[c', m] with the signals that are there."""
        pattern = self.pattern[there]
        weighted = np.linalg.solve(self.covariance[np.ix_(there, there)], pattern)
        # a severity is about 1 or less: the weakest knowledge there is, and enough where nothing shows a mode
        gram = pattern.T @ weighted + np.eye(pattern.shape[1])
        result: F64 = np.linalg.solve(gram, weighted.T).T
        return result


def smooth(deviations: F64) -> F64:
    """[r, c] exponentially weighted means over :data:`SPAN_WINDOWS`; a gap holds what was before it."""
    share = 2.0 / (SPAN_WINDOWS + 1.0)
    held = _held(deviations)
    zero = np.nan_to_num(held)
    smoothed, _ = lfilter([share], [1.0, share - 1.0], zero, axis=0, zi=(1.0 - share) * zero[:1])
    result: F64 = np.where(np.isfinite(held), smoothed, np.nan)
    return result


def fit_signatures(smoothed: list[F64], healthy: F64, mode: I64, modes: int) -> Signatures:
    """Fit on machines that failed.

    Args:
        smoothed: of each machine its smoothed deviations [r, c], up to its failure.
        healthy: [h, c] smoothed deviations of healthy machines.
        mode: [u] number of the mode that each failed in.
        modes: how many there are.
    """
    covariance = np.atleast_2d(np.cov(healthy.T))
    covariance = covariance + np.diag(RIDGE * np.diag(covariance) + 1e-6)
    last = np.array([one[-LAST_WINDOWS:].mean(axis=0) for one in smoothed])
    pattern = np.stack([last[mode == one].mean(axis=0) for one in range(modes)], axis=1)
    own = np.zeros((len(last), modes), np.bool_)
    own[np.arange(len(last)), mode] = True
    for _ in range(SWEEPS):
        severity = np.where(own, 1.0, np.clip(Signatures(pattern, covariance).severities(last), 0.0, 1.0))
        gram = severity.T @ severity + 1e-3 * np.eye(modes)
        pattern = np.linalg.solve(gram, severity.T @ last).T
    return Signatures(np.asarray(pattern, np.float64), covariance)


def _held(values: F64) -> F64:
    """[r, c] with each gap filled by what was known last; NaN before anything was."""
    known = np.isfinite(values)
    place = np.maximum.accumulate(np.where(known, np.arange(len(values))[:, None], -1), axis=0)
    held = np.take_along_axis(values, np.maximum(place, 0), axis=0)
    result: F64 = np.where(place >= 0, held, np.nan)
    return result
