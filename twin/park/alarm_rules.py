"""Alarms: from entries to rules, with targets that exist, keys that fit the type, and limits that can be
left again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import get_args

from twin.contract.pattern import PatternError, unfold
from twin.expressions.expression import compile_condition
from twin.park.alarm import LIMIT_TYPES, AlarmRule, AlarmType, Suppression
from twin.park.bound import NotBoundError, TagIndex, bind
from twin.park.conditions import unit_of
from twin.park.data_types import DATA_TYPES
from twin.park.entry import NameEntry
from twin.park.faults import FaultLog, Located, did_you_mean
from twin.park.kinds import KindRow, Kinds
from twin.park.model import Equipment, Name, SignalKind, Tag
from twin.park.schema import AlarmEntry

_KEYS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(LIMIT_TYPES, ("limit", "deadband", "on_delay_s", "off_delay_s")),
    "deviation": ("limit", "deadband", "on_delay_s", "off_delay_s", "setpoint", "setpoint_signal"),
    "rate": ("limit", "window_s", "on_delay_s", "off_delay_s"),
    "discrete": ("values", "texts", "on_delay_s", "off_delay_s"),
    "bad": ("on_delay_s", "off_delay_s"),
    "expression": ("when", "on_delay_s", "off_delay_s"),
    "stale": ("after_s",),
    "gap": ("after_s",),
    "condition": ("texts", "on_delay_s", "off_delay_s"),
}
"""The keys that each type may have besides those that all have."""
_ALL_KEYS = sorted({key for keys in _KEYS.values() for key in keys})
_NEEDED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "deviation": (("limit",), ("setpoint", "setpoint_signal")),
    "rate": (("limit",),),
    "discrete": (("values", "texts"),),
    "expression": (("when",),),
    "stale": (("after_s",),),
    "condition": (("texts",),),
}
_OF_SOURCES: Mapping[str, str] = {"gap": "a gap is of a source", "condition": "a condition is of a source"}
"""Types that watch sources only, and what to say where one names signals."""
"""Of each group of keys one must be there (of values and texts, one or both)."""


@dataclass(frozen=True)
class _Known:
    """What alarms can name."""

    kinds: Kinds
    sources: Collection[str]
    by_kind: Mapping[str, frozenset[str]]
    limited: frozenset[tuple[str, str, str]]
    equipment: Sequence[Equipment]
    tags: Sequence[Tag]

    @cached_property
    def index(self) -> TagIndex:
        """The tags by what expressions call them."""
        return TagIndex(self.tags)


def make_alarms(
    entries: Sequence[Located[AlarmEntry]],
    kinds: Kinds,
    equipment: Sequence[Equipment],
    tags: Sequence[Tag],
    sources: Collection[str],
    log: FaultLog,
) -> tuple[AlarmRule, ...]:
    """Make the rules; ``sources`` are the ids that may be named."""
    if not entries:
        return ()
    by_kind: dict[str, set[str]] = {}
    for machine in equipment:
        by_kind.setdefault(machine.kind.name, set()).add(machine.id)
    limited = frozenset(
        (equipment[tag.equipment].kind.name, tag.signal.name, limit)
        for tag in tags
        for limit in LIMIT_TYPES
        if getattr(tag.signal.limits, limit) is not None
    )
    known = _Known(
        kinds, sources, {kind: frozenset(ids) for kind, ids in by_kind.items()}, limited, equipment, tags
    )
    rules: list[AlarmRule] = []
    taken: dict[tuple[str, str, str, str], Located[AlarmEntry]] = {}
    for located in entries:
        rule = _make_alarm(located, known, log)
        if rule is not None:
            _check_taken(rule, located, taken, log)
            rules.append(rule)
    return tuple(rules)


def _make_alarm(located: Located[AlarmEntry], known: _Known, log: FaultLog) -> AlarmRule | None:
    entry = located.entry
    if entry.id in LIMIT_TYPES:
        rule = f"{entry.id!r} is what the alarm of a signal's own limit is called"
        log.at("id.bad", located, "id", rule=rule, next_step=f"rename it, e.g. pressure_{entry.id}")
    _check_keys(located, log)
    watches_signals = entry.kind is not None or entry.signal is not None or entry.equipment is not None
    if watches_signals == (entry.source is not None) or (entry.kind is None) != (entry.signal is None):
        step = "give kind and signal, or (stale, gap, condition) source"
        log.at("alarm.target", located, "id", rule="it names not one target", next_step=step)
        return None
    signals: tuple[str, ...] = ()
    equipment: tuple[str, ...] = ()
    if entry.source is not None:
        _check_sources(located, known, log)
    else:
        kind = known.kinds.rows.get(entry.kind or "")
        if kind is None:
            if entry.kind not in known.kinds.broken:
                step = did_you_mean(entry.kind or "", known.kinds.rows, "describe it under 'kinds'")
                log.at("reference.kind", located, "kind", rule="no such kind", next_step=step)
            return None
        if entry.type in _OF_SOURCES:
            step = "give its source instead"
            log.at("alarm.target", located, "kind", rule=_OF_SOURCES[entry.type], next_step=step)
        signals = _signals(located, kind, log)
        equipment = _equipment(located, known, log)
        for name in signals:
            _check_signal(located, kind.by_name[name], kind, known, log)
        _check_suppression(located, kind, log)
        if entry.type == "expression" and entry.when is not None:
            _check_expression(located, entry.when, signals, equipment, known, log)
    return _rule(entry, signals, equipment)


def _rule(entry: AlarmEntry, signals: tuple[str, ...], equipment: tuple[str, ...]) -> AlarmRule:
    suppress = entry.suppress_while
    return AlarmRule(
        id=entry.id,
        display=Name(entry.name.vi, entry.name.en),
        type=entry.type,
        kind=entry.kind or "",
        signals=signals,
        equipment=equipment,
        sources=entry.source or (),
        limit=entry.limit,
        deadband=entry.deadband,
        on_delay_s=entry.on_delay_s,
        off_delay_s=entry.off_delay_s,
        setpoint=entry.setpoint,
        setpoint_signal=entry.setpoint_signal or "",
        window_s=60.0 if entry.window_s is None else entry.window_s,
        values=entry.values,
        texts=tuple(text.casefold() for text in entry.texts),
        after_s=entry.after_s or 0.0,
        priority=entry.priority,
        alarm_class=entry.alarm_class,
        latch=entry.latch,
        enabled=entry.enabled,
        when=entry.when or "",
        suppress=None
        if suppress is None
        else Suppression(
            suppress.signal,
            suppress.values,
            tuple(text.casefold() for text in suppress.texts),
            suppress.hold_s,
        ),
        cause=_name(entry.cause),
        consequence=_name(entry.consequence),
        response=_name(entry.response),
    )


def _name(entry: NameEntry | None) -> Name | None:
    return None if entry is None else Name(entry.vi, entry.en)


def _check_keys(located: Located[AlarmEntry], log: FaultLog) -> None:
    entry = located.entry
    given = {key for key in _ALL_KEYS if getattr(entry, key) not in (None, (), 0.0)}
    given |= {key for key in ("limit", "setpoint") if getattr(entry, key) is not None}
    for key in sorted(given - set(_KEYS[entry.type])):
        types = [name for name in get_args(AlarmType) if key in _KEYS[name]]
        rule = f"an alarm of type {entry.type} has no {key}"
        log.at("alarm.keys", located, key, rule=rule, next_step=f"delete it; {', '.join(types)} have it")
    for group in _NEEDED.get(entry.type, ()) if entry.enabled else ():
        found = given.intersection(group)
        if not found or (len(found) > 1 and "setpoint" in found):
            rule = f"an alarm of type {entry.type} has {' or '.join(group)}"
            log.at("alarm.keys", located, "type", rule=rule, next_step=f"give one: {', '.join(group)}")


def _check_sources(located: Located[AlarmEntry], known: _Known, log: FaultLog) -> None:
    entry = located.entry
    if entry.type not in ("stale", *_OF_SOURCES):
        step = "give kind and signal"
        rule = f"an alarm of type {entry.type} watches signals"
        log.at("alarm.target", located, "source", rule=rule, next_step=step)
    for number, name in enumerate(entry.source or ()):
        if name not in known.sources:
            step = did_you_mean(name, known.sources, "describe it under 'sources'")
            rule = f"no source {name!r}"
            log.at("reference.source", located, "source", number, rule=rule, next_step=step)


def _signals(located: Located[AlarmEntry], kind: KindRow, log: FaultLog) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for number, name in _unfolded(located, "signal", log):
        if name in kind.by_name:
            names[name] = None
        else:
            step = did_you_mean(name, kind.by_name, f"{kind.kind.name} has {', '.join(kind.by_name)}")
            rule = f"the kind has no signal {name!r}"
            log.at("reference.signal", located, "signal", number, rule=rule, next_step=step)
    return tuple(names)


def _equipment(located: Located[AlarmEntry], known: _Known, log: FaultLog) -> tuple[str, ...]:
    of_kind = known.by_kind.get(located.entry.kind or "", frozenset())
    names: dict[str, None] = {}
    for number, name in _unfolded(located, "equipment", log):
        if name in of_kind:
            names[name] = None
        else:
            step = did_you_mean(name, sorted(of_kind), "name equipment of that kind")
            rule = f"{name!r} is no {located.entry.kind} of this park"
            log.at("reference.alarm", located, "equipment", number, rule=rule, next_step=step)
    return tuple(names)


def _unfolded(located: Located[AlarmEntry], key: str, log: FaultLog) -> Iterable[tuple[int, str]]:
    for number, text in enumerate(getattr(located.entry, key) or ()):
        try:
            names = unfold(text)
        except PatternError as error:
            step = "write e.g. zone{1..10}_temperature"
            log.at("pattern.bad", located, key, number, rule=str(error), next_step=step)
            continue
        for name, _ in names:
            yield number, name


def _check_signal(
    located: Located[AlarmEntry], signal: SignalKind, kind: KindRow, known: _Known, log: FaultLog
) -> None:
    entry = located.entry
    data_type = DATA_TYPES.get(signal.data_type)
    if data_type is None or entry.type in ("bad", "stale", "expression", *_OF_SOURCES):
        return
    if entry.type == "discrete":
        _check_states(located, signal, entry, (), log)
        return
    if not data_type.numeric:
        rule = f"{signal.name} is a {signal.data_type}, and {entry.type} compares numbers"
        log.at("alarm.data_type", located, "type", rule=rule, next_step="use type discrete")
        return
    if entry.type == "deviation" and entry.setpoint_signal is not None:
        setpoint = kind.by_name.get(entry.setpoint_signal)
        if setpoint is None:
            step = did_you_mean(entry.setpoint_signal, kind.by_name, "name a signal of the kind")
            rule = "the kind has no such signal"
            log.at("reference.signal", located, "setpoint_signal", rule=rule, next_step=step)
        elif setpoint.unit != signal.unit:
            rule = f"{setpoint.name} is in {setpoint.unit!r}, {signal.name} in {signal.unit!r}"
            step = "name a set-point in the same unit"
            log.at("alarm.data_type", located, "setpoint_signal", rule=rule, next_step=step)
    if entry.type in LIMIT_TYPES:
        _check_limit(located, signal, known, log)
    elif entry.limit is not None and entry.limit <= 0:
        rule = f"the limit of a {entry.type} is a distance, above 0"
        log.at("alarm.limit", located, "limit", rule=rule, next_step="write it without a sign")
    if entry.type == "deviation" and entry.limit is not None and (entry.deadband or 0.0) >= entry.limit > 0:
        rule = f"deadband {entry.deadband:g} reaches the set-point at limit {entry.limit:g}"
        log.at("alarm.deadband", located, "deadband", rule=rule, next_step="make it smaller than the limit")


def _check_limit(located: Located[AlarmEntry], signal: SignalKind, known: _Known, log: FaultLog) -> None:
    entry = located.entry
    low, high = signal.low, signal.high
    limit = getattr(signal.limits, entry.type) if entry.limit is None else entry.limit
    if entry.limit is None:
        if entry.enabled and (entry.kind, signal.name, entry.type) not in known.limited and limit is None:
            rule = f"signal {signal.name} has no {entry.type} limit to take"
            log.at("alarm.limit", located, "limit", rule=rule, next_step=f"add 'limit: ...' [{signal.unit}]")
    elif (low is not None and entry.limit < low) or (high is not None and entry.limit > high):
        rule = f"{entry.limit:g} lies outside the range of {signal.name}"
        log.at("alarm.limit", located, "limit", rule=rule, next_step="correct it, or widen the range")
    if entry.deadband is None or limit is None:
        return
    end = low if entry.type in ("high", "high_high") else high
    if end is not None and entry.deadband >= abs(limit - end):
        rule = f"deadband {entry.deadband:g} reaches the end {end:g} of the range of {signal.name}"
        log.at("alarm.deadband", located, "deadband", rule=rule, next_step="make it smaller")


def _check_states(
    located: Located[AlarmEntry],
    signal: SignalKind,
    given: AlarmEntry | Suppression,
    loc: tuple[str, ...],
    log: FaultLog,
) -> None:
    """A signal that may tell its state as a number or a text is asked for in the way its type says."""
    data_type = DATA_TYPES.get(signal.data_type)
    if data_type is None:
        return
    textual = data_type.family == "text"
    wrong, right = ("values", "texts") if textual else ("texts", "values")
    if getattr(given, wrong):
        rule = f"{signal.name} is a {signal.data_type}"
        log.at("alarm.data_type", located, *loc, wrong, rule=rule, next_step=f"give {right} instead")


def _check_suppression(located: Located[AlarmEntry], kind: KindRow, log: FaultLog) -> None:
    entry = located.entry.suppress_while
    if entry is None:
        return
    signal = kind.by_name.get(entry.signal)
    if signal is None:
        step = did_you_mean(entry.signal, kind.by_name, "name a signal of the kind")
        rule = "the kind has no such signal"
        log.at("reference.signal", located, "suppress_while", "signal", rule=rule, next_step=step)
        return
    if not entry.values and not entry.texts:
        step = "give values (numbers) or texts"
        rule = "it says of no value that it suppresses"
        log.at("alarm.keys", located, "suppress_while", rule=rule, next_step=step)
    given = Suppression(entry.signal, entry.values, entry.texts)
    _check_states(located, signal, given, ("suppress_while",), log)


def _check_expression(
    located: Located[AlarmEntry],
    when: str,
    signals: Sequence[str],
    equipment: Sequence[str],
    known: _Known,
    log: FaultLog,
) -> None:
    """A condition over several signals is shown at one of them, and makes sense at every machine."""
    if len(signals) > 1:
        rule = f"it would be shown at {len(signals)} signals"
        log.at("alarm.when", located, "signal", rule=rule, next_step="name the one it is shown at")
    machines = [
        machine
        for machine in known.equipment
        if machine.kind.name == located.entry.kind and (not equipment or machine.id in equipment)
    ]
    try:
        found = bind(known.index, machines, partial(compile_condition, when, unit_of=unit_of))
    except NotBoundError as error:
        rule = f"letter {error.error.at + 1} at {error.machine}: {error.error.what}"
        step = "see docs/commands.md for the language"
        log.at("alarm.when", located, "when", rule=rule, next_step=step)
        return
    if any(not bound.tags for bound in found):
        step = "name the signals it is about"
        log.at("alarm.when", located, "when", rule="it names no signal", next_step=step)


def _check_taken(
    rule: AlarmRule,
    located: Located[AlarmEntry],
    taken: dict[tuple[str, str, str, str], Located[AlarmEntry]],
    log: FaultLog,
) -> None:
    """One rule for all of a kind, and beside it one for single machines, may give a signal the same type."""
    if rule.type not in LIMIT_TYPES:
        return
    for signal in rule.signals:
        for machine in rule.equipment or ("",):
            other = taken.setdefault((rule.kind, signal, rule.type, machine), located)
            if other is not located:
                text = f"{rule.type} of {signal} is given already at {other.at()}"
                log.at("alarm.duplicate", located, "type", rule=text, next_step="delete one of them")
