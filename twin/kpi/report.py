"""The figures of any place or machine over any interval, from wherever its readings come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

from twin.contract.clock import NS_PER_S
from twin.kpi.amounts import (
    Amount,
    Balance,
    Emission,
    balance,
    consumption,
    counted,
    emission,
    needed,
    turns_of_years,
)
from twin.kpi.effort import Effort, line_effort, station_effort, time_edges
from twin.kpi.environment import Hours, against_permit
from twin.kpi.errors import KpiIntervalError, UnknownPlaceError
from twin.kpi.oee import Oee, oee
from twin.kpi.plan import KpiPlan, Line, Station
from twin.kpi.series import Readings, Series
from twin.kpi.stops import Alarm, Stop, stops
from twin.park.kpi import BalanceRule, Carrier, PermitRule

LONGEST_NS = 93 * 86_400 * NS_PER_S
"""A quarter; nanoseconds of more could not be added exactly as float64."""


CARRIERS: tuple[Carrier, ...] = ("electricity", "water", "wastewater")


@dataclass(frozen=True, slots=True)
class Worked:
    """What a place, line or station did with its planned time."""

    id: str
    effort: Effort
    oee: Oee


def check_interval(start: int, end: int) -> None:
    """Refuse an interval that cannot be reckoned.

    Raises:
        KpiIntervalError: it is empty, or longer than 93 days.
    """
    if start >= end:
        raise KpiIntervalError("the interval is empty: 'from' must lie before 'to'")
    if end - start > LONGEST_NS:
        raise KpiIntervalError("the interval is longer than 93 days; shorten it")


def worked(plan: KpiPlan, readings: Readings, place: str, start: int, end: int) -> list[Worked]:
    """Return what a place did, itself first, then each line (or, of a line, each station) below it.

    Raises:
        UnknownPlaceError: there is no such place, or no line at or below it.
        KpiIntervalError: see :func:`check_interval`.
    """
    check_interval(start, end)
    if place in plan.stations and plan.stations[place].ideal_s:
        line, station = plan.line_of[place], plan.stations[place]
        series = _read(plan, readings, [(line, station)], [], start, end)
        return [_worked(place, station_effort(line, station, series, start, end, plan.zone))]
    lines = plan.lines_at(place)
    if not lines:
        raise UnknownPlaceError(f"{place!r}: no line with a row under 'oee' stands there; see docs/kpi.md")
    stations = []
    if place in plan.lines:
        stations = [(plan.lines[place], one) for one in plan.lines[place].stations if one.ideal_s]
    series = _read(plan, readings, stations, lines, start, end)
    efforts = {line.rule.line: line_effort(line, series, start, end, plan.zone) for line in lines}
    parts = {} if place in plan.lines else efforts
    for line, station in stations:
        parts[station.id] = station_effort(line, station, series, start, end, plan.zone)
    whole = reduce(add, efforts.values())
    return [_worked(place, whole), *(_worked(each, effort) for each, effort in parts.items())]


def _read(
    plan: KpiPlan,
    readings: Readings,
    stations: Sequence[tuple[Line, Station]],
    lines: Sequence[Line],
    start: int,
    end: int,
) -> dict[str, Series]:
    """Read states whole, and counters as finely as states and shifts part the time."""
    paced = [*stations, *((line, station) for line in lines for station in line.pace)]
    counted = {tag for _, station in paced for tag in (station.good, station.reject) if tag}
    for line in lines:
        counted |= {line.output.good, *(station.reject for station in line.stations if station.reject)}
    states = readings.read(list(dict.fromkeys(station.state for _, station in paced)), start, end)
    edges = {
        edge
        for line, station in paced
        for edge in time_edges(line, states[station.state], start, end, plan.zone)
    }
    return {**states, **readings.counters(sorted(counted), start, end, sorted(edges))}


def _worked(name: str, effort: Effort) -> Worked:
    return Worked(name, effort, oee(effort))


def stops_of(
    plan: KpiPlan, readings: Readings, place: str, start: int, end: int, alarms: Sequence[Alarm] = ()
) -> list[Stop]:
    """Return the stops of all lines at or below a place, with the first guess of why.

    Raises: as :func:`worked`.
    """
    check_interval(start, end)
    lines = [plan.line_of[place]] if place in plan.line_of else plan.lines_at(place)
    if not lines:
        raise UnknownPlaceError(f"{place!r}: no line with a row under 'oee' stands there; see docs/kpi.md")
    wanted = {
        tag
        for line in lines
        for station in line.stations
        for tag in (station.state, station.good, station.starved, station.blocked)
        if tag
    }
    series = readings.read(sorted(wanted), start, end)
    return [
        stop
        for line in lines
        for stop in stops(line, series, start, end, plan.zone, alarms=alarms, supplies=plan.supplies_of(line))
    ]


@dataclass(frozen=True, slots=True)
class Energy:
    """What a place took and emitted.

    Args:
        electricity: [kWh].
        emission: None where no factor is given.
        water, wastewater: [m³]; None where nobody meters it.
        good: good pieces of its lines; None where they make several kinds of piece, or there is no line.
        kwh_per_good: energy by good piece [kWh].
    """

    electricity: Amount
    emission: Emission | None
    water: Amount | None
    wastewater: Amount | None
    good: float | None
    kwh_per_good: float | None


def energy_of(plan: KpiPlan, readings: Readings, place: str, start: int, end: int) -> Energy:
    """Return what a place or machine took.

    Raises:
        UnknownPlaceError: there is no such place.
        KpiIntervalError: see :func:`check_interval`.
    """
    check_interval(start, end)
    lines = plan.lines_at(place)
    pieces = {line.rule.piece for line in lines}
    metered = {carrier: list(needed(plan, place, carrier)) for carrier in CARRIERS}
    wanted = {tag for tags in metered.values() for tag in tags} | {line.output.good for line in lines}
    series = _amounts(plan, readings, wanted, start, end)
    electricity = consumption(plan, series, place, "electricity", start, end)
    water, wastewater = (
        consumption(plan, series, place, carrier, start, end) if metered[carrier] else None
        for carrier in CARRIERS[1:]
    )
    good = None
    if len(pieces) == 1:
        good = sum(counted(series[line.output.good], start, end) for line in lines)
    elif place in plan.stations:
        tag = plan.stations[place].good
        good = counted(readings.counters([tag], start, end, [])[tag], start, end)
    per_good = electricity.value / good if good else None
    return Energy(electricity, emission(plan, series, place, start, end), water, wastewater, good, per_good)


def _amounts(
    plan: KpiPlan, readings: Readings, wanted: Iterable[str], start: int, end: int
) -> dict[str, Series]:
    """Read counters as finely as the turns of the year part the time, and powers whole."""
    powers = {tag for tag in wanted if plan.tags[tag].signal.role == "power"}
    counters = sorted(set(wanted) - powers)
    found = dict(readings.counters(counters, start, end, turns_of_years(plan, start, end)))
    return found | dict(readings.read(sorted(powers), start, end))


def balances_of(
    plan: KpiPlan, readings: Readings, place: str, start: int, end: int
) -> list[tuple[BalanceRule, Balance]]:
    """Return the balances at or below a place.

    Raises: as :func:`energy_of`.
    """
    check_interval(start, end)
    here = {place, *plan.below(place)}
    rules = [rule for rule in plan.rules.balances if rule.of in here]
    wanted = {tag for rule in rules for tag in (*rule.inputs, *rule.outputs)}
    stored = {tag for rule in rules for tag in rule.stored}
    series = _amounts(plan, readings, wanted - stored, start, end)
    series |= readings.read(sorted(stored), start, end)
    return [(rule, balance(plan, series, rule, start, end)) for rule in rules]


def permits_of(
    plan: KpiPlan, readings: Readings, place: str, start: int, end: int
) -> list[tuple[PermitRule, tuple[Hours, ...]]]:
    """Return the permits at or below a place, hour by hour.

    Raises: as :func:`energy_of`.
    """
    check_interval(start, end)
    here = {place, *plan.below(place)}
    rules = [rule for rule in plan.rules.permits if rule.equipment in here]
    series = readings.read(sorted({tag for rule in rules for tag in _tags_of_permit(rule)}), start, end)
    return [(rule, against_permit(rule, series, start, end, plan.zone)) for rule in rules]


def _tags_of_permit(rule: PermitRule) -> Iterator[str]:
    for signal in (*(limit.signal for limit in rule.limits), rule.not_while):
        if signal:
            yield f"{rule.equipment}:{signal}"
