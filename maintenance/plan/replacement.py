"""When to replace a machine that is forecast at every cycle: as soon as the forecast falls to a threshold.

A threshold that is too low lets machines break, one that is too high throws life away. What either costs in
the long run is the cost of a life over the cycles used of it (renewal reward; Barlow and Proschan 1965,
chapter 4), reckoned on past machines whose forecasts were made by members that had not seen them. Past
machines are few and breaks are dear, so each counts as a little cloud of machines like it (kernel estimate;
Silverman 1986, equation 3.31), not as the one that it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.special import ndtr

from maintenance.design import MIN_CYCLES
from maintenance.errors import NotEnoughDataError
from maintenance.histories import F64, I64

THRESHOLDS = np.arange(1.0, 60.5, 0.5)
MIN_MACHINES = 10
WIDER = 2.0
"""Of the width that Silverman gives for the middle of a density: in its tail, where the breaks are, machines
are fewer. Chosen on training units of C-MAPSS FD001 and FD003."""


@dataclass(frozen=True)
class Crossings:
    """Past machines, each at every threshold.

    Args:
        used: [u, t] cycles used of a life if it is replaced when its forecast first falls to the threshold.
        lowest: [u] the lowest forecast of a machine before it failed: below it, no threshold saves it.
    """

    used: F64
    lowest: F64


def crossings(forecast: F64, starts: I64) -> Crossings:
    """Follow machines that ran to failure, their forecasts [n] lying machine after machine.

    The first forecast comes after ``MIN_CYCLES``; the last cycle is the failure, so that what is said there
    comes too late.
    """
    used, lowest = [], []
    for begin, end in pairwise(starts.tolist()):
        told = np.minimum.accumulate(forecast[begin + MIN_CYCLES - 1 : end - 1])
        if not len(told):
            raise NotEnoughDataError(
                f"a machine of {end - begin} cycles: it failed before there was a forecast; leave it out"
            )
        place = np.searchsorted(-told, -THRESHOLDS)
        used.append(np.where(place < len(told), place + MIN_CYCLES, end - begin).astype(np.float64))
        lowest.append(float(told[-1]))
    return Crossings(np.array(used), np.array(lowest))


def threshold_for(past: Crossings, *, failure_cost: float) -> float:
    """The threshold of the least cost a cycle, a replacement costing 1 and a failure ``failure_cost``.

    Raises:
        NotEnoughDataError: below ``MIN_MACHINES`` machines.
    """
    machines = len(past.lowest)
    if machines < MIN_MACHINES:
        raise NotEnoughDataError(
            f"{machines} machines that failed; at least {MIN_MACHINES} are needed to learn when to replace"
        )
    low, high = np.quantile(past.lowest, [0.25, 0.75])
    spread = min(float(past.lowest.std()), float(high - low) / 1.34)
    width = max(WIDER * 1.06 * spread * machines**-0.2, 1e-3)
    breaks = ndtr((past.lowest[:, None] - THRESHOLDS) / width)
    cost = (1.0 + (failure_cost - 1.0) * breaks).sum(axis=0) / past.used.sum(axis=0)
    return float(THRESHOLDS[int(np.argmin(cost))])
