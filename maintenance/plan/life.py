"""The distribution of a machine's remaining life, from what a forecast says of it.

A forecast gives five quantiles. Between them, and beyond, the normal score of the probability is taken to be
a straight line in the logarithm of life: exact at each quantile, with lognormal tails. Of a healthy machine
only "more than N hours, 95 % sure" is known: failures come then as if at random, at the rate that
just allows it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from maintenance.histories import F64
from twin.contract.health import MachineHealth

LEVELS = np.array([0.05, 0.10, 0.50, 0.90, 0.95])
HEALTHY_LEVEL = 0.05
"""A healthy machine lasts less than it says with this probability."""
LEAST_H = 0.01
_STEPS = 600


@dataclass(frozen=True)
class Life:
    """A distribution over running hours.

    Args:
        log_h: [k] logarithm of running hours, rising.
        score: [k] normal score of the probability to fail by then.
        rate_per_h: instead of both (then empty): failures at random.
    """

    log_h: F64
    score: F64
    rate_per_h: float = 0.0

    def fails_within(self, hours: F64) -> F64:
        """[n] probability to fail within so many running hours [n].

        >>> life = life_of_quantiles(np.array([50.0, 60.0, 100.0, 170.0, 200.0]))
        >>> life.fails_within(np.array([0.0, 100.0])).round(3).tolist()
        [0.0, 0.5]
        """
        hours = np.maximum(hours, 0.0)
        if not len(self.log_h):
            result: F64 = -np.expm1(-self.rate_per_h * hours)
            return result
        x = np.log(np.maximum(hours, 1e-9))
        place = np.clip(np.searchsorted(self.log_h, x) - 1, 0, len(self.log_h) - 2)
        slope = np.diff(self.score) / np.diff(self.log_h)
        result = np.where(hours > 0.0, ndtr(self.score[place] + slope[place] * (x - self.log_h[place])), 0.0)
        return result

    def used(self, hours: F64) -> F64:
        """[n] expected running hours until the machine fails or ``hours`` [n] have passed, whichever comes
        first."""
        most = float(np.max(hours, initial=0.0))
        grid = most * np.linspace(0.0, 1.0, _STEPS + 1)
        alive = 1.0 - self.fails_within(grid)
        total = np.concatenate([[0.0], np.cumsum(0.5 * (alive[1:] + alive[:-1]) * np.diff(grid))])
        result: F64 = np.interp(hours, grid, total)
        return result


def life_of_quantiles(hours: F64) -> Life:
    """The distribution with these quantiles [5] at ``LEVELS`` [running h]; equal ones are a certain time."""
    log_h = np.maximum.accumulate(np.log(np.maximum(hours, LEAST_H))) + 1e-6 * np.arange(len(hours))
    return Life(log_h, ndtri(LEVELS))


def life_at_random(mean_h: float) -> Life:
    """Failures at random, ``mean_h`` running hours apart."""
    return Life(np.empty(0), np.empty(0), 1.0 / mean_h)


def life_of(health: MachineHealth) -> Life | None:
    """The distribution that a forecast tells, None if it tells none."""
    if health.remaining is not None:
        r = health.remaining
        return life_of_quantiles(np.array([r.p05, r.p10, r.p50, r.p90, r.p95]))
    if health.healthy_beyond_h:
        return life_at_random(health.healthy_beyond_h / -np.log1p(-HEALTHY_LEVEL))
    return None
