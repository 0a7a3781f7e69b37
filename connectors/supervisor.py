"""Keeps one source running: connect, serve until it is lost, wait, again; a source never harms a neighbour.

One task a source. The wait grows with each failure in a row, with full jitter, so that a server that comes
back is not met by all its clients at once. One line in the log when a source is lost and one when it is back.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from connectors.items import Items
from twin.contract.clock import Clock
from twin.contract.errors import ParkTwinError
from twin.contract.messages import Condition, Connection, FailedItem
from twin.service.logging import ConditionLog

FIRST_WAIT_S: Final = 0.5
LAST_WAIT_S: Final = 30.0
STEADY_S: Final = 10.0
"""Only a connection that held this long starts the waits anew."""

_LOG = logging.getLogger(__name__)


class Link(Protocol):
    """A connection to one source, as each protocol implements it."""

    async def serve(self, up: Callable[[], None]) -> None:
        """Connect, call ``up`` once the source delivers, and carry on until it is lost.

        Raises:
            ParkTwinError: the source is lost, or could not be reached; called again after a wait.
        """
        ...

    async def close(self) -> None:
        """Say good-bye to the source; called once, after the last ``serve`` ended."""
        ...


class SourceLink(Link, Protocol):
    """A link with what the service tells of it; asked from other threads too."""

    items: Items
    last_heard: int
    """When the source last said anything, ns; 0 = never."""
    responses: int
    latency_s: Callable[[float], None]
    """Told how old each response was when the outbox had it [s]; the metrics listen."""

    @property
    def failed(self) -> tuple[FailedItem, ...]:
        """What was asked for and is not read, by name."""
        ...

    def conditions(self) -> tuple[Condition, ...]:
        """What is wrong with the source now, beside its connection."""
        ...

    def figures(self) -> Mapping[str, Mapping[str, float]]:
        """Figures for the metrics: row of :data:`connectors.metrics.SOURCE_ROWS` -> label ("" if none) ->
        figure."""
        ...


class Supervisor:
    """Runs a link for ever.

    Args:
        source: its id, for the log.
        link: what to run.
        clock: ns since the epoch.
        rng: spreads the waits.
    """

    def __init__(self, source: str, link: Link, *, clock: Clock, rng: random.Random) -> None:
        self.connection = Connection.CONNECTING
        self.since = clock()
        self.last_error = ""
        self.reconnects = 0
        self._source = source
        self._link = link
        self._clock = clock
        self._rng = rng
        self._conditions = ConditionLog(_LOG, clock)
        self._attempt = 0
        self._up_at: float | None = None

    async def run(self) -> None:
        """Serve until cancelled."""
        try:
            while True:
                try:
                    await self._link.serve(self._up)
                    self._down("the connection ended")
                except ParkTwinError as error:
                    self._down(str(error))
                except Exception as error:
                    # whatever it is, it is this source's own: the others must not notice
                    _LOG.exception("source %s: unforeseen error", self._source)
                    self._down(f"unforeseen error: {error!r}")
                await asyncio.sleep(self._wait_s())
        finally:
            await self._link.close()
            self._turn(Connection.STOPPED)

    def _up(self) -> None:
        if self._conditions.end("lost", f"source {self._source}: back") is not None:
            self.reconnects += 1
        self._up_at = asyncio.get_running_loop().time()
        self._turn(Connection.CONNECTED)

    def _down(self, why: str) -> None:
        self.last_error = why
        what = "cannot be reached" if self.connection is Connection.CONNECTING else "lost"
        self._conditions.begin("lost", f"source {self._source}: {what}: {why}")
        held_s = 0.0 if self._up_at is None else asyncio.get_running_loop().time() - self._up_at
        self._up_at = None
        self._attempt = 1 if held_s >= STEADY_S else self._attempt + 1
        self._turn(Connection.LOST)

    def _wait_s(self) -> float:
        # 2**16 times the first wait is far beyond the last one
        return self._rng.uniform(0, min(LAST_WAIT_S, FIRST_WAIT_S * 2 ** min(self._attempt - 1, 16)))

    def _turn(self, connection: Connection) -> None:
        if connection is not self.connection:
            self.connection = connection
            self.since = self._clock()
