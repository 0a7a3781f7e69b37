"""The inspection service over HTTP."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI

from twin.bus.base import Bus
from twin.contract.clock import Clock, system_clock
from twin.service.app import create_registry, create_service_app
from vision_qc.errors import ServiceClosedError
from vision_qc.features import shared_network
from vision_qc.service.challenge_router import challenge_router
from vision_qc.service.inspect_router import inspect_router
from vision_qc.service.lesson_router import lesson_router
from vision_qc.service.metrics import Gauges, InspectMetrics
from vision_qc.service.quality_router import quality_router
from vision_qc.service.recipe_router import recipe_router
from vision_qc.service.records_router import records_router
from vision_qc.service.retrain_router import retrain_router
from vision_qc.service.runtime import Runtime, open_runtime
from vision_qc.service.settings import QcSettings


def create_app(
    settings: QcSettings,
    bus: Bus,
    *,
    clock: Clock = system_clock,
    rng: random.Random | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> FastAPI:
    """Make the service; everything is opened with the app's lifespan and closed with it.

    Args:
        settings: as read at the edge.
        bus: where verdicts go; closed by the caller.
        clock: ns since the epoch.
        rng: spreads retries; seeded from the system if not given.
        monotonic: [s], tells how long a challenge check has held.
    """
    chance = rng or random.Random()  # jitter, not a secret
    held: list[Runtime] = []

    def runtime() -> Runtime:
        if not held:
            raise ServiceClosedError("qc: is starting or stopping; ask again")
        return held[0]

    def health() -> Mapping[str, str]:
        reasons: dict[str, str] = {}
        for parts in held:
            reasons |= {condition.code: condition.detail for condition in parts.conditions()}
            for (station, product), why in list(parts.library.unusable.items()):
                reasons[f"recipe {product} of {station}"] = why
        return reasons

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        network = await asyncio.to_thread(shared_network)
        held.append(
            await asyncio.to_thread(
                open_runtime, settings, bus, clock=clock, rng=chance, network=network, monotonic=monotonic
            )
        )
        try:
            yield
        finally:
            await asyncio.to_thread(held.pop().close)

    registry = create_registry()
    metrics = InspectMetrics(registry, known=lambda station: station in runtime().library.stations())
    registry.register(Gauges(lambda: held[0] if held else None))
    app = create_service_app(
        title="qc",
        version=version("parktwin"),
        settings=settings,
        registry=registry,
        health=health,
        lifespan=lifespan,
    )
    app.include_router(
        inspect_router(
            runtime,
            metrics,
            most_bytes=settings.qc_max_body_bytes,
            waiting=settings.qc_waiting,
            waiting_bytes=settings.qc_waiting_bytes,
        )
    )
    app.include_router(recipe_router(runtime))
    app.include_router(records_router(runtime))
    app.include_router(retrain_router(runtime))
    app.include_router(lesson_router(runtime, most_bytes=settings.qc_max_body_bytes))
    app.include_router(quality_router(runtime))
    app.include_router(challenge_router(runtime, most_bytes=settings.qc_max_body_bytes))
    return app
