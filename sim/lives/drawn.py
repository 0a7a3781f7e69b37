"""Lives of units on a bench: new at the start, never serviced, each until the first of its modes fails.

Which mode that is, is spread evenly over the modes of a kind: else only the short-lived ones would ever be
seen. The others have lives of their law where those are longer; a mode that would have come first is given a
life a little longer than the unit's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.degradation.law import F64
from sim.kind import FailureMode
from sim.truth.hourly import RUNNING_DOWN

LONGER = 0.1
LONGER_SPREAD = 0.4
"""Where another mode would have come first, its life is the unit's times ``exp(LONGER + LONGER_SPREAD
|z|)``, z normal."""


@dataclass(frozen=True, slots=True, eq=False)
class DrawnLives:
    """Units of one kind, each worn to failure in one mode.

    Args:
        modes: of the kind that wear.
        target: ``intp[n]``, number of the mode that fails.
        lives: of every mode, as its law draws them for n units.
        life_h: ``float64[m, n]`` of every mode [h].
        pace: ``float64[m, n]``, hours of its law that each mode ages in an hour; 1 of the one that fails.
    """

    modes: tuple[FailureMode, ...]
    target: npt.NDArray[np.intp]
    lives: tuple[F64, ...]
    life_h: F64
    pace: F64

    def take(self, units: npt.NDArray[np.intp]) -> DrawnLives:
        """Return some of the units."""
        return DrawnLives(
            self.modes,
            self.target[units],
            tuple(one[units] for one in self.lives),
            self.life_h[:, units],
            self.pace[:, units],
        )

    @property
    def end_h(self) -> F64:
        """When each unit fails [h], ``float64[n]``."""
        return self.life_h[self.target, np.arange(len(self.target))]

    def severity(self, age_h: F64) -> F64:
        """Severity of every mode after ``age_h`` [h] on the bench, ``float64[m, n]``."""
        result = np.empty_like(self.life_h)
        for number, (mode, lives) in enumerate(zip(self.modes, self.lives, strict=True)):
            result[number] = mode.law.severity(lives, self.pace[number] * age_h)
        return result

    def onset_h(self) -> F64:
        """When the mode that fails begins to run down: its severity passes
        :data:`sim.truth.hourly.RUNNING_DOWN` [h]."""
        low, high = np.zeros(len(self.target)), self.end_h.copy()
        columns = np.arange(len(self.target))
        for _ in range(50):
            middle = (low + high) / 2
            above = self.severity(middle)[self.target, columns] >= RUNNING_DOWN
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        return high


def draw_lives(
    modes: tuple[FailureMode, ...], n: int, rng: np.random.Generator, *, shortest_h: float
) -> DrawnLives:
    """Draw ``n`` units whose modes to fail are spread evenly; no target life is below ``shortest_h`` [h]."""
    target = rng.permutation(np.arange(n) % len(modes))
    lives = []
    for number, mode in enumerate(modes):
        drawn = mode.law.draw(rng, n)
        mine = target == number
        while (short := mine & (mode.law.life_h(drawn) < shortest_h)).any():
            drawn[short] = mode.law.draw(rng, int(short.sum()))
        lives.append(drawn)
    life_h = np.array([mode.law.life_h(drawn) for mode, drawn in zip(modes, lives, strict=True)])
    end_h = life_h[target, np.arange(n)]
    stretched = end_h * np.exp(LONGER + LONGER_SPREAD * np.abs(rng.standard_normal(life_h.shape)))
    lasts_h = np.where(life_h < np.exp(LONGER) * end_h, stretched, life_h)
    lasts_h[target, np.arange(n)] = end_h
    return DrawnLives(modes, target, tuple(lives), life_h, life_h / lasts_h)
