"""What does not come by itself: a process fault that only a scenario or a person brings about."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.degradation.law import F64


@dataclass(frozen=True, slots=True)
class Never:
    """Severity stays 0 for ever. A life is the row ``[inf]``.

    >>> lives = NEVER.draw(np.random.default_rng(1), 2)
    >>> NEVER.life_h(lives).tolist(), NEVER.severity(lives, np.array([0.0, 1e9])).tolist()
    ([inf, inf], [0.0, 0.0])
    """

    def draw(self, rng: np.random.Generator, n: int) -> F64:
        """Draw nothing, ``float64[n, 1]``."""
        return np.full((n, 1), np.inf)

    def life_h(self, lives: F64) -> F64:
        """Infinite."""
        return lives[:, 0]

    def severity(self, lives: F64, age_h: F64) -> F64:
        """0."""
        return np.zeros(len(lives))


NEVER = Never()
"""The law of a failure mode that is a disturbance: a tripped feeder, a leak, a spill."""
