"""The readings of one tag as a step function: each holds from its source time until the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from twin.contract.frame import F64, I64, U32
from twin.contract.status import BAD
from twin.kpi.spans import spans

NO_SPANS: I64 = np.zeros((0, 2), np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Columns of one tag, in order of source time, one reading a time.

    Args:
        time: ``int64[n]`` [ns]; the first may lie before the interval that was asked for: it holds at its
            start.
        value: ``float64[n]``; of a PackML state its number; NaN = none.
        status: ``uint32[n]``, OPC UA status codes.
        gaps: spans for which readings could not be had.
    """

    time: I64
    value: F64
    status: U32
    gaps: I64 = field(default_factory=lambda: NO_SPANS)

    def __len__(self) -> int:
        return len(self.time)

    def told(self) -> tuple[I64, F64]:
        """Return times and values of the readings that say something: not Bad, and a number."""
        good = (self.status < BAD) & np.isfinite(self.value)
        return self.time[good], self.value[good]

    def unknown(self, start: int, end: int) -> I64:
        """Return the spans of ``[start, end)`` at which the value is not known: gaps, Bad readings, and the
        time before the first reading."""
        time, bad = self.time, (self.status >= BAD) | ~np.isfinite(self.value)
        first = int(time[0]) if len(time) else end
        found = [np.array([[start, min(first, end)]], np.int64), self.gaps]
        if bad.any():
            ends = np.append(time[1:], max(end, first))
            found.append(np.stack((time[bad], ends[bad]), axis=1))
        return spans(np.clip(np.concatenate(found), start, end))


def in_order(time: I64, value: F64, status: U32, gaps: I64 = NO_SPANS) -> Series:
    """Make a series of readings in the order in which they were told: sorted by source time; of those of one
    time the one told last counts.

    >>> told = in_order(np.array([20, 10, 20]), np.array([1.0, 2.0, 3.0]), np.zeros(3, np.uint32))
    >>> told.time.tolist(), told.value.tolist()
    ([10, 20], [2.0, 3.0])
    """
    order = np.argsort(time, kind="stable")
    time, value, status = time[order], value[order], status[order]
    last = np.append(time[1:] != time[:-1], True) if len(time) else np.zeros(0, np.bool_)
    return Series(time[last], value[last], status[last], gaps)


def empty_series() -> Series:
    """Return no readings."""
    none = np.zeros(0, np.int64)
    return Series(none, none.astype(np.float64), none.astype(np.uint32))


class Readings(Protocol):
    """Where series come from: the history, or what is kept of the live stream."""

    def read(self, tags: Sequence[str], start: int, end: int) -> Mapping[str, Series]:
        """Return the series of tags over ``[start, end)``, each with the last reading before it; a tag
        without any reading has an empty one. Text that is a PackML state is its number."""
        ...

    def counters(
        self, tags: Sequence[str], start: int, end: int, edges: Sequence[int]
    ) -> Mapping[str, Series]:
        """Return as much of the series of counters as tells by how much they went on between any of
        ``edges``: all readings, or only those next to an edge where a counter never fell."""
        ...


def cut(series: Series, start: int, end: int) -> Series:
    """Return the part of a series that matters for ``[start, end)``: what lies within, and before it the last
    reading that says something and what came after that, so that a counter goes on over a Bad reading."""
    low, high = (int(place) for place in np.searchsorted(series.time, (start, end), "left"))
    first = max(low - 1, 0)
    while first > 0 and (series.status[first] >= BAD or not np.isfinite(series.value[first])):
        first -= 1
    part = slice(first, max(high, first))
    return Series(series.time[part], series.value[part], series.status[part], series.gaps)
