"""Operating regimes: what a sensor says depends first on what the machine was told to do.

A pump at half load is not a sick pump. The operating settings are clustered into regimes; every sensor is
then read as a z-score within its regime, which leaves wear. On C-MAPSS FD002 and FD004 (six regimes) this
alone takes the error of a forecast from above 22 cycles to about 10.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.cluster import KMeans

from maintenance.errors import NotEnoughDataError
from maintenance.histories import F64, I64

MAX_REGIMES = 8
MIN_ROWS_PER_REGIME = 30
# regimes are clusters that leave less than this share of the settings' variance within them
SPREAD_WITHIN = 0.02
# settings whose spread is below this share of their size are held constant and say nothing
CONSTANT_SHARE = 1e-3
CLUSTERING_ROWS = 20_000


@dataclass(frozen=True)
class Regimes:
    """Regimes and how each sensor behaves in each.

    Args:
        setting_mean, setting_scale: [k] to make settings comparable; scale inf takes a setting out.
        centres: [r, k] in scaled settings.
        mean, scale: [r, s] of each sensor in each regime; scale NaN where the sensor stood still there.
    """

    setting_mean: F64
    setting_scale: F64
    centres: F64
    mean: F64
    scale: F64

    def assign(self, settings: F64) -> I64:
        """[n] the nearest regime; a missing setting counts as its mean."""
        scaled = np.nan_to_num((settings - self.setting_mean) / self.setting_scale)
        distance = np.sum(self.centres**2, axis=1) - 2.0 * scaled @ self.centres.T
        result: I64 = np.argmin(distance, axis=1)
        return result

    def z_scores(self, sensors: F64, regime: I64, used: I64 | slice = slice(None)) -> F64:
        """[n, used] sensors as z-scores in their regime; NaN where missing or where one stood still."""
        z = sensors[:, used] - self.mean[:, used][regime]
        z /= self.scale[:, used][regime]
        return z


def fit_regimes(settings: F64, sensors: F64, *, seed: int, count: int | None = None) -> Regimes:
    """Find regimes in settings [n, k] and the sensors' [n, s] behaviour in each.

    ``count`` regimes, or as many as the settings themselves show. Raises NotEnoughDataError below
    ``MIN_ROWS_PER_REGIME`` rows.
    """
    if len(settings) < MIN_ROWS_PER_REGIME:
        raise NotEnoughDataError(
            f"{len(settings)} rows to learn regimes from; at least {MIN_ROWS_PER_REGIME} are needed"
        )
    filled = np.where(np.isfinite(settings), settings, np.nanmean(settings, axis=0))
    mean = filled.mean(axis=0)
    spread = filled.std(axis=0)
    moving = spread > CONSTANT_SHARE * np.maximum(np.abs(mean), 1.0)
    scale = np.where(moving, spread, np.inf)
    scaled = (filled - mean) / scale
    centres = _centres(scaled[:: max(1, len(scaled) // CLUSTERING_ROWS)], seed=seed, count=count)
    regimes = Regimes(mean, scale, centres, np.empty(0), np.empty(0))
    assigned = regimes.assign(settings)
    means, scales = _behaviour(sensors, assigned, len(centres))
    return Regimes(mean, scale, centres, means, scales)


def _centres(scaled: F64, *, seed: int, count: int | None) -> F64:
    """As many clusters as make the sharpest drop in what is left of the variance."""
    total = float(np.sum(scaled**2))
    if total == 0.0 or count == 1:
        return np.zeros((1, scaled.shape[1]))
    if count is not None:
        return _clusters(scaled, count, seed)[0]
    best, best_drop = np.zeros((1, scaled.shape[1])), 1.0
    left_before = total
    distinct = len(np.unique(scaled, axis=0))
    for clusters in range(2, MAX_REGIMES + 1):
        if len(scaled) < clusters * MIN_ROWS_PER_REGIME or clusters > distinct:
            break
        centres, left = _clusters(scaled, clusters, seed)
        drop = left_before / max(left, 1e-12 * total)
        # settings spread evenly give clusters that touch: only clusters that stand far apart are regimes
        if left < SPREAD_WITHIN * total and drop > best_drop:
            best, best_drop = centres, drop
        left_before = left
    return best


def _clusters(scaled: F64, count: int, seed: int) -> tuple[F64, float]:
    fitted = KMeans(count, n_init=4, random_state=seed).fit(scaled)
    centres: F64 = fitted.cluster_centers_
    order = np.lexsort(centres.T[::-1])
    return centres[order], float(fitted.inertia_)


def _behaviour(sensors: F64, assigned: I64, count: int) -> tuple[F64, F64]:
    mean = np.full((count, sensors.shape[1]), np.nan)
    scale = np.full((count, sensors.shape[1]), np.nan)
    for regime in range(count):
        rows = sensors[assigned == regime]
        known = np.isfinite(rows)
        n = known.sum(axis=0)
        enough = n >= 2
        filled = np.where(known, rows, 0.0)
        centre = filled.sum(axis=0) / np.maximum(n, 1)
        spread = np.sqrt(np.where(known, (rows - centre) ** 2, 0.0).sum(axis=0) / np.maximum(n, 1))
        mean[regime] = np.where(enough, centre, np.nan)
        scale[regime] = np.where(enough & (spread > 1e-9 * np.maximum(np.abs(centre), 1.0)), spread, np.nan)
    return mean, scale
