"""Smoothed Mahalanobis distance: small shifts of several signals at once, seen by averaging before measuring.

The multivariate EWMA chart (Lowry et al. 1992) with a shrunk covariance: smoothed signals are so correlated
in a short stretch of training that the plain inverse would call everything strange.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

from maintenance.errors import NotEnoughDataError
from maintenance.histories import F64

SPAN_ROWS = 30
# share of each signal's own variance added to the diagonal of the covariance
RIDGE = 0.1
# an average over so many rows has not settled before
WARM_UP_ROWS = 20
MIN_ROWS = 100


@dataclass(frozen=True)
class SmoothedMahalanobis:
    """A fitted detector.

    Args:
        mean, scale: [s] of each signal at work as it should be.
        centre: [s] of the smoothed z-scores.
        precision: [s, s] inverse of their shrunk covariance.
        threshold: distance that is called an anomaly.
    """

    mean: F64
    scale: F64
    centre: F64
    precision: F64
    threshold: float

    def score(self, signals: F64) -> F64:
        """[n] distance of each row of signals [n, s] from work as it should be, in thresholds."""
        off = _smoothed(signals, self.mean, self.scale) - self.centre
        squared = np.einsum("ij,jk,ik->i", off, self.precision, off)
        result: F64 = np.sqrt(squared) / self.threshold
        return result


def fit_smoothed_mahalanobis(signals: F64, *, margin: float) -> SmoothedMahalanobis:
    """Fit on signals [n, s] of a machine at work as it should be, in the order of time.

    Args:
        margin: threshold, in greatest distances of training; see :func:`margin_for`.
    """
    if len(signals) < MIN_ROWS:
        raise NotEnoughDataError(f"{len(signals)} rows of healthy work; a detector needs at least {MIN_ROWS}")
    mean = np.nanmean(signals, axis=0)
    spread = np.nanstd(signals, axis=0)
    scale = np.where(spread > 1e-9 * np.maximum(np.abs(mean), 1e-9), spread, 1.0)
    smoothed = _smoothed(signals, mean, scale)[WARM_UP_ROWS:]
    covariance = np.atleast_2d(np.cov(smoothed.T)) + np.diag(RIDGE * smoothed.var(axis=0) + 1e-9)
    precision = np.asarray(np.linalg.inv(covariance), np.float64)
    bare = SmoothedMahalanobis(mean, scale, smoothed.mean(axis=0), precision, 1.0)
    greatest = float(bare.score(signals)[WARM_UP_ROWS:].max())
    return SmoothedMahalanobis(mean, scale, bare.centre, precision, margin * max(greatest, 1e-9))


def margin_for(healthy: F64, *, training_rows: int, rows: int, false_alarms: float) -> float:
    """Return the margin at which healthy work [n, s] after training is called strange this often.

    A machine drifts after a short training without being ill; how far is seen on a long healthy run, cut into
    stretches of ``rows`` whose first ``training_rows`` train.
    """
    ratios = []
    for begin in range(0, len(healthy) - rows + 1, training_rows):
        stretch = healthy[begin : begin + rows]
        detector = fit_smoothed_mahalanobis(stretch[:training_rows], margin=1.0)
        ratios.append(detector.score(stretch)[training_rows:])
    if not ratios:
        raise NotEnoughDataError(
            f"{len(healthy)} rows of healthy work; at least {rows} are needed for a margin"
        )
    return float(np.quantile(np.concatenate(ratios), 1.0 - false_alarms))


def _smoothed(signals: F64, mean: F64, scale: F64) -> F64:
    z = np.nan_to_num((signals - mean) / scale)
    share = 2.0 / (SPAN_ROWS + 1.0)
    smoothed, _ = lfilter([share], [1.0, share - 1.0], z, axis=0, zi=(1.0 - share) * z[:1])
    result: F64 = smoothed
    return result
