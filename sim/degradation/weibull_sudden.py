"""Failures that come suddenly, with little warning: electronics, windings, seals, contacts.

W. Weibull, "A statistical distribution function of wide applicability", J. Appl. Mech. 18 (1951) 293-297,
for the life; the P-F interval, in which a failure on its way can be noticed, is J. Moubray's
("Reliability-centred Maintenance", 2nd ed. 1997, chapter 7).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.degradation.law import F64
from sim.degradation.lognormal_life import hold, refuse_unless


@dataclass(frozen=True, slots=True)
class WeibullSudden:
    """Severity stays 0 until ``warning_h`` before the end, then rises with the square of time.

    A life is the row ``[L]``.

    Args:
        scale_h: characteristic life: 63.2 % have failed by then [h].
        shape: 1 = by chance at any age (electronics), 2 to 4 = of old age, below 1 = of childhood.
        warning_h: P-F interval [h]; the whole life, where that is shorter. 0 = none.

    Raises:
        ValueError: a parameter is out of its range.

    >>> law = WeibullSudden(scale_h=5000.0, shape=1.5, warning_h=20.0)
    >>> life_h = np.array([3000.0, 3000.0, 3000.0])
    >>> law.severity(life_h[:, None], np.array([2980.0, 2990.0, 3000.0])).tolist()
    [0.0, 0.25, 1.0]
    """

    scale_h: float
    shape: float = 1.5
    warning_h: float = 24.0

    def __post_init__(self) -> None:
        refuse_unless(0 < self.scale_h < math.inf, f"scale_h {self.scale_h}", "must be above 0 and finite")
        refuse_unless(0.3 <= self.shape <= 20, f"shape {self.shape}", "must be from 0.3 to 20")
        refuse_unless(0 <= self.warning_h < math.inf, f"warning_h {self.warning_h}", "must be 0 or more")

    def draw(self, rng: np.random.Generator, n: int) -> F64:
        """Draw lives, ``float64[n, 1]``; never of less than a minute, in which nothing could be noticed."""
        return np.maximum(self.scale_h * rng.weibull(self.shape, n), 1 / 60)[:, None]

    def life_h(self, lives: F64) -> F64:
        """Running time to failure [h], Weibull."""
        return lives[:, 0]

    def severity(self, lives: F64, age_h: F64) -> F64:
        """Severity after ``age_h`` [h]; no further than 1."""
        life_h = lives[:, 0]
        warning_h = np.clip(self.warning_h, 1e-9, life_h)
        into = np.clip((age_h - (life_h - warning_h)) / warning_h, 0.0, 1.0)
        return hold(np.square(into), age_h, life_h)
