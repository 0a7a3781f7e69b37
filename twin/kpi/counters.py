"""How much a counter went on, whatever became of it: set back, exchanged, overflown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twin.contract.frame import F64, I64
from twin.kpi.series import Series
from twin.kpi.spans import Ruler, within

OVERFLOW = 2.0**32
"""Where an unsigned counter of 32 bits begins again."""
_NEAR = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """By how much a counter went on at each reading that says something.

    Args:
        before: when the reading before was, ``int64[n]`` [ns].
        time: when it was told.
        step: by how much.
    """

    before: I64
    time: I64
    step: F64


def steps(series: Series) -> Steps:
    """Return the steps of a counter.

    A value that is less than half of the one before is a counter that began anew at zero, or, if the one
    before was close to 2^32 and this one is not, that overflowed. A smaller step back is taken back.

    >>> from twin.kpi.series import in_order
    >>> told = in_order(np.arange(5), np.array([10.0, 14.0, 13.0, 2.0, 5.0]), np.zeros(5, np.uint32))
    >>> steps(told).step.tolist()
    [4.0, -1.0, 2.0, 3.0]
    """
    time, value = series.told()
    if len(time) < 2:
        none = np.zeros(0, np.int64)
        return Steps(none, none, none.astype(np.float64))
    old, new = value[:-1], value[1:]
    step = new - old
    anew = new < 0.5 * old
    overflown = anew & (old > _NEAR * OVERFLOW) & (old < OVERFLOW) & (new < (1 - _NEAR) * OVERFLOW)
    step = np.where(anew, new, step)
    step = np.where(overflown, new - old + OVERFLOW, step)
    return Steps(time[:-1], time[1:], step)


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted in an interval.

    Args:
        total: all of it.
        seen: of it, what was counted while nothing was unknown, and within the planned time.
        unseen: of it, what was counted over a time that is not known.
    """

    total: float = 0.0
    seen: float = 0.0
    unseen: float = 0.0

    def __add__(self, other: Counted) -> Counted:
        return Counted(self.total + other.total, self.seen + other.seen, self.unseen + other.unseen)


NONE = Counted()


def count(series: Series, start: int, end: int, planned: I64, unknown: I64) -> Counted:
    """Count over ``[start, end)``; a step belongs to the moment it was told.

    Args:
        planned: spans in which counting is ``seen``.
        unknown: spans over which a step is ``unseen``.
    """
    found = steps(series)
    inside = (found.time >= start) & (found.time < end)
    before, time, step = found.before[inside], found.time[inside], found.step[inside]
    over = Ruler(unknown).between(before, time) > 0
    fine = within(planned, time) & ~over
    return Counted(float(step.sum()), float(step[fine].sum()), float(step[over].sum()))
