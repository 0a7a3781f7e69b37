"""Similar past machines: where each of them looked most like this one, and how long it then lived.

It is a reason to believe a forecast ("these three looked the same and lasted 20 to 28 cycles"), and a
forecast of its own where run-to-failure histories are too few to train on (Wang et al., PHM 2008).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from maintenance.histories import F32, F64, I64

# rows of past machines that are kept, evenly over each life
EVERY_ROWS = 3


@dataclass(frozen=True)
class SimilarMachine:
    """A past machine.

    Args:
        unit: its number.
        distance: root mean square difference of the columns compared, in their deviations.
        left: cycles it lived on after it looked like this.
    """

    unit: int
    distance: float
    left: float


@dataclass(frozen=True)
class Library:
    """Past machines to compare with.

    Args:
        table: [n, p] rows, scaled.
        unit: [n] number of the machine of each row.
        left: [n] cycles it lived on.
    """

    table: F32
    unit: I64
    left: F64

    def nearest(self, row: F32, count: int) -> list[SimilarMachine]:
        """Return the machines most similar to a row [p], each at its most similar moment, nearest first."""
        distance = np.sqrt(np.mean((self.table - row) ** 2, axis=1, dtype=np.float64))
        order = np.argsort(distance, kind="stable")
        _, first = np.unique(self.unit[order], return_index=True)
        places = order[np.sort(first)[:count]]
        return [
            SimilarMachine(int(self.unit[place]), float(distance[place]), float(self.left[place]))
            for place in places
        ]


def library(table: F32, unit: I64, left: F64) -> Library:
    """Return a library of rows [n, p] of machines run to failure."""
    kept = np.arange(0, len(table), EVERY_ROWS)
    # kept on disk, and compared by far less than a float16 tells
    return Library(table[kept].astype(np.float16).astype(np.float32), unit[kept], left[kept])


def life_by_similarity(similar: list[SimilarMachine]) -> float:
    """Mean of the lives that were left [cycles], near machines counting more.

    >>> life_by_similarity([SimilarMachine(1, 0.1, 20.0), SimilarMachine(2, 0.1, 30.0)])
    25.0
    """
    distance = np.array([one.distance for one in similar])
    weight = np.exp(-((distance / max(float(distance.min()), 1e-6)) ** 2))
    return float(np.average([one.left for one in similar], weights=weight))
