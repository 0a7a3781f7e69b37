"""Kinds of equipment and their signals: from entries to rows, with units, ranges and limits that can be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from twin.contract.tag import SIGNAL
from twin.park.data_types import DATA_TYPES
from twin.park.faults import FaultLog, Located, did_you_mean
from twin.park.model import EquipmentKind, Limits, Name, SignalKind
from twin.park.patterns import PatternError, fill, unfold
from twin.park.schema import Entry, KindEntry, LimitsEntry, NameEntry, SignalChange, SignalEntry, Size
from twin.park.shapes import FALLBACK, SHAPES
from twin.park.units import UNITS, normalise, suggest_unit
from twin.park.yaml_document import Loc

LIMIT_NAMES = ("low_low", "low", "high", "high_high")


@dataclass(frozen=True, slots=True)
class KindRow:
    """A kind, and the size its equipment has unless it says otherwise."""

    kind: EquipmentKind
    size: Size | None
    by_name: dict[str, SignalKind]


@dataclass(slots=True)
class Kinds:
    """All kinds by id; of those in ``broken`` only the id is known."""

    rows: dict[str, KindRow] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)


def make_name(entry: NameEntry, number: str) -> Name:
    """Fill the number of a row into a name.

    Raises:
        PatternError: another placeholder stands in it.
    """
    values = {"n": number} if number else {}
    return Name(vi=fill(entry.vi, values), en=fill(entry.en, values))


def make_kinds(entries: Iterable[Located[KindEntry]], log: FaultLog) -> Kinds:
    """Make the rows of all kinds; a second kind of the same id is left out (it is a fault already)."""
    kinds = Kinds()
    for located in entries:
        entry = located.entry
        if entry.id in kinds.rows:
            continue
        if entry.shape not in SHAPES:
            rule = f"no shape of this name; it is drawn as a {FALLBACK}"
            step = did_you_mean(entry.shape, SHAPES, f"choose one of {', '.join(SHAPES)}")
            log.at("shape.unknown", located, "shape", rule=rule, next_step=step)
        if not entry.signals:
            step = "add signals, or leave it if it is only to be drawn"
            log.at("signals.none_mapped", located, "signals", rule="the kind has no signals", next_step=step)
        signals = _make_signals(located, log)
        display = Name(vi=entry.name.vi, en=entry.name.en)
        kind = EquipmentKind(entry.id, display, entry.shape, tuple(signals.values()))
        kinds.rows[entry.id] = KindRow(kind, entry.size, signals)
    return kinds


def _make_signals(kind: Located[KindEntry], log: FaultLog) -> dict[str, SignalKind]:
    signals: dict[str, SignalKind] = {}
    first_of_role: dict[str, str] = {}
    for number, entry in enumerate(kind.entry.signals):
        loc = ("signals", number)
        try:
            names = unfold(entry.id)
        except PatternError as error:
            step = "write e.g. zone{1..10}_temperature"
            log.at("pattern.bad", kind, *loc, "id", rule=str(error), next_step=step)
            continue
        for name, n in names:
            signal = _make_signal(entry, name, n, kind, loc, log)
            if signal is None:
                break
            if name in signals:
                rule = f"signal {name!r} stands already above in this kind"
                log.at("id.duplicate", kind, *loc, "id", rule=rule, next_step="rename or delete one")
                continue
            if signal.role and signal.role in first_of_role:
                rule = f"signal {first_of_role[signal.role]!r} has this role already"
                step = "give the role to one signal of the kind"
                log.at("role.duplicate", kind, *loc, "role", rule=rule, next_step=step)
            first_of_role.setdefault(signal.role, name)
            signals[name] = signal
    return signals


def _make_signal(
    entry: SignalEntry, name: str, number: str, kind: Located[KindEntry], loc: Loc, log: FaultLog
) -> SignalKind | None:
    if not SIGNAL.fullmatch(name):
        rule = f"signal {name!r} must be a-z, then up to 59 of a-z, 0-9 and '_'"
        log.at(
            "id.bad", kind, *loc, "id", rule=rule, next_step="rename it; put the name for people under 'name'"
        )
        return None
    try:
        display = make_name(entry.name, number)
    except PatternError as error:
        step = "use {n} for the number of a pattern in the id, and no other braces"
        log.at("pattern.placeholder", kind, *loc, "name", rule=str(error), next_step=step)
        return None
    signal = SignalKind(
        name=name,
        display=display,
        unit=normalise(entry.unit),
        data_type=entry.data_type,
        low=entry.range[0],
        high=entry.range[1],
        limits=Limits(**{limit: getattr(entry.limits, limit) for limit in LIMIT_NAMES}),
        stale_after_s=entry.stale_after_s,
        role=entry.role,
        decimals=entry.decimals,
    )
    check_signal_row(signal, kind, loc, log)
    return signal


def change_signal(
    signal: SignalKind, change: SignalChange, located: Located[Entry], loc: Loc, log: FaultLog
) -> SignalKind:
    """Apply what one equipment has otherwise than its kind; limits change one by one, null takes one away."""
    low, high = (signal.low, signal.high) if change.range is None else change.range
    changed = replace(signal, low=low, high=high, limits=_change_limits(signal.limits, change.limits))
    if change.stale_after_s is not None:
        changed = replace(changed, stale_after_s=change.stale_after_s)
    if changed == signal:
        return signal
    check_signal_row(changed, located, loc, log)
    return changed


def _change_limits(limits: Limits, change: LimitsEntry | None) -> Limits:
    if change is None:
        return limits
    return replace(limits, **{name: getattr(change, name) for name in change.model_fields_set})


def check_signal_row(signal: SignalKind, located: Located[Entry], loc: Loc, log: FaultLog) -> None:
    """Note what cannot be: a unit nobody knows, limits out of order, a range that the unit or type
    forbids."""
    data_type = DATA_TYPES.get(signal.data_type)
    if data_type is None:
        step = did_you_mean(signal.data_type, DATA_TYPES, f"choose one of {', '.join(DATA_TYPES)}")
        rule = "no OPC UA data type that a signal can have"
        log.at("schema.value", located, *loc, "data_type", rule=rule, next_step=step)
        return
    if not data_type.numeric:
        _check_not_a_number(signal, located, loc, log)
        return
    if signal.unit and signal.unit not in UNITS:
        close = suggest_unit(signal.unit)
        step = f"did you mean {close!r}?" if close else "see the table of units in docs/park-file.md"
        log.at("unit.unknown", located, *loc, "unit", rule="no such unit", next_step=step)
    _check_range(signal, located, loc, log)
    _check_limits(signal, located, loc, log)


def _check_not_a_number(signal: SignalKind, located: Located[Entry], loc: Loc, log: FaultLog) -> None:
    kind = signal.data_type
    if signal.unit:
        rule = f"a {kind} has no unit"
        log.at(
            "unit.data_type", located, *loc, "unit", rule=rule, next_step="delete it, or correct data_type"
        )
    if signal.low is not None or signal.high is not None:
        rule = f"a {kind} has no range"
        log.at(
            "range.data_type", located, *loc, "range", rule=rule, next_step="delete it, or correct data_type"
        )
    if signal.limits != Limits():
        rule = f"a {kind} has no limits"
        log.at(
            "limits.data_type",
            located,
            *loc,
            "limits",
            rule=rule,
            next_step="delete it, or correct data_type",
        )
    fits = signal.role == "" or (signal.role == "state" and DATA_TYPES[kind].family == "text")
    if not fits:
        rule = f"a {kind} cannot be a {signal.role}"
        step = "a state is an integer or a text, a count is a number"
        log.at("role.data_type", located, *loc, "role", rule=rule, next_step=step)


def _check_range(signal: SignalKind, located: Located[Entry], loc: Loc, log: FaultLog) -> None:
    low, high = signal.low, signal.high
    if low is not None and high is not None and low >= high:
        rule = f"low {low:g} is not below high {high:g}"
        log.at("range.order", located, *loc, "range", rule=rule, next_step="write [low, high]")
        return
    data_type = DATA_TYPES[signal.data_type]
    unit = UNITS.get(signal.unit)
    if _beyond(low, high, data_type.lowest, data_type.highest):
        rule = f"a {data_type.name} holds {data_type.lowest:g} to {data_type.highest:g}"
        step = "narrow the range, or correct data_type"
        log.at("range.data_type", located, *loc, "range", rule=rule, next_step=step)
    elif unit is not None and _beyond(low, high, unit.lowest, unit.highest):
        bounds = " and ".join(
            f"not {word} {bound:g} {unit.symbol}"
            for word, bound in (("below", unit.lowest), ("above", unit.highest))
            if bound is not None
        )
        rule = f"{unit.quantity} goes {bounds}"
        log.at(
            "range.impossible",
            located,
            *loc,
            "range",
            rule=rule,
            next_step="narrow the range, or correct unit",
        )
    if signal.role == "state" and data_type.family == "real":
        rule = f"a {data_type.name} cannot be a state"
        log.at("role.data_type", located, *loc, "role", rule=rule, next_step="use Int32 or String")


def _beyond(low: float | None, high: float | None, lowest: float | None, highest: float | None) -> bool:
    below = lowest is not None and any(end is not None and end < lowest for end in (low, high))
    above = highest is not None and any(end is not None and end > highest for end in (low, high))
    return below or above


def _check_limits(signal: SignalKind, located: Located[Entry], loc: Loc, log: FaultLog) -> None:
    given = [(name, getattr(signal.limits, name)) for name in LIMIT_NAMES]
    below: tuple[str, float] | None = None
    for name, limit in given:
        if limit is None:
            continue
        if below is not None and limit <= below[1]:
            rule = f"{name} {limit:g} is not above {below[0]} {below[1]:g}"
            step = "limits rise: low_low < low < high < high_high"
            log.at("limits.order", located, *loc, "limits", name, rule=rule, next_step=step)
        below = (name, limit)
        if _beyond(limit, None, signal.low, signal.high):
            rule = f"{name} {limit:g} lies outside the range {_range_text(signal)}"
            step = "correct the limit, or widen the range"
            log.at("limits.range", located, *loc, "limits", name, rule=rule, next_step=step)


def _range_text(signal: SignalKind) -> str:
    low = "-∞" if signal.low is None else f"{signal.low:g}"
    high = "∞" if signal.high is None else f"{signal.high:g}"
    return f"{low} to {high}" + (f" {signal.unit}" if signal.unit else "")
