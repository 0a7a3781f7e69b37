"""The maintenance service: models, ledger, follower and REST put together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI

from maintenance.health.artefact import load_health_models
from maintenance.live.follower import Follower
from maintenance.live.ledger import Ledger
from maintenance.live.park_watch import ParkWatch
from maintenance.metrics import HealthMetrics
from maintenance.plan.decisions import Decisions
from maintenance.plan.desk import PlanDesk
from maintenance.plan.outlook_router import create_outlook_router
from maintenance.plan.router import create_plan_router
from maintenance.plan.site_file import SAMPLE, read_site
from maintenance.registry.router import create_model_router
from maintenance.registry.store import ModelStore
from maintenance.router import create_router
from maintenance.settings import SHIPPED_MODELS, MaintenanceSettings
from twin.bus.base import Bus
from twin.bus.connect import open_bus
from twin.bus.tag_sets import TagSetDirectory
from twin.contract.clock import Clock, system_clock
from twin.service.app import create_registry, create_service_app, run
from twin.service.database import open_database
from twin.service.logging import configure_logging
from twin.service.settings import load

SNAPSHOT_FILE = "health.snapshot"
DATABASE_FILE = "health.sqlite3"


def create_app(settings: MaintenanceSettings, bus: Bus, *, clock: Clock = system_clock) -> FastAPI:
    """Make the service; it follows the bus as long as the app's lifespan.

    Args:
        settings: as read at the edge.
        bus: where readings come from and health goes to; closed by the caller.
        clock: ns since the epoch.

    Raises:
        ArtefactError: a model is damaged.
        DatabaseError: the database cannot be opened.
        SiteFileError: the site file does not check.
    """
    registry = create_registry()
    shipped = load_health_models(settings.health_models or SHIPPED_MODELS)
    engine = open_database(settings.health_database or f"sqlite:///{settings.data_dir / DATABASE_FILE}")
    ledger = Ledger(engine)
    store = ModelStore(engine)
    tag_sets = TagSetDirectory(bus)

    def make_watch() -> ParkWatch:
        return ParkWatch(
            store.models(shipped)[0],
            tag_sets.get,
            window_s=settings.health_window_s,
            every_windows=settings.health_every_windows,
            outcomes=ledger.outcomes(),
        )

    follower = Follower(
        bus,
        make_watch,
        ledger,
        snapshot=settings.data_dir / SNAPSHOT_FILE,
        every_s=settings.health_snapshot_s,
        clock=clock,
        models=lambda: store.models(shipped),
    )
    registry.register(HealthMetrics(follower))
    desk = PlanDesk(
        read_site(settings.maintenance_site or SAMPLE),
        lambda: [one.health for one in follower.latest.values()],
        Decisions(engine, ledger),
        clock,
    )

    def health() -> Mapping[str, str]:
        return follower.troubles()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        follower.start()
        try:
            yield
        finally:
            await asyncio.to_thread(follower.stop)
            await asyncio.to_thread(tag_sets.close)
            engine.dispose()

    app = create_service_app(
        title="maintenance",
        version=version("parktwin"),
        settings=settings,
        registry=registry,
        health=health,
        lifespan=lifespan,
    )
    app.include_router(create_router(follower, clock))
    app.include_router(create_model_router(store, shipped, follower.look_for_models, clock))
    app.include_router(create_plan_router(desk, ledger, clock))
    app.include_router(create_outlook_router(desk, clock))
    return app


def serve() -> None:
    """Read the settings and serve until told to stop."""
    settings = load(MaintenanceSettings)
    configure_logging(settings.log_level, settings.log_format)
    bus = open_bus(settings.bus)
    try:
        run(create_app(settings, bus), settings, name="maintenance")
    finally:
        bus.close()
