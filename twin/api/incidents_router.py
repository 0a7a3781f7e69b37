"""``GET /api/incidents/bundle``: an incident as a signed file; ``/api/incidents/key``: what it is checked
with."""

from __future__ import annotations

import asyncio
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from twin.api.alarms_router import UNREADABLE, interval
from twin.api.asked import asked
from twin.api.incident_export import IncidentExport
from twin.contract.clock import Clock
from twin.identity.guard import needs, weighs
from twin.identity.principal import WHO, signed
from twin.incidents.signing_key import public_pem, signing_key

Place = Annotated[str, Query(max_length=700)]


def incidents_router(export: IncidentExport, data_dir: Path, questions: Executor, clock: Clock) -> APIRouter:
    """Make the router; ``questions`` is where bundles are made."""
    router = APIRouter(tags=["incidents"], dependencies=[needs("audit.read")])

    @router.get(
        "/api/incidents/bundle",
        dependencies=[weighs(100)],
        response_class=FileResponse,
        responses={
            **UNREADABLE,
            200: {"content": {"application/zip": {}}, "description": "the bundle; see docs/incidents.md"},
            429: {"description": "more readings than can be asked for now"},
            503: {"description": "the history or the database is away"},
        },
    )
    async def get_bundle(
        start: Annotated[str, Query(alias="from", description="RFC 3339, ms since the epoch, or now-1h")],
        equipment: Annotated[
            list[Place],
            Query(default_factory=list, description="ids of machines or places; left out, the whole park"),
        ],
        end: Annotated[str, Query(alias="to", description="RFC 3339, ms since the epoch, or now")] = "now",
        by: Annotated[str, Query(max_length=200, description=WHO)] = "",
    ) -> FileResponse:
        """Return what was known of a stretch of time in one signed file: readings, alarms, commands with
        their audit, inspections with their pictures, versions of models, the park."""
        first, last = interval(start, end, clock())
        work = partial(export.write, first, last, equipment, signed(by))
        bundle = await asked(questions, work)
        return FileResponse(
            bundle,
            media_type="application/zip",
            filename="incident.zip",
            background=BackgroundTask(export.remove, bundle),
        )

    @router.get("/api/incidents/key")
    async def get_key() -> Response:
        """Return the public key (Ed25519, PEM) that bundles of this twin are checked with: keep it apart from
        them."""
        key = await asyncio.to_thread(signing_key, data_dir)
        return Response(public_pem(key.public_key()), media_type="application/x-pem-file")

    return router
