"""What is written to the truth log by the hour: true remaining lives, and what flows away unseen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from sim.degradation.pair import WearEvent
from sim.degradation.wear import Wear
from sim.kind import F64
from sim.truth.event import TruthEvent, shown_time
from sim.truth.log import TruthLog
from twin.contract.clock import NS_PER_S

HOUR_NS = 3600 * NS_PER_S
CHANGED = 0.2
"""By this share an unseen flow must have changed to be told between the hours."""
RUNNING_DOWN = 0.05
"""From this severity on, a mode is running down; below, no instrument could show it."""


class WearTruth:
    """Writes failures, repairs, and once an hour the true remaining life of every mode that is running down.

    Args:
        wear: of the plant.
        log: where to.
    """

    def __init__(self, wear: Wear, log: TruthLog) -> None:
        self._wear = wear
        self._log = log
        self._hour: int | None = None

    def step(self, now_ns: int, events: Sequence[WearEvent]) -> None:
        """Write what :meth:`sim.degradation.wear.Wear.advance` returned, and the hour if it is a new one."""
        for event in events:
            self._log.write(
                TruthEvent(
                    time=shown_time(event.time_ns),
                    event=event.what,
                    equipment=event.equipment,
                    fault=event.mode,
                    severity=rounded(event.severity),
                )
            )
        hour = now_ns // HOUR_NS
        if self._hour is not None and hour != self._hour:
            self._write_lives(now_ns)
        self._hour = hour

    def _write_lives(self, now_ns: int) -> None:
        wear, time = self._wear, shown_time(now_ns)
        left_h = wear.rul_h()
        going = np.isfinite(left_h) & (wear.severity >= RUNNING_DOWN)
        for pair in np.flatnonzero(going).tolist():
            one = wear.pairs[pair]
            self._log.write(
                TruthEvent(
                    time=time,
                    event="rul",
                    equipment=one.equipment,
                    fault=one.mode.name,
                    severity=rounded(float(wear.severity[pair])),
                    rul_h=rounded(float(left_h[pair])),
                )
            )


class ReplayTruth:
    """Writes, once an hour, what is left of the recorded life that a replay shows.

    Args:
        equipment: id of each replaying unit.
        log: where to.
    """

    def __init__(self, equipment: Sequence[str], log: TruthLog) -> None:
        self._equipment = tuple(equipment)
        self._log = log
        self._hour: int | None = None

    def step(self, now_ns: int, rul_h: F64) -> None:
        """Look at what is left after a step [h], ``float64[n]``."""
        hour = now_ns // HOUR_NS
        if self._hour is not None and hour != self._hour:
            for equipment, left_h in zip(self._equipment, rul_h.tolist(), strict=True):
                self._log.write(
                    TruthEvent(
                        time=shown_time(now_ns),
                        event="rul",
                        equipment=equipment,
                        fault="replay",
                        rul_h=rounded(left_h),
                    )
                )
        self._hour = hour


class FlowTruth:
    """Writes a flow that nobody measures: when it begins, when it has changed by a fifth since it was
    written, once an hour while it lasts, and 0 when it ends.

    Args:
        event: what it is.
        unit: of the flow.
        equipment: id of each unit.
        log: where to.
    """

    def __init__(
        self, event: Literal["leak", "spill"], unit: str, equipment: Sequence[str], log: TruthLog
    ) -> None:
        self._event = event
        self._unit = unit
        self._equipment = tuple(equipment)
        self._log = log
        self._told: F64 = np.zeros(len(self._equipment))
        self._hour: int | None = None

    def step(self, now_ns: int, flow: F64) -> None:
        """Look at the true flows after a step, ``float64[n]``."""
        flow = np.maximum(flow, 0.0)
        tell = np.abs(flow - self._told) > CHANGED * np.maximum(flow, self._told)
        hour = now_ns // HOUR_NS
        if hour != self._hour:
            tell |= flow > 0.0
        self._hour = hour
        if tell.any():
            self._told = np.where(tell, flow, self._told)
            for unit in np.flatnonzero(tell).tolist():
                self._log.write(
                    TruthEvent(
                        time=shown_time(now_ns),
                        event=self._event,
                        equipment=self._equipment[unit],
                        value=rounded(float(flow[unit])),
                        unit=self._unit,
                    )
                )


def rounded(value: float) -> float:
    """Nine digits: as much as anybody scores with, and half the bytes.

    >>> rounded(0.12345678949)
    0.123456789
    """
    return float(f"{value:.9g}")
