"""The clock of the simulation, as the control sees it."""

from __future__ import annotations

from typing import Protocol

FASTEST = 100_000.0
"""Seconds simulated in a second, at most; no machine gets there with a whole park."""


class SimClock(Protocol):
    """What the service of the simulator offers."""

    @property
    def now_ns(self) -> int:
        """Simulated time, ns since the epoch."""

    @property
    def speed(self) -> float:
        """Seconds simulated in a second."""

    def set_speed(self, speed: float) -> None:
        """Go at another speed from the next step on; ``speed`` is above 0 and at most :data:`FASTEST`."""
