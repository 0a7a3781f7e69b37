"""One connection for all commands that are under way on a source: opened for the first, closed after the
last.

Devices have few sessions to give, so commands of one source share theirs; and a connection that nobody uses
is not kept, so that a lost one is noticed by the command that needs it, and not taken for a good one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

from connectors.errors import SourceLostError
from connectors.write_back.device import Device
from twin.contract.messages import SourceConfig

OPEN_S: Final = 8.0
"""A device that takes longer to let us in is taken for away."""

MakeDevice = Callable[[SourceConfig], Device]


@dataclass(slots=True)
class _Open:
    config: SourceConfig
    device: Device
    users: int = 0


class SharedDevice:
    """The device of one source.

    Args:
        make: makes a device, without connecting.
    """

    def __init__(self, make: MakeDevice) -> None:
        self._make = make
        self._open: _Open | None = None
        self._opening = asyncio.Lock()
        self.order = asyncio.Lock()
        """Held from the check of a command to the answer to its write: writes keep the order of the
        commands."""

    @asynccontextmanager
    async def use(self, config: SourceConfig) -> AsyncIterator[Device]:
        """Lend the connection; who raises SourceLostError inside has found it broken, the next gets a new
        one.

        Raises:
            SourceLostError: the device cannot be reached.
        """
        async with self._opening:
            if self._open is None or self._open.config != config:
                self._open = await self._connect(config)
            lent = self._open
            lent.users += 1
        try:
            yield lent.device
        except SourceLostError:
            self._forget(lent)
            raise
        finally:
            lent.users -= 1
            if lent.users == 0:
                self._forget(lent)
                await lent.device.close()

    def _forget(self, lent: _Open) -> None:
        if self._open is lent:
            self._open = None

    async def _connect(self, config: SourceConfig) -> _Open:
        device = self._make(config)
        try:
            async with asyncio.timeout(OPEN_S):
                await device.open()
        except BaseException as error:
            with suppress(Exception):
                await device.close()
            if isinstance(error, TimeoutError) and not isinstance(error, SourceLostError):
                raise SourceLostError(f"{config.endpoint}: no answer within {OPEN_S:.0f} s") from error
            raise
        return _Open(config, device)
