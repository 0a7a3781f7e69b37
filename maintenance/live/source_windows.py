"""Data acquisition and manipulation (ISO 13374-1 DA, DM): readings of a source into means of windows.

A window is a stretch of source time of fixed length. It is closed once the source has told of a time some
seconds past its end; what comes later than that is late and counted. A signal that had no reading in a window
in which its source spoke stands at its last value, since sources tell changes; a window in which the source
was silent is a gap, and stays one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from maintenance.histories import F64, I64, Bools
from twin.contract.clock import NS_PER_S

GRACE_NS = 10 * NS_PER_S
"""Signals of one source come some seconds apart."""
MOST_GAPS = 10_000
"""So many windows of silence are told one by one; a longer silence is told as so many."""


@dataclass(frozen=True)
class ClosedWindow:
    """A window that is over.

    Args:
        number: of windows since the epoch.
        mean: [n] of each tag, NaN where nothing is known.
        silent: the source said nothing in it.
    """

    number: int
    mean: F64
    silent: bool


class SourceWindows:
    """The windows of one source, columns by tag number; not thread-safe.

    Args:
        window_ns: length of a window [ns].
    """

    def __init__(self, window_ns: int) -> None:
        self._window_ns = window_ns
        self.tags: list[str] = []
        self.number_of: dict[str, int] = {}
        self.current = -1
        self.sequence = 0
        self.late = 0
        self.total: F64 = np.zeros((2, 0))
        self.count: F64 = np.zeros((2, 0))
        self.last: F64 = np.zeros(0)

    def tag_numbers(self, tags: tuple[str, ...]) -> npt.NDArray[np.intp]:
        """Numbers of tags, new ones taken in."""
        for tag in tags:
            if tag not in self.number_of:
                self.number_of[tag] = len(self.tags)
                self.tags.append(tag)
        grown = len(self.tags) - len(self.last)
        if grown:
            self.total = np.pad(self.total, ((0, 0), (0, grown)))
            self.count = np.pad(self.count, ((0, 0), (0, grown)))
            self.last = np.pad(self.last, (0, grown), constant_values=np.nan)
        return np.array([self.number_of[tag] for tag in tags], np.intp)

    def add(self, tag: npt.NDArray[np.intp], time: I64, value: F64) -> Iterator[ClosedWindow]:
        """Take in readings that are good, rows of one tag in order of time; yield windows that are over."""
        if not len(tag):
            return
        window = time // self._window_ns
        if self.current < 0:
            self.current = int(window.min())
        newest = int(time.max())
        for number in np.unique(window).tolist():
            if number > self.current + MOST_GAPS:
                yield self._close()
                yield self._close()
                self.current = number - MOST_GAPS
            if number < self.current:
                self.late += int(np.sum(window == number))
                continue
            while number > self.current + 1:
                yield self._close()
            rows = window == number
            self._take(number - self.current, tag[rows], value[rows])
        while newest >= (self.current + 1) * self._window_ns + GRACE_NS:
            yield self._close()

    def _take(self, slot: int, tag: npt.NDArray[np.intp], value: F64) -> None:
        np.add.at(self.total[slot], tag, value)
        np.add.at(self.count[slot], tag, 1.0)

    def _close(self) -> ClosedWindow:
        count = self.count[0]
        heard: Bools = count > 0
        mean = np.where(heard, self.total[0] / np.maximum(count, 1.0), self.last)
        silent = not heard.any()
        closed = ClosedWindow(self.current, np.full(len(mean), np.nan) if silent else mean, silent)
        self.last = mean
        self.total[0], self.count[0] = self.total[1], self.count[1]
        self.total[1], self.count[1] = 0.0, 0.0
        self.current += 1
        return closed
