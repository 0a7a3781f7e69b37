"""Alarm rules: rows that say when a signal, or a source, is abnormal, and what a person is to do about it.

One rule stands for an alarm at every signal it names. A limit that a signal has (``limits`` of its kind) is a
rule too, without a line; a rule of the same type at that signal takes its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from twin.park.name import Name

AlarmType = Literal[
    "low_low", "low", "high", "high_high", "deviation", "rate", "discrete", "bad", "stale", "gap",
    "condition", "expression",
]  # fmt: skip
"""Alarm types as ANSI/ISA-18.2-2016 and IEC 62682 name them (bad-measurement is ``bad``); ``stale``,
``gap``, ``condition`` and ``expression`` are ours."""
LimitType = Literal["low_low", "low", "high", "high_high"]
LIMIT_TYPES: tuple[LimitType, ...] = get_args(LimitType)

Priority = Literal["low", "medium", "high", "urgent"]
"""Least urgent first; EEMUA 191 wants about 80 % low, 15 % medium, 5 % high, and urgent ones very few."""
PRIORITIES: tuple[Priority, ...] = get_args(Priority)

AlarmClass = Literal["process", "equipment", "instrument", "supply", "quality", "environment", "safety"]
"""Alarms that are managed alike. One of class ``supply`` explains alarms of what hangs on it."""


@dataclass(frozen=True, slots=True)
class Suppression:
    """Suppressed by design: while ``signal`` of the same equipment has one of these values, the alarm means
    nothing.

    Args:
        signal: of the same equipment.
        values, texts: while it has one of these; texts compare without regard to case.
        hold_s: and for so long after [s], so that a pump may start before its flow is missed.
    """

    signal: str
    values: tuple[float, ...] = ()
    texts: tuple[str, ...] = ()
    hold_s: float = 0.0


@dataclass(frozen=True, slots=True)
class AlarmRule:
    """One rule.

    Args:
        id: unique within the park; an alarm is ``<tag>:<rule>``, or ``<source>:<rule>``.
        display: what a person reads.
        type: when it is abnormal.
        kind: of the equipment, "" where ``sources`` are watched.
        signals: of that kind.
        equipment: only at these; empty = at all of the kind.
        sources: watched by ``stale``, ``gap`` and ``condition``.
        limit: in the signal's unit; None = the signal's own limit of this type. The distance from the
            set-point of a ``deviation``, the change within ``window_s`` of a ``rate``.
        deadband: how far back inside the limit it must come [unit]; None = by the kind of quantity.
        on_delay_s, off_delay_s: how long it must be abnormal, or normal again, before it counts [s].
        setpoint: what a ``deviation`` is measured from, or
        setpoint_signal: the signal of the same equipment that carries it.
        window_s: of a ``rate`` [s].
        values, texts: at which a ``discrete`` alarm is on; codes at which a ``condition`` alarm is.
        when: condition of an ``expression`` alarm, as :mod:`twin.expressions` has it.
        after_s: age at which a ``stale`` alarm is on, least length of a ``gap`` [s].
        priority, alarm_class: how it is handled.
        latch: True if it stays until it is reset, even after it is normal again.
        enabled: False takes the alarm away (with a limit type: the one that the signal has by itself).
        suppress: by design.
        cause, consequence, response: what a person must know.
    """

    id: str
    display: Name
    type: AlarmType
    kind: str = ""
    signals: tuple[str, ...] = ()
    equipment: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    limit: float | None = None
    deadband: float | None = None
    on_delay_s: float = 0.0
    off_delay_s: float = 0.0
    setpoint: float | None = None
    setpoint_signal: str = ""
    window_s: float = 60.0
    values: tuple[float, ...] = ()
    texts: tuple[str, ...] = ()
    after_s: float = 0.0
    priority: Priority = "medium"
    alarm_class: AlarmClass = "process"
    latch: bool = False
    enabled: bool = True
    suppress: Suppression | None = None
    when: str = ""
    cause: Name | None = None
    consequence: Name | None = None
    response: Name | None = None
