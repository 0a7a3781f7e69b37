"""Fouling that slows down as it builds up: heat exchangers, filters, membranes, burners.

D. Q. Kern, R. E. Seaton, "A theoretical analysis of thermal surface fouling", Brit. Chem. Eng. 4 (1959)
258-262: ``Rf(t) = Rf* (1 - exp(-t / tau))``: deposition is steady, removal grows with what is there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.degradation.law import F64
from sim.degradation.lognormal_life import check_life, draw_life_h, hold, refuse_unless


@dataclass(frozen=True, slots=True)
class Fouling:
    """Severity is the fouling resistance over the one at which the surface must be cleaned.

    The time constant is lognormal from run to run, and with it the time of crossing
    ``L = -tau ln(1 - 1/asymptote)``. A life is the row ``[L]``.

    Args:
        median_h: median running time until it must be cleaned [h].
        spread: standard deviation of ln life.
        asymptote: ``Rf*`` over the resistance at which it must be cleaned; the nearer to 1, the longer it
            lingers below. Severity never passes it.

    Raises:
        ValueError: a parameter is out of its range.

    >>> law = Fouling(median_h=1000.0, spread=0.0, asymptote=1.25)
    >>> lives = law.draw(np.random.default_rng(1), 3)
    >>> law.severity(lives, np.array([500.0, 1000.0, 9e9])).round(3).tolist()
    [0.691, 1.0, 1.25]
    """

    median_h: float
    spread: float = 0.3
    asymptote: float = 1.25

    def __post_init__(self) -> None:
        check_life(self.median_h, self.spread)
        refuse_unless(
            1 < self.asymptote <= 100,
            f"asymptote {self.asymptote}",
            "must be above 1, or it never gets there",
        )

    @property
    def _e_folds(self) -> float:
        """Time constants in a life."""
        return -math.log1p(-1 / self.asymptote)

    def draw(self, rng: np.random.Generator, n: int) -> F64:
        """Draw lives, ``float64[n, 1]``."""
        return draw_life_h(rng, n, self.median_h, self.spread)[:, None]

    def life_h(self, lives: F64) -> F64:
        """Running time at which it must be cleaned [h], lognormal."""
        return lives[:, 0]

    def tau_h(self, lives: F64) -> F64:
        """Time constant [h], ``float64[n]``."""
        tau: F64 = lives[:, 0] / self._e_folds
        return tau

    def severity(self, lives: F64, age_h: F64) -> F64:
        """Severity after ``age_h`` [h]."""
        raw = -self.asymptote * np.expm1(-self._e_folds * age_h / lives[:, 0])
        return hold(raw, age_h, lives[:, 0])
