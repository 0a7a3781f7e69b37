"""Times of shifts: minutes on the clock of the park, and whether a calendar holds together.

ShiftTimeError (ValueError)     where in the calendar, and what must hold
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from holidays import country_holidays, list_supported_countries

from twin.park.kpi import WEEKDAYS, Calendar, Shift

MINUTES_A_DAY = 1440
MINUTES_A_WEEK = 7 * MINUTES_A_DAY

_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")

Loc = tuple[str | int, ...]


class ShiftTimeError(ValueError):
    """A calendar that cannot be; ``loc`` is where in its entry, ``rule`` what must hold."""

    def __init__(self, loc: Loc, rule: str) -> None:
        super().__init__(rule)
        self.loc = loc
        self.rule = rule


def minutes(text: str, loc: Loc = ()) -> int:
    """Return the minutes since midnight of ``HH:MM``, ``00:00`` to ``24:00``.

    Raises:
        ShiftTimeError: it is none.

    >>> minutes("21:45")
    1305
    """
    if not _TIME.fullmatch(text):
        raise ShiftTimeError(loc, 'must be "00:00" to "24:00"')
    return 60 * int(text[:2]) + int(text[3:])


def shift_minutes(shift: Shift, loc: Loc = ()) -> tuple[int, int]:
    """Return start and end of a shift in minutes since the midnight before its start.

    >>> shift_minutes(Shift("C", "22:00", "06:00"))
    (1320, 1800)
    """
    start, end = minutes(shift.start, (*loc, "start")), minutes(shift.end, (*loc, "end"))
    return start, end if end > start else end + MINUTES_A_DAY


def break_minutes(shift: Shift, loc: Loc = ()) -> list[tuple[int, int]]:
    """Return start and end of each break on the scale of :func:`shift_minutes`, in order.

    Raises:
        ShiftTimeError: a break does not lie within the shift, or two overlap.
    """
    first, last = shift_minutes(shift, loc)
    found = []
    for number, pause in enumerate(shift.breaks):
        where = (*loc, "breaks", number)
        start, end = minutes(pause.start, (*where, "start")), minutes(pause.end, (*where, "end"))
        start += MINUTES_A_DAY if start < first else 0
        end += MINUTES_A_DAY if end < start else 0
        if not first <= start < end <= last:
            raise ShiftTimeError((*where, "start"), f"must lie within {shift.start} to {shift.end}")
        found.append((start, end))
    found.sort()
    for (_, end), (start, _) in pairwise(found):
        if start < end:
            raise ShiftTimeError((*loc, "breaks"), "two breaks overlap")
    return found


def to_date(text: str, loc: Loc = ()) -> date:
    """Read an ISO date.

    Raises:
        ShiftTimeError: it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ShiftTimeError(loc, "must be a date as 2026-09-02") from error


def check_calendar(calendar: Calendar) -> None:
    """Check that a calendar holds together.

    Raises:
        ShiftTimeError: a time or date that cannot be, or shifts that overlap.
    """
    spans = []
    for number, shift in enumerate(calendar.shifts):
        where = ("shifts", number)
        break_minutes(shift, where)
        spans += list(_week(shift, where))
    spans.sort()
    if spans:
        start, end, number = spans[0]
        spans.append((start + MINUTES_A_WEEK, end + MINUTES_A_WEEK, number))
    for (_, end, _), (start, _, number) in pairwise(spans):
        if start < end:
            raise ShiftTimeError(("shifts", number, "start"), "the shift overlaps another")
    for number, off in enumerate(calendar.days_off):
        where = ("days_off", number)
        first = to_date(off.first, (*where, "first"))
        if to_date(off.last, (*where, "last")) < first:
            raise ShiftTimeError((*where, "last"), f"is before the first day, {off.first}")
    for number, day in enumerate(calendar.days_worked):
        to_date(day, ("days_worked", number))


def _week(shift: Shift, loc: Loc) -> Iterator[tuple[int, int, int]]:
    start, end = shift_minutes(shift, loc)
    for day in shift.days:
        monday = MINUTES_A_DAY * WEEKDAYS.index(day)
        yield monday + start, monday + end, int(loc[1])


def known_country(code: str) -> bool:
    """Tell whether the holidays of a country (ISO 3166) are known.

    >>> known_country("VN"), known_country("XX")
    (True, False)
    """
    return code in list_supported_countries()


def public_holidays(code: str, year: int) -> frozenset[date]:
    """Return the public holidays of a year, days in lieu among them.

    Tet follows the Vietnamese calendar, which is reckoned at 105° E: in 2030 a day before the Chinese one.

    >>> date(2030, 2, 2) in public_holidays("VN", 2030)
    True
    """
    return frozenset(country_holidays(code, years=year)) if code else frozenset()
