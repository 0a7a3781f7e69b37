"""Bad days of the servers, as the control sees them: who speaks for the machines misbehaves, not they."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class BadDayRow:
    """A way in which a server can have a bad day.

    Args:
        id: what ``parktwin sim bad-day`` names.
        vi, en: what it is, for people.
        parameters: name -> what it is, with its unit and what it is unless said otherwise.
        duration_s: how long it lasts unless said otherwise [s]; 0 = until it is ended.
    """

    id: str
    vi: str
    en: str
    parameters: Mapping[str, str]
    duration_s: float = 0.0


@dataclass(frozen=True, slots=True)
class ActiveBadDay:
    """A bad day that is on.

    Args:
        number: what it is ended by.
        name: id of its row.
        server: whose it is.
        parameters: as given.
        begun_ns: wall time, ns since the epoch.
        ends_ns: when it is over by itself, or None.
    """

    number: int
    name: str
    server: str
    parameters: Mapping[str, float | str]
    begun_ns: int
    ends_ns: int | None


class BadDays(Protocol):
    """Begins and ends bad days; on wall time, for clients have no other."""

    @property
    def table(self) -> tuple[BadDayRow, ...]:
        """What there is."""

    @property
    def servers(self) -> tuple[str, ...]:
        """Whose bad days there can be."""

    @property
    def active(self) -> tuple[ActiveBadDay, ...]:
        """What is on."""

    async def begin(
        self, server: str, name: str, parameters: Mapping[str, float | str], duration_s: float
    ) -> ActiveBadDay:
        """Begin a bad day; name and server are known to be right. ``duration_s`` 0 = until ended.

        Raises:
            ValueError (of ours): a parameter that there is not, or a value that cannot be.
        """

    async def end(self, number: int) -> None:
        """End a bad day that is on."""


class NoBadDays:
    """Where no server can have one."""

    table: tuple[BadDayRow, ...] = ()
    servers: tuple[str, ...] = ()
    active: tuple[ActiveBadDay, ...] = ()

    async def begin(
        self, server: str, name: str, parameters: Mapping[str, float | str], duration_s: float
    ) -> ActiveBadDay:
        """Never called: there is no name to call it with."""
        raise LookupError(name)

    async def end(self, number: int) -> None:
        """Never called: none is on."""
        raise LookupError(number)
