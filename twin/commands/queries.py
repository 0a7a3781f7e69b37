"""Questions to the tables of the commands: requests and the audit, a page at a time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, and_, func, or_, select, true

from twin.commands.command_tables import AUDIT, REQUESTS
from twin.commands.errors import UnknownCommandError
from twin.commands.request import Request, RequestState, request_of
from twin.contract.command import Identity


@dataclass(frozen=True, slots=True)
class RequestFilter:
    """Which requests; an empty choice is every one.

    Args:
        states: where they are.
        equipment: at this, or anything below it.
    """

    states: Sequence[RequestState] = ()
    equipment: str = ""


@dataclass(frozen=True, slots=True)
class AuditLine:
    """A line of the audit."""

    number: int
    time: int
    command: str
    event: str
    by: str
    body: dict[str, Any]
    previous: str
    hash: str


def list_requests(
    engine: Engine, wanted: RequestFilter, *, limit: int, offset: int = 0
) -> tuple[list[Request], int]:
    """Return requests, the newest first, and how many there are in all."""
    where = _where(wanted)
    page = select(REQUESTS).where(where).order_by(REQUESTS.c.requested_at.desc(), REQUESTS.c.id)
    with engine.connect() as connection:
        rows = connection.execute(page.limit(limit).offset(offset)).mappings().all()
        total = connection.scalar(select(func.count()).select_from(REQUESTS).where(where)) or 0
    return [request_of(row) for row in rows], total


def find_request(engine: Engine, number: str) -> Request:
    """Return one request.

    Raises:
        UnknownCommandError: there is none such.
    """
    with engine.connect() as connection:
        row = connection.execute(select(REQUESTS).where(REQUESTS.c.id == number)).mappings().first()
    if row is None:
        raise UnknownCommandError(f"command {number!r}: there is no such request; see GET /api/commands")
    return request_of(row)


def how_known(engine: Engine, numbers: Sequence[str]) -> dict[str, Identity]:
    """How the name of who asked is known, by request; what is not in it is claimed."""
    with engine.connect() as connection:
        return known_to(connection, numbers)


def known_to(connection: Connection, numbers: Sequence[str]) -> dict[str, Identity]:
    """The same, in a transaction of the caller's."""
    asked = select(AUDIT.c.command, AUDIT.c.body)
    rows = connection.execute(asked.where(AUDIT.c.event == "requested", AUDIT.c.command.in_(numbers)))
    return {row.command: json.loads(row.body).get("identity", "claimed") for row in rows}


def list_lines(engine: Engine, *, after: int, limit: int, command: str = "") -> list[AuditLine]:
    """Return lines of the audit behind number ``after``, the oldest first; of one command if it is named."""
    where = AUDIT.c.number > after
    if command:
        where &= AUDIT.c.command == command
    page = select(AUDIT).where(where).order_by(AUDIT.c.number).limit(limit)
    with engine.connect() as connection:
        rows = connection.execute(page).mappings().all()
    return [
        AuditLine(
            number=row["number"],
            time=row["time"],
            command=row["command"],
            event=row["event"],
            by=row["by"],
            body=json.loads(row["body"]),
            previous=row["previous"],
            hash=row["hash"],
        )
        for row in rows
    ]


def _where(wanted: RequestFilter) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = [true()]
    if wanted.states:
        parts.append(REQUESTS.c.state.in_([state.value for state in wanted.states]))
    if wanted.equipment:
        below = REQUESTS.c.equipment.startswith(f"{wanted.equipment}/", autoescape=True)
        parts.append(or_(REQUESTS.c.equipment == wanted.equipment, below))
    return and_(*parts)
