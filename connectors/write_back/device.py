"""What a protocol must be able to do for a command."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from connectors.write_back.read_back import Seen
from twin.contract.command import Command

Act = Callable[[], Awaitable[None]]
"""Writes or calls, once; returns when the device said yes. Raises CommandRefusedError where it said no
(nothing was written) and AnswerLostError where it was sent and no answer came."""


class Device(Protocol):
    """A connection to the device of one source, shared by the commands that are under way on it."""

    async def open(self) -> None:
        """Connect; called once, first.

        Raises:
            SourceLostError: it cannot be reached.
        """
        ...

    async def prepare(self, command: Command) -> Act:
        """Look at the target without writing: is it there, may it be written, do type and range fit. Return
        what does it.

        Raises:
            CommandRefusedError: something stands against it.
            SourceLostError: the connection is gone.
        """
        ...

    def resolution(self, node: str) -> float:
        """How far a number read from ``node`` may be from the one written because the device rounds it.

        Raises:
            CommandRefusedError: ``node`` is no address.
        """
        ...

    async def read(self, node: str) -> Seen:
        """Read a value; one that cannot be read has a Bad status.

        Raises:
            SourceLostError: the connection is gone.
        """
        ...

    async def close(self) -> None:
        """Close the connection; never raises."""
        ...
