"""Whether pictures and scores are still like those that were taught.

Three questions that fail in different ways. *Population stability index* (PSI): is the distribution of scores
another one? Its usual mark is 0.25 (Siddiqi, Credit Risk Scorecards, 2006), which chance alone
passes with few values, so what chance adds on average, ``(bins - 1)(1/n + 1/m)``, is taken off. *Kolmogorov-
Smirnov*: how far do the distribution functions part, and could that be chance? *Hotelling's T2*: is the mean
of brightness, contrast and sharpness together elsewhere, and by how many standard deviations (Mahalanobis)?
With thousands of pictures everything is significant, so an alarm needs size as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

F64 = npt.NDArray[np.float64]

LEAST = 50
"""Values that must be there on either side; fewer say nothing."""
BINS = 10
PSI_ALARM = 0.25
P_ALARM = 0.001
KS_ALARM = 0.25
DISTANCE_ALARM = 1.5
"""In standard deviations of single pictures: by so much the mean picture has moved."""


@dataclass(frozen=True, slots=True)
class ScoreDrift:
    """How the scores have moved.

    Args:
        taught, seen: how many there were of each.
        psi: less what chance adds.
        ks, ks_p: greatest distance of the distribution functions, and how likely by chance.
        alarm: whether that is too much.
    """

    taught: int
    seen: int
    psi: float
    ks: float
    ks_p: float
    alarm: bool


@dataclass(frozen=True, slots=True)
class PictureDrift:
    """How the pictures have moved.

    Args:
        taught, seen: how many there were of each.
        distance, p: Mahalanobis distance of the mean picture, and how likely by chance.
        shifts: of each figure, in standard deviations of what was taught.
        alarm: whether that is too much.
    """

    taught: int
    seen: int
    distance: float
    p: float
    shifts: dict[str, float]
    alarm: bool


def score_drift(taught: Sequence[float], scores: Sequence[float]) -> ScoreDrift | None:
    """Compare scores; None if there are fewer than :data:`LEAST` on either side.

    Args:
        taught: of good pictures when the station was taught, out of fold.
        scores: of the last pictures.
    """
    if min(len(taught), len(scores)) < LEAST:
        return None
    before, now = np.asarray(taught, np.float64), np.asarray(scores, np.float64)
    index = psi(before, now)
    ks, ks_p = kolmogorov_smirnov(before, now)
    alarm = index >= PSI_ALARM or (ks_p < P_ALARM and ks >= KS_ALARM)
    return ScoreDrift(len(before), len(now), index, ks, ks_p, alarm)


def picture_drift(
    taught: Mapping[str, Sequence[float]], figures: Mapping[str, Sequence[float]]
) -> PictureDrift | None:
    """Compare figures of pictures; None if there are fewer than :data:`LEAST` on either side.

    Args:
        taught: columns by name, of the pictures that were taught.
        figures: the same names, of the last pictures.
    """
    names = sorted(taught)
    old = np.array([taught[name] for name in names], np.float64).T
    new = np.array([figures[name] for name in names], np.float64).T
    if min(len(old), len(new)) < LEAST:
        return None
    distance, p = mean_distance(old, new)
    shifts = (new.mean(0) - old.mean(0)) / (old.std(0, ddof=1) + 1e-9)
    told = {name: float(shift) for name, shift in zip(names, shifts, strict=True)}
    return PictureDrift(len(old), len(new), distance, p, told, p < P_ALARM and distance >= DISTANCE_ALARM)


def psi(before: F64, now: F64) -> float:
    """Return the population stability index over tenths of ``before``, less what chance adds; at least 0.

    Example:
        >>> rng = np.random.default_rng(1)
        >>> psi(rng.normal(size=500), rng.normal(size=500)) < 0.05
        True
        >>> psi(rng.normal(size=500), rng.normal(1.0, size=500)) > 0.25
        True
    """
    edges = np.unique(np.quantile(before, np.linspace(0, 1, BINS + 1)[1:-1]))
    shares = []
    for values in (before, now):
        counts = np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)
        shares.append((counts + 0.5) / (len(values) + 0.5 * len(counts)))
    old, new = shares
    chance = len(edges) * (1 / len(before) + 1 / len(now))
    return max(0.0, float(((new - old) * np.log(new / old)).sum()) - chance)


def kolmogorov_smirnov(before: F64, now: F64) -> tuple[float, float]:
    """Return how far the distribution functions of two samples part, and how likely by chance (asymptotic).

    Example:
        >>> rng = np.random.default_rng(1)
        >>> distance, p = kolmogorov_smirnov(rng.normal(size=300), rng.normal(0.5, 1.0, size=300))
        >>> round(distance, 2), p < 0.001
        (0.3, True)
    """
    places = np.concatenate([before, now])
    below = [np.searchsorted(np.sort(values), places, side="right") / len(values) for values in (before, now)]
    distance = float(np.abs(below[0] - below[1]).max())
    size = len(before) * len(now) / (len(before) + len(now))
    return distance, float(special.kolmogorov(size**0.5 * distance))


def mean_distance(old: F64, new: F64) -> tuple[float, float]:
    """Return the Mahalanobis distance of two means by the spread of ``old``, and Hotelling's p for it.

    Args:
        old, new: ``[pictures, figures]``.
    """
    figures = old.shape[1]
    covariance = np.cov(old.T) + 1e-9 * np.eye(figures)
    away = new.mean(0) - old.mean(0)
    squared = float(away @ np.linalg.solve(covariance, away))
    n, m = len(old), len(new)
    t2 = squared * n * m / (n + m)
    f = t2 * (n - figures) / (figures * (n - 1))
    return squared**0.5, float(special.fdtrc(figures, n - figures, f))
