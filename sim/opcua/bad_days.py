"""Bad days of a server, begun and ended while it runs; what happens, happens on the wire."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from sim.errors import SimError

if TYPE_CHECKING:
    from sim.opcua.server import ColumnServer

_LOG = logging.getLogger(__name__)

Value = float | str
End = Callable[[], Awaitable[None]]


class Named(Protocol):
    """A server, of whatever protocol."""

    name: str


S = TypeVar("S", bound=Named)


class BadDayError(SimError, ValueError):
    """A bad day that cannot be begun or ended as asked."""

    code = "sim.bad_day"


@dataclass(frozen=True, slots=True)
class Parameter:
    """Something that can be chosen about a bad day.

    Args:
        name: as given to :meth:`BadDayControl.begin`.
        default: a number or a word.
        low, high: range of a number.
        choices: of a word.
        vi, en: what it is.
    """

    name: str
    default: Value
    vi: str
    en: str
    low: float = 0.0
    high: float = 86_400.0
    choices: tuple[str, ...] = ()

    def check(self, value: Value) -> Value:
        """The value as it is used.

        Raises:
            BadDayError: it is not one.

        >>> Parameter("share", 0.1, "tỷ lệ", "share", high=1.0).check(0.5)
        0.5
        """
        if self.choices:
            if value not in self.choices:
                raise BadDayError(f"{self.name}={value!r}: must be one of {', '.join(self.choices)}")
            return value
        try:
            number = float(value)
        except ValueError:
            raise BadDayError(f"{self.name}={value!r}: must be a number") from None
        if not self.low <= number <= self.high:
            raise BadDayError(f"{self.name}={number:g}: must be {self.low:g} to {self.high:g}")
        return number


SECONDS = "seconds"
"""Every bad day has it: ends by itself after so long, 0 = when it is ended."""


@dataclass(frozen=True, slots=True)
class BadDay(Generic[S]):
    """A row of the table of bad days.

    Args:
        name: as given to :meth:`BadDayControl.begin`.
        vi, en: what happens.
        begin: makes it happen and returns what ends it.
        parameters: what can be chosen, besides ``seconds``.
        seconds: default of ``seconds``.
    """

    name: str
    vi: str
    en: str
    begin: Callable[[S, Mapping[str, Value]], Awaitable[End]]
    parameters: tuple[Parameter, ...] = ()
    seconds: float = 0.0

    @property
    def all_parameters(self) -> tuple[Parameter, ...]:
        """Its parameters and ``seconds``."""
        seconds = Parameter(
            SECONDS, self.seconds, "tự hết sau [s], 0 = khi có lệnh", "ends after [s], 0 = when told to"
        )
        return (*self.parameters, seconds)


@dataclass(slots=True)
class _Active:
    parameters: Mapping[str, Value]
    end: End
    timer: asyncio.Task[None] | None = None


class BadDayControl(Generic[S]):
    """The bad days of one server; several at once, each once.

    Args:
        server: that has them; it listens.
        table: what there is for a server of its kind, by name.
    """

    def __init__(self, server: S, table: Mapping[str, BadDay[S]]) -> None:
        self._server = server
        self._table = table
        self._active: dict[str, _Active] = {}
        self._lock = asyncio.Lock()

    def active(self) -> dict[str, Mapping[str, Value]]:
        """What goes on now: name -> parameters."""
        return {name: one.parameters for name, one in self._active.items()}

    async def begin(self, name: str, **parameters: Value) -> None:
        """Begin a bad day; returns when it has begun.

        Raises:
            BadDayError: unknown, going on already, a wrong parameter, or nothing this server can have.
        """
        row = self._table.get(name)
        if row is None:
            raise BadDayError(f"bad day {name!r}: must be one of {', '.join(self._table)}")
        known = {one.name: one for one in row.all_parameters}
        if unknown := sorted(set(parameters) - set(known)):
            raise BadDayError(f"bad day {name!r}: has no {unknown[0]!r}; it has {', '.join(known)}")
        values = {key: one.check(parameters.get(key, one.default)) for key, one in known.items()}
        async with self._lock:
            if name in self._active:
                raise BadDayError(f"bad day {name!r} of {self._server.name!r}: goes on already; end it first")
            active = _Active(values, await row.begin(self._server, values))
            self._active[name] = active
        _LOG.warning("%s has a bad day: %s %s", self._server.name, name, values)
        if seconds := float(values[SECONDS]):
            active.timer = asyncio.create_task(self._end_after(name, seconds))

    async def end(self, name: str) -> None:
        """End a bad day; returns when everything is as it should be.

        Raises:
            BadDayError: it does not go on.
        """
        async with self._lock:
            active = self._active.get(name)
            if active is None:
                raise BadDayError(f"bad day {name!r} of {self._server.name!r}: does not go on")
            if active.timer is not None and active.timer is not asyncio.current_task():
                active.timer.cancel()
            await active.end()
            del self._active[name]
        _LOG.warning("%s has no bad day any more: %s", self._server.name, name)

    async def end_all(self) -> None:
        """End whatever goes on."""
        for name in tuple(self._active):
            if name in self._active:
                await self.end(name)

    def forget(self) -> None:
        """Let nothing end by itself any more: the server is about to be stopped for good."""
        for one in self._active.values():
            if one.timer is not None:
                one.timer.cancel()
        self._active.clear()

    async def _end_after(self, name: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        try:
            await self.end(name)
        except SimError as error:  # nobody waits for it; it still goes on and can be ended by hand
            _LOG.error("bad day %r of %s did not end: %s", name, self._server.name, error)


class BadDays(BadDayControl["ColumnServer"]):
    """The bad days of an OPC UA server.

    Args:
        server: that has them; it listens.
    """

    def __init__(self, server: ColumnServer) -> None:
        from sim.opcua.bad_day_table import BAD_DAYS  # its rows are made of what is here

        super().__init__(server, BAD_DAYS)
