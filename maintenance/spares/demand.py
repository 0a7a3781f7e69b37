"""The demand for a part over a time, as a distribution: machines that are forecast may each ask for some
(Poisson-binomial), all others ask at random (Poisson)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy.stats import poisson

from maintenance.histories import F64

_TAIL = 1e-12


def demand_distribution(asks: Iterable[tuple[float, int]], at_random: float = 0.0) -> F64:
    """[n] probability of each number of parts asked for, exact by convolution.

    Args:
        asks: of each machine, the probability that it asks and for how many parts.
        at_random: mean number that is asked for at random besides.

    >>> demand_distribution([(0.5, 1), (0.5, 2)]).tolist()
    [0.25, 0.25, 0.25, 0.25]
    """
    total: F64 = np.ones(1)
    for probability, count in asks:
        one = np.zeros(count + 1)
        one[0], one[count] = 1.0 - probability, probability
        total = np.convolve(total, one)
    if at_random > 0.0:
        most = int(poisson.isf(_TAIL, at_random)) + 1
        total = np.convolve(total, poisson.pmf(np.arange(most + 1), at_random))
    return total


def least_enough(distribution: F64, service_level: float) -> int:
    """The least stock with which the demand is met with at least this probability.

    >>> least_enough(demand_distribution([(0.5, 1), (0.5, 2)]), 0.75)
    2
    """
    enough = np.cumsum(distribution) >= service_level - 1e-9
    return int(np.argmax(enough)) if enough.any() else len(distribution) - 1


def meets(distribution: F64, stock: int) -> float:
    """Probability that a stock meets the demand.

    >>> meets(demand_distribution([(0.5, 1), (0.5, 2)]), 1)
    0.5
    """
    return float(min(distribution[: max(stock + 1, 0)].sum(), 1.0))
