"""Which shape a picture has, where the pictures of one product come in several: cut out of a line, say.

Pictures of all shapes are brought to one size for the network, so a place of the grid is another place of a
long product than of a square one, and a map that takes them for one knows neither well. Shapes are few
centres on the logarithm of height over width (k-means); a station has a map for each, if that helps.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]

MOST_SHAPES = 3
"""Memory goes with them. Magnetic tiles kept for development: image AUROC 97.9 with one, 98.8 with two, 99.0
with three."""
LEAST_PICTURES = 30
"""Of each shape; with fewer, what is normal for it is not known better than what is normal for all."""
LEAST_SPREAD = 1.5
"""The middle nine tenths of the pictures differ by less than this in height over width: they are alike."""
_ROUNDS = 100


def find_shapes(sizes: Sequence[tuple[int, int]]) -> tuple[float, ...]:
    """Find the shapes that pictures come in.

    Args:
        sizes: ``(height, width)`` of the pictures [px].

    Returns:
        Logarithms of height over width, growing; one where all are alike or too few.

    Example:
        >>> find_shapes([(300, 300)] * 100)
        (0.0,)
        >>> np.exp(find_shapes([(300, 300)] * 40 + [(600, 300)] * 40)).round(2).tolist()
        [1.0, 2.0]
    """
    logs = _logs(sizes)
    one = (float(np.median(logs)),)
    low, high = np.quantile(logs, (0.05, 0.95))
    if high - low < np.log(LEAST_SPREAD):
        return one
    for count in range(MOST_SHAPES, 1, -1):
        centres = _k_means(logs, count)
        members = np.bincount(_nearest(centres, logs), minlength=count)
        if members.min() >= LEAST_PICTURES:
            return tuple(centres.tolist())
    return one


def shape_of(size: tuple[int, int], shapes: Sequence[float]) -> int:
    """Return which of ``shapes`` a picture of ``size`` ``(height, width)`` is nearest to.

    Example:
        >>> shape_of((500, 300), (0.0, 0.7))
        1
    """
    return int(_nearest(np.asarray(shapes), _logs([size]))[0])


def _logs(sizes: Sequence[tuple[int, int]]) -> F64:
    return np.log([height / width for height, width in sizes])


def _nearest(centres: F64, logs: F64) -> npt.NDArray[np.int64]:
    return np.asarray(np.abs(logs[:, None] - centres).argmin(1))


def _k_means(logs: F64, count: int) -> F64:
    centres = np.quantile(logs, (np.arange(count) + 0.5) / count)
    for _ in range(_ROUNDS):
        nearest = _nearest(centres, logs)
        moved = np.array(
            [logs[nearest == one].mean() if (nearest == one).any() else centres[one] for one in range(count)]
        )
        if np.array_equal(moved, centres):
            break
        centres = moved
    return np.sort(centres)
