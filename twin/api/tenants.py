"""What tenants see, and what people of the park see of tenants: for each an app of its own, made of the same
routes over a part of the park.

This is the one place that keeps tenants apart. Such an app holds nothing that is not shown in it: its park,
tag table, state and key figures know its own part, alarms are asked for at its places, and a route that is
not added here does not exist in it. Whoever is of a tenant comes to no other app (see
:mod:`twin.identity.guard`); people of the park come to the app of the whole while every tenant shares
everything, else to one without what is withheld.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from concurrent.futures import Executor
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from time import monotonic
from typing import Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, FastAPI
from prometheus_client import CollectorRegistry
from sqlalchemy import Engine
from starlette.types import ASGIApp, Receive, Scope, Send

from twin.alarms.journal import Journal
from twin.api.alarm_actions_router import alarm_actions_router
from twin.api.alarms_router import alarms_router
from twin.api.command_records_router import command_records_router
from twin.api.commands_router import commands_router
from twin.api.consents_router import consents_router
from twin.api.history_cost import HistoryCost
from twin.api.history_router import history_router
from twin.api.kpi_history import Known
from twin.api.kpi_router import kpi_router
from twin.api.kpi_time_router import kpi_time_router
from twin.api.own_networks import own_networks_routers
from twin.api.page_router import add_page
from twin.api.park_router import park_router
from twin.api.past_state import PastStates
from twin.api.playback import Replays
from twin.api.scene_builder import SceneBuilder
from twin.api.scene_router import scene_router
from twin.api.source_rows import SourceRows
from twin.api.sources_router import sources_router
from twin.api.state_router import state_router
from twin.api.stream_router import stream_router
from twin.commands.catalogue import Catalogue
from twin.commands.desk import Desk
from twin.commands.reach import Reach
from twin.contract.clock import Clock
from twin.historian.base import HistoryStore
from twin.identity.consents import Consents, Given, withheld
from twin.identity.errors import ForbiddenError
from twin.identity.guard import STATE, TENANT, for_signed_in, guard
from twin.identity.principal import Principal
from twin.kpi.plan import KpiPlan
from twin.kpi.series import Readings
from twin.networks.desk import NetworkDesk
from twin.networks.own_desk import OwnDesk
from twin.networks.own_part import own_part
from twin.park.model import Park
from twin.park.restricted import View, is_within_any, view_of_park, view_of_tenant
from twin.service.app import MOST_BODY_BYTES
from twin.service.database import DatabaseError
from twin.service.problems import install_problem_handlers, problem
from twin.state.tag_table import build_tag_table
from twin.state.tenant_state import TenantState
from twin.state.twin_state import TwinState
from twin.stream.hub import Hub, ViewerTooSlowError
from twin.stream.metrics import StreamMetrics

REMEMBERED_S: Final = 2.0
"""So long what tenants share is taken for true; what is taken back is gone as soon."""
_CLOSE_AGAIN: Final = 1012
"""A WebSocket is closed with this when its viewer is to see something else from now on: come again."""
_METHODS: Final = ["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True, slots=True)
class Whole:
    """The parts of the twin of which others are shown a part.

    Args:
        park, state, hub, scene: of the whole park.
        history, database, journal: open them.
        readings: of key figures.
        past: states of the past, of the whole.
        networks: answers about them, of the whole.
        commands: takes requests for commands of a catalogue.
        history_cost: charges who asks for the past.
        questions: where blocking questions run.
        clock: ns since the epoch.
        tick_s: seconds between two frames.
        web: the page's folder.
        others: routers that are the same for everybody: signing in and out.
        park_others: routers that people of the park have whatever tenants share.
        consents: what tenants share; None where nothing is secured.
        more: routers over the whole, which people of the park have while every tenant shares these groups.
    """

    park: Park
    state: TwinState
    hub: Hub
    scene: SceneBuilder
    history: Callable[[], HistoryStore]
    database: Callable[[], Engine]
    journal: Callable[[], Journal]
    readings: Readings
    past: PastStates
    networks: NetworkDesk
    commands: Callable[[Catalogue], Desk]
    history_cost: HistoryCost
    questions: Executor
    clock: Clock
    tick_s: float
    web: Path
    others: Iterable[APIRouter] = ()
    park_others: Iterable[APIRouter] = ()
    consents: Consents | None = None
    more: list[tuple[frozenset[str], APIRouter]] = field(default_factory=list)


@dataclass(slots=True)
class _Made:
    """An app and what runs for it."""

    app: FastAPI
    hub: Hub
    tasks: tuple[asyncio.Task[None], ...]

    async def close(self) -> None:
        self.hub.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


class Tenants:
    """Makes an app when the first of its people comes; belongs to one event loop.

    Args:
        whole: what there is.
    """

    def __init__(self, whole: Whole) -> None:
        self._whole = whole
        self._apps: dict[str, _Made] = {}
        self._park: tuple[Given, _Made] | None = None
        self._given: Given = {}
        self._asked = -REMEMBERED_S
        self._asking = asyncio.Lock()

    def app(self, tenant: str) -> FastAPI:
        """Return the app of a tenant; of one that has no plants it is an empty park."""
        if tenant not in self._apps:
            view = view_of_tenant(self._whole.park, tenant)
            consents = consents_router(self._whole.consents, lambda: [tenant], tenant)
            routers = (consents, *self._networks_of(tenant))
            self._apps[tenant] = self._make(tenant, view, routers)
        return self._apps[tenant].app

    async def park_app(self) -> FastAPI | None:
        """Return the app of people of the park: None for that of the whole, while nothing is withheld.

        Raises:
            DatabaseError: what tenants share cannot be looked up now.
        """
        async with self._asking:
            given = await self._shared()
            missing = withheld(given)
            if not missing:
                return None
            if self._park is None or self._park[0] != given:
                if self._park is not None:
                    await self._park[1].close()
                view = await asyncio.to_thread(view_of_park, self._whole.park, given)
                shared = frozenset.intersection(*given.values())
                more = [router for needed, router in self._whole.more if needed <= shared]
                refusing = _refusing_router(missing)
                self._park = (given, self._make("", view, (*self._whole.park_others, *more, refusing)))
            return self._park[1].app

    async def _shared(self) -> Given:
        if self._whole.consents is None:
            return {}
        if monotonic() - self._asked >= REMEMBERED_S:
            self._given = await asyncio.to_thread(self._whole.consents.given)
            self._asked = monotonic()
        return self._given

    async def close(self) -> None:
        """End what runs for them."""
        for made in (*self._apps.values(), *(() if self._park is None else (self._park[1],))):
            await made.close()

    def _make(self, tenant: str, view: View, more: Iterable[APIRouter]) -> _Made:
        whole, park = self._whole, view.park
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
        fed_by = {tag.tag: tag.source for tag in whole.park.tags}
        past = _past_of(whole, park, fed_by)
        plan = KpiPlan(park)
        catalogue = Catalogue(
            whole.park,  # interlocks are looked at where they are true; what is shown of them is of the view
            Reach(view.commands, {tag.tag for tag in park.tags}, {machine.id for machine in park.equipment}),
        )
        known = Known(whole.readings, whole.history, fed_by, whole.database, whole.clock, whole.history_cost)
        replays = Replays(
            past,
            whole.database,
            park.id,
            interval_s=whole.tick_s,
            clock=whole.clock,
            stopped=hub.wait_closed,
            shows=lambda equipment: is_within_any(equipment, view.places),
            sources=frozenset(source.id for source in park.sources),
        )
        routers = (
            *whole.others,
            park_router(park),
            scene_router(whole.scene),
            state_router(park, state, whole.clock, past, whole.questions),
            sources_router(SourceRows(park, state, lambda _: (0, {}), whole.clock)),
            alarms_router(whole.park, whole.journal, whole.clock, within=view.places, links=park),
            alarm_actions_router(whole.journal, whole.clock, within=view.places),
            history_router(
                state.table,
                whole.history,
                whole.questions,
                whole.clock,
                ZoneInfo(park.timezone),
                whole.history_cost,
                only_these=True,
            ),
            kpi_router(plan, known, whole.database, whole.questions, whole.clock),
            kpi_time_router(plan, known, whole.questions),
            commands_router(whole.park, catalogue, whole.state, whole.commands),
            command_records_router(catalogue, whole.database),
            stream_router(hub, replays),
            *more,
        )
        for router in routers:
            app.include_router(router)
        add_page(app, whole.web)
        name = tenant or "park"
        tasks = (
            asyncio.create_task(hub.run(), name=f"hub {name}"),
            asyncio.create_task(self._pass_on(view.places, hub), name=f"events {name}"),
        )
        return _Made(app, hub, tasks)

    def _networks_of(self, tenant: str) -> Iterable[APIRouter]:
        whole = self._whole
        part = own_part(whole.park, tenant)
        return own_networks_routers(
            OwnDesk(whole.networks, part), whole.state, whole.history, whole.past, whole.clock
        )

    async def _pass_on(self, places: tuple[str, ...], hub: Hub) -> None:
        """Pass the alarms of some places on from the events of the whole; of what else is told there
        nothing."""
        while True:
            try:
                async with aclosing(self._whole.hub.stream()) as events:
                    async for item in events:
                        if isinstance(item, str):
                            self._pass_alarms(places, hub, json.loads(item))
                return
            except ViewerTooSlowError:
                hub.publish("alarms", {"entries": [], "missed": True})

    @staticmethod
    def _pass_alarms(places: tuple[str, ...], hub: Hub, event: dict[str, object]) -> None:
        entries = event.get("entries") if event.get("event") == "alarms" else None
        if isinstance(entries, list):
            own = [row for row in entries if is_within_any(row["equipment"], places)]
            if own or event.get("missed"):
                hub.publish("alarms", {"entries": own, "missed": bool(event.get("missed"))})


class TenantSwitch:
    """Sends everybody to the app that is theirs; stands between the gate and the app of the whole.

    Services come to the whole: what they tell people is not theirs to decide.

    Args:
        app: of the whole.
        tenants: has the others.
    """

    def __init__(self, app: ASGIApp, tenants: Tenants) -> None:
        self._app = app
        self._tenants = tenants

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        principal: Principal | None = scope.get(STATE)
        if principal is None or (not principal.tenant and principal.kind != "person"):
            await self._app(scope, receive, send)
        elif principal.tenant:
            await self._tenants.app(principal.tenant)(scope, receive, send)
        else:
            await self._of_park(scope, receive, send)

    async def _of_park(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            own = await self._tenants.park_app()
        except DatabaseError as error:
            if scope["type"] == "http":
                refusal = problem(HTTPStatus.SERVICE_UNAVAILABLE, error.code, str(error))
                await refusal(scope, receive, send)
            return
        app = own or self._app
        if scope["type"] != "websocket":
            await app(scope, receive, send)
            return
        serving = asyncio.ensure_future(app(scope, receive, send))
        try:
            while not serving.done():
                await asyncio.wait({serving}, timeout=REMEMBERED_S)
                with suppress(DatabaseError):  # it goes on as it was, for as long
                    if not serving.done() and await self._tenants.park_app() is not own:
                        serving.cancel()
                        await asyncio.wait({serving})
                        with suppress(RuntimeError):  # closed already
                            await send({"type": "websocket.close", "code": _CLOSE_AGAIN})
                        return
            await serving
        finally:
            serving.cancel()


def _past_of(whole: Whole, park: Park, fed_by: Mapping[str, str]) -> PastStates:
    """The past of a part: whether a value was old then hangs on its source, also on one that is not told."""
    inner = replace(
        park,
        tags=tuple(replace(tag, source=fed_by[tag.tag]) for tag in park.tags),
        sources=whole.park.sources,
    )
    return PastStates(inner, build_tag_table(inner), whole.history, whole.database)


def _refusing_router(missing: dict[str, list[str]]) -> APIRouter:
    """A router that says why there is nothing where the whole has a route."""
    router = APIRouter()
    whose = "; ".join(f"{tenant} does not share {', '.join(groups)}" for tenant, groups in missing.items())

    @router.api_route(
        "/api/{path:path}", methods=_METHODS, dependencies=[for_signed_in()], include_in_schema=False
    )
    def refuse(path: str) -> None:
        raise ForbiddenError(f"/api/{path}: speaks of all plants, or is not there; {whose}")

    return router


def closing_router(tenants: Tenants) -> APIRouter:
    """A router without routes that ends the tenants' parts when the service ends."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(tenants.close)
            yield

    return APIRouter(lifespan=lifespan)
