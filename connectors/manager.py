"""All sources of this process: started, changed and stopped one by one, without disturbing the others."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from connectors.modbus.source import ModbusSource
from connectors.opcua.security import SecurityKit
from connectors.opcua.source import OpcUaSource
from connectors.outbox import Outbox
from connectors.supervisor import SourceLink, Supervisor
from twin.contract.clock import Clock
from twin.contract.messages import Condition, Connection, SourceConfig, SourceState

_LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class RunningSource:
    """A source with what keeps it running."""

    config: SourceConfig
    link: SourceLink
    supervisor: Supervisor
    task: asyncio.Task[None]


class SourceManager:
    """Starts, changes and stops sources; belongs to one event loop.

    Args:
        outbox: where they deliver.
        clock: ns since the epoch.
        rng: spreads waits.
        kit: certificates and passwords.
        latency_s: told the age of each response when the outbox had it, by source [s].
    """

    def __init__(
        self,
        outbox: Outbox,
        *,
        clock: Clock,
        rng: random.Random,
        kit: SecurityKit,
        latency_s: Callable[[str, float], None] = lambda _source, _seconds: None,
    ) -> None:
        self._outbox = outbox
        self._clock = clock
        self._rng = rng
        self._kit = kit
        self._latency_s = latency_s
        self._running: dict[str, RunningSource] = {}
        self._removed: list[SourceState] = []
        self._changes: asyncio.Queue[SourceConfig] = asyncio.Queue()

    @property
    def sources(self) -> tuple[RunningSource, ...]:
        """The sources that run now; may be asked from another thread."""
        return tuple(self._running.values())

    def change(self, config: SourceConfig) -> None:
        """Ask for a configuration to be applied; from the loop's thread."""
        self._changes.put_nowait(config)

    async def run(self) -> None:
        """Apply configurations in order until cancelled, then stop all sources."""
        try:
            while True:
                config = await self._changes.get()
                try:
                    await self.apply(config)
                except Exception:
                    _LOG.exception("source %s: its configuration cannot be applied", config.source)
        finally:
            await self.close()

    async def apply(self, config: SourceConfig) -> None:
        """Make it so: nothing if it is so already, else this one source is stopped and started anew."""
        known = self._running.get(config.source)
        if known is not None and known.config == config:
            return
        if known is not None:
            await self._stop(known)
            del self._running[config.source]
        if config.removed:
            if known is not None:
                self._outbox.forget_whole(config.source)
                self._removed.append(self._state(known, ()))
                _LOG.info("source %s: removed", config.source)
            return
        link = self._make_link(config)
        link.latency_s = lambda seconds: self._latency_s(config.source, seconds)
        supervisor = Supervisor(config.source, link, clock=self._clock, rng=self._rng)
        task = asyncio.create_task(supervisor.run(), name=f"source {config.source}")
        self._running[config.source] = RunningSource(config, link, supervisor, task)
        _LOG.info("source %s: %d signals from %s", config.source, len(config.items), config.endpoint)

    def _make_link(self, config: SourceConfig) -> SourceLink:
        if config.protocol == "modbus":
            return ModbusSource(config, self._outbox, clock=self._clock, rng=self._rng)
        return OpcUaSource(config, self._outbox, clock=self._clock, rng=self._rng, kit=self._kit)

    async def close(self) -> None:
        """Stop all sources."""
        await asyncio.gather(*(self._stop(running) for running in self._running.values()))

    @staticmethod
    async def _stop(running: RunningSource) -> None:
        running.task.cancel()
        with suppress(asyncio.CancelledError):
            await running.task

    def states(
        self, *, heartbeat_ms: int = 1000, unsent: int = 0, conditions: tuple[Condition, ...] = ()
    ) -> list[SourceState]:
        """Say how every source is doing, and once of a removed one that it stopped."""
        removed, self._removed = self._removed, []
        states = [
            self._state(running, conditions, heartbeat_ms=heartbeat_ms, unsent=unsent)
            for running in self.sources
        ]
        return states + removed

    def _state(
        self,
        running: RunningSource,
        conditions: tuple[Condition, ...],
        *,
        heartbeat_ms: int = 1000,
        unsent: int = 0,
    ) -> SourceState:
        link, supervisor = running.link, running.supervisor
        connected = supervisor.connection is Connection.CONNECTED
        return SourceState(
            source=running.config.source,
            connection=supervisor.connection,
            since=supervisor.since,
            time=self._clock(),
            last_heard=link.last_heard,
            requested=link.items.requested,
            monitored=len(link.items.monitored) if connected else 0,
            failed=link.failed,
            readings=self._outbox.counts.readings.get(running.config.source, 0),
            unsent=unsent,
            heartbeat_ms=heartbeat_ms,
            last_error=supervisor.last_error,
            conditions=(*conditions, *link.conditions()),
        )
