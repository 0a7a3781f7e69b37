"""Calculated tags: from entries to signals before the tags are made, and to rules once they are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from twin.contract.pattern import PatternError, unfold
from twin.park.bound import NotBoundError, TagIndex, bind
from twin.park.calculated import CalculatedRule, calculated_source
from twin.park.calculated_schema import CalculatedEntry
from twin.park.calculation_order import CycleError, compile_calculated, depths, machines_of
from twin.park.faults import FaultLog, Located, did_you_mean
from twin.park.kinds import KindRow, Kinds
from twin.park.model import Equipment, Limits, Name, Park, SignalKind, Source, Tag
from twin.park.signal_checks import LIMIT_NAMES, Notes, check_signal
from twin.park.sources import Sources
from twin.park.units import UNITS, normalise

_LANGUAGE: Final = "see docs/commands.md for the language"


@dataclass(frozen=True, slots=True)
class _Row:
    """An entry that can be used, its signal, and where it is one."""

    located: Located[CalculatedEntry]
    signal: SignalKind
    rule: CalculatedRule


@dataclass(slots=True)
class CalculatedSignals:
    """The signals that are calculated.

    Args:
        rows: every entry that can be used.
        extra: those of single machines, by equipment.
    """

    rows: list[_Row] = field(default_factory=list)
    extra: dict[str, list[SignalKind]] = field(default_factory=dict)


def make_calculated_signals(
    entries: Sequence[Located[CalculatedEntry]], kinds: Kinds, equipment: Mapping[str, str], log: FaultLog
) -> CalculatedSignals:
    """Make the signals, and give those of kinds to their kinds.

    Args:
        entries: of the file.
        kinds: get the signals.
        equipment: kind by id of equipment.
        log: notes what cannot be.
    """
    made = CalculatedSignals()
    for located in entries:
        entry = located.entry
        signal = SignalKind(
            name=entry.id,
            display=Name(entry.name.vi, entry.name.en),
            unit=normalise(entry.unit),
            data_type=entry.data_type,
            low=entry.range[0],
            high=entry.range[1],
            limits=Limits(**{limit: getattr(entry.limits, limit) for limit in LIMIT_NAMES}),
            stale_after_s=entry.stale_after_s,
            decimals=entry.decimals,
        )
        check_signal(signal, Notes(log, located, ()))
        if (entry.kind is None) == (entry.equipment is None):
            rule, step = "it is at a kind, or at equipment", "give kind or equipment, one of them"
            log.at("calculated.target", located, "id", rule=rule, next_step=step)
        elif entry.kind is not None:
            _give_kind(located, signal, kinds, made, log)
        else:
            _give_equipment(located, signal, kinds, equipment, made, log)
    return made


def _give_kind(
    located: Located[CalculatedEntry],
    signal: SignalKind,
    kinds: Kinds,
    made: CalculatedSignals,
    log: FaultLog,
) -> None:
    name = located.entry.kind or ""
    row = kinds.rows.get(name)
    if row is None:
        if name not in kinds.broken:
            step = did_you_mean(name, kinds.rows, "describe it under 'kinds'")
            log.at("reference.kind", located, "kind", rule="no such kind", next_step=step)
        return
    if signal.name in row.by_name:
        rule, step = f"{name} has a signal {signal.name!r} already", "rename or delete one"
        log.at("calculated.duplicate", located, "id", rule=rule, next_step=step)
        return
    kind = replace(row.kind, signals=(*row.kind.signals, signal))
    kinds.rows[name] = KindRow(
        kind, row.size, {**row.by_name, signal.name: signal}, row.calculated | {signal.name}
    )
    rule_made = CalculatedRule(signal.name, located.entry.value, kind=name)
    made.rows.append(_Row(located, signal, rule_made))


def _give_equipment(
    located: Located[CalculatedEntry],
    signal: SignalKind,
    kinds: Kinds,
    equipment: Mapping[str, str],
    made: CalculatedSignals,
    log: FaultLog,
) -> None:
    ids: dict[str, None] = {}
    for number, text in enumerate(located.entry.equipment or ()):
        try:
            names = [name for name, _ in unfold(text)]
        except PatternError as error:
            step = "write e.g. .../pump{1..3}"
            log.at("pattern.bad", located, "equipment", number, rule=str(error), next_step=step)
            continue
        for name in names:
            kind = kinds.rows.get(equipment.get(name, ""))
            if name not in equipment:
                step = did_you_mean(name, equipment, "name equipment of the park")
                rule = f"no equipment {name!r}"
                log.at("calculated.target", located, "equipment", number, rule=rule, next_step=step)
                continue
            taken = kind is not None and signal.name in kind.by_name
            if taken or signal.name in (one.name for one in made.extra.get(name, ())):
                rule, step = f"{name} has a signal {signal.name!r} already", "rename or delete one"
                log.at("calculated.duplicate", located, "id", rule=rule, next_step=step)
                continue
            ids[name] = None
            made.extra.setdefault(name, []).append(signal)
    if ids:
        rule_made = CalculatedRule(signal.name, located.entry.value, equipment=tuple(ids))
        made.rows.append(_Row(located, signal, rule_made))


def make_calculated(
    signals: CalculatedSignals, equipment: Sequence[Equipment], tags: Sequence[Tag], log: FaultLog
) -> tuple[CalculatedRule, ...]:
    """Check the expressions at every machine, and that none is calculated from itself."""
    if not signals.rows:
        return ()
    index = TagIndex(tags)
    wants: dict[int, list[int]] = {}
    row_of: dict[int, _Row] = {}
    for row in signals.rows:
        if row.signal.unit and row.signal.unit not in UNITS:
            continue
        machines = machines_of(row.rule.kind, row.rule.equipment, equipment)
        make = partial(compile_calculated, row.rule.expression, row.signal)
        try:
            found = bind(index, machines, make)
        except NotBoundError as error:
            rule = f"letter {error.error.at + 1} at {error.machine}: {error.error.what}"
            log.at("calculated.value", row.located, "value", rule=rule, next_step=_LANGUAGE)
            continue
        for bound in found:
            for place, machine in enumerate(bound.machines.tolist()):
                tag = index.number[f"{machines[machine].id}:{row.signal.name}"]
                wants[tag] = bound.all_tags(place).tolist()
                row_of[tag] = row
    try:
        depths(wants)
    except CycleError as error:
        way = " -> ".join(tags[tag].tag for tag in (*error.tags, error.tags[0]))
        located = row_of[error.tags[0]].located
        step = "take one of them out of the expression of another"
        log.at(
            "calculated.cycle", located, "value", rule=f"it is worked out of itself: {way}", next_step=step
        )
    return tuple(row.rule for row in signals.rows)


def check_source_is_free(park: str, sources: Sources, log: FaultLog) -> None:
    """Note a source of the file that has the id of the calculated tags' source."""
    row = sources.rows.get(calculated_source(park))
    if row is not None:
        rule = "calculated tags come from a source of this id"
        log.at("id.duplicate", row.located, "id", rule=rule, next_step="rename it")


def with_calculated(park: Park) -> Park:
    """Return the park with the source of its calculated tags, and those fed by it."""
    if not park.calculated:
        return park
    source = calculated_source(park.id)
    index = {tag.tag: tag.index for tag in park.tags}
    calculated = {
        index[f"{machine.id}:{rule.signal}"]
        for rule in park.calculated
        for machine in machines_of(rule.kind, rule.equipment, park.equipment)
    }
    row = Source(
        id=source,
        display=Name("Tín hiệu tính toán", "Calculated signals"),
        protocol="calculated",
        endpoint="",
        publishing_interval_ms=0.0,
        sampling_interval_ms=0.0,
        simulated=any(one.simulated for one in park.sources),
    )
    tags = tuple(replace(tag, source=source) if tag.index in calculated else tag for tag in park.tags)
    return replace(park, tags=tags, sources=(*park.sources, row))
