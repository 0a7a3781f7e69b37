"""The bad days of all servers of a plant under one roof, numbered, as the control works them."""

from __future__ import annotations

from collections.abc import Mapping

from sim.control.bad_days import ActiveBadDay, BadDayRow
from sim.opcua.bad_day_table import BAD_DAYS
from sim.opcua.bad_days import SECONDS, BadDays
from sim.opcua.server import ColumnServer
from twin.contract.clock import NS_PER_S, Clock


class ServerBadDays:
    """See :class:`sim.control.bad_days.BadDays`.

    Args:
        servers: by id.
        clock: wall time.
    """

    def __init__(self, servers: Mapping[str, ColumnServer], clock: Clock) -> None:
        self._clock = clock
        self._days = {name: BadDays(server) for name, server in servers.items()}
        self._known: dict[tuple[str, str], ActiveBadDay] = {}
        self._count = 0

    @property
    def table(self) -> tuple[BadDayRow, ...]:
        """What there is."""
        return tuple(
            BadDayRow(
                row.name,
                row.vi,
                row.en,
                {one.name: f"{one.en}; {one.default:g}" if isinstance(one.default, float | int)
                 else f"{one.en}: {' or '.join(one.choices)}; {one.default}" for one in row.parameters},
                row.seconds,
            )
            for row in BAD_DAYS.values()
        )  # fmt: skip

    @property
    def servers(self) -> tuple[str, ...]:
        """Whose bad days there can be."""
        return tuple(self._days)

    @property
    def active(self) -> tuple[ActiveBadDay, ...]:
        """What is on, in the order in which it began."""
        going = {(server, name) for server, days in self._days.items() for name in days.active()}
        self._known = {key: day for key, day in self._known.items() if key in going}
        return tuple(sorted(self._known.values(), key=lambda day: day.number))

    async def begin(
        self, server: str, name: str, parameters: Mapping[str, float | str], duration_s: float
    ) -> ActiveBadDay:
        """Begin a bad day.

        Raises:
            BadDayError: it is on already, or a parameter does not hold.
        """
        await self._days[server].begin(name, **{**parameters, SECONDS: duration_s})
        self._count += 1
        now_ns = self._clock()
        ends_ns = now_ns + round(duration_s * NS_PER_S) if duration_s > 0 else None
        day = ActiveBadDay(self._count, name, server, dict(parameters), now_ns, ends_ns)
        self._known[server, name] = day
        return day

    async def end(self, number: int) -> None:
        """End a bad day that is on; one that ended by itself meanwhile is no error."""
        for day in self.active:
            if day.number == number:
                await self._days[day.server].end(day.name)
        _ = self.active

    async def end_all(self) -> None:
        """End whatever is on."""
        for days in self._days.values():
            await days.end_all()
