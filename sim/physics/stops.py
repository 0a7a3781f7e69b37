"""Small stops that come at random and are mended: yarn ends that break and are pieced, looms that stand.

Breaks come as a Poisson process and each is mended after an exponential time, independent of the others: the
number that is open is the queue M/M/inf (Kleinrock, Queueing Systems vol. 1, 1975, sec. 3.4). Over any time,
each open one is still open with probability ``exp(-dt/tau)``, and new ones that are still open are Poisson.
So a step of a day is as right as one of a second.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]


def open_after(open_now: F64, per_s: F64, mend_s: F64 | float, dt_s: float, rng: np.random.Generator) -> F64:
    """How many breaks are open after ``dt_s`` [s].

    Args:
        open_now: how many are now, whole numbers, ``float64[n]``.
        per_s: rate of new ones [1/s], ``float64[n]``.
        mend_s: mean time until one is mended [s].
        dt_s: length of the step [s].
        rng: source of randomness.

    >>> open_after(np.array([7.0]), np.array([0.0]), 60.0, 1e6, np.random.default_rng(1)).tolist()
    [0.0]
    """
    keep = np.exp(-dt_s / mend_s)
    kept = rng.binomial(open_now.astype(np.int64), keep)
    return (kept + rng.poisson(per_s * mend_s * (1.0 - keep))).astype(np.float64)


def downtime_after(
    left_s: F64, per_s: F64, mend_s: F64 | float, dt_s: float, rng: np.random.Generator
) -> F64:
    """How long a machine that stands for every stop will still stand [s], ``float64[n]``.

    Stops come only while it runs; each lasts an exponential time of mean ``mend_s`` [s] (several together:
    a gamma time). What is left at the beginning is served first.
    """
    runs_s = np.maximum(dt_s - left_s, 0.0)
    stops = rng.poisson(per_s * runs_s)
    added = rng.standard_gamma(stops) * mend_s
    left: F64 = np.maximum(left_s - dt_s, 0.0) + added
    return left
