"""The connectors service: sources, outbox, sender, heartbeat and configurations put together."""

from __future__ import annotations

import asyncio
import logging
import os
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from importlib.metadata import version
from typing import Final

from fastapi import FastAPI

from connectors.configs import FILE_NAME, ConfigCache, ConfigReader
from connectors.errors import ConnectorError
from connectors.heartbeat import Heartbeat
from connectors.manager import SourceManager
from connectors.metrics import ConnectorMetrics, make_latency
from connectors.opcua.security import SecurityKit
from connectors.outbox import Outbox
from connectors.sender import Sender
from connectors.settings import PKI_FOLDER, ConnectorSettings
from connectors.write_back.make_device import make_device
from connectors.write_back.write_back import LEDGER_FILE, close_write_back, open_write_back
from twin.bus.base import Bus
from twin.bus.embedded_log import DurableLog
from twin.bus.signatures import open_signing
from twin.contract.clock import Clock, system_clock
from twin.contract.messages import Condition, SourceConfig, SourceState
from twin.service.app import create_registry, create_service_app

OUTBOX_FILE: Final = "outbox.sqlite3"

_LOG = logging.getLogger(__name__)


def create_app(
    settings: ConnectorSettings,
    bus: Bus,
    *,
    clock: Clock = system_clock,
    rng: random.Random | None = None,
) -> FastAPI:
    """Make the service; everything starts with the app's lifespan and stops with it.

    Args:
        settings: as read at the edge.
        bus: where frames, gaps and states go and configurations come from; closed by the caller.
        clock: ns since the epoch.
        rng: spreads waits; seeded from the system if not given.
    """
    signing = open_signing(settings.signing_key, settings.signing_trust)
    registry = create_registry()
    latency = make_latency(registry)
    # jitter, not a secret
    chance = rng or random.Random()
    conditions: list[Condition] = []

    def health() -> Mapping[str, str]:
        return {condition.code: condition.detail for condition in conditions}

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # asyncua says again what the supervisor says once
        logging.getLogger("asyncua").setLevel(logging.ERROR)
        folder = settings.data_dir / "connectors"
        folder.mkdir(parents=True, exist_ok=True)
        log = DurableLog(
            folder / OUTBOX_FILE,
            max_bytes=settings.outbox_max_bytes,
            synchronous=settings.outbox_sync,
            clock=clock,
        )
        outbox = Outbox(log, clock=clock, max_bytes=settings.outbox_max_bytes)
        sender = Sender(log, outbox, bus, clock=clock, rng=chance)
        kit = SecurityKit(settings.data_dir / PKI_FOLDER, clock, os.environ, settings.opcua_old_policies)
        try:
            await asyncio.to_thread(kit.own)
        except (ConnectorError, OSError) as error:
            _LOG.error("certificate: %s; sources that need none run all the same", error)
        manager = SourceManager(
            outbox,
            clock=clock,
            rng=chance,
            kit=kit,
            latency_s=lambda source, seconds: latency.labels(source).observe(seconds),
        )
        registry.register(ConnectorMetrics(manager, outbox, sender))
        loop = asyncio.get_running_loop()
        cache = ConfigCache(folder / FILE_NAME)
        for config in cache.load():
            if settings.reads(config.source):
                manager.change(config)
        changes = asyncio.create_task(manager.run(), name="sources")
        write_back, lasting = open_write_back(
            folder / LEDGER_FILE,
            bus,
            cache.of,
            partial(make_device, kit=kit, clock=clock),
            clock=clock,
            reads=settings.reads,
            share=settings.connectors_share,
            registry=registry,
            signing=signing,
        )

        def apply(config: SourceConfig) -> None:
            if not settings.reads(config.source):
                return
            cache.keep(config)
            # the loop may be closing already
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(manager.change, config)

        def states() -> list[SourceState]:
            forged = None if write_back is None else write_back.condition()
            now = tuple(c for c in (outbox.condition, sender.condition, forged, *lasting) if c is not None)
            conditions[:] = now
            if sender.away:
                # the broker may be back before the sender has noticed: a source that says it is well now
                # would make values that are as old as the outage look like the present
                return []
            return manager.states(heartbeat_ms=settings.heartbeat_ms, unsent=sender.unsent, conditions=now)

        reader = ConfigReader(bus, apply, clock=clock)
        heartbeat = Heartbeat(bus, states, every_ms=settings.heartbeat_ms, clock=clock)
        try:
            yield
        finally:
            # side by side and each bounded: with the broker away all of them wait for it, and a service that
            # takes longer to end than its supervisor's patience is killed in the middle
            changes.cancel()
            ended = await asyncio.gather(
                changes, close_write_back(write_back), asyncio.to_thread(reader.close), return_exceptions=True
            )
            for fault in ended:
                if isinstance(fault, Exception):
                    _LOG.error("connectors: a part did not end as it should", exc_info=fault)
            await asyncio.to_thread(outbox.close)
            await asyncio.gather(asyncio.to_thread(heartbeat.close), asyncio.to_thread(sender.close))
            log.close()

    return create_service_app(
        title="connectors",
        version=version("parktwin"),
        settings=settings,
        registry=registry,
        health=health,
        lifespan=lifespan,
    )
