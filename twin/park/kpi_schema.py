"""Entries of a park file that key figures are reckoned from; :mod:`twin.park.kpi` says what they mean."""

from __future__ import annotations

from typing import Annotated

from pydantic import AllowInfNan, Field, Strict

from twin.park.entry import Entry, Flag, Key, NameOrText, Number, Text, TextOrTexts
from twin.park.kpi import WEEKDAYS, Carrier, Weekday

Seconds = Annotated[float, Strict(), AllowInfNan(False), Field(gt=0, le=31_622_400)]
Positive = Annotated[float, Strict(), AllowInfNan(False), Field(gt=0, le=1e9)]


class BreakEntry(Entry):
    """A pause within a shift."""

    start: Text
    end: Text


class ShiftEntry(Entry):
    """A shift; times are local."""

    name: Text
    start: Text
    end: Text
    days: Annotated[tuple[Weekday, ...], Field(min_length=1)] = WEEKDAYS
    breaks: tuple[BreakEntry, ...] = ()


class DaysOffEntry(Entry):
    """Days on which no shift starts."""

    first: Text
    last: Text | None = None
    name: NameOrText


class CalendarEntry(Entry):
    """When work is planned."""

    id: Key
    shifts: tuple[ShiftEntry, ...] = ()
    public_holidays: Annotated[str, Strict(), Field(max_length=2)] = ""
    days_off: tuple[DaysOffEntry, ...] = ()
    days_worked: tuple[Text, ...] = ()


class OeeEntry(Entry):
    """A line, or with a pattern in the id a row of equal ones; stations are named within the line."""

    line: Text
    calendar: Text | None = None
    works_in_breaks: Flag = False
    pace: TextOrTexts
    output: Text
    piece: NameOrText
    units_per_piece: Positive = 1.0
    ideal_cycles_s: Annotated[dict[str, Seconds], Field(min_length=1)]
    micro_stop_s: Seconds = 300.0
    target_percent: Annotated[float, Strict(), AllowInfNan(False), Field(gt=0, le=100)] | None = None


class MeterEntry(Entry):
    """What a place or machine takes, by counters."""

    of: Text
    carrier: Carrier
    add: TextOrTexts
    subtract: TextOrTexts | None = None
    own: TextOrTexts | None = None


class BalanceEntry(Entry):
    """What goes in must come out, stay, or be lost."""

    id: Key
    name: NameOrText
    of: Text
    carrier: Carrier
    inputs: TextOrTexts
    outputs: TextOrTexts
    stored: TextOrTexts | None = None


class PermitLimitEntry(Entry):
    """What a permit allows of one signal."""

    signal: Key
    low: Number | None = None
    high: Number | None = None


class PermitEntry(Entry):
    """What an outfall or stack may let go."""

    id: Key
    name: NameOrText
    equipment: Text
    reference: Text
    limits: Annotated[tuple[PermitLimitEntry, ...], Field(min_length=1)]
    not_while: Key | None = None
    hour_share: Annotated[float, Strict(), AllowInfNan(False), Field(gt=0, le=1)] = 0.75


class EmissionFactorEntry(Entry):
    """What a kilowatt-hour from the grid emits."""

    year: Annotated[int, Strict(), Field(ge=1990, le=2100)]
    kg_per_kwh: Annotated[float, Strict(), AllowInfNan(False), Field(ge=0, le=5)]
    source: Text
