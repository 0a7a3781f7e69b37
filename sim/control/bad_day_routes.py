"""Bad days of the servers over HTTP."""

from __future__ import annotations

from difflib import get_close_matches
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sim.control.bad_days import ActiveBadDay, BadDays
from sim.control.bodies import BodyError, answer, read_body
from sim.errors import SimError
from sim.faults.moments import parse_duration_s
from sim.truth.event import shown_time


class UnknownBadDayError(SimError, LookupError):
    """No such bad day, server or number."""

    code = "sim.bad_day.unknown"


class BadDayBody(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"lasts": "for"}
):
    """A bad day: whose, which, how, and ``for`` how long (seconds or ``5m``; 0 = until it is ended)."""

    server: str
    name: str
    parameters: dict[str, float | str] = {}
    lasts: str | float | None = None


def bad_day_routes(days: BadDays) -> list[BaseRoute]:
    """Make the routes."""

    async def get_days(_: Request) -> Response:
        """List what there is, whose it can be, and what is on."""
        return answer(
            {
                "bad_days": [msgspec.to_builtins(row) for row in days.table],
                "servers": days.servers,
                "active": [_shown(day) for day in days.active],
            }
        )

    async def begin(request: Request) -> Response:
        """Begin a bad day."""
        body = await read_body(request, BadDayBody)
        rows = {row.id: row for row in days.table}
        if body.name not in rows:
            raise UnknownBadDayError(_unknown("bad day", body.name, list(rows)))
        if body.server not in days.servers:
            raise UnknownBadDayError(_unknown("server", body.server, list(days.servers)))
        row = rows[body.name]
        if strange := sorted(set(body.parameters) - set(row.parameters)):
            raise BodyError(
                f"bad day {row.id!r}: parameter {strange[0]!r}: there is none of this name; "
                f"it has {', '.join(row.parameters) or 'none'}"
            )
        duration_s = row.duration_s if body.lasts is None else parse_duration_s(body.lasts)
        day = await days.begin(body.server, body.name, body.parameters, duration_s)
        return answer(_shown(day), HTTPStatus.CREATED)

    async def end(request: Request) -> Response:
        """End a bad day."""
        number = request.path_params["number"]
        if number not in {day.number for day in days.active}:
            raise UnknownBadDayError(f"bad day number {number}: is not on; GET /api/bad-days lists what is")
        await days.end(number)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    return [
        Route("/api/bad-days", get_days, methods=["GET"]),
        Route("/api/bad-days", begin, methods=["POST"]),
        Route("/api/bad-days/{number:int}", end, methods=["DELETE"]),
    ]


def _shown(day: ActiveBadDay) -> dict[str, Any]:
    return {
        "id": day.number,
        "name": day.name,
        "server": day.server,
        "parameters": dict(day.parameters),
        "begun": shown_time(day.begun_ns),
        "ends": None if day.ends_ns is None else shown_time(day.ends_ns),
    }


def _unknown(what: str, name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    return f"{what} {name!r}: there is none of this name; {hint}there are {', '.join(known) or 'none'}"
