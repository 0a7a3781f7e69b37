"""When somebody works: asked by nanoseconds since the epoch, answered in local time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from enum import IntEnum

from sim.calendar.rows import WEEKDAYS, CalendarRow, break_minutes, check_calendar, shift_minutes
from sim.errors import PlantError
from twin.contract.clock import NS_PER_S

NS_PER_MINUTE = 60 * NS_PER_S
NS_PER_DAY = 86_400 * NS_PER_S

ALWAYS = CalendarRow("always")
"""Never stops; there is no need to write it."""

_EPOCH = date(1970, 1, 1)

_HORIZON_DAYS = 400
"""Within so many days every calendar that changes at all has changed: no shutdown is longer."""


class Phase(IntEnum):
    """What a moment is in a calendar."""

    OFF = 0
    BREAK = 1
    WORKING = 2


class Calendar:
    """A calendar that answers in constant time: a day is worked out when it is first asked for, and kept.

    Args:
        row: what it is.
        utc_offset_h: by how much local time is ahead of UTC [h].

    Raises:
        PlantError: the row does not hold together.

    >>> from sim.calendar.rows import BreakRow, ShiftRow
    >>> lunch = BreakRow("12:00", "13:00")
    >>> office = Calendar(CalendarRow("office", (ShiftRow("day", "08:00", "17:00", breaks=(lunch,)),)), 7)
    >>> eight = 1 * 3600 * NS_PER_S  # 08:00 on 1 January 1970 in Hanoi
    >>> office.phase(eight).name, office.is_working(eight - 1)
    ('WORKING', False)
    >>> (office.next_change_ns(eight) - eight) / (3600 * NS_PER_S)
    4.0
    """

    def __init__(self, row: CalendarRow, utc_offset_h: float) -> None:
        check_calendar(row)
        self.id = row.id
        self.utc_offset_h = utc_offset_h
        self._offset_ns = round(utc_offset_h * 3600 * NS_PER_S)
        self._always = not row.shifts
        self._shifts = [
            (
                frozenset(WEEKDAYS.index(day) for day in shift.days),
                *shift_minutes(shift, ""),
                break_minutes(shift, ""),
            )
            for shift in row.shifts
        ]
        self._off = {
            day
            for off in (*row.holidays, *row.shutdowns)
            for day in range((off.first - _EPOCH).days, ((off.last or off.first) - _EPOCH).days + 1)
        }
        self._days: dict[int, tuple[list[int], list[Phase]]] = {}

    def phase(self, now_ns: int) -> Phase:
        """What the moment ``now_ns`` is [ns since the epoch]."""
        day, inside_ns = divmod(now_ns + self._offset_ns, NS_PER_DAY)
        starts, phases = self._days.get(day) or self._work_out(day)
        return phases[bisect_right(starts, inside_ns) - 1]

    def is_working(self, now_ns: int) -> bool:
        """Whether people work at ``now_ns``: on shift and not on a break."""
        return self.phase(now_ns) is Phase.WORKING

    def next_change_ns(self, now_ns: int) -> int | None:
        """When the phase next becomes another one, after ``now_ns``; None if it does not within 400 days."""
        if self._always and not self._off:
            return None
        phase = self.phase(now_ns)
        first, inside_ns = divmod(now_ns + self._offset_ns, NS_PER_DAY)
        for day in range(first, first + _HORIZON_DAYS):
            starts, phases = self._days.get(day) or self._work_out(day)
            for start_ns, there in zip(starts, phases, strict=True):
                if there is not phase and (day > first or start_ns > inside_ns):
                    return day * NS_PER_DAY + start_ns - self._offset_ns
        return None

    def working_s(self, from_ns: int, to_ns: int) -> float:
        """How much of the time from ``from_ns`` to ``to_ns`` is worked [s]: planned production time."""
        worked_ns = 0
        while from_ns < to_ns:
            change_ns = self.next_change_ns(from_ns)
            until_ns = to_ns if change_ns is None else min(change_ns, to_ns)
            if self.is_working(from_ns):
                worked_ns += until_ns - from_ns
            from_ns = until_ns
        return worked_ns / NS_PER_S

    def _work_out(self, day: int) -> tuple[list[int], list[Phase]]:
        """Where the phases of a local day start [ns after midnight], and what they are."""
        starts, phases = [0], [Phase.OFF]
        for start, end, phase in sorted(self._spans(day)):
            start_ns, end_ns = start * NS_PER_MINUTE, end * NS_PER_MINUTE
            if starts[-1] == start_ns:  # the off time before it has no length
                starts.pop()
                phases.pop()
            if not phases or phases[-1] is not phase:
                starts.append(start_ns)
                phases.append(phase)
            starts.append(end_ns)
            phases.append(Phase.OFF)
        if starts[-1] == NS_PER_DAY:
            starts.pop()
            phases.pop()
        self._days[day] = starts, phases
        return starts, phases

    def _spans(self, day: int) -> Iterator[tuple[int, int, Phase]]:
        """Spans of a local day that are not off, minutes after its midnight, cut to the day."""
        if self._always and day not in self._off:
            yield 0, 1440, Phase.WORKING
        for shift_day, shift in ((day - 1, 1440), (day, 0)):
            if shift_day in self._off:
                continue
            weekday = (_EPOCH + timedelta(days=shift_day)).weekday()
            for days, start, end, breaks in self._shifts:
                if weekday in days:
                    for span in _parts(start, end, breaks):
                        cut = max(span[0] - shift, 0), min(span[1] - shift, 1440)
                        if cut[0] < cut[1]:
                            yield *cut, span[2]


def _parts(start: int, end: int, breaks: list[tuple[int, int]]) -> Iterator[tuple[int, int, Phase]]:
    for pause_start, pause_end in breaks:
        if start < pause_start:
            yield start, pause_start, Phase.WORKING
        yield pause_start, pause_end, Phase.BREAK
        start = pause_end
    if start < end:
        yield start, end, Phase.WORKING


def make_calendars(rows: Iterable[CalendarRow], utc_offset_h: float) -> dict[str, Calendar]:
    """The calendars of a plant by id, :data:`ALWAYS` among them.

    Raises:
        PlantError: a row does not hold together, or an id is there twice.

    >>> sorted(make_calendars([CalendarRow("yard")], 7))
    ['always', 'yard']
    """
    made: dict[str, Calendar] = {}
    for row in rows:
        if row.id in made:
            raise PlantError(f"calendar {row.id!r}: is there twice; give each its own id")
        made[row.id] = Calendar(row, utc_offset_h)
    made.setdefault(ALWAYS.id, Calendar(ALWAYS, utc_offset_h))
    return made
