"""Overhauls that nobody recorded: a worn machine that from one cycle to the next is much less worn.

Wear does not heal. Where several sensors step back together towards what the machine was in its youth, it was
overhauled (or is another machine under the same number), and what lies before says little about what comes:
trends must not reach across, and the life that ended there is not known. C-MAPSS FD004 has such units.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from maintenance.histories import F64, I64

YOUTH_ROWS = 10
BEFORE_ROWS = 10
AFTER_ROWS = 5
# the way of wear is read from rows before those that are compared, so that their noise is not in it
EARLIEST = YOUTH_ROWS + 2 * BEFORE_ROWS
# deviations of noise the step must have; with 1e5 places to look at, chance alone reaches five
STEP_DEVIATIONS = 6.5
# of the sensors that wear moves, how many must step back
AGREEING_SHARE = 0.75
# at least so many sensors, or "together" means nothing
MIN_SENSORS = 3
REPEATS_SHARE = 0.2
WORN_SHARE = 0.25


def find_overhauls(z: F64, starts: I64, noise: F64, worn: float) -> I64:
    """[k] rows at which a machine is first seen less worn, rising.

    Args:
        z: [n, s] z-scores without gaps.
        starts: [u + 1] rows where machines begin.
        noise: [s] deviation of a sensor's noise, in z-scores; infinite takes a sensor out.
        worn: way from its youth [deviations] that a machine must have gone before.
    """
    moving = np.flatnonzero(np.isfinite(noise))
    if len(moving) < MIN_SENSORS:
        return np.empty(0, np.int64)
    found: list[int] = []
    for begin, end in pairwise(starts):
        if end - begin >= EARLIEST + AFTER_ROWS:
            _search(z[begin:end, moving] / noise[moving], int(begin), worn, found)
    return np.array(sorted(found), np.int64)


def noise_of(z: F64, starts: I64) -> F64:
    """[s] deviation of each sensor's noise in z [n, s] of training, for :func:`find_overhauls`.

    A sensor that mostly repeats itself moves in steps of its own, which are no noise: it is infinite.
    """
    change = np.delete(np.diff(z, axis=0), starts[1:-1] - 1, axis=0)
    noise = np.sqrt(np.mean(change**2, axis=0) / 2.0)
    steady = np.mean(change == 0.0, axis=0) > REPEATS_SHARE
    result: F64 = np.where(steady | (noise < 1e-6), np.inf, noise)
    return result


def worn_length(z: F64, starts: I64, noise: F64) -> float:
    """How far, in deviations, a machine must be from its youth to be called worn.

    It is a share of the way that machines of training had gone when they failed.
    """
    white = z / noise
    ways = [
        white[end - AFTER_ROWS : end].mean(axis=0) - white[begin : begin + YOUTH_ROWS].mean(axis=0)
        for begin, end in pairwise(starts)
        if end - begin >= EARLIEST
    ]
    return WORN_SHARE * float(np.median(np.linalg.norm(ways, axis=1))) if ways else float("inf")


def _search(white: F64, begin: int, worn: float, found: list[int]) -> None:
    place, step = _steps(white, worn)
    if not len(step) or step.min() > -STEP_DEVIATIONS:
        return
    at = int(place[np.argmin(step)])
    found.append(begin + at)
    _search(white[:at], begin, worn, found)
    _search(white[at:], begin + at, worn, found)


def _steps(rows: F64, worn: float) -> tuple[I64, F64]:
    """Rows at which the machine was worn before, and the step there along its way of wear, in deviations.

    A step below 0 is back; it is 0 where the sensors do not agree.
    """
    if len(rows) < EARLIEST + AFTER_ROWS:
        return np.empty(0, np.int64), np.empty(0)
    total = np.vstack([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0)])
    place = np.arange(EARLIEST, len(rows) - AFTER_ROWS + 1)
    earlier = (total[place - BEFORE_ROWS] - total[place - 2 * BEFORE_ROWS]) / BEFORE_ROWS
    way = earlier - total[YOUTH_ROWS] / YOUTH_ROWS
    whole = np.einsum("ij,ij->i", way, way)
    chosen = whole >= worn**2
    if not chosen.any():
        return np.empty(0, np.int64), np.empty(0)
    place, way, whole = place[chosen], way[chosen], whole[chosen]
    before = (total[place] - total[place - BEFORE_ROWS]) / BEFORE_ROWS
    after = (total[place + AFTER_ROWS] - total[place]) / AFTER_ROWS
    parts = (after - before) * way
    # one sensor that jumps alone is a fault of that sensor: the others must say so without it
    loudest = np.argmin(parts, axis=1)
    each = np.arange(len(place))
    length = np.sqrt(np.maximum(whole - way[each, loudest] ** 2, 1e-12))
    step = (parts.sum(axis=1) - parts[each, loudest]) / length
    step /= np.sqrt(1.0 / BEFORE_ROWS + 1.0 / AFTER_ROWS)
    agreeing = np.sum((parts < 0.0) * way**2, axis=1) / np.maximum(whole, 1e-12)
    return place, np.where((agreeing >= AGREEING_SHARE) | (step > 0.0), step, 0.0)
