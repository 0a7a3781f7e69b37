"""Exponential growth: damage that feeds on itself, as spalls of a rolling bearing do.

N. Gebraeel, M. Lawley, R. Li, J. Ryan, "Residual-life distributions from component degradation signals: a
Bayesian approach", IIE Transactions 37 (2005) 543-557: ``S(t) = phi + theta exp(beta t)`` with a random rate
``beta``; the unit fails where ``S`` crosses a threshold. Here ``S`` is scaled to 0 as new and 1 there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.degradation.law import F64
from sim.degradation.lognormal_life import check_life, draw_life_h, hold, refuse_unless


@dataclass(frozen=True, slots=True)
class ExponentialGrowth:
    """Severity ``(exp(g t / L) - 1) / (exp(g) - 1)``; a lognormal rate ``g / L`` makes the life lognormal.

    A life is the row ``[L]``.

    Args:
        median_h: median running time to functional failure [h].
        spread: standard deviation of ln life.
        growth: ``g``, how bent the curve is: e-folds from new to failed.

    Raises:
        ValueError: a parameter is out of its range.

    >>> law = ExponentialGrowth(median_h=1000.0, spread=0.0, growth=5.0)
    >>> lives = law.draw(np.random.default_rng(1), 3)
    >>> law.severity(lives, np.array([0.0, 750.0, 1000.0])).round(3).tolist()
    [0.0, 0.282, 1.0]
    """

    median_h: float
    spread: float = 0.3
    growth: float = 5.0

    def __post_init__(self) -> None:
        check_life(self.median_h, self.spread)
        refuse_unless(0 < self.growth <= 50, f"growth {self.growth}", "must be above 0 and at most 50")

    def draw(self, rng: np.random.Generator, n: int) -> F64:
        """Draw lives, ``float64[n, 1]``."""
        return draw_life_h(rng, n, self.median_h, self.spread)[:, None]

    def life_h(self, lives: F64) -> F64:
        """Running time at which severity reaches 1 [h], lognormal."""
        return lives[:, 0]

    def severity(self, lives: F64, age_h: F64) -> F64:
        """Severity after ``age_h`` [h]."""
        share = np.minimum(age_h / lives[:, 0], 2.0)  # far beyond the end exp() would overflow
        return hold(np.expm1(self.growth * share) / np.expm1(self.growth), age_h, lives[:, 0])
