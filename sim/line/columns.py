"""What many stations are told before a step and what is known of them after it: one array element a
station."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np
import numpy.typing as npt

from sim.kind import ABORTED, F64, Bools

I8 = npt.NDArray[np.int8]
I32 = npt.NDArray[np.int32]


PACE_STEP = 0.005
"""A pace is followed when it has changed by more than this, so that a speed that trembles costs no events."""


@dataclass(frozen=True, slots=True, eq=False)
class Controls:
    """What holds for n stations from the last moment until the next.

    Args:
        available: ``bool[n]``: it can work: powered, wanted, whole, ready.
        pace: ``float64[n]``: speed as a share of nominal, 0 to 1; 0 = it stands. See :data:`PACE_STEP`.
        reject: ``float64[n]``: share of pieces spoilt on top of its own, 0 to 1.
        shown: ``int8[n]``: PackML state shown while not available (Aborted broken down, Stopped without power
            or switched off, Held where its process is not ready).
    """

    available: Bools
    pace: F64
    reject: F64
    shown: I8

    @classmethod
    def all_well(cls, n: int) -> Controls:
        """Everything available, at full pace."""
        return cls(np.ones(n, np.bool_), np.ones(n), np.zeros(n), np.full(n, ABORTED, np.int8))

    def differ(self, other: Controls) -> Bools:
        """For which stations they are not the same, ``bool[n]``; rejects left aside, which wake nobody."""
        changed: Bools = np.abs(self.pace - other.pace) > PACE_STEP
        changed |= (self.pace > 0.0) != (other.pace > 0.0)
        changed |= self.available != other.available
        changed |= self.shown != other.shown
        return changed

    def take(self, other: Controls, changed: Bools) -> None:
        """Make those of some stations as they are in the other."""
        self.available[changed] = other.available[changed]
        self.pace[changed] = other.pace[changed]
        self.shown[changed] = other.shown[changed]

    def part(self, rows: slice) -> Controls:
        """Those of some of the stations, sharing memory."""
        return Controls(self.available[rows], self.pace[rows], self.reject[rows], self.shown[rows])


@dataclass(frozen=True, slots=True, eq=False)
class StationColumns:
    """What is known of n stations, ``[n]`` each; written in place by every step.

    Args:
        state: index of :data:`sim.kind.PACKML_STATES`.
        starved, blocked: why it is Suspended.
        cycle_s: time the last piece took at the pace it had, without stops and waiting [s].
        entered: pieces that came in since the start; always ``good + reject + wip``.
        good: pieces passed on since the start.
        reject: pieces taken out since the start.
        wip: pieces it holds.
        waiting: pieces in the buffer before its step.
        made: ``good + reject``.
        begun: pieces that came in during the last step.
        work: share of the last step in which it worked on pieces.
        micro_stops: short stops since the start.
        product: index of the product it is set up for in its line's products; -1 before the first.
        extra_reject: share of pieces spoilt on top of its own, as told last.
    """

    state: I8
    starved: Bools
    blocked: Bools
    cycle_s: F64
    entered: F64
    good: F64
    reject: F64
    wip: F64
    waiting: F64
    made: F64
    begun: F64
    work: F64
    micro_stops: F64
    product: I32
    extra_reject: F64
    # time worked until ``since_s``, and whether it has worked since
    worked_s: F64 = field(repr=False)
    working: F64 = field(repr=False)
    since_s: F64 = field(repr=False)
    worked_before_s: F64 = field(repr=False)
    entered_before: F64 = field(repr=False)

    @classmethod
    def empty(cls, n: int) -> StationColumns:
        """Columns of n stations that have done nothing yet."""
        kinds: dict[str, npt.DTypeLike] = {
            "state": np.int8,
            "starved": np.bool_,
            "blocked": np.bool_,
            "product": np.int32,
        }
        return cls(**{each.name: np.zeros(n, kinds.get(each.name, np.float64)) for each in fields(cls)})

    def part(self, rows: slice) -> StationColumns:
        """The columns of some of the stations, sharing memory."""
        return StationColumns(**{each.name: getattr(self, each.name)[rows] for each in fields(self)})

    def close(self, now_s: float, dt_s: float) -> None:
        """Work out what is of the last step as a whole, which ends now and was ``dt_s`` long."""
        np.add(self.good, self.reject, out=self.made)
        np.subtract(self.entered, self.entered_before, out=self.begun)
        self.entered_before[:] = self.entered
        worked_s = self.worked_s + self.working * (now_s - self.since_s)
        if dt_s > 0.0:
            np.clip((worked_s - self.worked_before_s) / dt_s, 0.0, 1.0, out=self.work)
        else:
            self.work[:] = self.working
        self.worked_before_s[:] = worked_s
