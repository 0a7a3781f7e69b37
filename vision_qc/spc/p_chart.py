"""The chart of the share of defective products: p chart (ISO 7870-2), and Laney's p' where shares are too
spread or too calm for it.

A camera sees thousands a shift, and then the limits of the plain p chart are so narrow that every ordinary
day is a signal: shares differ between batches by more than chance among equal products. Laney (Improved
control charts for attributes, Quality Engineering 14 (2002) 531-537) multiplies the limits by how much the
standardised shares really move from one subgroup to the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

LIMIT_SIGMAS = 3.0
_D2 = 1.128
"""Mean range of two normal values in standard deviations (ISO 7870-2, factor d2 of subgroups of 2)."""
RUN_LENGTH = 9
"""So many in a row on one side of the centre are a signal (ISO 7870-2, test 2)."""
LEAST_GROUPS = 3


@dataclass(frozen=True, slots=True)
class PChart:
    """A chart.

    Args:
        centre: share over all subgroups.
        sigma_z: spread of the standardised shares; 1 = as by chance alone. Of the plain p chart 1.
        shares, low, high: of each subgroup; the limits cut to 0 and 1.
        beyond: subgroups beyond a limit.
        runs: subgroups that end a run of nine or more on one side.
    """

    centre: float
    sigma_z: float
    shares: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    beyond: tuple[int, ...]
    runs: tuple[int, ...]


def p_chart(counts: Sequence[int], sizes: Sequence[int], *, laney: bool = True) -> PChart | None:
    """Draw the chart of subgroups in their order; None of fewer than three.

    Args:
        counts: defective ones of each subgroup.
        sizes: of the subgroups, all above 0.
        laney: p' instead of p.

    Example:
        >>> chart = p_chart([2, 3, 1, 2, 12], [100] * 5, laney=False)
        >>> chart.centre, chart.beyond
        (0.04, (4,))
    """
    if len(counts) < LEAST_GROUPS:
        return None
    number, size = np.asarray(counts, np.float64), np.asarray(sizes, np.float64)
    centre = float(number.sum() / size.sum())
    shares = number / size
    sigma = np.sqrt(centre * (1 - centre) / size)
    sigma_z = 1.0
    if laney and 0 < centre < 1:
        z = (shares - centre) / sigma
        sigma_z = float(np.abs(np.diff(z)).mean() / _D2)
    half = LIMIT_SIGMAS * sigma * sigma_z
    low, high = np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)
    beyond = np.flatnonzero((shares < low) | (shares > high))
    return PChart(
        centre=centre,
        sigma_z=sigma_z,
        shares=tuple(shares.tolist()),
        low=tuple(low.tolist()),
        high=tuple(high.tolist()),
        beyond=tuple(beyond.tolist()),
        runs=tuple(_runs(np.sign(shares - centre).astype(int).tolist())),
    )


def _runs(sides: Sequence[int]) -> list[int]:
    found, length, before = [], 0, 0
    for number, side in enumerate(sides):
        length = length + 1 if side == before and side else int(side != 0)
        before = side
        if length >= RUN_LENGTH:
            found.append(number)
    return found
