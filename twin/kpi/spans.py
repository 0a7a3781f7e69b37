"""Sets of time: sorted spans that do not touch, ``int64[n, 2]`` of start and end [ns], end excluded."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from twin.contract.frame import I64

Bools = npt.NDArray[np.bool_]


def spans(pairs: Iterable[tuple[int, int]] | I64) -> I64:
    """Put pairs of start and end into order and join those that touch; empty ones are dropped.

    >>> spans([(5, 9), (1, 3), (2, 4), (7, 7)]).tolist()
    [[1, 4], [5, 9]]
    """
    rows = np.array(pairs if isinstance(pairs, np.ndarray) else list(pairs), np.int64).reshape(-1, 2)
    rows = rows[rows[:, 1] > rows[:, 0]]
    if len(rows) < 2:
        return rows
    rows = rows[np.argsort(rows[:, 0], kind="stable")]
    reach = np.maximum.accumulate(rows[:, 1])
    first = np.concatenate(([True], rows[1:, 0] > reach[:-1]))
    starts = np.flatnonzero(first)
    ends = np.append(starts[1:], len(rows)) - 1
    return np.stack((rows[starts, 0], reach[ends]), axis=1)


def length(some: I64) -> int:
    """Return how long they are together [ns]."""
    return int((some[:, 1] - some[:, 0]).sum())


def both(one: I64, other: I64) -> I64:
    """Return the time that is in both.

    >>> both(spans([(0, 10), (20, 30)]), spans([(5, 25)])).tolist()
    [[5, 10], [20, 25]]
    """
    if not len(one) or not len(other):
        return np.zeros((0, 2), np.int64)
    edges = np.unique(np.concatenate((one.ravel(), other.ravel())))
    begins = edges[:-1]
    inside = within(one, begins) & within(other, begins)
    return spans(np.stack((begins[inside], edges[1:][inside]), axis=1))


def without(one: I64, other: I64) -> I64:
    """Return the time of ``one`` that is not in ``other``.

    >>> without(spans([(0, 10)]), spans([(3, 5), (9, 12)])).tolist()
    [[0, 3], [5, 9]]
    """
    if not len(one) or not len(other):
        return one
    edges = np.unique(np.concatenate((one.ravel(), other.ravel())))
    begins = edges[:-1]
    inside = within(one, begins) & ~within(other, begins)
    return spans(np.stack((begins[inside], edges[1:][inside]), axis=1))


def within(some: I64, time: I64) -> Bools:
    """Tell of each time whether it lies in the spans, ``bool[n]``."""
    if not len(some):
        return np.zeros(len(time), np.bool_)
    place = np.searchsorted(some[:, 0], time, "right") - 1
    inside: Bools = (place >= 0) & (time < some[np.maximum(place, 0), 1])
    return inside


class Ruler:
    """Measures how much of a set of time lies before a moment, exactly, for many moments at once.

    >>> ruler = Ruler(spans([(0, 10), (20, 30)]))
    >>> ruler.upto(np.array([-5, 5, 15, 25, 99])).tolist()
    [0, 5, 10, 15, 20]
    """

    def __init__(self, some: I64) -> None:
        self._starts = some[:, 0]
        self._lengths = some[:, 1] - some[:, 0]
        self._before = np.concatenate((np.zeros(1, np.int64), np.cumsum(self._lengths)))

    def upto(self, time: I64) -> I64:
        """Return the time of the set before each moment [ns], ``int64[n]``."""
        if not len(self._starts):
            return np.zeros(len(time), np.int64)
        if len(self._starts) == 1:
            alone: I64 = np.clip(time - self._starts[0], 0, self._lengths[0])
            return alone
        place = np.searchsorted(self._starts, time, "right") - 1
        held = np.maximum(place, 0)
        inside = np.minimum(time - self._starts[held], self._lengths[held])
        return np.where(place >= 0, self._before[held] + inside, 0)

    def between(self, start: I64, end: I64) -> I64:
        """Return the time of the set in each ``[start, end)`` [ns], ``int64[n]``."""
        return self.upto(end) - self.upto(start)
