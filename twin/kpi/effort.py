"""What a line or a machine did with its planned time: the time elements and quantities of ISO 22400-2, which
add up over lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import reduce
from operator import add

import numpy as np

from twin.contract.clock import NS_PER_S
from twin.contract.frame import I64
from twin.kpi.calendar import planned
from twin.kpi.counters import NONE, Counted, count
from twin.kpi.packml import Use, uses
from twin.kpi.plan import Line, Station
from twin.kpi.series import Series, cut
from twin.kpi.spans import Ruler, length, spans, without

NO_TIME = (0.0,) * len(Use)


@dataclass(frozen=True, slots=True)
class Effort:
    """What was done in an interval; times [ns].

    Args:
        planned_ns: PBT, planned busy time.
        unknown_ns: of it, what is not known.
        use_ns: of what is known, by :class:`Use`; of machines in parallel their mean.
        good: pieces that left as good.
        rejected: pieces taken out.
        ideal_ns: PRI x PQ of the pieces that were seen.
        ideal_good_ns: PRI x GQ.
        machines_ns: of each use, summed over the machines that set the pace.
    """

    planned_ns: float = 0.0
    unknown_ns: float = 0.0
    use_ns: tuple[float, ...] = NO_TIME
    good: Counted = NONE
    rejected: Counted = NONE
    ideal_ns: float = 0.0
    ideal_good_ns: float = 0.0
    machines_ns: tuple[float, ...] = NO_TIME

    def __add__(self, other: Effort) -> Effort:
        return Effort(
            self.planned_ns + other.planned_ns,
            self.unknown_ns + other.unknown_ns,
            _sum(self.use_ns, other.use_ns),
            self.good + other.good,
            self.rejected + other.rejected,
            self.ideal_ns + other.ideal_ns,
            self.ideal_good_ns + other.ideal_good_ns,
            _sum(self.machines_ns, other.machines_ns),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Time:
    """The time of a line in an interval.

    Args:
        start, end: the interval [ns].
        planned: spans.
        unknown: spans, planned or not.
        seen: planned and known.
    """

    start: int
    end: int
    planned: I64
    unknown: I64
    seen: I64


def line_time(
    line: Line, paced: Sequence[Station], series: Mapping[str, Series], start: int, end: int, zone: tzinfo
) -> Time:
    """Return what time was planned and what of it is known: unknown is what is not known of the state of any
    of the ``paced`` stations, and gaps of the counters."""
    plan = planned(line.calendar, start, end, zone, line.rule.works_in_breaks)
    parts = [_states(series[station.state]).unknown(start, end) for station in paced]
    parts += [np.clip(series[station.good].gaps, start, end) for station in paced]
    unknown = spans(np.concatenate(parts))
    return Time(start, end, plan, unknown, without(plan, unknown))


def time_edges(line: Line, state: Series, start: int, end: int, zone: tzinfo) -> list[int]:
    """Return the moments at which planned or unknown time of a station begins or ends."""
    plan = planned(line.calendar, start, end, zone, line.rule.works_in_breaks)
    unknown = _states(state).unknown(start, end)
    edges: list[int] = np.concatenate((plan, unknown)).ravel().tolist()
    return edges


def _states(series: Series) -> Series:
    """The series with what is no PackML state as no value at all."""
    known = uses(series.value) >= 0
    if known.all():
        return series
    return Series(series.time, np.where(known, series.value, np.nan), series.status, series.gaps)


def use_times(series: Series, time: Time) -> I64:
    """Return how much of the known planned time went into each use [ns], ``int64[uses]``."""
    part = cut(series, time.start, time.end)
    begins = np.clip(part.time, time.start, time.end)
    ends = np.append(begins[1:], time.end)
    spent = Ruler(time.seen).between(begins, ends)
    use = uses(part.value)
    told = use >= 0
    if not told.all():
        use, spent = use[told], spent[told]
    # sums of whole ns below 2**53 (an interval is 93 days at most), so that float64 adds them exactly
    return np.bincount(use, weights=spent, minlength=len(Use)).astype(np.int64)


def line_effort(line: Line, series: Mapping[str, Series], start: int, end: int, zone: tzinfo) -> Effort:
    """Reckon a line: time of the stations that set the pace, good pieces of its output, rejects of all
    stations."""
    time = line_time(line, line.pace, series, start, end, zone)
    good = _count(series[line.output.good], time)
    rejected = reduce(add, (_count(series[one.reject], time) for one in line.stations if one.reject))
    return _effort(line.pace, series, time, good, rejected, line.ideal_s)


def station_effort(
    line: Line, station: Station, series: Mapping[str, Series], start: int, end: int, zone: tzinfo
) -> Effort:
    """Reckon one station of a line, in the line's planned time."""
    time = line_time(line, (station,), series, start, end, zone)
    good, rejected = _count(series[station.good], time), _count(series[station.reject], time)
    return _effort((station,), series, time, good, rejected, station.ideal_s)


def _effort(
    machines: Sequence[Station],
    series: Mapping[str, Series],
    time: Time,
    good: Counted,
    rejected: Counted,
    ideal_s: float,
) -> Effort:
    used = np.stack([use_times(series[machine.state], time) for machine in machines])
    together = used.sum(axis=0)
    ideal_ns = ideal_s * NS_PER_S
    return Effort(
        planned_ns=float(length(time.planned)),
        unknown_ns=float(length(time.planned) - length(time.seen)),
        use_ns=tuple((together / len(machines)).tolist()),
        good=good,
        rejected=rejected,
        ideal_ns=ideal_ns * (good.seen + rejected.seen),
        ideal_good_ns=ideal_ns * good.seen,
        machines_ns=tuple(together.astype(np.float64).tolist()),
    )


def _count(series: Series, time: Time) -> Counted:
    return count(series, time.start, time.end, time.planned, time.unknown)


def _sum(one: tuple[float, ...], other: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(a + b for a, b in zip(one, other, strict=True))
