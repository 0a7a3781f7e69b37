"""The twin as a service: REST, the stream, the page, and the parts behind them."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from secrets import token_urlsafe
from zoneinfo import ZoneInfo

from fastapi import FastAPI
from fastapi.middleware.gzip import GZipMiddleware
from starlette.middleware.sessions import SessionMiddleware

import twin
from twin.api.alarm_actions_router import alarm_actions_router
from twin.api.alarm_kpi_router import alarm_kpi_router
from twin.api.alarms_router import alarms_router
from twin.api.backup_router import backup_router
from twin.api.command_records_router import command_records_router
from twin.api.commands_router import commands_router
from twin.api.consents_router import consents_router
from twin.api.desk_router import DeskService, desk_router
from twin.api.history_router import history_router
from twin.api.identity_router import identity_router
from twin.api.incident_export import IncidentExport
from twin.api.incidents_router import incidents_router
from twin.api.kpi_history import Known
from twin.api.kpi_router import kpi_router
from twin.api.kpi_time_router import kpi_time_router
from twin.api.networks_router import networks_router
from twin.api.overloads_router import overloads_router
from twin.api.packed_file import PACK_FROM_BYTES
from twin.api.page_router import SecurityHeaders, add_page
from twin.api.park_router import park_router
from twin.api.past_state import PastStates
from twin.api.playback import Replays
from twin.api.revisions_router import revisions_router
from twin.api.runtime import TwinRuntime
from twin.api.scene_router import scene_router
from twin.api.settings import TwinSettings
from twin.api.sign_in_router import me_router, sign_in_router
from twin.api.sources_router import sources_router
from twin.api.state_router import state_router
from twin.api.stream_router import stream_router
from twin.api.tenants import Tenants, TenantSwitch, Whole, closing_router
from twin.api.what_if_choices_router import what_if_choices_router
from twin.api.what_if_router import what_if_router
from twin.bus.base import Bus
from twin.bus.connect import open_bus
from twin.contract.clock import Clock, system_clock
from twin.identity.consents import PARTS, Consents
from twin.networks.desk import NetworkDesk
from twin.park.model import Park
from twin.service.app import create_registry, create_service_app, identities_of
from twin.service.tls import client_context

WEB = Path(next(iter(twin.__path__))) / "web"
"""The page's files."""

_PACK_LEVEL = 4
"""For answers made anew each time; the files of the page and the park are packed once, and better."""

DESCRIPTION = """The live state, the alarms, the history and the geometry of a park. An error is a problem
detail (RFC 9457) with a stable code.

WebSocket /api/stream: binary messages are frames of what changed (layout: twin/stream/frame.py), the first
one a snapshot, then one a tick. Text messages are JSON events with a name in 'event': 'sources' (the rows of
/api/sources, when one has changed in more than counters), 'alarms' (in 'entries' new rows of
/api/alarms/journal; how those alarms stand now tells /api/alarms?alarm=ID&alarm=ID; 'missed' is true if some
are not among them: ask for all of /api/alarms again) and 'health' (the reasons of /api/health). With
?at=MOMENT&speed=S the past is played back from that moment on, S seconds of it a second (0 to 3600; 0 stands
still): the same frames, whose server time is the moment shown, 'alarms' as they were journalled,
'lost_sources', 'replay' first and 'replay_ended' when the present is reached. Closed with 4400 for a moment
or a speed that cannot be played, 4403 to the page of another site, 4408 to a viewer that does not keep up,
4429 if too many replays run, 4503 if the past cannot be told now, 1000 at the present, 1001 when the twin
stops."""


def create_app(
    settings: TwinSettings,
    park: Park,
    *,
    connect: Callable[[], Bus] | None = None,
    clock: Clock = system_clock,
    web: Path = WEB,
) -> FastAPI:
    """Make the app; nothing is opened before it runs.

    Args:
        settings: of the service.
        park: the checked park.
        connect: opens the bus; left out, the one of the settings.
        clock: ns since the epoch.
        web: the page's folder.
    """
    registry = create_registry()
    runtime = TwinRuntime(
        settings,
        park,
        registry=registry,
        connect=connect or (lambda: open_bus(settings.bus, clock=clock)),
        clock=clock,
    )
    identities = identities_of(settings)
    shared = [me_router()]
    if identities is not None:
        shared.append(sign_in_router(identities, clock, provider=bool(settings.oidc_issuer)))
        if settings.oidc_issuer:
            from twin.api.provider_router import Provider, provider_router  # few need it, and it is large

            secret = settings.oidc_client_secret.get_secret_value()
            provider = Provider(settings.oidc_issuer, settings.oidc_client_id, secret)
            shared.append(provider_router(identities, provider))
    consents = None if identities is None else Consents(identities.store)
    enterprises = [place.id for place in park.places if place.level == "enterprise"]
    park_others = [consents_router(consents, lambda: enterprises if consents is None else consents.given())]
    if identities is not None:
        park_others.append(identity_router(identities))
    desk = NetworkDesk(park)
    past = PastStates(park, runtime.state.table, runtime.history, runtime.database)
    whole = Whole(
        park=park,
        state=runtime.state,
        hub=runtime.hub,
        scene=runtime.scene,
        history=runtime.history,
        database=runtime.database,
        journal=runtime.journal,
        readings=runtime.readings,
        past=past,
        networks=desk,
        commands=runtime.desk,
        history_cost=runtime.history_cost,
        questions=runtime.questions,
        clock=clock,
        tick_s=settings.tick_s,
        web=web,
        others=shared,
        park_others=park_others,
        consents=consents,
    )
    tenants = Tenants(whole)
    app = create_service_app(
        title="ParkTwin",
        version=version("parktwin"),
        settings=settings,
        registry=registry,
        health=runtime.health,
        lifespan=runtime.lifespan,
        identities=identities,
        page=True,
        switch=partial(TenantSwitch, tenants=tenants) if "serve" in settings.roles else None,
    )
    app.description = DESCRIPTION
    if settings.oidc_issuer:  # holds state and nonce for the minutes that a sign-in takes
        app.add_middleware(
            SessionMiddleware, secret_key=_session_key(settings), session_cookie="parktwin_oidc", max_age=600
        )
    app.add_middleware(GZipMiddleware, minimum_size=PACK_FROM_BYTES, compresslevel=_PACK_LEVEL)
    app.add_middleware(SecurityHeaders, index=web / "index.html")
    if "serve" in settings.roles:
        table = runtime.state.table
        for router in (*shared, *park_others, closing_router(tenants)):
            app.include_router(router)
        app.include_router(park_router(park))
        app.include_router(revisions_router(runtime.database))
        app.include_router(scene_router(runtime.scene))
        app.include_router(state_router(park, runtime.state, clock, past, runtime.questions))
        app.include_router(sources_router(runtime.sources))
        app.include_router(alarms_router(park, runtime.journal, clock))
        app.include_router(alarm_actions_router(runtime.journal, clock))
        app.include_router(
            history_router(
                table,
                runtime.history,
                runtime.questions,
                clock,
                ZoneInfo(park.timezone),
                runtime.history_cost,
            )
        )
        sources = {tag.tag: tag.source for tag in park.tags}
        known = Known(
            runtime.readings, runtime.history, sources, runtime.database, clock, runtime.history_cost
        )
        app.include_router(kpi_router(runtime.kpi_plan, known, runtime.database, runtime.questions, clock))
        app.include_router(kpi_time_router(runtime.kpi_plan, known, runtime.questions))
        token = settings.token_of_desks
        trust = client_context(settings)
        quality = DeskService("quality", settings.quality_service, token, "/api", trust)
        maintenance = DeskService(
            "maintenance", settings.maintenance_service, token, "/api/maintenance", trust
        )
        whole.more.extend(
            [
                (PARTS["alarm_figures"], alarm_kpi_router(runtime.journal, clock)),
                (
                    PARTS["networks"],
                    what_if_router(park, runtime.state, desk, past, clock),
                ),
                (PARTS["networks"], what_if_choices_router(park)),
                (
                    PARTS["networks"],
                    networks_router(park, runtime.state, desk, runtime.history, clock),
                ),
                (PARTS["networks"], overloads_router(park, runtime.state, runtime.history, clock)),
                (PARTS["desks"], desk_router([quality, maintenance])),
            ]
        )
        for _, router in whole.more:
            app.include_router(router)
        app.include_router(commands_router(park, runtime.catalogue, runtime.state, runtime.desk))
        app.include_router(command_records_router(runtime.catalogue, runtime.database))
        export = IncidentExport(
            park,
            runtime.history,
            runtime.database,
            settings.data_dir,
            quality=quality,
            maintenance=maintenance,
            clock=clock,
            cost=runtime.history_cost,
        )
        app.include_router(backup_router(runtime.history))
        app.include_router(incidents_router(export, settings.data_dir, runtime.questions, clock))
        replays = Replays(
            past,
            runtime.database,
            park.id,
            interval_s=settings.tick_s,
            clock=clock,
            stopped=runtime.hub.wait_closed,
        )
        app.include_router(stream_router(runtime.hub, replays))
        add_page(app, web)
    return app


def _session_key(settings: TwinSettings) -> str:
    """What signs the cookie of a sign-in under way: the same after a restart, and for all that serve."""
    secret = settings.oidc_client_secret.get_secret_value()
    if not secret:
        return token_urlsafe(32)
    return hmac.new(secret.encode(), b"parktwin sign-in under way", sha256).hexdigest()
