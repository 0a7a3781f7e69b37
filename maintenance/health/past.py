"""Past machines of a kind, to show which of them once looked as one does now, and how they ended.

It is a reason to believe a forecast, or to doubt it, that needs no knowledge of the model: these looked the
same, lasted so long and failed of that (Wang et al. 2008, "A similarity-based prognostics approach", PHM).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from maintenance.histories import F64, I64

EVEN_ROWS, LATE_ROWS = 12, 12
"""Of each life so many looks are kept evenly over it, and so many ever closer to its end."""


@dataclass(frozen=True)
class SimilarPast:
    """A past machine at the moment at which it looked most alike.

    Args:
        unit: its number among those that were learned from.
        distance: root mean square difference of the severities.
        left_h: running time that it lasted from there [h].
        mode: number of the mode that it failed of.
    """

    unit: int
    distance: float
    left_h: float
    mode: int


@dataclass(frozen=True)
class PastMachines:
    """Looks at machines that failed.

    Args:
        severities: [p, m] of each look.
        left_h: [p] running time to failure [h].
        unit: [p] number of the machine.
        mode: [u] number of the mode that each machine failed of.
    """

    severities: F64
    left_h: F64
    unit: I64
    mode: I64

    def nearest(self, severities: F64, count: int) -> list[SimilarPast]:
        """The machines most like one with severities [m], each at its most similar look, nearest first."""
        distance = np.sqrt(np.mean((self.severities - severities) ** 2, axis=1))
        order = np.argsort(distance, kind="stable")
        _, first = np.unique(self.unit[order], return_index=True)
        return [
            SimilarPast(
                int(self.unit[place]),
                float(distance[place]),
                float(self.left_h[place]),
                int(self.mode[self.unit[place]]),
            )
            for place in order[np.sort(first)[:count]].tolist()
        ]


NO_PAST = PastMachines(np.empty((0, 0)), np.empty(0), np.empty(0, np.int64), np.empty(0, np.int64))
"""Of a model that was trained without keeping any."""


def keep_past(severities: list[F64], hours: list[F64], end_h: F64, mode: I64) -> PastMachines:
    """Keep some looks at each of the machines.

    Args:
        severities: of each machine [r, m], after its first windows.
        hours: of each machine, running times of those rows [r].
        end_h: [u] running times at failure [h].
        mode: [u] number of the mode that each failed of.
    """
    rows, left, unit = [], [], []
    for number, (seen, hour) in enumerate(zip(severities, hours, strict=True)):
        last = len(hour) - 1
        late = last - np.unique(np.geomspace(1.0, max(last, 1), LATE_ROWS).astype(np.int64) - 1)
        kept = np.union1d(np.linspace(0, last, min(EVEN_ROWS, last + 1)).astype(np.int64), late)
        rows.append(seen[kept])
        left.append(end_h[number] - hour[kept])
        unit.append(np.full(len(kept), number, np.int64))
    return PastMachines(
        # what they are compared by is known to far less than a float16 tells
        np.concatenate(rows).astype(np.float16).astype(np.float64),
        np.concatenate(left).astype(np.float32).astype(np.float64),
        np.concatenate(unit),
        mode,
    )
