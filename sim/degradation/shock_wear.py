"""Linear wear with shocks that come by chance: tools, belts, linings, punches.

J. D. Esary, A. W. Marshall, F. Proschan, "Shock models and wear processes", Annals of Probability 1 (1973)
627-649: damage is a steady rate and a compound Poisson process of exponential jumps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.degradation.law import F64
from sim.degradation.lognormal_life import hold, refuse_unless


@dataclass(frozen=True, slots=True)
class ShockWear:
    """Severity ``r t + sum of the jumps until t``; on the average 1 after ``nominal_h``.

    All shocks are drawn with the life, so its end is known from the first hour on. A life is the row
    ``[L, t_1..t_K, s_0..s_K]``: when the shocks come [h] and the sum of the jumps after each.

    Args:
        nominal_h: time after which the mean severity is 1 [h].
        shock_share: how much of the wear comes in shocks, 0 to 0.95.
        shocks: how many of them in ``nominal_h``, on the average.

    Raises:
        ValueError: a parameter is out of its range.

    >>> law = ShockWear(nominal_h=100.0, shock_share=0.5, shocks=4.0)
    >>> lives = law.draw(np.random.default_rng(1), 20_000)
    >>> round(float(law.life_h(lives).mean()))  # the last jump goes past the mark, by 12.5 h worth of wear
    106
    """

    nominal_h: float
    shock_share: float = 0.4
    shocks: float = 8.0

    def __post_init__(self) -> None:
        refuse_unless(
            0 < self.nominal_h < math.inf, f"nominal_h {self.nominal_h}", "must be above 0 and finite"
        )
        refuse_unless(
            0 <= self.shock_share <= 0.95, f"shock_share {self.shock_share}", "must be from 0 to 0.95"
        )
        refuse_unless(0 < self.shocks <= 100, f"shocks {self.shocks}", "must be above 0 and at most 100")

    @property
    def rate_per_h(self) -> float:
        """The steady part of the wear [1/h]."""
        return (1 - self.shock_share) / self.nominal_h

    @property
    def mean_jump(self) -> float:
        """What a shock adds on the average."""
        return self.shock_share / self.shocks

    @property
    def _drawn(self) -> int:
        """Shocks to draw: six standard deviations more than come in the longest life, ``1 / r``."""
        most = self.shocks / (1 - self.shock_share)
        return math.ceil(most + 6 * math.sqrt(most) + 6)

    def draw(self, rng: np.random.Generator, n: int) -> F64:
        """Draw lives, ``float64[n, 2 + 2 K]``."""
        k = self._drawn
        gaps_h = rng.standard_exponential((n, k)) * (self.nominal_h / self.shocks)
        jumps = rng.standard_exponential((n, k)) * self.mean_jump
        times_h = np.cumsum(gaps_h, axis=1)
        sums = np.concatenate([np.zeros((n, 1)), np.cumsum(jumps, axis=1)], axis=1)
        # between the k-th shock and the next, steady wear alone would get there at (1 - sum) / r; a jump
        # that goes over the mark makes that earlier than the shock itself, which then is the end
        begins_h = np.concatenate([np.zeros((n, 1)), times_h], axis=1)
        reached_h = np.maximum((1 - sums) / self.rate_per_h, begins_h)
        ends_h = np.concatenate([times_h, np.full((n, 1), np.inf)], axis=1)
        first = np.argmax(reached_h <= ends_h, axis=1)
        # with a jump over the mark at the end of an interval, the next interval says so: its own begin
        life_h = reached_h[np.arange(n), first]
        return np.concatenate([life_h[:, None], times_h, sums], axis=1)

    def life_h(self, lives: F64) -> F64:
        """Running time at which severity first is 1 or more [h]."""
        return lives[:, 0]

    def severity(self, lives: F64, age_h: F64) -> F64:
        """Severity after ``age_h`` [h]; the jump at the end counts to 1 only."""
        k = (lives.shape[1] - 2) // 2
        came = np.count_nonzero(lives[:, 1 : 1 + k] <= age_h[:, None], axis=1)
        jumps = lives[np.arange(len(lives)), 1 + k + came]
        return hold(self.rate_per_h * age_h + jumps, age_h, lives[:, 0])
