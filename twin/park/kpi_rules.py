"""Key figures: from entries to rules, with calendars that hold together, stations that stand in their
line, and tags that are counters."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from twin.contract.pattern import PatternError, fill, unfold
from twin.park.data_types import DATA_TYPES
from twin.park.entry import NameEntry
from twin.park.faults import FaultLog, Located, did_you_mean
from twin.park.kpi import (
    NO_KPI,
    BalanceRule,
    Break,
    Calendar,
    DaysOff,
    EmissionFactor,
    KpiRules,
    LineRule,
    MeterRule,
    PermitLimit,
    PermitRule,
    Shift,
)
from twin.park.kpi_schema import (
    BalanceEntry,
    CalendarEntry,
    EmissionFactorEntry,
    MeterEntry,
    OeeEntry,
    PermitEntry,
    ShiftEntry,
)
from twin.park.model import Equipment, Name, SignalKind, Tag
from twin.park.sections import Sections
from twin.park.shift_times import ShiftTimeError, check_calendar, known_country


@dataclass(frozen=True, slots=True)
class _Known:
    """What the rules can name."""

    ids: Collection[str]
    signals: Mapping[str, Mapping[str, SignalKind]]
    tags: Mapping[str, SignalKind]
    log: FaultLog


def make_kpi_rules(
    sections: Sections,
    given: Collection[str],
    equipment: Sequence[Equipment],
    tags: Sequence[Tag],
    log: FaultLog,
) -> KpiRules:
    """Make all rules; ``given`` are ids of equipment and places."""
    signals = {one.id: {signal.name: signal for signal in one.kind.signals} for one in equipment}
    known = _Known(given, signals, {tag.tag: tag.signal for tag in tags}, log)
    calendars = _calendars(sections.of("calendars", CalendarEntry), log)
    ids = {calendar.id for calendar in calendars} | sections.broken_ids("calendars")
    rules = KpiRules(
        calendars,
        _lines(sections.of("oee", OeeEntry), ids, known),
        _meters(sections.of("meters", MeterEntry), known),
        _balances(sections.of("balances", BalanceEntry), known),
        _permits(sections.of("permits", PermitEntry), known),
        _factors(sections.of("emission_factors", EmissionFactorEntry), log),
    )
    return NO_KPI if rules == NO_KPI else rules


def _shift(entry: ShiftEntry) -> Shift:
    breaks = tuple(Break(one.start, one.end) for one in entry.breaks)
    return Shift(entry.name, entry.start, entry.end, entry.days, breaks)


def _name(entry: NameEntry) -> Name:
    return Name(entry.vi, entry.en)


def _calendars(entries: Iterable[Located[CalendarEntry]], log: FaultLog) -> tuple[Calendar, ...]:
    made = []
    for located in entries:
        entry = located.entry
        calendar = Calendar(
            entry.id,
            tuple(_shift(one) for one in entry.shifts),
            entry.public_holidays,
            tuple(DaysOff(one.first, one.last or one.first, _name(one.name)) for one in entry.days_off),
            entry.days_worked,
        )
        try:
            check_calendar(calendar)
        except ShiftTimeError as error:
            step = "correct it; times are local, in quotes"
            log.at("calendar.times", located, *error.loc, rule=error.rule, next_step=step)
        if entry.public_holidays and not known_country(entry.public_holidays):
            rule = "no country whose holidays are known"
            step = "write VN, or list the days under 'days_off'"
            log.at("calendar.times", located, "public_holidays", rule=rule, next_step=step)
        made.append(calendar)
    return tuple(made)


def _lines(
    entries: Iterable[Located[OeeEntry]], calendars: Collection[str], known: _Known
) -> tuple[LineRule, ...]:
    made: dict[str, LineRule] = {}
    for located in entries:
        entry = located.entry
        if entry.calendar is not None and entry.calendar not in calendars:
            step = did_you_mean(entry.calendar, calendars, "describe it under 'calendars'")
            known.log.at("kpi.reference", located, "calendar", rule="no such calendar", next_step=step)
        for line in _unfolded(located, entry.line, ("line",), known):
            if line not in known.ids:
                _unknown(located, ("line",), line, known)
            elif line in made:
                rule, step = f"{line!r} has its effectiveness already", "delete one of them"
                known.log.at("kpi.duplicate", located, "line", rule=rule, next_step=step)
            else:
                made[line] = _line(located, line, known)
    return tuple(made.values())


def _line(located: Located[OeeEntry], line: str, known: _Known) -> LineRule:
    entry = located.entry
    cycles: list[tuple[str, float]] = []
    for pattern, cycle_s in entry.ideal_cycles_s.items():
        loc = ("ideal_cycles_s", pattern)
        for station in _stations(located, line, pattern, loc, known):
            cycles.append((station, cycle_s))
    pace = [
        one
        for number, pattern in enumerate(entry.pace)
        for one in _stations(located, line, pattern, ("pace", number), known)
    ]
    output = _stations(located, line, entry.output, ("output",), known)
    timed = {station for station, _ in cycles}
    for station in pace:
        if station not in timed:
            rule = f"{station!r} sets the pace and has no ideal cycle"
            step = "add it under 'ideal_cycles_s'"
            known.log.at("kpi.role", located, "pace", rule=rule, next_step=step)
    for station in dict.fromkeys((*pace, *output, *(name for name, _ in cycles))):
        roles = {signal.role for signal in known.signals[station].values()}
        for role in ("state", "good_count", "reject_count"):
            if role not in roles:
                rule = f"{station!r} has no signal with role {role}"
                step = "give its kind one, or take the station out"
                known.log.at("kpi.role", located, "ideal_cycles_s", rule=rule, next_step=step)
    return LineRule(
        line=line,
        calendar=entry.calendar or "",
        pace=tuple(pace),
        output=output[0] if output else "",
        piece=_name(entry.piece),
        ideal_cycles=tuple(cycles),
        works_in_breaks=entry.works_in_breaks,
        units_per_piece=entry.units_per_piece,
        micro_stop_s=entry.micro_stop_s,
        target_percent=entry.target_percent,
    )


def _stations(
    located: Located[OeeEntry], line: str, pattern: str, loc: tuple[str | int, ...], known: _Known
) -> list[str]:
    found = []
    for name in _unfolded(located, pattern, loc, known):
        if (station := f"{line}/{name}") in known.signals:
            found.append(station)
        else:
            _unknown(located, loc, station, known, known.signals)
    return found


def _unfolded(located: Located[object], text: str, loc: tuple[str | int, ...], known: _Known) -> list[str]:
    try:
        return [name for name, _ in unfold(text)]
    except PatternError as error:
        step = "write e.g. .../line{1..2}"
        known.log.at("pattern.bad", located, *loc, rule=str(error), next_step=step)
        return []


def _unknown(
    located: Located[object],
    loc: tuple[str | int, ...],
    name: str,
    known: _Known,
    among: Collection[str] | None = None,
) -> None:
    step = did_you_mean(name, known.ids if among is None else among, "describe it, or take it out")
    rule = f"{name!r} is not in this park"
    known.log.at("kpi.reference", located, *loc, rule=rule, next_step=step)


def _tags(
    located: Located[object], key: str, texts: Sequence[str] | None, number: str, known: _Known
) -> tuple[str, ...]:
    """Tags that are numbers; ``{n}`` stands for the number of the row."""
    found = []
    for place, text in enumerate(texts or ()):
        for tag in _unfolded(located, fill(text, {"n": number}) if number else text, (key, place), known):
            signal = known.tags.get(tag)
            if signal is None:
                _unknown(located, (key, place), tag, known, known.tags)
            elif not DATA_TYPES[signal.data_type].numeric:
                rule = f"{tag} is {signal.data_type}, which cannot be counted"
                known.log.at("kpi.role", located, key, place, rule=rule, next_step="name a counter")
            else:
                found.append(tag)
    return tuple(found)


def _meters(entries: Iterable[Located[MeterEntry]], known: _Known) -> tuple[MeterRule, ...]:
    made: dict[tuple[str, str], MeterRule] = {}
    for located in entries:
        entry = located.entry
        try:
            rows = unfold(entry.of)
        except PatternError as error:
            step = "write e.g. .../line{1..2}"
            known.log.at("pattern.bad", located, "of", rule=str(error), next_step=step)
            continue
        for of, number in rows:
            if of not in known.ids and "/" in of:
                _unknown(located, ("of",), of, known)
            rule = MeterRule(
                of,
                entry.carrier,
                _tags(located, "add", entry.add, number, known),
                _tags(located, "subtract", entry.subtract, number, known),
                _tags(located, "own", entry.own, number, known),
            )
            if made.setdefault((of, entry.carrier), rule) is not rule:
                text, step = f"{of!r} has a meter of {entry.carrier} already", "put the tags into one row"
                known.log.at("kpi.duplicate", located, "of", rule=text, next_step=step)
    return tuple(made.values())


def _balances(entries: Iterable[Located[BalanceEntry]], known: _Known) -> tuple[BalanceRule, ...]:
    made = []
    for located in entries:
        entry = located.entry
        if entry.of not in known.ids and "/" in entry.of:
            _unknown(located, ("of",), entry.of, known)
        made.append(
            BalanceRule(
                entry.id,
                _name(entry.name),
                entry.of,
                entry.carrier,
                _tags(located, "inputs", entry.inputs, "", known),
                _tags(located, "outputs", entry.outputs, "", known),
                _tags(located, "stored", entry.stored, "", known),
            )
        )
    return tuple(made)


def _permits(entries: Iterable[Located[PermitEntry]], known: _Known) -> tuple[PermitRule, ...]:
    made = []
    for located in entries:
        entry = located.entry
        signals = known.signals.get(entry.equipment)
        if signals is None:
            _unknown(located, ("equipment",), entry.equipment, known, known.signals)
            continue
        for number, limit in enumerate(entry.limits):
            if limit.signal not in signals:
                _unknown(located, ("limits", number, "signal"), limit.signal, known, signals)
            if limit.low is None and limit.high is None:
                rule, step = f"{limit.signal} has no bound", "give low, high or both"
                known.log.at("kpi.role", located, "limits", number, rule=rule, next_step=step)
        if entry.not_while is not None and entry.not_while not in signals:
            _unknown(located, ("not_while",), entry.not_while, known, signals)
        made.append(
            PermitRule(
                entry.id,
                _name(entry.name),
                entry.equipment,
                entry.reference,
                tuple(PermitLimit(one.signal, one.low, one.high) for one in entry.limits),
                entry.not_while or "",
                entry.hour_share,
            )
        )
    return tuple(made)


def _factors(entries: Iterable[Located[EmissionFactorEntry]], log: FaultLog) -> tuple[EmissionFactor, ...]:
    made: dict[int, EmissionFactor] = {}
    for located in entries:
        entry = located.entry
        if entry.year in made:
            rule, step = f"{entry.year} has a factor already", "delete one of them"
            log.at("kpi.duplicate", located, "year", rule=rule, next_step=step)
        made[entry.year] = EmissionFactor(entry.year, entry.kg_per_kwh, entry.source)
    return tuple(made[year] for year in sorted(made))
