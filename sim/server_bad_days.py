"""The bad days of all servers of a plant under one roof, numbered, as the control works them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.control.bad_days import ActiveBadDay, BadDayRow
from sim.modbus.bad_day_table import METER_BAD_DAYS
from sim.modbus.server import MeterServer
from sim.opcua.bad_day_table import BAD_DAYS
from sim.opcua.bad_days import SECONDS, BadDay, BadDayControl, Parameter
from sim.opcua.server import ColumnServer
from twin.contract.clock import NS_PER_S, Clock


class ServerBadDays:
    """See :class:`sim.control.bad_days.BadDays`.

    Args:
        servers: OPC UA servers by id.
        meters: Modbus servers by id.
        clock: wall time.
    """

    def __init__(
        self, servers: Mapping[str, ColumnServer], meters: Mapping[str, MeterServer], clock: Clock
    ) -> None:
        self._clock = clock
        self._days: dict[str, BadDayControl[Any]] = {
            **{name: BadDayControl(server, BAD_DAYS) for name, server in servers.items()},
            **{name: BadDayControl(server, METER_BAD_DAYS) for name, server in meters.items()},
        }
        rows: dict[str, BadDay[Any]] = {**METER_BAD_DAYS, **BAD_DAYS}
        self._table = tuple(_shown(row) for row in rows.values())
        self._begun: dict[tuple[str, str], ActiveBadDay] = {}
        self._count = 0

    @property
    def table(self) -> tuple[BadDayRow, ...]:
        """What there is."""
        return self._table

    @property
    def servers(self) -> tuple[str, ...]:
        """Whose bad days there can be."""
        return tuple(self._days)

    @property
    def active(self) -> tuple[ActiveBadDay, ...]:
        """What is on, in the order in which it began; what is over by itself is forgotten here."""
        going = {(server, name) for server, days in self._days.items() for name in days.active()}
        self._begun = {key: day for key, day in self._begun.items() if key in going}
        return tuple(self._begun.values())

    async def begin(
        self, server: str, name: str, parameters: Mapping[str, float | str], duration_s: float
    ) -> ActiveBadDay:
        """Begin a bad day.

        Raises:
            BadDayError: this server cannot have it, it is on already, or a parameter does not hold.
        """
        await self._days[server].begin(name, **{**parameters, SECONDS: duration_s})
        self._count += 1
        now_ns = self._clock()
        ends_ns = now_ns + round(duration_s * NS_PER_S) if duration_s > 0 else None
        self._begun.pop((server, name), None)  # of a day that ended by itself since nobody looked
        day = ActiveBadDay(self._count, name, server, dict(parameters), now_ns, ends_ns)
        self._begun[server, name] = day
        return day

    async def end(self, number: int) -> None:
        """End a bad day that is on; one that ended by itself meanwhile is no error."""
        for day in self.active:
            if day.number == number:
                await self._days[day.server].end(day.name)

    async def end_all(self) -> None:
        """End whatever is on."""
        for days in self._days.values():
            await days.end_all()


def _shown(row: BadDay[Any]) -> BadDayRow:
    parameters = {one.name: _described(one) for one in row.parameters}
    return BadDayRow(row.name, row.vi, row.en, parameters, row.seconds)


def _described(one: Parameter) -> str:
    choices = f" ({' or '.join(one.choices)})" if one.choices else ""
    return f"{one.en}{choices}; {one.default} unless given"
