"""How the severities of a kind run until a failure: learned from machines that failed, mode by mode.

Where a mode wears all its life, severities are a matter of the share of life that is over; where it comes
suddenly, of the hours that are left. Each mode has the axis on which its past failures lie closer together.
Along the axis, severities are a multivariate t distribution about a mean that moves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from maintenance.histories import F64, I64

PLACES = 61
LEAST_SHARE = 0.004
"""Shares of life that are left are told apart down to about this."""
LEFT_SHARES = np.linspace(np.log(1.0 + LEAST_SHARE), np.log(2.0 * LEAST_SHARE), PLACES)
LEFT_HOURS = np.linspace(np.log(20_000.0), np.log(4.0), PLACES)
WIDTH = 0.08
"""Of the kernel, in the logarithm of what is left: so many parts of it are one to the forecast."""
FREEDOM = 6.0
"""Degrees of freedom of the t distribution: a score of machines does not show how far others stray."""
SHRINKAGE = 0.3
"""Weight of the covariance along the whole course in that at one place of it."""
FLOOR = 0.01
"""Standard deviation of a severity that no further knowledge goes below."""


@dataclass(frozen=True)
class Course:
    """The way of one mode.

    Args:
        by_hours: positions are hours left; else shares of life.
        mean: [g, m] severities along the axis.
        precision: [g, m, m] inverse of their scale.
        log_norm: [g] logarithm of the density at the mean.
        log_life_mean, log_life_sd: of the logarithm of a life [h].
        lives: how many machines it was learned from.
    """

    by_hours: bool
    mean: F64
    precision: F64
    log_norm: F64
    log_life_mean: float
    log_life_sd: float
    lives: int

    def log_density(self, severities: F64) -> F64:
        """[r, g] logarithm of the density of severities [r, m] at every place of the axis."""
        off = severities[:, None, :] - self.mean[None]
        squared = np.einsum("rgi,gij,rgj->rg", off, self.precision, off)
        m = self.mean.shape[1]
        result: F64 = self.log_norm - 0.5 * (FREEDOM + m) * np.log1p(squared / FREEDOM)
        return result

    def place(self, age_h: F64, life_h: F64) -> F64:
        """Place on the axis, in steps of its grid, of a machine of some age and life [h]."""
        grid = LEFT_HOURS if self.by_hours else LEFT_SHARES
        at = (_position(self.by_hours, age_h, life_h) - grid[0]) / (grid[-1] - grid[0])
        result: F64 = np.clip(at, 0.0, 1.0) * (PLACES - 1)
        return result


def fit_course(severities: list[F64], age_h: list[F64], life_h: F64) -> Course:
    """Fit on machines that failed in one mode: of each, severities [r, m] at ages [r] and its life [h]."""
    unit = np.repeat(np.arange(len(age_h)), [len(one) for one in age_h])
    rows = np.concatenate(severities)
    age = np.concatenate(age_h)
    log_life = np.log(life_h)
    # of few lives the true spread may be greater: that of a t distribution's predictive
    spread = float(np.std(log_life, ddof=1)) * np.sqrt(1.0 + 1.0 / len(life_h)) if len(life_h) > 1 else 0.5
    fits = []
    for by_hours in (False, True):
        course = _fit(rows, age, unit, life_h, by_hours, float(log_life.mean()), max(spread, 0.1))
        fits.append((course, _closeness(course, rows, age, unit, life_h)))
    return max(fits, key=lambda one: one[1])[0]


def _fit(
    rows: F64, age: F64, unit: I64, life_h: F64, by_hours: bool, log_mean: float, log_sd: float
) -> Course:
    position = _position(by_hours, age, life_h[unit])
    grid = LEFT_HOURS if by_hours else LEFT_SHARES
    m = rows.shape[1]
    means = np.empty((len(grid), m))
    scatters = np.empty((len(grid), m, m))
    for number, centre in enumerate(grid):
        # beyond where any machine has been, the nearest that was known is taken
        reach = max(1.0, float(np.min(np.abs(position - centre))) / WIDTH)
        near = np.exp(-0.5 * ((position - centre) / (WIDTH * reach)) ** 2)
        total = np.bincount(unit, near, len(life_h))
        weight = near / np.maximum(total, 1e-12)[unit] * (total / (total + 0.5))[unit]
        weight = weight / weight.sum()
        means[number] = weight @ rows
        off = rows - means[number]
        scatters[number] = (off * weight[:, None]).T @ off
    pooled = scatters.mean(axis=0)
    covariance = (1.0 - SHRINKAGE) * scatters + SHRINKAGE * np.diag(np.diag(pooled)) + np.eye(m) * FLOOR**2
    precision = np.asarray(np.linalg.inv(covariance), np.float64)
    log_norm: F64 = -0.5 * np.linalg.slogdet(covariance)[1].astype(np.float64)
    return Course(by_hours, means, precision, log_norm, log_mean, log_sd, len(life_h))


def _position(by_hours: bool, age_h: F64, life_h: F64) -> F64:
    """Logarithm of the hours, or of the share of life, that are left."""
    if by_hours:
        return np.log(np.maximum(life_h - age_h, 1.0))
    return np.log(np.clip(1.0 - age_h / life_h, LEAST_SHARE, 1.0) + LEAST_SHARE)


def _closeness(course: Course, rows: F64, age: F64, unit: I64, life_h: F64) -> float:
    """Mean logarithm of the density of what was, near the end counting as much as all the rest."""
    at = np.rint(course.place(age, life_h[unit])).astype(np.int64)
    off = rows - course.mean[at]
    squared = np.einsum("ri,rij,rj->r", off, course.precision[at], off)
    value = course.log_norm[at] - 0.5 * (FREEDOM + rows.shape[1]) * np.log1p(squared / FREEDOM)
    weight = 1.0 / np.maximum(life_h[unit] - age, 8.0)
    return float(np.average(value, weights=weight))
