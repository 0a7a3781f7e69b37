"""The stops of a line: when, how much planned time they cost, and a first guess of why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo

import numpy as np

from twin.contract.clock import NS_PER_S
from twin.contract.frame import I64
from twin.kpi.effort import Time, line_time
from twin.kpi.environment import calibrations
from twin.kpi.packml import Use, uses
from twin.kpi.plan import Line, Station
from twin.kpi.series import Series, cut
from twin.kpi.spans import Ruler, both, length, spans

LOOK_BACK_NS = 600 * NS_PER_S
"""Buffers hide what happened before: a cause is looked for from this long before a station waits."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm that held at some equipment from ``start`` to ``end`` [ns]."""

    alarm: str
    equipment: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Stop:
    """A time in which a station that sets the pace did not produce.

    Args:
        station: equipment id.
        start, end: cut to the interval [ns].
        use: what its state says.
        lost_ns: of it, planned and known.
        reason: id of a :class:`twin.kpi.reasons.Reason`.
        because_of: equipment that made it wait, or the supply that failed; "" = itself.
        alarm: that held at the equipment, "" if none did.
        by: who corrected the guess; "" = nobody.
        comment: of whoever did.
    """

    station: str
    start: int
    end: int
    use: Use
    lost_ns: int
    reason: str
    because_of: str = ""
    alarm: str = ""
    by: str = ""
    comment: str = ""


def stops(
    line: Line,
    series: Mapping[str, Series],
    start: int,
    end: int,
    zone: tzinfo,
    *,
    alarms: Sequence[Alarm] = (),
    supplies: Mapping[str, Sequence[str]] | None = None,
) -> list[Stop]:
    """Return the stops of the stations that set the pace, by station and time.

    Args:
        line: of the plan.
        series: of every signal of its stations.
        start, end: interval [ns].
        zone: the park's.
        alarms: that held in it.
        supplies: by station what feeds it with electricity.
    """
    time = line_time(line, line.pace, series, start, end, zone)
    guess = _Guess(line, series, time, alarms, supplies or {})
    return [stop for station in line.pace for stop in _stops(station, series, time, guess)]


def _stops(station: Station, series: Mapping[str, Series], time: Time, guess: _Guess) -> list[Stop]:
    part = cut(series[station.state], time.start, time.end)
    if not len(part):
        return []
    use = uses(part.value)
    begins = np.clip(part.time, time.start, time.end)
    turns = (
        np.flatnonzero(np.concatenate(([True], use[1:] != use[:-1]))) if len(use) else np.zeros(0, np.intp)
    )
    first = begins[turns]
    last = np.append(first[1:], time.end)
    lost = Ruler(time.seen).between(first, last)
    kept = (use[turns] > Use.PRODUCING) & (lost > 0)
    columns = (first, last, use[turns], lost)
    rows = zip(*(column[kept].tolist() for column in columns), strict=True)
    return [guess.explain(Stop(station.id, a, b, Use(what), cost, "")) for a, b, what, cost in rows]


class _Guess:
    """Finds a first reason from states, starved and blocked, neighbours and alarms."""

    def __init__(
        self,
        line: Line,
        series: Mapping[str, Series],
        time: Time,
        alarms: Sequence[Alarm],
        supplies: Mapping[str, Sequence[str]],
    ) -> None:
        self._line = line
        self._series = series
        self._time = time
        self._supplies = supplies
        self._alarms: dict[str, list[Alarm]] = {}
        for alarm in alarms:
            self._alarms.setdefault(alarm.equipment, []).append(alarm)
        self._stations = {station.id: station for station in line.stations}
        self._downstream: dict[str, list[str]] = {}
        for below, above in line.upstream.items():
            for each in above:
                self._downstream.setdefault(each, []).append(below)

    def explain(self, stop: Stop) -> Stop:
        if stop.use is Use.FAILED:
            return self._with_alarm(replace(stop, reason="breakdown"))
        if stop.use is Use.HELD:
            short = stop.lost_ns < self._line.rule.micro_stop_s * NS_PER_S
            return self._with_alarm(replace(stop, reason="micro_stop" if short else "held"))
        if stop.use is Use.SETUP:
            return replace(stop, reason="setup")
        if stop.use is Use.STOPPED:
            for supply in self._supplies.get(stop.station, ()):
                if alarm := self._alarm_at(supply, stop):
                    return replace(stop, reason="no_power", because_of=supply, alarm=alarm)
            return self._with_alarm(replace(stop, reason="stopped"))
        return self._waiting(stop)

    def _waiting(self, stop: Stop) -> Stop:
        station = self._stations[stop.station]
        starved, blocked = (self._true(tag, stop) for tag in (station.starved, station.blocked))
        if not starved and not blocked:
            return replace(stop, reason="waiting")
        reason, neighbour, feeds = (
            ("starved", "upstream", self._line.upstream)
            if starved >= blocked
            else ("blocked", "downstream", self._downstream)
        )
        culprit = self._culprit(stop, feeds)
        if culprit is None:
            return replace(stop, reason=reason)
        alarm = self._alarm_at(culprit, stop)
        return replace(stop, reason=neighbour, because_of=culprit, alarm=alarm)

    def _culprit(self, stop: Stop, feeds: Mapping[str, Sequence[str]]) -> str | None:
        """The station, that way along the line, that stood longest for a cause of its own just before or
        while this one waits; of equals the nearest."""
        window = spans([(stop.start - LOOK_BACK_NS, stop.end)])
        best, found = 0, None
        seen, front = {stop.station}, list(feeds.get(stop.station, ()))
        while front:
            nearer, front = front, []
            for name in nearer:
                if name in seen:
                    continue
                seen.add(name)
                stood = length(both(self._own_stops(name, stop), window))
                if stood > best:
                    best, found = stood, name
                front += feeds.get(name, ())
        return found

    def _own_stops(self, name: str, stop: Stop) -> I64:
        station = self._stations[name]
        start = stop.start - LOOK_BACK_NS
        part = cut(self._series[station.state], start, stop.end)
        use = uses(part.value)
        begins = np.clip(part.time, start, stop.end)
        own = np.isin(use, (Use.SETUP, Use.HELD, Use.FAILED, Use.STOPPED))
        return spans(np.stack((begins[own], np.append(begins[1:], stop.end)[own]), axis=1))

    def _true(self, tag: str, stop: Stop) -> int:
        return length(calibrations(self._series[tag], stop.start, stop.end)) if tag else 0

    def _alarm_at(self, equipment: str, stop: Stop) -> str:
        for alarm in self._alarms.get(equipment, ()):
            if alarm.start < stop.end and alarm.end > stop.start - LOOK_BACK_NS:
                return alarm.alarm
        return ""

    def _with_alarm(self, stop: Stop) -> Stop:
        return replace(stop, alarm=self._alarm_at(stop.station, stop))
