"""What tenants see: for each an app of its own, made of the same routes over its own part of the park.

This is the one place that keeps tenants apart. A tenant's app holds nothing of anybody else: its park, tag
table and state know its own plants, alarms are asked for below its place, and a route that is not added here
does not exist for tenants. Whoever is of a tenant comes to no other app (see :mod:`twin.identity.guard`).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import Executor
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, FastAPI
from prometheus_client import CollectorRegistry
from sqlalchemy import Engine
from starlette.types import ASGIApp, Receive, Scope, Send

from twin.alarms.journal import Journal
from twin.api.alarm_actions_router import alarm_actions_router
from twin.api.alarms_router import alarms_router
from twin.api.history_router import history_router
from twin.api.page_router import add_page
from twin.api.park_router import park_router
from twin.api.past_state import PastStates
from twin.api.scene_builder import SceneBuilder
from twin.api.scene_router import scene_router
from twin.api.source_rows import SourceRows
from twin.api.sources_router import sources_router
from twin.api.state_router import state_router
from twin.api.stream_router import stream_router
from twin.contract.clock import Clock
from twin.historian.base import HistoryStore
from twin.identity.guard import STATE, TENANT, guard
from twin.identity.principal import Principal
from twin.park.model import Park
from twin.park.restricted import is_within, restrict_park
from twin.service.app import MOST_BODY_BYTES
from twin.service.problems import install_problem_handlers
from twin.state.tenant_state import TenantState
from twin.state.twin_state import TwinState
from twin.stream.hub import Hub, ViewerTooSlowError
from twin.stream.metrics import StreamMetrics


@dataclass(frozen=True, slots=True)
class Whole:
    """The parts of the twin that tenants are shown a part of.

    Args:
        park, state, hub, scene: of the whole park.
        history, database, journal: open them.
        questions: where blocking questions run.
        clock: ns since the epoch.
        tick_s: seconds between two frames.
        web: the page's folder.
        others: routers that are the same for everybody: signing in and out.
    """

    park: Park
    state: TwinState
    hub: Hub
    scene: SceneBuilder
    history: Callable[[], HistoryStore]
    database: Callable[[], Engine]
    journal: Callable[[], Journal]
    questions: Executor
    clock: Clock
    tick_s: float
    web: Path
    others: Iterable[APIRouter] = ()


class Tenants:
    """Makes a tenant's app when the first of its people comes; belongs to one event loop.

    Args:
        whole: what there is.
    """

    def __init__(self, whole: Whole) -> None:
        self._whole = whole
        self._apps: dict[str, FastAPI] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._hubs: list[Hub] = []

    def app(self, tenant: str) -> FastAPI:
        """Return the app of a tenant; of one that has no plants it is an empty park."""
        if tenant not in self._apps:
            hub = self._make(tenant)
            self._hubs.append(hub)
            self._tasks.append(asyncio.create_task(hub.run(), name=f"hub {tenant}"))
            self._tasks.append(asyncio.create_task(self._pass_on(tenant, hub), name=f"events {tenant}"))
        return self._apps[tenant]

    async def close(self) -> None:
        """End what runs for tenants."""
        for hub in self._hubs:
            hub.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _make(self, tenant: str) -> Hub:
        whole = self._whole
        park = restrict_park(whole.park, tenant)
        state = TenantState(whole.state, whole.park, park)
        metrics = StreamMetrics(CollectorRegistry())  # of the whole is counted what all see
        hub = Hub(state, interval_s=whole.tick_s, metrics=metrics, clock=whole.clock)
        app = FastAPI(
            title="ParkTwin",
            docs_url=None,
            redoc_url=None,
            dependencies=[Depends(guard)],
            max_body_size=MOST_BODY_BYTES,
        )
        setattr(app.state, TENANT, tenant)
        install_problem_handlers(app)
        past = PastStates(park, state.table, whole.history, whole.database)
        zone = ZoneInfo(park.timezone)
        routers = (
            *whole.others,
            park_router(park),
            scene_router(whole.scene),
            state_router(park, state, whole.clock, past, whole.questions),
            sources_router(SourceRows(park, state, lambda _: (0, {}), whole.clock)),
            alarms_router(whole.park, whole.journal, whole.clock, within=tenant, links=park),
            alarm_actions_router(whole.journal, whole.clock, within=tenant),
            history_router(state.table, whole.history, whole.questions, whole.clock, zone, only_these=True),
            stream_router(hub, None),
        )
        for router in routers:
            app.include_router(router)
        add_page(app, whole.web)
        self._apps[tenant] = app
        return hub

    async def _pass_on(self, tenant: str, hub: Hub) -> None:
        """Pass the alarms of a tenant on from the events of the whole; of what else is told there nothing."""
        while True:
            try:
                async with aclosing(self._whole.hub.stream()) as events:
                    async for item in events:
                        if isinstance(item, str):
                            self._pass_alarms(tenant, hub, json.loads(item))
                return
            except ViewerTooSlowError:
                hub.publish("alarms", {"entries": [], "missed": True})

    @staticmethod
    def _pass_alarms(tenant: str, hub: Hub, event: dict[str, object]) -> None:
        entries = event.get("entries") if event.get("event") == "alarms" else None
        if isinstance(entries, list):
            own = [row for row in entries if is_within(row["equipment"], tenant)]
            if own or event.get("missed"):
                hub.publish("alarms", {"entries": own, "missed": bool(event.get("missed"))})


class TenantSwitch:
    """Sends whoever is of a tenant to the tenant's app; stands between the gate and the app of the park.

    Args:
        app: of the park.
        tenants: has the others.
    """

    def __init__(self, app: ASGIApp, tenants: Tenants) -> None:
        self._app = app
        self._tenants = tenants

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        principal: Principal | None = scope.get(STATE)
        if principal is None or not principal.tenant:
            await self._app(scope, receive, send)
        else:
            await self._tenants.app(principal.tenant)(scope, receive, send)


def closing_router(tenants: Tenants) -> APIRouter:
    """A router without routes that ends the tenants' parts when the service ends."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(tenants.close)
            yield

    return APIRouter(lifespan=lifespan)
