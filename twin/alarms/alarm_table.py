"""Every alarm of a park, and the conditions that drive them, as columns.

A *condition* is a row that is worked out from readings: the alarm's own, or the one that suppresses it by
design. Rows stand in the order of the tag they watch, so that the conditions of a reading are a slice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import partial

import numpy as np
import numpy.typing as npt

from twin.alarms.alarm_spec import AlarmSpec, specify, specify_source
from twin.alarms.errors import UnknownAlarmError
from twin.contract.clock import NS_PER_S
from twin.contract.frame import F64, I64
from twin.expressions.expression import compile_condition
from twin.park.alarm import AlarmRule
from twin.park.bound import Bound, TagIndex, bind
from twin.park.conditions import unit_of
from twin.park.model import Park
from twin.state.tag_table import I32, TagTable

U8 = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]


class Watch(IntEnum):
    """How a condition is worked out."""

    LIMIT = 0
    DISCRETE = 1
    BAD = 2
    DEVIATION = 3
    RATE = 4
    EXPRESSION = 5
    STALE = 6
    SOURCE_STALE = 7
    GAP = 8
    SOURCE_CONDITION = 9


_WATCH = {
    **dict.fromkeys(("low_low", "low", "high", "high_high"), Watch.LIMIT),
    "deviation": Watch.DEVIATION,
    "rate": Watch.RATE,
    "discrete": Watch.DISCRETE,
    "bad": Watch.BAD,
    "expression": Watch.EXPRESSION,
    "stale": Watch.STALE,
    "gap": Watch.GAP,
    "condition": Watch.SOURCE_CONDITION,
}


@dataclass(frozen=True, slots=True, eq=False)
class Conditions:
    """Columns of length r, in order of ``tag``; those that watch sources last.

    Args:
        alarm: ``int32[r]``, which alarm it drives.
        tag: ``int32[r]``, the tag it watches; the number of tags where it watches a source.
        source: ``int32[r]``, the source that feeds the tag, or is watched; -1 = none.
        design: ``bool[r]``, True where it suppresses the alarm by design.
        watch: ``uint8[r]`` of :class:`Watch`.
        sign, set_at, clear_at: ``float64[r]`` of LIMIT rows: on above ``set_at``, off at ``clear_at`` or
            below, both of ``sign`` times the value; NaN (never) elsewhere.
        on_delay, off_delay: ``int64[r]`` [ns].
        after: ``int64[r]`` [ns] of STALE and GAP rows.
        other: ``int32[r]``, tag of the set-point; -1 = none.
        first: ``int64[n + 2]``, the rows of tag t are ``first[t]`` to before ``first[t + 1]``.
    """

    alarm: I32
    tag: I32
    source: I32
    design: Bools
    watch: U8
    sign: F64
    set_at: F64
    clear_at: F64
    on_delay: I64
    off_delay: I64
    after: I64
    other: I32
    first: I64

    def __len__(self) -> int:
        return len(self.alarm)


@dataclass(frozen=True, slots=True, eq=False)
class ExpressionRows:
    """The conditions of one rule at machines where its expression means the same.

    Args:
        bound: the expression and its tags.
        rows: ``intp[m]``, condition by place.
        shown: ``intp[m]``, tag whose value is told along.
    """

    bound: Bound
    rows: Rows
    shown: Rows


@dataclass(frozen=True, slots=True, eq=False)
class AlarmTable:
    """Columns of length a.

    Args:
        tags: the park's tags.
        specs: what alarms have in common.
        spec: ``int32[a]`` into ``specs``.
        tag: ``int32[a]``; -1 where a source is watched.
        source: ``int32[a]`` into ``tags.sources``: what is watched, or feeds the tag; -1 = none.
        tag_names: by tag number.
        conditions: what drives them.
        first: ``int64[n + 1]``: the alarms of tag t are ``first[t]`` to before ``first[t + 1]``.
        expressions: the conditions over several signals.
    """

    tags: TagTable
    specs: tuple[AlarmSpec, ...]
    spec: I32
    tag: I32
    source: I32
    tag_names: tuple[str, ...]
    conditions: Conditions
    first: I64
    expressions: tuple[ExpressionRows, ...] = ()

    def __len__(self) -> int:
        return len(self.spec)

    def spec_of(self, alarm: int) -> AlarmSpec:
        """Return what an alarm is like."""
        return self.specs[int(self.spec[alarm])]

    def subject(self, alarm: int) -> str:
        """Return the tag, or the source, that an alarm is about."""
        tag = int(self.tag[alarm])
        return self.tags.sources[self.source[alarm]] if tag < 0 else self.tag_names[tag]

    def name(self, alarm: int) -> str:
        """Return the id of an alarm, ``<tag>:<rule>`` or ``<source>:<rule>``."""
        return f"{self.subject(alarm)}:{self.spec_of(alarm).rule}"

    def number(self, name: str) -> int:
        """Return the number of an alarm.

        Raises:
            UnknownAlarmError: the park has none of this id.
        """
        found = self.find(name)
        if found is None:
            raise UnknownAlarmError(f"alarm {name!r}: the park has none of this id; see GET /api/alarms")
        return found

    def find(self, name: str) -> int | None:
        """Return the number of an alarm, None if the park has none of this id."""
        subject, _, rule = name.rpartition(":")
        tag = self.tags.number.get(subject)
        if tag is not None:
            around: Iterable[int] = range(int(self.first[tag]), int(self.first[tag + 1]))
        else:
            around = range(int(self.first[-1]), len(self))
        for alarm in around:
            if self.spec_of(alarm).rule == rule and self.subject(alarm) == subject:
                return alarm
        return None


def build_alarm_table(park: Park, tags: TagTable) -> AlarmTable:
    """Lay the alarms of a park out in columns."""
    specs: list[AlarmSpec] = []
    spec_column: list[int] = []
    tag_column: list[int] = []
    first = np.zeros(len(park.tags) + 1, np.int64)
    rules: dict[tuple[str, str], list[AlarmRule]] = {}
    for rule in sorted(park.alarms, key=lambda rule: bool(rule.equipment)):
        for signal in rule.signals:
            rules.setdefault((rule.kind, signal), []).append(rule)
    known: dict[tuple[int, tuple[str, ...]], range] = {}
    for number, tag in enumerate(park.tags):
        machine = park.equipment[tag.equipment]
        named = rules.get((machine.kind.name, tag.signal.name), ())
        mine = tuple(rule for rule in named if not rule.equipment or machine.id in rule.equipment)
        key = (id(tag.signal), tuple(rule.id for rule in mine))
        if key not in known:
            made = specify(tag.signal, mine)
            known[key] = range(len(specs), len(specs) + len(made))
            specs += made
        spec_column += known[key]
        tag_column += [number] * len(known[key])
        first[number + 1] = len(spec_column)
    source_column = tags.source[tag_column].tolist() if tag_column else []
    for rule in park.alarms:
        for source in rule.sources if rule.enabled else ():
            spec_column.append(len(specs))
            tag_column.append(-1)
            source_column.append(tags.sources.index(source))
        if rule.sources:
            specs.append(specify_source(rule))
    table = _Columns(tuple(specs), spec_column, tag_column, source_column)
    names = tuple(tags.number)
    conditions = _conditions(table, tags, names)
    return AlarmTable(
        tags=tags,
        specs=table.specs,
        spec=np.array(spec_column, np.int32),
        tag=np.array(tag_column, np.int32),
        source=np.array(source_column, np.int32),
        tag_names=names,
        conditions=conditions,
        first=first,
        expressions=tuple(_expressions(park, tags, table, conditions)),
    )


def _expressions(
    park: Park, tags: TagTable, table: _Columns, conditions: Conditions
) -> Iterator[ExpressionRows]:
    rules = [rule for rule in park.alarms if rule.type == "expression" and rule.enabled]
    if not rules:
        return
    index = TagIndex(park.tags)
    row_of = {
        (table.specs[table.spec[alarm]].rule, table.tag[alarm]): row
        for row in np.flatnonzero(conditions.watch == Watch.EXPRESSION).tolist()
        for alarm in (int(conditions.alarm[row]),)
    }
    for rule in rules:
        (signal,) = rule.signals
        machines = [
            machine
            for machine in park.equipment
            if machine.kind.name == rule.kind and (not rule.equipment or machine.id in rule.equipment)
        ]
        shown = [tags.number[f"{machine.id}:{signal}"] for machine in machines]
        for bound in bind(index, machines, partial(compile_condition, rule.when, unit_of=unit_of)):
            mine = [shown[place] for place in bound.machines.tolist()]
            rows = np.array([row_of[rule.id, tag] for tag in mine], np.intp)
            yield ExpressionRows(bound, rows, np.array(mine, np.intp))


@dataclass(frozen=True, slots=True)
class _Columns:
    specs: tuple[AlarmSpec, ...]
    spec: list[int]
    tag: list[int]
    source: list[int]


def _conditions(table: _Columns, tags: TagTable, names: tuple[str, ...]) -> Conditions:
    n = len(tags)
    spec, own_tag = np.array(table.spec, np.intp), np.array(table.tag, np.int32)
    per_spec = _spec_columns(table.specs)
    watched = np.where(own_tag < 0, n, own_tag)
    watch = per_spec["watch"][spec].astype(np.uint8)
    watch[(own_tag < 0) & (watch == Watch.STALE)] = Watch.SOURCE_STALE
    other = np.full(len(spec), -1, np.int32)
    extra: list[tuple[int, int, int]] = []  # alarm, watched tag, off delay: suppression by design
    odd = np.array([bool(one.setpoint_signal or one.suppress) for one in table.specs], np.bool_)
    for alarm in np.flatnonzero(odd[spec]).tolist() if len(spec) else ():
        one, tag = table.specs[spec[alarm]], int(own_tag[alarm])
        machine = names[tag].rpartition(":")[0]
        if one.setpoint_signal:
            other[alarm] = tags.number[f"{machine}:{one.setpoint_signal}"]
        if one.suppress is not None:
            hold = round(one.suppress.hold_s * NS_PER_S)
            extra.append((alarm, tags.number[f"{machine}:{one.suppress.signal}"], hold))
    e = len(extra)
    more = np.array(extra, np.int64).reshape(e, 3)
    nan, none, zero = np.full(e, np.nan), np.full(e, -1, np.int32), np.zeros(e, np.int64)
    columns = {
        "alarm": np.append(np.arange(len(spec)), more[:, 0]).astype(np.int32),
        "tag": np.append(watched, more[:, 1]).astype(np.int32),
        "source": np.append(np.array(table.source, np.int32), tags.source[more[:, 1]]).astype(np.int32),
        "design": np.append(np.zeros(len(spec), np.bool_), np.ones(e, np.bool_)),
        "watch": np.append(watch, np.full(e, Watch.DISCRETE, np.uint8)).astype(np.uint8),
        **{name: np.append(per_spec[name][spec], nan) for name in ("sign", "set_at", "clear_at")},
        "on_delay": np.append(per_spec["on_delay"][spec], zero).astype(np.int64),
        "off_delay": np.append(per_spec["off_delay"][spec], more[:, 2]).astype(np.int64),
        "after": np.append(per_spec["after"][spec], zero).astype(np.int64),
        "other": np.append(other, none).astype(np.int32),
    }
    order = np.argsort(columns["tag"], kind="stable")
    ordered = {name: column[order] for name, column in columns.items()}
    first = np.searchsorted(ordered["tag"], np.arange(n + 2)).astype(np.int64)
    return Conditions(**ordered, first=first)


def _spec_columns(specs: tuple[AlarmSpec, ...]) -> dict[str, npt.NDArray[np.generic]]:
    watch = np.array([_WATCH[one.type] for one in specs], np.uint8)
    sign = np.array([-1.0 if one.type.startswith("low") else 1.0 for one in specs])
    limit = np.array([one.limit for one in specs])
    deadband = np.array([one.deadband for one in specs])
    limits = watch == Watch.LIMIT
    set_at = np.where(limits, sign * limit, np.nan)
    return {
        "watch": watch,
        "sign": sign,
        "set_at": set_at,
        "clear_at": set_at - deadband,
        "on_delay": np.array([one.on_delay for one in specs], np.int64),
        "off_delay": np.array([one.off_delay for one in specs], np.int64),
        "after": np.array([one.after for one in specs], np.int64),
    }
