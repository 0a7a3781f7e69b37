"""What the key figures of a park are reckoned from: rows that say when work is planned, what a line
makes, what is metered, what must balance, and what a permit allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from twin.park.name import Name

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)

Carrier = Literal["electricity", "water", "wastewater", "gas"]


@dataclass(frozen=True, slots=True)
class Break:
    """A pause within a shift; local times ``HH:MM``."""

    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift.

    Args:
        name: for people.
        start, end: local times; an end not after the start lies on the next day, and the shift belongs to the
            day on which it starts.
        days: weekdays on which it starts.
        breaks: within it.
    """

    name: str
    start: str
    end: str
    days: tuple[Weekday, ...] = WEEKDAYS
    breaks: tuple[Break, ...] = ()


@dataclass(frozen=True, slots=True)
class DaysOff:
    """Days on which no shift starts, both included; ISO dates."""

    first: str
    last: str
    display: Name


@dataclass(frozen=True, slots=True)
class Calendar:
    """When work is planned.

    Args:
        id: unique in the park.
        shifts: none = always.
        public_holidays: country (ISO 3166) whose public holidays are off, as the package ``holidays`` reckons
            them, "" = none.
        days_off: holidays as announced, shutdowns.
        days_worked: ISO dates on which shifts start although they are public holidays.
    """

    id: str
    shifts: tuple[Shift, ...] = ()
    public_holidays: str = ""
    days_off: tuple[DaysOff, ...] = ()
    days_worked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LineRule:
    """How the effectiveness of a line is reckoned (ISO 22400-2).

    Args:
        line: id of the place.
        calendar: planned time; "" = always.
        works_in_breaks: breaks are planned time too, because people relieve each other.
        pace: equipment ids of the stations that set the pace; several work in parallel.
        output: the station whose good count leaves the line.
        piece: what a count counts.
        units_per_piece: how many units of sale that is.
        ideal_cycles: equipment id and planned run time per piece [s] (PRI) of each station that has one, the
            pace stations among them.
        micro_stop_s: a stop shorter than this is a micro-stop [s].
        target_percent: the OEE that is aimed at [%]; None = nobody has said one.
    """

    line: str
    calendar: str
    pace: tuple[str, ...]
    output: str
    piece: Name
    ideal_cycles: tuple[tuple[str, float], ...]
    works_in_breaks: bool = False
    units_per_piece: float = 1.0
    micro_stop_s: float = 300.0
    target_percent: float | None = None


@dataclass(frozen=True, slots=True)
class MeterRule:
    """What a place or machine takes, by counters.

    Args:
        of: id of the place or equipment.
        carrier: of what.
        add: tags of counters that count what comes in.
        subtract: tags of counters of what leaves again.
        own: tags of counters of what is made there and used there: of a sun roof it emits nothing.
    """

    of: str
    carrier: Carrier
    add: tuple[str, ...]
    subtract: tuple[str, ...] = ()
    own: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BalanceRule:
    """What goes in must come out, stay, or be lost: loss = inputs - outputs - growth of what is stored.

    Args:
        id: unique in the park.
        display: for people.
        of: id of the place or equipment it is of.
        carrier: of what.
        inputs, outputs: tags of counters.
        stored: tags of levels, as a quantity.
    """

    id: str
    display: Name
    of: str
    carrier: Carrier
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    stored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PermitLimit:
    """What a permit allows of one signal, as the mean of a clock hour; None = not bounded."""

    signal: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class PermitRule:
    """What an outfall or stack may let go.

    Args:
        id: unique in the park.
        display: for people.
        equipment: id.
        reference: where the limits are from: standard, table, column, coefficients.
        limits: by signal.
        not_while: Boolean signal of the equipment that is true during calibration, "" = none.
        hour_share: an hour with valid readings for less than this share of it has no mean. 75 %: Directive
            2008/50/EC, annex XI.
    """

    id: str
    display: Name
    equipment: str
    reference: str
    limits: tuple[PermitLimit, ...]
    not_while: str = ""
    hour_share: float = 0.75


@dataclass(frozen=True, slots=True)
class EmissionFactor:
    """What a kilowatt-hour from the grid emits.

    Args:
        year: in which.
        kg_per_kwh: CO2 equivalent [kg/kWh], the same as t/MWh.
        source: who says so.
    """

    year: int
    kg_per_kwh: float
    source: str


@dataclass(frozen=True, slots=True)
class KpiRules:
    """All of it."""

    calendars: tuple[Calendar, ...] = ()
    lines: tuple[LineRule, ...] = ()
    meters: tuple[MeterRule, ...] = ()
    balances: tuple[BalanceRule, ...] = ()
    permits: tuple[PermitRule, ...] = ()
    emission_factors: tuple[EmissionFactor, ...] = ()


NO_KPI = KpiRules()
"""Of a park that says nothing about them."""
