"""What laws with a closed form share: a life that is lognormal, and severity held to it exactly."""

from __future__ import annotations

import math

import numpy as np

from sim.degradation.law import F64

MOST = 1.5
"""Severity goes no further: a machine that goes on running past its functional failure is broken as it is."""


def draw_life_h(rng: np.random.Generator, n: int, median_h: float, spread: float) -> F64:
    """Draw lives whose logarithm is normal [h], ``float64[n]``.

    Args:
        rng: of the draw.
        n: how many.
        median_h: half of the units live longer [h].
        spread: standard deviation of the natural logarithm; 0.3 is usual for wear, 0 draws the median.
    """
    drawn: F64 = median_h * np.exp(spread * rng.standard_normal(n))
    return drawn


def hold(raw: F64, age_h: F64, life_h: F64) -> F64:
    """Hold a severity to the contract of a law: at most 1 before the end, 1 at it, 1 to :data:`MOST` after.

    Rounding of a closed form, or a jump over 1, would break "1 at the end of life" by a hair or by a lot.

    >>> hold(np.array([0.4, 0.999999, 1.2]), np.array([3.0, 9.0, 9.1]), np.array([9.0, 9.0, 9.0])).tolist()
    [0.4, 1.0, 1.2]
    """
    before = np.minimum(raw, 1.0)
    after = np.clip(raw, 1.0, MOST)
    held: F64 = np.where(age_h < life_h, before, np.where(age_h > life_h, after, 1.0))
    return held


def refuse_unless(holds: bool, what: str, rule: str) -> None:
    """Refuse a parameter of a law.

    Raises:
        ValueError: ``holds`` is False.
    """
    if not holds:
        raise ValueError(f"{what}: {rule}")


def check_life(median_h: float, spread: float) -> None:
    """Refuse a life that cannot be.

    Raises:
        ValueError: it is not above 0, not finite, or its spread is negative.
    """
    refuse_unless(
        0 < median_h < math.inf, f"median_h {median_h}", "must be above 0 and finite; NEVER has no end"
    )
    refuse_unless(0 <= spread <= 3, f"spread {spread}", "must be from 0 to 3 (standard deviation of ln life)")
