"""Pace: when the next step is due, on a grid of wall time that a late step does not move."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from twin.contract.clock import NS_PER_S, Clock


@dataclass(slots=True)
class Pace:
    """Ticks of ``tick_s`` [s] on a grid of ``clock``.

    Args:
        clock: wall time, ns since the epoch.
        tick_s: distance of the grid [s].
        most_late_s: further behind than this (a suspended machine, a clock set forward) the ticks between are
            skipped and counted, not made up for. A clock set back re-bases the grid, too.
    """

    clock: Clock
    tick_s: float
    most_late_s: float = 5.0
    skipped: int = 0

    async def ticks(self) -> AsyncIterator[int]:
        """Yield the time of each tick [ns] when it is due, the first at once, for ever."""
        period = round(self.tick_s * NS_PER_S)
        due = self.clock()
        while True:
            late_s = (self.clock() - due) / NS_PER_S
            if late_s > self.most_late_s:
                missed = int((self.clock() - due) // period)
                self.skipped += missed
                due += missed * period
            elif late_s < -self.most_late_s - self.tick_s:
                due = self.clock()
            await asyncio.sleep(max(due - self.clock(), 0) / NS_PER_S)
            yield due
            due += period
