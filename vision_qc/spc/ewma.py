"""The chart of the exponentially weighted moving average (ISO 7870-6): small lasting shifts of a score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

WEIGHT = 0.1
LIMIT = 2.814
"""Lucas and Saccucci (Technometrics 32 (1990) 1-12): with weight 0.1 a false signal every 500 values."""


@dataclass(frozen=True, slots=True)
class EwmaChart:
    """A chart.

    Args:
        centre: of the values that are taken for right.
        averages, low, high: one a value.
        signals: values at which the average is beyond a limit.
    """

    centre: float
    averages: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    signals: tuple[int, ...]


def ewma_chart(
    values: Sequence[float], *, centre: float, sigma: float, weight: float = WEIGHT, limit: float = LIMIT
) -> EwmaChart:
    """Draw the chart.

    Args:
        values: in their order.
        centre, sigma: mean and standard deviation while all is well.
        weight: of the newest value, 0 to 1.
        limit: in standard deviations of the average.

    Example:
        >>> chart = ewma_chart([0.0] * 20 + [1.0] * 30, centre=0.0, sigma=1.0)
        >>> chart.signals[0]
        29
    """
    averages, low, high, signals = [], [], [], []
    average = centre
    for number, value in enumerate(values):
        average += weight * (value - average)
        half = limit * sigma * np.sqrt(weight / (2 - weight) * (1 - (1 - weight) ** (2 * (number + 1))))
        averages.append(average)
        low.append(centre - float(half))
        high.append(centre + float(half))
        if not low[-1] <= average <= high[-1]:
            signals.append(number)
    return EwmaChart(centre, tuple(averages), tuple(low), tuple(high), tuple(signals))
