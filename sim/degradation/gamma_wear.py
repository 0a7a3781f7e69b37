"""Wear in many small steps of chance: corrosion, abrasion, creep, loss of insulation.

J. M. van Noortwijk, "A survey of the application of gamma processes in maintenance", Reliab. Eng. Syst.
Saf. 94 (2009) 2-21: independent gamma increments, so it never heals; ``P(L <= t) = P(X(t) >= 1)`` with
``X(t) ~ Gamma(shape = v t, scale = u)``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.degradation.law import F64
from sim.degradation.lognormal_life import hold, refuse_unless

STEPS_A_LIFE = 48
"""Points of the drawn path in ``nominal_h``; straight between them."""


@dataclass(frozen=True, slots=True)
class GammaWear:
    """Severity is a stationary gamma process with mean 1 after ``nominal_h``.

    A life is the row ``[L, X_1..X_K]``: the path at equal distances, drawn when new.

    Args:
        nominal_h: time after which the mean severity is 1 [h].
        spread: coefficient of variation of the severity then.

    Raises:
        ValueError: a parameter is out of its range.

    >>> law = GammaWear(nominal_h=100.0, spread=0.2)
    >>> lives = law.draw(np.random.default_rng(1), 20_000)
    >>> round(float(np.median(law.life_h(lives))))
    102
    """

    nominal_h: float
    spread: float = 0.2

    def __post_init__(self) -> None:
        refuse_unless(
            0 < self.nominal_h < math.inf, f"nominal_h {self.nominal_h}", "must be above 0 and finite"
        )
        refuse_unless(0.02 <= self.spread <= 0.7, f"spread {self.spread}", "must be from 0.02 to 0.7")

    @property
    def step_h(self) -> float:
        """Distance of the points of a path [h]."""
        return self.nominal_h / STEPS_A_LIFE

    def draw(self, rng: np.random.Generator, n: int) -> F64:
        """Draw lives, ``float64[n, 1 + K]``; the path goes on to five standard deviations past the mean, and
        from there on steadily."""
        k = math.ceil(STEPS_A_LIFE * (1 + 5 * self.spread + 5 * self.spread**2))
        shape = 1 / (self.spread**2 * STEPS_A_LIFE)
        path = np.cumsum(rng.gamma(shape, self.spread**2, (n, k)), axis=1)
        rows = np.arange(n)
        beyond = path[:, -1] < 1.0
        last = np.where(beyond, k, np.argmax(path >= 1.0, axis=1))
        before = np.where(last > 0, path[rows, last - 1], 0.0)
        after = np.where(beyond, before + 1 / STEPS_A_LIFE, path[rows, np.minimum(last, k - 1)])
        life_h = self.step_h * (last + (1.0 - before) / (after - before))
        return np.concatenate([life_h[:, None], path], axis=1)

    def life_h(self, lives: F64) -> F64:
        """Running time at which severity reaches 1 [h]."""
        return lives[:, 0]

    def severity(self, lives: F64, age_h: F64) -> F64:
        """Severity after ``age_h`` [h]."""
        k = lives.shape[1] - 1
        place = np.minimum(age_h / self.step_h, 100.0 * k)
        below = np.minimum(place.astype(np.int64), k)
        rows = np.arange(len(lives))
        before = np.where(below > 0, lives[rows, below], 0.0)
        after = np.where(below < k, lives[rows, np.minimum(below + 1, k)], before + 1 / STEPS_A_LIFE)
        return hold(before + (after - before) * (place - below), age_h, lives[:, 0])
