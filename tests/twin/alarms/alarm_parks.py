"""Small parks with alarms, made in memory, and readings for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from twin.alarms.alarm_table import AlarmTable, build_alarm_table
from twin.alarms.condition_bank import Edge
from twin.alarms.readings import Readings, Texts
from twin.park.alarm import AlarmRule
from twin.park.model import (
    Equipment,
    EquipmentKind,
    Limits,
    Link,
    Name,
    Park,
    SignalKind,
    Source,
    Tag,
)
from twin.state.tag_table import build_tag_table

S = 1_000_000_000
NOW = 1_767_225_600 * S
NAME = Name("Tên", "Name")

FLOW = SignalKind("flow", NAME, unit="m³/h", low=0.0, high=100.0, limits=Limits(low=20.0, high=80.0))
PLAIN = SignalKind("plain", NAME, limits=Limits(low_low=-20.0, low=-10.0, high=10.0, high_high=20.0))
WANTED = SignalKind("wanted", NAME, unit="m³/h")
STATE = SignalKind("state", NAME, data_type="Int32", role="state")
MODE = SignalKind("mode", NAME, data_type="String")
PUMP = EquipmentKind("pump", NAME, "pump", (FLOW, PLAIN, WANTED, STATE, MODE))


def alarm_park(
    rules: Sequence[AlarmRule] = (),
    *,
    pumps: int = 2,
    sources: Sequence[str] = ("anphat",),
    links: Sequence[Link] = (),
    revision: str = "00112233445566ff",
) -> Park:
    """Make a park of pumps; the sources take turns in feeding them."""
    machines = tuple(
        Equipment(f"park/site/pump{n}", PUMP, NAME, (float(n), 0.0, 0.0), (1.0, 1.0, 1.0), simulated=True)
        for n in range(pumps)
    )
    tags = [
        Tag(0, f"{machine.id}:{signal.name}", n, signal, sources[n % len(sources)], "nsu=urn:x;s=1")
        for n, machine in enumerate(machines)
        for signal in PUMP.signals
    ]
    return Park(
        id="park",
        display=NAME,
        timezone="Asia/Ho_Chi_Minh",
        revision=revision,
        places=(),
        equipment=machines,
        tags=tuple(replace(tag, index=index) for index, tag in enumerate(tags)),
        sources=tuple(
            Source(one, NAME, "opcua", "opc.tcp://127.0.0.1:1/", 500.0, 500.0, True) for one in sources
        ),
        links=tuple(links),
        site=(),
        alarms=tuple(rules),
    )


def alarm_table(park: Park) -> AlarmTable:
    return build_alarm_table(park, build_tag_table(park))


def tag_number(table: AlarmTable, signal: str, pump: int = 0) -> int:
    return table.tags.number[f"park/site/pump{pump}:{signal}"]


Told = tuple[int, float, float] | tuple[int, float, float, int] | tuple[int, float, float, int, str | None]


def readings(rows: Sequence[Told], received: int | None = None) -> Readings:
    """Make readings of (tag number, time [s after NOW], value[, status[, text]])."""
    full = [(*row, *(0, None)[len(row) - 3 :]) if len(row) < 5 else row for row in rows]
    text: Texts | None = None
    if any(row[4] is not None for row in full):
        text = np.empty(len(full), np.object_)
        text[:] = [row[4] for row in full]
    time = np.array([NOW + round(row[1] * S) for row in full], np.int64)
    return Readings(
        tag=np.array([row[0] for row in full], np.intp),
        time=time,
        received=time.copy() if received is None else np.full(len(full), received, np.int64),
        status=np.array([row[3] for row in full], np.uint32),
        value=np.array([row[2] for row in full], np.float64),
        text=text,
    )


def shown(table: AlarmTable, edges: Sequence[Edge]) -> list[tuple[str, float, bool]]:
    """Write edges as (rule, time [s after NOW], on), those of suppression as ``rule/design``."""
    conditions = table.conditions
    return [
        (
            table.spec_of(int(conditions.alarm[edge.row])).rule
            + ("/design" if conditions.design[edge.row] else ""),
            (edge.time - NOW) / S,
            edge.on,
        )
        for edge in edges
    ]
