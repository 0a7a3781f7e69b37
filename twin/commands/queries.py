"""Questions to the tables of the commands: requests and the audit, a page at a time."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, and_, false, func, or_, select, true

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
        within: at these places or below; None = anywhere.
    """

    states: Sequence[RequestState] = ()
    equipment: str = ""
    within: Sequence[str] | None = None


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


def find_request(engine: Engine, number: str, within: Sequence[str] | None = None) -> Request:
    """Return one request, if it is at or below one of some places.

    Raises:
        UnknownCommandError: there is none such.
    """
    with engine.connect() as connection:
        wanted = _where(RequestFilter(within=within)) & (REQUESTS.c.id == number)
        row = connection.execute(select(REQUESTS).where(wanted)).mappings().first()
    if row is None:
        raise UnknownCommandError(f"command {number!r}: there is no such request; see GET /api/commands")
    return request_of(row)


def targets_of(engine: Engine, numbers: Collection[str]) -> dict[str, tuple[str, str]]:
    """Equipment and command of some requests."""
    columns = REQUESTS.c
    wanted = select(columns.id, columns.equipment, columns.command).where(columns.id.in_(numbers))
    with engine.connect() as connection:
        return {row.id: (row.equipment, row.command) for row in connection.execute(wanted)}


def how_known(engine: Engine, numbers: Sequence[str]) -> dict[str, Identity]:
    """How the name of who asked is known, by request; what is not in it is claimed."""
    with engine.connect() as connection:
        return known_to(connection, numbers)


def known_to(connection: Connection, numbers: Sequence[str]) -> dict[str, Identity]:
    """The same, in a transaction of the caller's."""
    asked = select(AUDIT.c.command, AUDIT.c.body)
    rows = connection.execute(asked.where(AUDIT.c.event == "requested", AUDIT.c.command.in_(numbers)))
    return {row.command: json.loads(row.body).get("identity", "claimed") for row in rows}


def list_lines(
    engine: Engine, *, after: int, limit: int, command: str = "", within: Sequence[str] | None = None
) -> list[AuditLine]:
    """Return lines of the audit behind number ``after``, the oldest first; of one command if it is named,
    and of commands at or below some places if any are."""
    where = AUDIT.c.number > after
    if command:
        where &= AUDIT.c.command == command
    if within is not None:
        where &= AUDIT.c.command.in_(select(REQUESTS.c.id).where(_where(RequestFilter(within=within))))
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
        parts.append(_at(wanted.equipment))
    if wanted.within is not None:
        parts.append(or_(false(), *(_at(place) for place in wanted.within)))
    return and_(*parts)


def _at(place: str) -> ColumnElement[bool]:
    below = REQUESTS.c.equipment.startswith(f"{place}/", autoescape=True)
    return or_(REQUESTS.c.equipment == place, below)
