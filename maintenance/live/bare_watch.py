"""A machine of whose kind there is no model: how long it has run, and what it has shown so far.

Without lives of its kind nobody knows which of its signals tell its work and which its wear. What can be said
is whether a signal has left everything that it showed in the machine's first day of work, and for vibration
the zone of ISO 20816-3. Neither is a date.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from maintenance.histories import F64, Bools
from maintenance.live.intake import digest_of_renewal, digest_of_window, smoothed_on

FIRST_DAY_H = 24.0
OUTSIDE = 1.0
"""A signal is outside if it is further from its first day than that day was wide."""


@dataclass(eq=False)
class BareWatch:
    """What is kept of such a machine, bounded by the number of its signals.

    Args:
        machine: equipment id.
        signals: its signals [s], without its state.
        units: of the signals [s].
        since_overhaul: its running time counts from an overhaul that is on record.
        hour: running time of work seen [h].
        windows, gaps: that went by since it was first seen, and those without data.
        low, high: [s] least and greatest means of its first day of work; NaN of signals never seen.
        rises, falls: [s] whether a signal was seen to do so in that day; one that only rises is a count.
        newest: [s] the last mean.
        smoothed: [s] averages of late.
        digest: of all that went in.
    """

    machine: str
    signals: tuple[str, ...]
    units: tuple[str, ...]
    since_overhaul: bool = False
    hour: float = 0.0
    windows: int = 0
    gaps: int = 0
    low: F64 = field(default_factory=lambda: np.zeros(0))
    high: F64 = field(default_factory=lambda: np.zeros(0))
    rises: F64 = field(default_factory=lambda: np.zeros(0))
    falls: F64 = field(default_factory=lambda: np.zeros(0))
    newest: F64 = field(default_factory=lambda: np.zeros(0))
    smoothed: F64 = field(default_factory=lambda: np.zeros(0))
    digest: bytes = b""

    def __post_init__(self) -> None:
        self._begin()

    @property
    def knows_its_day(self) -> bool:
        """Whether it has been at work for a day."""
        return self.hour >= FIRST_DAY_H

    def take(self, number: int, values: F64, *, at_work: bool, window_h: float) -> None:
        """Take in a window.

        Args:
            number: of the window.
            values: [s] means in the order of the signals, NaN where missing.
            at_work: whether the machine was.
            window_h: length of the window [h].
        """
        self.windows += 1
        if not np.isfinite(values).any():
            self.gaps += 1
            return
        self.digest = digest_of_window(self.digest, number, values, at_work=at_work)
        if not at_work:
            return
        if not self.knows_its_day:
            self.low, self.high = np.fmin(self.low, values), np.fmax(self.high, values)
            self.rises = np.maximum(self.rises, values > self.newest)
            self.falls = np.maximum(self.falls, values < self.newest)
        self.hour += window_h
        self.smoothed = smoothed_on(self.smoothed, values)
        self.newest = np.where(np.isfinite(values), values, self.newest)

    def outside(self) -> F64:
        """[s] how far each signal is from its first day, in widths of that day; below it negative, within it
        0, and 0 of counts, of signals that never moved, and as long as the day is not over."""
        if not self.knows_its_day:
            return np.zeros(len(self.signals))
        width = self.high - self.low
        told: Bools = (self.rises > 0.0) & (self.falls > 0.0) & (width > 0.0)
        off = np.where(
            self.smoothed > self.high,
            self.smoothed - self.high,
            np.where(self.smoothed < self.low, self.smoothed - self.low, 0.0),
        )
        result: F64 = np.where(told, off / np.where(told, width, 1.0), 0.0)
        return result

    def renew(self) -> None:
        """Begin anew: the machine was overhauled."""
        self.since_overhaul, self.hour = True, 0.0
        self.windows, self.gaps = 0, 0
        self.low = np.zeros(0)
        self._begin()
        self.digest = digest_of_renewal(self.digest)

    def _begin(self) -> None:
        if len(self.low) == len(self.signals):
            return
        count = len(self.signals)
        self.low, self.high = np.full(count, np.nan), np.full(count, np.nan)
        self.rises, self.falls = np.zeros(count), np.zeros(count)
        self.newest, self.smoothed = np.full(count, np.nan), np.full(count, np.nan)
