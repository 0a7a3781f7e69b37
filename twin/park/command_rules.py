"""Commands: from entries to rules, with targets that exist, values that fit, and interlocks that make
sense."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from twin.contract.pattern import PatternError, fill
from twin.expressions.errors import ExpressionError
from twin.expressions.expression import compile_condition
from twin.park.command import Argument, CommandRule, Interlock, ReadBackRule
from twin.park.conditions import resolver, unit_of
from twin.park.data_types import DATA_TYPES
from twin.park.entry import NameEntry
from twin.park.faults import FaultLog, Located, did_you_mean
from twin.park.kinds import KindRow, Kinds
from twin.park.model import Equipment, Name, SignalKind, Tag
from twin.park.node_id import NodeIdError, canonical_node
from twin.park.schema import CommandEntry
from twin.park.sources import Sources
from twin.park.units import UNITS, normalise, suggest_unit

_Entry: TypeAlias = Located[CommandEntry]
_SAMPLE: Final = {"equipment": "p/a", "kind": "k", "tag": "p/a:s"}


@dataclass(frozen=True, slots=True)
class _Known:
    """What commands can name."""

    kinds: Kinds
    by_kind: Mapping[str, Sequence[Equipment]]
    signals: Mapping[str, SignalKind]
    tags: Mapping[str, Tag]
    sources: Sources


def make_commands(
    entries: Sequence[_Entry],
    kinds: Kinds,
    equipment: Sequence[Equipment],
    tags: Sequence[Tag],
    sources: Sources,
    log: FaultLog,
) -> tuple[CommandRule, ...]:
    """Make the rules; what cannot be is noted."""
    if not entries:
        return ()
    by_kind: dict[str, list[Equipment]] = {}
    for machine in equipment:
        by_kind.setdefault(machine.kind.name, []).append(machine)
    known = _Known(
        kinds, by_kind, {tag.tag: tag.signal for tag in tags}, {tag.tag: tag for tag in tags}, sources
    )
    rules: list[CommandRule] = []
    taken: dict[tuple[str, str], _Entry] = {}
    for located in entries:
        rows = _kinds_of(located, known, log)
        for row in rows:
            other = taken.setdefault((row.kind.name, located.entry.id), located)
            if other is not located:
                text = f"command {located.entry.id!r} of {row.kind.name} is given already at {other.at()}"
                log.at(
                    "command.duplicate", located, "id", rule=text, next_step="rename or delete one of them"
                )
        if rows:
            rules.append(_make(located, rows, known, log))
    return tuple(rules)


def _kinds_of(located: _Entry, known: _Known, log: FaultLog) -> list[KindRow]:
    rows = []
    for name in located.entry.kind:
        row = known.kinds.rows.get(name)
        if row is not None:
            rows.append(row)
        elif name not in known.kinds.broken:
            step = did_you_mean(name, known.kinds.rows, "describe it under 'kinds'")
            log.at("reference.kind", located, "kind", rule=f"no such kind {name!r}", next_step=step)
    return rows


def _make(located: _Entry, rows: Sequence[KindRow], known: _Known, log: FaultLog) -> CommandRule:
    entry = located.entry
    machines = _machines(located, rows, known, log)
    _check_target(located, rows, log)
    _check_value(located, log)
    argument = _argument(located, rows, log)
    read_back = _read_back(located, rows, log)
    _check_sources(located, machines, known, log)
    return CommandRule(
        id=entry.id,
        display=_name(entry.name),
        kinds=tuple(row.kind.name for row in rows),
        equipment=entry.equipment or (),
        risk=entry.risk,
        write=entry.write or "",
        node=entry.node or "",
        method=entry.method or "",
        object=entry.object or "",
        argument=argument,
        value=entry.value,
        data_type=entry.data_type,
        read_back=read_back,
        interlocks=_interlocks(located, rows, machines, known, log),
        expires_s=entry.expires_s,
        consequence=None if entry.consequence is None else _name(entry.consequence),
    )


def _machines(
    located: _Entry, rows: Sequence[KindRow], known: _Known, log: FaultLog
) -> dict[str, list[Equipment]]:
    """The equipment of each kind that the command is for."""
    found = {row.kind.name: list(known.by_kind.get(row.kind.name, ())) for row in rows}
    wanted = located.entry.equipment
    if wanted is None:
        return found
    ids = {machine.id for machines in found.values() for machine in machines}
    for name in wanted:
        if name not in ids:
            rule = f"{name!r} is no equipment of {', '.join(found)}"
            step = did_you_mean(name, ids, "name equipment of these kinds")
            log.at("command.target", located, "equipment", rule=rule, next_step=step)
    return {kind: [one for one in machines if one.id in wanted] for kind, machines in found.items()}


def _check_target(located: _Entry, rows: Sequence[KindRow], log: FaultLog) -> None:
    entry = located.entry
    given = [key for key in ("write", "node", "method") if getattr(entry, key) is not None]
    if len(given) != 1 or (entry.object is None) == (entry.method is not None):
        rule = f"it has {', '.join(given) or 'no target'}{' and object' if entry.object else ''}"
        step = "give one of: write (a signal), node (a pattern), method with object"
        log.at("command.target", located, "id", rule=rule, next_step=step)
    for key in ("node", "method", "object"):
        _check_pattern(located, (key,), getattr(entry, key), log)
    for row in rows:
        if entry.write is not None and entry.write not in row.by_name:
            _no_signal(located, ("write",), entry.write, row, log)


def _check_pattern(located: _Entry, loc: tuple[str, ...], pattern: str | None, log: FaultLog) -> None:
    if pattern is None:
        return
    try:
        filled = fill(pattern, _SAMPLE)
        if not filled.startswith("unit="):
            canonical_node(filled)
    except PatternError as error:
        step = "use {equipment}, {kind}, {tag}"
        log.at("pattern.placeholder", located, *loc, rule=str(error), next_step=step)
    except NodeIdError as error:
        step = "write e.g. nsu=urn:plant;s={equipment}.Start"
        log.at("node.bad", located, *loc, rule=str(error), next_step=step)


def _check_value(located: _Entry, log: FaultLog) -> None:
    entry = located.entry
    if entry.argument is not None and entry.value is not None:
        rule, step = "it has an argument and a value of its own", "delete one of them"
        log.at("command.value", located, "value", rule=rule, next_step=step)
    elif entry.method is None and entry.argument is None and entry.value is None:
        rule, step = "nothing is said of what is written", "give argument (a person says it) or value"
        log.at("command.value", located, "id", rule=rule, next_step=step)


def _argument(located: _Entry, rows: Sequence[KindRow], log: FaultLog) -> Argument | None:
    given = located.entry.argument
    if given is None:
        return None
    low, high = given.range
    unit = normalise(given.unit)
    signals = [row.by_name[located.entry.write] for row in rows if located.entry.write in row.by_name]
    if given.type != "number":
        if (low, high) != (None, None) or unit:
            rule, step = f"a {given.type} has no range and no unit", "delete them"
            log.at("command.value", located, "argument", rule=rule, next_step=step)
        return Argument(given.type, None, None, "", given.options)
    if unit and unit not in UNITS:
        suggestion = suggest_unit(unit)
        step = f"did you mean {suggestion}?" if suggestion else "see the table of units in docs/park-file.md"
        log.at("unit.unknown", located, "argument", "unit", rule="no such unit", next_step=step)
    for signal in signals:
        if unit and signal.unit != unit:
            rule, step = (
                f"signal {signal.name} is in {signal.unit or 'no unit'}",
                "write its unit, or leave it out",
            )
            log.at("command.value", located, "argument", "unit", rule=rule, next_step=step)
        unit = unit or signal.unit
        outside = [
            one
            for one in (low, high)
            if one is not None
            and not (
                (signal.low is None or one >= signal.low) and (signal.high is None or one <= signal.high)
            )
        ]
        if outside:
            rule = f"{outside[0]:g} is outside the range of signal {signal.name}"
            log.at("command.value", located, "argument", "range", rule=rule, next_step="narrow it")
    if (low is None or high is None or low >= high) and not given.options:
        rule, step = (
            "a number has a range with two ends, low below high, or options",
            "give range: [low, high]",
        )
        log.at("command.value", located, "argument", "range", rule=rule, next_step=step)
    return Argument("number", low, high, unit, given.options)


def _read_back(located: _Entry, rows: Sequence[KindRow], log: FaultLog) -> ReadBackRule | None:
    given = located.entry.read_back
    if given is None:
        return None
    if (given.signal is None) == (given.node is None):
        rule, step = "it names not one thing to read", "give signal or node"
        log.at("command.read_back", located, "read_back", rule=rule, next_step=step)
    _check_pattern(located, ("read_back", "node"), given.node, log)
    for row in rows:
        if given.signal is None:
            continue
        signal = row.by_name.get(given.signal)
        if signal is None:
            _no_signal(located, ("read_back", "signal"), given.signal, row, log)
            continue
        text = DATA_TYPES[signal.data_type].family == "text" if signal.data_type in DATA_TYPES else False
        if any(isinstance(value, str) != text for value in given.values):
            rule = f"signal {signal.name} of {row.kind.name} carries {'texts' if text else 'numbers'}"
            log.at(
                "command.read_back", located, "read_back", "values", rule=rule, next_step="write such values"
            )
    if not given.values and located.entry.argument is None and located.entry.value is None:
        rule, step = "nothing is said of what should be read", "give values"
        log.at("command.read_back", located, "read_back", rule=rule, next_step=step)
    return ReadBackRule(
        given.signal or "", given.node or "", given.values, given.tolerance, given.hold_s, given.within_s
    )


def _interlocks(
    located: _Entry,
    rows: Sequence[KindRow],
    machines: Mapping[str, Sequence[Equipment]],
    known: _Known,
    log: FaultLog,
) -> tuple[Interlock, ...]:
    made: dict[str, Interlock] = {}
    for number, entry in enumerate(located.entry.interlocks):
        loc = ("interlocks", number)
        if entry.id in made:
            rule = f"interlock {entry.id!r} stands already above"
            log.at("command.interlock", located, *loc, "id", rule=rule, next_step="rename or delete one")
        made[entry.id] = Interlock(entry.id, _name(entry.name), entry.when)
        for row in rows:
            # what stands beside a machine differs from one to the next, so every one is tried
            own = "{" not in entry.when
            places = ("",) if own else [machine.id for machine in machines[row.kind.name]]
            for place in places:
                try:
                    compile_condition(entry.when, resolver(row.kind, place, known.signals), unit_of)
                except ExpressionError as error:
                    where = f" at {place}" if place else f" of {row.kind.name}"
                    rule = f"letter {error.at + 1}{where}: {error.what}"
                    step = "see docs/commands.md for the language of conditions"
                    log.at("command.interlock", located, *loc, "when", rule=rule, next_step=step)
                    break
    return tuple(made.values())


def _check_sources(
    located: _Entry, machines: Mapping[str, Sequence[Equipment]], known: _Known, log: FaultLog
) -> None:
    """Every machine that can be commanded has a source that takes commands."""
    told: set[str] = set()
    for machine in (one for of_kind in machines.values() for one in of_kind):
        source = _source_of(located.entry, machine, known)
        row = known.sources.rows.get(source)
        if source and (row is None or row.source.commands):
            continue
        if source not in told:
            told.add(source)
            rule = (
                f"source {source!r} of {machine.id} takes no commands"
                if source
                else f"{machine.id} has no source"
            )
            step = "write 'commands: true' there, or limit the command with 'equipment'"
            log.at("command.source", located, "kind", rule=rule, next_step=step)


def _source_of(entry: CommandEntry, machine: Equipment, known: _Known) -> str:
    names: Iterable[str | None] = (
        entry.write,
        None if entry.read_back is None else entry.read_back.signal,
        *(signal.name for signal in machine.kind.signals),
    )
    tags = (known.tags.get(f"{machine.id}:{name}") for name in names if name is not None)
    return next((tag.source for tag in tags if tag is not None and tag.source), "")


def _no_signal(located: _Entry, loc: tuple[str, ...], name: str, row: KindRow, log: FaultLog) -> None:
    step = did_you_mean(name, row.by_name, f"{row.kind.name} has {', '.join(row.by_name) or 'none'}")
    rule = f"kind {row.kind.name} has no signal {name!r}"
    log.at("reference.signal", located, *loc, rule=rule, next_step=step)


def _name(entry: NameEntry) -> Name:
    return Name(entry.vi, entry.en)
