"""``GET /api/commands``: what was asked for, what came of it, and the audit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import Engine

from twin.api.alarms_router import AWAY, Sought
from twin.api.command_rows import (
    AuditAnswer,
    LineRow,
    RequestAnswer,
    RequestRow,
    RequestsAnswer,
    line_row,
    request_row,
)
from twin.commands.audit import newest
from twin.commands.catalogue import Catalogue
from twin.commands.queries import (
    AuditLine,
    RequestFilter,
    find_request,
    how_known,
    list_lines,
    list_requests,
    targets_of,
)
from twin.commands.request import Request, RequestState
from twin.identity.guard import needs

_STEPS = 1000


def command_records_router(catalogue: Catalogue, database: Callable[[], Engine]) -> APIRouter:
    """Make the router; of what the catalogue's reach does not reach it tells nothing."""
    router = APIRouter(tags=["commands"], responses={**AWAY})
    within = catalogue.reach.places

    def rows(requests: Sequence[Request]) -> list[RequestRow]:
        known = how_known(database(), [request.id for request in requests])
        return [request_row(request, catalogue, known.get(request.id, "claimed")) for request in requests]

    def told_lines(lines: Sequence[AuditLine]) -> list[LineRow]:
        if within is None:
            return [line_row(line) for line in lines]
        targets = targets_of(database(), {line.command for line in lines})
        told = {number: catalogue.told(*target) for number, target in targets.items()}
        return [line_row(line, told[line.command], catalogue.reach) for line in lines]

    @router.get("/api/commands", dependencies=[needs("command.read")])
    def get_commands(
        states: Annotated[
            list[RequestState], Query(default_factory=list, alias="state", description="in these states")
        ],
        equipment: Annotated[Sought, Query(description="at this, or anything below it")] = "",
        limit: Annotated[int, Query(ge=1, le=1000, description="how many at most")] = 100,
        offset: Annotated[int, Query(ge=0, le=1_000_000, description="how many to pass over")] = 0,
    ) -> RequestsAnswer:
        """Return requests, the newest first."""
        wanted = RequestFilter(states, equipment, within)
        found, total = list_requests(database(), wanted, limit=limit, offset=offset)
        return RequestsAnswer(requests=rows(found), total=total)

    @router.get("/api/commands/audit", dependencies=[needs("audit.read")])
    def get_audit(
        after: Annotated[int, Query(ge=0, le=2**62, description="only lines behind this number")] = 0,
        command: Annotated[Sought, Query(description="only of this request")] = "",
        limit: Annotated[int, Query(ge=1, le=10_000, description="how many at most")] = 1000,
    ) -> AuditAnswer:
        """Return lines of the audit, the oldest first, and its head."""
        lines = list_lines(database(), after=after, limit=limit, command=command, within=within)
        return AuditAnswer(lines=told_lines(lines), head=str(newest(database())))

    @router.get(
        "/api/commands/{number}",
        dependencies=[needs("command.read")],
        responses={404: {"description": "no such request"}},
    )
    def get_command(number: Sought) -> RequestAnswer:
        """Return a request with everything that happened to it."""
        request = find_request(database(), number, within)
        steps = list_lines(database(), after=0, limit=_STEPS, command=number)
        return RequestAnswer(**rows([request])[0].model_dump(), steps=told_lines(steps))

    return router
