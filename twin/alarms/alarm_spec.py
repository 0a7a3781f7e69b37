"""What all alarms of one rule at signals of one sort have in common, with every default filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from twin.contract.clock import NS_PER_S
from twin.park.alarm import LIMIT_TYPES, AlarmClass, AlarmRule, AlarmType, LimitType, Priority, Suppression
from twin.park.model import Name, SignalKind
from twin.park.units import UNITS

_DEADBAND_OF_RANGE: Mapping[str, float] = {
    "temperature": 0.01,
    "pressure": 0.02,
    "volume flow": 0.05,
    "volume flow at normal conditions": 0.05,
    "mass flow": 0.05,
    "volume": 0.05,
    "length": 0.05,  # of a level
}
"""Starting points for deadbands by kind of signal, as a share of its range: 1 % for temperature, 2 % for
pressure, 5 % for flow and level, as EEMUA 191 (3rd edition) and ANSI/ISA-18.2 recommend them."""
_DEADBAND_OTHERWISE = 0.01
_MOST_OF_BAND = 0.25
"""Of the way from low to high at most: an alarm must be able to end in the middle of what is normal."""

_OWN: Mapping[LimitType, tuple[Name, Priority]] = {
    "low_low": (Name("Quá thấp", "Far too low"), "high"),
    "low": (Name("Thấp", "Too low"), "medium"),
    "high": (Name("Cao", "Too high"), "medium"),
    "high_high": (Name("Quá cao", "Far too high"), "high"),
}


@dataclass(frozen=True, slots=True)
class AlarmSpec:
    """One specification; see :class:`twin.park.alarm.AlarmRule` for what is not said here.

    Args:
        rule: id of the rule; that of a limit which a signal has by itself is its type.
        limit, deadband: [unit of the signal]; NaN where the type has none.
        setpoint: of a deviation, NaN if a signal carries it.
        on_delay, off_delay, window, after: [ns].
    """

    rule: str
    type: AlarmType
    display: Name
    priority: Priority
    alarm_class: AlarmClass
    latch: bool = False
    limit: float = float("nan")
    deadband: float = 0.0
    setpoint: float = float("nan")
    setpoint_signal: str = ""
    values: tuple[float, ...] = ()
    texts: tuple[str, ...] = ()
    on_delay: int = 0
    off_delay: int = 0
    window: int = 0
    after: int = 0
    suppress: Suppression | None = None
    cause: Name | None = None
    consequence: Name | None = None
    response: Name | None = None


def specify(signal: SignalKind, rules: tuple[AlarmRule, ...]) -> list[AlarmSpec]:
    """Return the alarms of a signal: those of the rules, and of its limits where no rule takes their place.

    Args:
        signal: as its equipment has it.
        rules: all that name it, those for single machines last.
    """
    instead: dict[str, AlarmRule] = {rule.type: rule for rule in rules if rule.type in LIMIT_TYPES}
    specs = [
        spec
        for rule in rules
        if rule.enabled and instead.get(rule.type, rule) is rule
        for spec in (_of_rule(signal, rule),)
        if spec is not None
    ]
    for limit, (display, priority) in _OWN.items():
        value: float | None = getattr(signal.limits, limit)
        if value is not None and limit not in instead:
            deadband = default_deadband(signal, value, limit)
            specs.append(
                AlarmSpec(limit, limit, display, priority, "process", limit=value, deadband=deadband)
            )
    return specs


def specify_source(rule: AlarmRule) -> AlarmSpec:
    """Return the alarm of a rule that watches sources."""
    return _spec(rule, float("nan"), 0.0)


def default_deadband(signal: SignalKind, limit: float, limit_type: AlarmType) -> float:
    """Choose a deadband by the kind of quantity; 0 where the range is open.

    >>> from twin.park.model import Limits
    >>> signal = SignalKind("t", Name("", ""), unit="°C", low=0.0, high=350.0, limits=Limits(high=280.0))
    >>> default_deadband(signal, 280.0, "high")
    3.5
    """
    if signal.low is None or signal.high is None:
        return 0.0
    unit = UNITS.get(signal.unit)
    share = _DEADBAND_OF_RANGE.get(unit.quantity if unit else "", _DEADBAND_OTHERWISE)
    most = [share * (signal.high - signal.low)]
    low, high = signal.limits.low, signal.limits.high
    if low is not None and high is not None:
        most.append(_MOST_OF_BAND * (high - low))
    if limit_type == "deviation":
        most.append(limit / 2)
    else:
        most.append(abs(limit - (signal.low if limit_type in ("high", "high_high") else signal.high)) / 2)
    return max(0.0, min(most))


def _of_rule(signal: SignalKind, rule: AlarmRule) -> AlarmSpec | None:
    limit = rule.limit
    if limit is None and rule.type in LIMIT_TYPES:
        limit = getattr(signal.limits, rule.type)
        if limit is None:  # of a kind where only single machines have that limit
            return None
    deadband = rule.deadband or 0.0
    if rule.deadband is None and limit is not None and rule.type != "rate":
        deadband = default_deadband(signal, limit, rule.type)
    return _spec(rule, float("nan") if limit is None else limit, deadband)


def _spec(rule: AlarmRule, limit: float, deadband: float) -> AlarmSpec:
    return AlarmSpec(
        rule=rule.id,
        type=rule.type,
        display=rule.display,
        priority=rule.priority,
        alarm_class=rule.alarm_class,
        latch=rule.latch,
        limit=limit,
        deadband=deadband,
        setpoint=float("nan") if rule.setpoint is None else rule.setpoint,
        setpoint_signal=rule.setpoint_signal,
        values=rule.values,
        texts=rule.texts,
        on_delay=round(rule.on_delay_s * NS_PER_S),
        off_delay=round(rule.off_delay_s * NS_PER_S),
        window=round(rule.window_s * NS_PER_S),
        after=round(rule.after_s * NS_PER_S),
        suppress=rule.suppress,
        cause=rule.cause,
        consequence=rule.consequence,
        response=rule.response,
    )
