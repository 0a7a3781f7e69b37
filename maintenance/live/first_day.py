"""The first day of a machine: its healthy level must know the course of a day, not only its first hours.

A level of the first hours takes the heat of noon or the second shift for wear, that day and every day after.
What came and went within a day belongs to the level: a day later, in the same hours, the machine looks as it
did at first, and the level becomes the mean of the day. What came and stayed does not: the level of the first
hours is kept, and the machine remains indicative until it was looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from maintenance.health.deviation import BASELINE_WINDOWS
from maintenance.histories import F64
from maintenance.live.step_back import WORN

DAY_H = 24.0
ROWS = 96
"""Windows of a day that the level is made of: one in a quarter of an hour, so that a shift gives enough."""


@dataclass(eq=False)
class FirstDay:
    """What is kept of it.

    Args:
        begun: number of the window that it begins with, -1 before.
        rows: windows [s] at work, spread over it.
        over: the level knows the day, or never will.
        strayed: it ended otherwise than it began; the level is that of the first hours.
    """

    begun: int = -1
    rows: list[F64] = field(default_factory=list)
    over: bool = False
    strayed: bool = False

    def take(self, number: int, values: F64, window_h: float) -> None:
        """Take in a window at work, as long as the day lasts."""
        if window_h * BASELINE_WINDOWS >= DAY_H:
            self.over = True  # the windows of the first level span a day by themselves
        if self.over:
            return
        if self.begun < 0:
            self.begun = number
        passed = number - self.begun
        if passed * window_h < DAY_H and passed % max(round(DAY_H / window_h / ROWS), 1) == 0:
            self.rows.append(values.copy())

    def ends(self, number: int, window_h: float) -> bool:
        """Whether a day and as many windows as the first level is made of have passed."""
        return not self.over and (number - self.begun - BASELINE_WINDOWS) * window_h >= DAY_H

    def close(self, number: int, recent: Sequence[F64]) -> list[F64]:
        """End the day by the newest severities, each [m]; return the windows that the level is to be made of,
        none if it is to stay."""
        if len(recent) < BASELINE_WINDOWS:
            return []
        rows, self.rows = self.rows, []
        if len(rows) < BASELINE_WINDOWS:  # hardly at work that day: the next one is as good
            self.begun = number
            return []
        self.over = True
        self.strayed = bool(np.median(np.array(recent[-BASELINE_WINDOWS:]).max(axis=1)) >= WORN)
        return [] if self.strayed else rows
