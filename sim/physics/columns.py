"""Parameters of many units as arrays, and sums over the units that work together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]


def column(parameters: Sequence[object], name: str) -> F64:
    """One parameter of every unit, ``float64[n]``.

    >>> column([1 + 2j, 3 + 4j], "imag").tolist()
    [2.0, 4.0]
    """
    return np.array([getattr(unit, name) for unit in parameters], np.float64)


def clip(values: F64, low: F64 | float, high: F64 | float) -> F64:
    """``np.clip`` for the few units of a fleet: half the time, most of which is its overhead.

    >>> clip(np.array([-1.0, 0.5, 2.0]), 0.0, 1.0).tolist()
    [0.0, 0.5, 1.0]
    """
    return np.minimum(np.maximum(values, low), high)


def stations(equipment: Sequence[str]) -> F64:
    """Which units work together: those of the same place, ``float64[n, n]`` of ones and zeros.

    The product with a column gives every unit the sum over its own station.

    >>> stations(["a/p1", "a/p2", "b/p1"]) @ np.array([1.0, 2.0, 4.0])
    array([3., 3., 4.])
    """
    places = np.array([unit.rpartition("/")[0] for unit in equipment])
    together: F64 = (places[:, None] == places[None, :]).astype(np.float64)
    return together
