"""From conditions to what happens to alarms, and back: what the journal knows, and what it has otherwise."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from math import isfinite

import numpy as np

from twin.alarms.alarm_table import AlarmTable
from twin.alarms.condition_bank import ConditionBank, Edge
from twin.alarms.standing import NEVER, Happening, Standing
from twin.alarms.state_machine import Event

NAN = float("nan")


def happenings(table: AlarmTable, edges: Iterable[Edge]) -> list[Happening]:
    """Turn edges into what happens to alarms, by time; of the same moment, suppression comes first."""
    design = table.conditions.design
    ordered = sorted(edges, key=lambda edge: (edge.time, not design[edge.row]))
    return [_happening(table, edge) for edge in ordered]


def _happening(table: AlarmTable, edge: Edge) -> Happening:
    alarm = int(table.conditions.alarm[edge.row])
    name, spec = table.name(alarm), table.spec_of(alarm)
    if table.conditions.design[edge.row]:
        event = Event.SUPPRESS if edge.on else Event.UNSUPPRESS
        return Happening(name, event, edge.time, latching=spec.latch)
    return Happening(
        name,
        Event.ALARM if edge.on else Event.RETURN,
        edge.time,
        value=edge.value if isfinite(edge.value) else None,  # JSON knows no other numbers
        limit=spec.limit if isfinite(spec.limit) else None,
        latching=spec.latch,
    )


def hold_standings(bank: ConditionBank, standings: Iterable[Standing]) -> int:
    """Let conditions begin as the journal knows them; return how many it knows to hold."""
    held = {one.alarm: one for one in standings if one.active or one.designed}
    rows = list(_rows_of(bank.table, held))
    for row, name in rows:
        design = bool(bank.table.conditions.design[row])
        bank.hold(row, held[name].designed if design else held[name].active)
    return len(rows)


def differences(bank: ConditionBank, standings: Iterable[Standing], now: int) -> list[Happening]:
    """Return what the journal has otherwise than the conditions, once all of the bus was read: a silence that
    was judged by another clock, or a journal that was restored from a backup.

    Args:
        bank: the conditions.
        standings: how the alarms stand by the journal.
        now: when the difference is told to have come about, ns.
    """
    table = bank.table
    known = {one.alarm: one for one in standings}
    active = {table.name(int(table.conditions.alarm[row])) for row in np.flatnonzero(bank.active).tolist()}
    found: list[Edge] = []
    for row, name in _rows_of(table, known.keys() | active):
        one = known.get(name, Standing(name))
        design, holds = bool(table.conditions.design[row]), bool(bank.active[row])
        told, time = (one.designed, one.design_time) if design else (one.active, one.condition_time)
        if told != holds:
            found.append(Edge(row, now if time == NEVER else max(now, time + 1), holds, NAN))
    return happenings(table, found)


def _rows_of(table: AlarmTable, names: Collection[str]) -> Iterator[tuple[int, str]]:
    """Yield the conditions of alarms, where the park still has them."""
    wanted = {number: name for name in names if (number := table.find(name)) is not None}
    if wanted:
        for row in np.flatnonzero(np.isin(table.conditions.alarm, list(wanted))).tolist():
            yield row, wanted[int(table.conditions.alarm[row])]
