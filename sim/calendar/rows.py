"""Rows of a calendar in a plant file: shifts by weekday with their breaks, days off by date.

Times are local, ``"HH:MM"`` in quotes (YAML reads a bare 14:00 as 840). A shift whose end is not after its
start ends on the next day, and belongs to the day on which it starts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import Literal

import msgspec

from sim.errors import PlantError

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

MINUTES_A_DAY = 1440
MINUTES_A_WEEK = 7 * MINUTES_A_DAY

_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")


class BreakRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A pause within a shift.

    Args:
        start, end: local times, within the shift.
    """

    start: str
    end: str


class ShiftRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A shift.

    Args:
        name: for people: "A", "night".
        start, end: local times; an end not after the start is on the next day.
        days: weekdays on which it starts.
        breaks: within it, in any order.
    """

    name: str
    start: str
    end: str
    days: tuple[Weekday, ...] = WEEKDAYS
    breaks: tuple[BreakRow, ...] = ()


class DaysOffRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Days on which no shift starts: a public holiday, a shutdown.

    Args:
        first: the first day.
        vi, en: what it is, for people.
        last: the last day; the first, unless given.
    """

    first: date
    vi: str
    en: str
    last: date | None = None


class CalendarRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A calendar.

    Args:
        id: what machines and lines call it by.
        shifts: none = works always.
        holidays: public holidays.
        shutdowns: when the plant stands.
    """

    id: str
    shifts: tuple[ShiftRow, ...] = ()
    holidays: tuple[DaysOffRow, ...] = ()
    shutdowns: tuple[DaysOffRow, ...] = ()


def minutes(text: str, where: str) -> int:
    """Minutes since midnight of a time ``"HH:MM"``, ``"00:00"`` to ``"24:00"``.

    Raises:
        PlantError: it is none.

    >>> minutes("21:45", "shift 'C'")
    1305
    """
    if not _TIME.fullmatch(text):
        raise PlantError(f'{where}: time {text!r}: must be "00:00" to "24:00"; write it in quotes')
    return 60 * int(text[:2]) + int(text[3:])


def shift_minutes(shift: ShiftRow, where: str) -> tuple[int, int]:
    """Start and end of a shift, minutes since the midnight before its start; the end may be above 1440.

    >>> shift_minutes(ShiftRow("C", "22:00", "06:00"), "")
    (1320, 1800)
    """
    start, end = minutes(shift.start, where), minutes(shift.end, where)
    return start, end if end > start else end + MINUTES_A_DAY


def break_minutes(shift: ShiftRow, where: str) -> list[tuple[int, int]]:
    """Start and end of each break, on the scale of :func:`shift_minutes`, in order of time.

    Raises:
        PlantError: a break does not lie within the shift, or two overlap.

    >>> break_minutes(ShiftRow("C", "22:00", "06:00", breaks=(BreakRow("02:00", "02:45"),)), "")
    [(1560, 1605)]
    """
    first, last = shift_minutes(shift, where)
    found = []
    for pause in shift.breaks:
        start, end = minutes(pause.start, where), minutes(pause.end, where)
        start += MINUTES_A_DAY if start < first else 0
        end += MINUTES_A_DAY if end < start else 0
        if not first <= start < end <= last:
            raise PlantError(
                f"{where}: break {pause.start}-{pause.end}: "
                f"must lie within {shift.start}-{shift.end}; move it"
            )
        found.append((start, end))
    found.sort()
    for (_, end), (start, _) in pairwise(found):
        if start < end:
            raise PlantError(f"{where}: breaks: two overlap; give each its own time")
    return found


def check_calendar(row: CalendarRow) -> None:
    """Check that a calendar holds together.

    Raises:
        PlantError: a time, break, weekday or date that cannot be.
    """
    here = f"calendar {row.id!r}"
    for shift in row.shifts:
        where = f"{here}: shift {shift.name!r}"
        break_minutes(shift, where)
        if not shift.days or len(set(shift.days)) < len(shift.days):
            raise PlantError(f"{where}: days {list(shift.days)}: must name weekdays, each once; correct them")
    spans = sorted(_spans_of_week(row.shifts, here))
    if spans:
        start, end, name = spans[0]
        spans.append((start + MINUTES_A_WEEK, end + MINUTES_A_WEEK, name))
    for (_, end, name), (start, _, other) in pairwise(spans):
        if start < end:
            raise PlantError(
                f"{here}: shifts {name!r} and {other!r}: overlap; let one start when the other has ended"
            )
    for day in (*row.holidays, *row.shutdowns):
        if day.last is not None and day.last < day.first:
            raise PlantError(
                f"{here}: {day.en!r}: last {day.last} must not be before first {day.first}; swap them"
            )


def _spans_of_week(shifts: Sequence[ShiftRow], where: str) -> Iterator[tuple[int, int, str]]:
    for shift in shifts:
        start, end = shift_minutes(shift, where)
        for day in shift.days:
            monday = MINUTES_A_DAY * WEEKDAYS.index(day)
            yield monday + start, monday + end, shift.name
