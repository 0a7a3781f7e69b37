"""Planned time: the spans of a calendar in an interval, by the park's clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Literal

import numpy as np

from twin.contract.clock import NS_PER_S
from twin.contract.frame import I64
from twin.kpi.spans import both, spans, without
from twin.park.kpi import WEEKDAYS, Calendar
from twin.park.shift_times import break_minutes, public_holidays, shift_minutes

Period = Literal["shift", "day", "week", "month"]
_LOOK_BACK_D = 31
"""So far back a shift is looked for; a line that stood longer has days instead."""


@lru_cache(maxsize=512)
def planned(calendar: Calendar | None, start: int, end: int, zone: tzinfo, works_in_breaks: bool) -> I64:
    """Return the planned spans of ``[start, end)``; without a calendar all of it.

    A shift belongs to the day on which it starts: the night shift before a holiday is worked to its end.

    >>> from twin.park.kpi import Break, Shift
    >>> day = Shift("day", "08:00", "17:00", breaks=(Break("12:00", "13:00"),))
    >>> week = planned(Calendar("a", (day,)), 0, 7 * 86_400 * NS_PER_S, UTC, False)
    >>> float(sum(week[:, 1] - week[:, 0]) / 3600 / NS_PER_S)
    56.0
    """
    interval = spans([(start, end)])
    if calendar is None:
        return interval
    first = _local(start, zone).date() - timedelta(days=2)
    last = _local(end, zone).date() + timedelta(days=1)
    off = _days_off(calendar, first, last)
    shifts: list[tuple[int, int]] = []
    breaks: list[tuple[int, int]] = []
    day = first
    while day <= last:
        if day not in off:
            for shift in calendar.shifts:
                if WEEKDAYS[day.weekday()] in shift.days:
                    shifts.append(_moments(day, shift_minutes(shift), zone))
                    breaks += [_moments(day, pause, zone) for pause in break_minutes(shift)]
        day += timedelta(days=1)
    if not calendar.shifts:
        shifts = [
            _moments(first + timedelta(days=number), (0, 1440), zone)
            for number in range((last - first).days + 1)
            if first + timedelta(days=number) not in off
        ]
    work = spans(shifts)
    return both(interval, work if works_in_breaks else without(work, spans(breaks)))


def _days_off(calendar: Calendar, first: date, last: date) -> set[date]:
    off = {
        day
        for year in range(first.year, last.year + 1)
        for day in public_holidays(calendar.public_holidays, year)
    }
    off -= {date.fromisoformat(day) for day in calendar.days_worked}
    for one in calendar.days_off:
        day, end = date.fromisoformat(one.first), date.fromisoformat(one.last)
        while day <= end:
            off.add(day)
            day += timedelta(days=1)
    return off


def _local(time: int, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(time / NS_PER_S, UTC).astimezone(zone)


def _moments(day: date, minutes: tuple[int, int], zone: tzinfo) -> tuple[int, int]:
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001  # the zone follows once the hour is known
    start, end = (
        round((midnight + timedelta(minutes=each)).replace(tzinfo=zone).timestamp()) * NS_PER_S
        for each in minutes
    )
    return start, end


def shift_at(calendar: Calendar | None, time: int, zone: tzinfo) -> tuple[str, int, int]:
    """Return name, start and end of the shift that a moment lies in, or of the local day where there is
    none."""
    local = _local(time, zone).date()
    if calendar is not None:
        for day in (local - timedelta(days=1), local):
            if day in _days_off(calendar, day, day):
                continue
            for shift in calendar.shifts:
                start, end = _moments(day, shift_minutes(shift), zone)
                if WEEKDAYS[day.weekday()] in shift.days and start <= time < end:
                    return shift.name, start, end
    return "", *_moments(local, (0, 1440), zone)


def period(calendar: Calendar | None, of: Period, back: int, time: int, zone: tzinfo) -> tuple[str, int, int]:
    """Return name ("" but for a shift), start and end of the period that a moment lies in, or of one before.

    Args:
        calendar: whose shifts; without one they are local days.
        of: weeks begin on Monday.
        back: so many before it, 0 = itself.
        time: the moment [ns].
        zone: the park's.

    >>> from twin.park.kpi import Shift
    >>> day = Calendar("a", (Shift("day", "08:00", "17:00"),))
    >>> hour = 3600 * NS_PER_S
    >>> [value // hour for value in period(day, "shift", 1, 42 * hour, UTC)[1:]]
    [32, 41]
    >>> [value // hour for value in period(None, "week", 0, 42 * hour, UTC)[1:]]
    [-72, 96]
    """
    if of == "shift":
        found = shift_at(calendar, time, zone)
        if not back:
            return found
        # who stands between two shifts looks back on the one that has just ended
        before = found[1] if found[0] else time
        worked = [shift for shift in _shifts(calendar, before, zone) if shift[1] < before]
        if len(worked) >= back:
            return worked[-back]
        of = "day"
    local = _local(time, zone).date()
    if of == "day":
        first = local - timedelta(days=back)
        last = first + timedelta(days=1)
    elif of == "week":
        first = local - timedelta(days=local.weekday() + 7 * back)
        last = first + timedelta(days=7)
    else:
        months = local.year * 12 + local.month - 1 - back
        first = date(months // 12, months % 12 + 1, 1)
        last = date((months + 1) // 12, (months + 1) % 12 + 1, 1)
    return "", _moments(first, (0, 0), zone)[0], _moments(last, (0, 0), zone)[0]


def _shifts(calendar: Calendar | None, time: int, zone: tzinfo) -> list[tuple[str, int, int]]:
    """The shifts of the days before a moment, in order of their start."""
    if calendar is None:
        return []
    last = _local(time, zone).date()
    first = last - timedelta(days=_LOOK_BACK_D)
    off = _days_off(calendar, first, last)
    days = [first + timedelta(days=number) for number in range(_LOOK_BACK_D + 1)]
    found = [
        (shift.name, *_moments(day, shift_minutes(shift), zone))
        for day in days
        if day not in off
        for shift in calendar.shifts
        if WEEKDAYS[day.weekday()] in shift.days
    ]
    return sorted(found, key=lambda shift: shift[1])


def hours(start: int, end: int, zone: tzinfo) -> I64:
    """Return the clock hours that lie whole in ``[start, end)``, ``int64[n, 2]``."""
    offset = _local(start, zone).utcoffset()
    ahead = 0 if offset is None else round(offset.total_seconds()) * NS_PER_S
    hour = 3600 * NS_PER_S
    first = -(-(start + ahead) // hour) * hour - ahead
    edges = np.arange(first, end + 1, hour, dtype=np.int64)
    return np.stack((edges[:-1], edges[1:]), axis=1) if len(edges) > 1 else np.zeros((0, 2), np.int64)
