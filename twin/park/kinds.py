"""Kinds of equipment and their signals: from entries to rows, with units, ranges and limits that can be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from twin.contract.pattern import PatternError, fill, unfold
from twin.contract.tag import SIGNAL
from twin.park.calculated_schema import LimitsEntry
from twin.park.entry import Entry, NameEntry, Size
from twin.park.faults import FaultLog, Located, did_you_mean
from twin.park.model import EquipmentKind, Limits, Name, SignalKind
from twin.park.schema import KindEntry, SignalChange, SignalEntry
from twin.park.shapes import FALLBACK, SHAPES
from twin.park.signal_checks import LIMIT_NAMES, Notes, check_bounds, check_signal
from twin.park.units import normalise
from twin.park.yaml_tree import Loc


@dataclass(frozen=True, slots=True)
class KindRow:
    """A kind, and the size its equipment has unless it says otherwise."""

    kind: EquipmentKind
    size: Size | None
    by_name: dict[str, SignalKind]
    calculated: frozenset[str] = frozenset()
    """Signals that no source feeds, because they are worked out of others."""


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
        sampling_interval_ms=entry.sampling_interval_ms,
        queue_size=entry.queue_size or 0,
        deadband=entry.deadband or 0.0,
        deadband_percent=entry.deadband_percent or 0.0,
    )
    check_signal(signal, Notes(log, kind, loc))
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
    check_bounds(changed, Notes(log, located, loc))
    return changed


def _change_limits(limits: Limits, change: LimitsEntry | None) -> Limits:
    if change is None:
        return limits
    return replace(limits, **{name: getattr(change, name) for name in change.model_fields_set})
