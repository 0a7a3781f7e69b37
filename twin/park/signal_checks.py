"""What a signal can be: units somebody knows, ranges physics and data types allow, limits in order."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from twin.park.data_types import DATA_TYPES, DataType
from twin.park.faults import FaultLog, Located, did_you_mean
from twin.park.model import Limits, SignalKind
from twin.park.units import UNITS, suggest_unit
from twin.park.yaml_tree import Loc

LIMIT_NAMES = ("low_low", "low", "high", "high_high")


@dataclass(frozen=True, slots=True)
class Notes:
    """Notes faults at the keys of one signal, be it in its kind or in the change of an equipment."""

    log: FaultLog
    located: Located[object]
    loc: Loc

    def at(self, code: str, *keys: str, rule: str, next_step: str) -> None:
        """Note a fault at a key of the signal."""
        self.log.at(code, self.located, *self.loc, *keys, rule=rule, next_step=next_step)


def check_signal(signal: SignalKind, notes: Notes) -> None:
    """Note all that cannot be."""
    data_type = DATA_TYPES.get(signal.data_type)
    if data_type is None:
        step = did_you_mean(signal.data_type, DATA_TYPES, f"choose one of {', '.join(DATA_TYPES)}")
        notes.at("schema.value", "data_type", rule="no OPC UA type that a signal can have", next_step=step)
        return
    if signal.unit and not data_type.numeric:
        rule, step = f"a {data_type.name} has no unit", "delete it, or correct data_type"
        notes.at("unit.data_type", "unit", rule=rule, next_step=step)
    elif signal.unit and signal.unit not in UNITS:
        close = suggest_unit(signal.unit)
        step = f"did you mean {close!r}?" if close else "see the table of units in docs/park-file.md"
        notes.at("unit.unknown", "unit", rule="no such unit", next_step=step)
    _check_role(signal, data_type, notes)
    check_bounds(signal, notes)


def check_bounds(signal: SignalKind, notes: Notes) -> None:
    """Note ranges and limits that cannot be: all that an equipment can change of a signal."""
    data_type = DATA_TYPES.get(signal.data_type)
    if data_type is None:
        return
    if data_type.numeric:
        _check_range(signal, data_type, notes)
        _check_limits(signal, notes)
        _check_deadband(signal, notes)
        return
    step = "delete it, or correct data_type"
    if signal.low is not None or signal.high is not None:
        notes.at("range.data_type", "range", rule=f"a {data_type.name} has no range", next_step=step)
    if signal.limits != Limits():
        notes.at("limits.data_type", "limits", rule=f"a {data_type.name} has no limits", next_step=step)
    if signal.deadband or signal.deadband_percent:
        rule = f"a {data_type.name} has no deadband"
        notes.at("deadband.data_type", _deadband_key(signal), rule=rule, next_step=step)


_ROLE_FAMILIES = {"state": ("integer", "text"), "starved": ("boolean",), "blocked": ("boolean",)}
"""What a role can be; the others are numbers."""


def _check_role(signal: SignalKind, data_type: DataType, notes: Notes) -> None:
    families = _ROLE_FAMILIES.get(signal.role, ("integer", "real"))
    if signal.role and data_type.family not in families:
        step = f"it is one of {', '.join(t.name for t in DATA_TYPES.values() if t.family in families)}"
        rule = f"a {data_type.name} cannot be a {signal.role}"
        notes.at("role.data_type", "role", rule=rule, next_step=step)


def _check_range(signal: SignalKind, data_type: DataType, notes: Notes) -> None:
    low, high = signal.low, signal.high
    unit = UNITS.get(signal.unit)
    if low is not None and high is not None and low >= high:
        rule = f"low {_text(low)} is not below high {_text(high)}"
        notes.at("range.order", "range", rule=rule, next_step="write [low, high]")
    elif _beyond(low, high, data_type.lowest, data_type.highest):
        rule = f"a {data_type.name} holds {_span(data_type.lowest, data_type.highest)}"
        notes.at("range.data_type", "range", rule=rule, next_step="narrow the range, or correct data_type")
    elif unit is not None and _beyond(low, high, unit.lowest, unit.highest):
        rule = f"{unit.quantity} can only be {_span(unit.lowest, unit.highest)} {unit.symbol}"
        notes.at("range.impossible", "range", rule=rule, next_step="narrow the range, or correct unit")


def _check_limits(signal: SignalKind, notes: Notes) -> None:
    below: tuple[str, float] | None = None
    for name in LIMIT_NAMES:
        limit: float | None = getattr(signal.limits, name)
        if limit is None:
            continue
        if below is not None and limit <= below[1]:
            rule = f"{name} {_text(limit)} is not above {below[0]} {_text(below[1])}"
            step = "limits rise: low_low < low < high < high_high"
            notes.at("limits.order", "limits", name, rule=rule, next_step=step)
        below = (name, limit)
        if _beyond(limit, limit, signal.low, signal.high):
            unit = f" {signal.unit}" if signal.unit else ""
            rule = f"{name} {_text(limit)} lies outside the range {_span(signal.low, signal.high)}{unit}"
            step = "correct the limit, or widen the range"
            notes.at("limits.range", "limits", name, rule=rule, next_step=step)


def _check_deadband(signal: SignalKind, notes: Notes) -> None:
    key, closed = _deadband_key(signal), signal.low is not None and signal.high is not None
    if not signal.deadband and not signal.deadband_percent:
        return
    if signal.deadband and signal.deadband_percent:
        rule, step = "a deadband is given in the unit or in percent", "delete one of the two"
        notes.at("deadband.given", key, rule=rule, next_step=step)
        return
    if signal.role:
        rule = f"every change of a {signal.role} counts"
        notes.at("deadband.data_type", key, rule=rule, next_step="delete it")
        return
    if signal.deadband_percent and not closed:
        step = "write range: [low, high], or give deadband in the unit"
        notes.at("deadband.range", key, rule="percent of a range that has no end", next_step=step)
        return
    width = signal.deadband_width
    if signal.low is not None and signal.high is not None and width >= signal.high - signal.low:
        rule = f"deadband {_text(width)} is as wide as the range {_span(signal.low, signal.high)}"
        notes.at("deadband.range", key, rule=rule, next_step="make it smaller")
    limits = [limit for name in LIMIT_NAMES if (limit := getattr(signal.limits, name)) is not None]
    nearest = min((b - a for a, b in pairwise(limits)), default=math.inf)
    if 0 < nearest <= width:
        step_over = f"a limit and the next, {_text(nearest)} away,"
        rule = f"with deadband {_text(width)} a value can cross {step_over} untold"
        notes.at("deadband.limits", key, rule=rule, next_step="make it smaller")


def _deadband_key(signal: SignalKind) -> str:
    return "deadband" if signal.deadband else "deadband_percent"


def _beyond(low: float | None, high: float | None, lowest: float | None, highest: float | None) -> bool:
    below = lowest is not None and any(end is not None and end < lowest for end in (low, high))
    above = highest is not None and any(end is not None and end > highest for end in (low, high))
    return below or above


def _span(low: float | None, high: float | None) -> str:
    return f"{'-∞' if low is None else _text(low)} to {'∞' if high is None else _text(high)}"


def _text(number: float) -> str:
    return f"{number:.10g}"
