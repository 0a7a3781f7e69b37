"""What each station of a line did when: spells of one use, planned or not, known or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo

import numpy as np

from twin.contract.frame import I64
from twin.kpi.effort import Time, line_time
from twin.kpi.packml import Use, uses
from twin.kpi.plan import KpiPlan, Line, Station
from twin.kpi.report import check_interval
from twin.kpi.series import Readings, Series, cut
from twin.kpi.spans import within

UNKNOWN, UNPLANNED = len(Use), len(Use) + 1
"""Beside the uses: planned time of which nothing is known, and time in which no work is planned."""
NAMES = (*(use.name.lower() for use in Use), "unknown", "unplanned")
"""By number."""


@dataclass(frozen=True, slots=True, eq=False)
class Spells:
    """The interval of one station, whole.

    Args:
        station: equipment id.
        start: ``int64[n]`` [ns]; each lasts until the next begins, the last until the interval ends.
        what: ``int64[n]``, numbers of :data:`NAMES`.
        joined: spells too short to be told, each counted to the one before it.
    """

    station: str
    start: I64
    what: I64
    joined: int


def timeline_of(
    plan: KpiPlan, readings: Readings, line: str, start: int, end: int, most: int
) -> list[Spells]:
    """Return the spells of every station of a line, in the order of the park file.

    Args:
        plan, readings: as :func:`twin.kpi.report.worked`.
        line: id of the line.
        start, end: interval [ns].
        most: spells a station; if there are more, those shorter than ``(end - start) / most`` join the one
            before, so that a month can be told.

    Raises:
        KpiIntervalError: see :func:`twin.kpi.report.check_interval`.
    """
    check_interval(start, end)
    rule = plan.lines[line]
    wanted = {tag for station in rule.stations for tag in (station.state, station.good)}
    series = readings.read(sorted(wanted), start, end)
    return [_spells(rule, station, series, start, end, plan.zone, most) for station in rule.stations]


def _spells(
    line: Line, station: Station, series: Mapping[str, Series], start: int, end: int, zone: tzinfo, most: int
) -> Spells:
    time = line_time(line, (station,), series, start, end, zone)
    begins, what = _pieces(series[station.state], time)
    begins, what = _merged(begins, what)
    joined = 0
    if len(begins) > most:
        length = np.diff(np.append(begins, end))
        kept = length >= (end - start) / most
        kept[0] = True
        joined = int((~kept).sum())
        begins, what = _merged(begins[kept], what[kept])
    return Spells(station.id, begins, what, joined)


def _pieces(state: Series, time: Time) -> tuple[I64, I64]:
    part = cut(state, time.start, time.end)
    turns = np.clip(part.time, time.start, time.end)
    edges = np.unique(
        np.concatenate(
            (np.array([time.start, time.end], np.int64), turns, time.planned.ravel(), time.unknown.ravel())
        )
    )
    begins = edges[:-1]
    if len(part):
        # of several readings before the interval, and of one time, the last holds
        place = np.searchsorted(turns, begins, "right") - 1
        use = np.where(place >= 0, uses(part.value)[np.maximum(place, 0)], -1)
    else:
        use = np.full(len(begins), -1, np.int64)
    what = np.where(within(time.unknown, begins) | (use < 0), UNKNOWN, use)
    return begins, np.where(within(time.planned, begins), what, UNPLANNED)


def _merged(begins: I64, what: I64) -> tuple[I64, I64]:
    turns = np.concatenate(([True], what[1:] != what[:-1]))
    return begins[turns], what[turns]
