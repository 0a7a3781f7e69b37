"""What stops cost, by reason: the few that matter first; and how often a line fails and how long it takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from twin.contract.clock import NS_PER_S
from twin.kpi.packml import Use
from twin.kpi.reasons import REASONS, path
from twin.kpi.stops import Stop


@dataclass(frozen=True, slots=True)
class Loss:
    """What one reason cost.

    Args:
        reason: id.
        lost_ns: planned time, that of its children included; machines in parallel each for itself.
        count: of stops.
        share: of all that was lost, 0 to 1.
    """

    reason: str
    lost_ns: int
    count: int
    share: float


def pareto(found: Iterable[Stop]) -> list[Loss]:
    """Sum stops by reason and by what each is part of: the most costly first at every level, children behind
    their parent."""
    lost: dict[str, int] = {}
    count: dict[str, int] = {}
    total = 0
    for stop in found:
        total += stop.lost_ns
        for reason in path(stop.reason):
            lost[reason] = lost.get(reason, 0) + stop.lost_ns
            count[reason] = count.get(reason, 0) + 1

    def rows(parent: str) -> list[Loss]:
        here = [reason for reason in lost if REASONS[reason].parent == parent]
        here.sort(key=lambda reason: (-lost[reason], reason))
        return [
            row
            for reason in here
            for row in (Loss(reason, lost[reason], count[reason], lost[reason] / total), *rows(reason))
        ]

    return rows("")


@dataclass(frozen=True, slots=True)
class Reliability:
    """How often machines fail and how long they then stand.

    Args:
        failures: stops in state Aborted that began in the interval.
        mtbf_h: operating time by failures [h]; None without a failure.
        mttr_h: time failed by failures [h]; None without a failure.
        micro_stops: stops of its own shorter than the line's bound.
        micro_stop_ns: what they cost.
        changeovers: times set up.
    """

    failures: int
    mtbf_h: float | None
    mttr_h: float | None
    micro_stops: int
    micro_stop_ns: int
    changeovers: int


def reliability(found: Sequence[Stop], producing_ns: float) -> Reliability:
    """Reckon it from stops and the operating time of the same machines [ns].

    >>> hour = 3600 * NS_PER_S
    >>> one = Stop("a", 0, 2 * hour, Use.FAILED, 2 * hour, "breakdown")
    >>> found = reliability([one] * 4, 100.0 * hour)
    >>> found.failures, found.mtbf_h, found.mttr_h
    (4, 25.0, 2.0)
    """
    failed = [stop for stop in found if stop.use is Use.FAILED]
    micro = [stop for stop in found if stop.reason == "micro_stop"]
    hour = 3600 * NS_PER_S
    n = len(failed)
    return Reliability(
        failures=n,
        mtbf_h=producing_ns / hour / n if n else None,
        mttr_h=sum(stop.lost_ns for stop in failed) / hour / n if n else None,
        micro_stops=len(micro),
        micro_stop_ns=sum(stop.lost_ns for stop in micro),
        changeovers=sum(stop.use is Use.SETUP for stop in found),
    )
