"""A machine and one of its failure modes: how it is looked after, and what happens to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sim.kind import FailureMode


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Who repairs what fails when nobody does so by hand.

    Args:
        automatic: False leaves what failed as it is.
        delay_h: from a failure that stops a machine until somebody has come with the parts [h].
        service_delay_h: the same for one that it goes on running with, which waits for a good day [h].
        spread: standard deviation of ln repair time; active repair times are lognormal (MIL-HDBK-472).
    """

    automatic: bool = True
    delay_h: float = 2.0
    service_delay_h: float = 24.0
    spread: float = 0.3


USUAL_UPKEEP = Upkeep()


@dataclass(frozen=True, slots=True)
class Pair:
    """A machine and one of its failure modes."""

    equipment: str
    mode: FailureMode


@dataclass(frozen=True, slots=True)
class WearEvent:
    """Something that happened to a pair at ``time_ns``.

    Args:
        time_ns: simulated time, ns since the epoch.
        what: it failed, or is as good as new again.
        pair: its number.
        equipment, mode: what it is.
        severity: just before.
    """

    time_ns: int
    what: Literal["failure", "repair"]
    pair: int
    equipment: str
    mode: str
    severity: float
