"""``POST /api/alarms/<action>``: what a person does to alarms, journalled with the name."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from twin.alarms.actions import MAX_AT_ONCE, MAX_SHELVE_MIN, Action, make_happenings
from twin.alarms.errors import AlarmRefusedError, UnknownAlarmError
from twin.alarms.journal import Journal, Written
from twin.api.alarm_rows import JournalRow, journal_rows
from twin.api.alarms_router import AWAY
from twin.contract.clock import Clock
from twin.identity.guard import needs
from twin.identity.principal import WHO, Signed
from twin.park.restricted import is_within_any
from twin.service.origin import host_of
from twin.service.problems import problem

_Why = Annotated[str, Field(max_length=2000)]


class AlarmAction(BaseModel):
    """Which alarms, and who says so."""

    alarms: list[str] = Field(min_length=1, max_length=MAX_AT_ONCE, description="ids of alarms")
    by: Signed = Field(min_length=1, max_length=200, description=WHO)
    reason: _Why = Field("", description="in words")


class ReasonedAction(AlarmAction):
    """The same, with a reason that must be given."""

    reason: _Why = Field(min_length=1, description="in words")


class Shelving(ReasonedAction):
    """The same, with a time after which they come back by themselves."""

    minutes: float = Field(gt=0, le=MAX_SHELVE_MIN, description="how long [min], at most a week")


class ActionAnswer(BaseModel):
    """What became of it."""

    entries: list[JournalRow] = Field(description="as they were journalled")
    refused: dict[str, str] = Field(description="by alarm, why it could not be done there")


_REFUSED: dict[int | str, dict[str, Any]] = {
    400: {"description": "the action makes no sense as it is"},
    404: {"description": "no such alarm; nothing was done"},
    409: {"description": "none of the alarms is in a state from which this can be done"},
}


def same_site(request: Request) -> None:
    """Refuse what the page of another site lets a browser send (a program sends no Origin).

    Raises:
        HTTPException: it comes from another site.
    """
    origin = request.headers.get("origin")
    if origin is not None and host_of(origin) != request.headers.get("host", ""):
        raise HTTPException(HTTPStatus.FORBIDDEN, f"origin {origin!r}: another site's page may not act here")


def alarm_actions_router(
    journal: Callable[[], Journal], clock: Clock, *, within: tuple[str, ...] | None = None
) -> APIRouter:
    """Make the router; with ``within`` there are only the alarms of those places."""
    router = APIRouter(
        tags=["alarms"],
        dependencies=[Depends(same_site)],
        responses={**AWAY, **_REFUSED, 403: {"description": "sent by the page of another site"}},
    )

    def act(action: Action, asked: AlarmAction, minutes: float | None = None) -> ActionAnswer | JSONResponse:
        written, now = journal(), clock()
        for one in asked.alarms:
            if within is not None and not is_within_any(one.split(":")[0], within):
                raise UnknownAlarmError(f"alarm {one!r}: is not shown here; see /api/alarms")
        happenings = make_happenings(
            written.table, action, asked.alarms, by=asked.by, time=now, reason=asked.reason, minutes=minutes
        )
        return _answer(written.write(happenings, recorded=now))

    @router.post("/api/alarms/acknowledge", response_model=ActionAnswer, dependencies=[needs("alarm.act")])
    def post_acknowledge(asked: AlarmAction) -> ActionAnswer | JSONResponse:
        """Acknowledge alarms: a person has seen them."""
        return act("acknowledge", asked)

    @router.post("/api/alarms/reset", response_model=ActionAnswer, dependencies=[needs("alarm.act")])
    def post_reset(asked: AlarmAction) -> ActionAnswer | JSONResponse:
        """Let go of latched alarms that are acknowledged and whose condition is over."""
        return act("reset", asked)

    @router.post("/api/alarms/shelve", response_model=ActionAnswer, dependencies=[needs("alarm.act")])
    def post_shelve(asked: Shelving) -> ActionAnswer | JSONResponse:
        """Shelve alarms for some minutes: they are followed, and nobody is told until the time is over."""
        return act("shelve", asked, asked.minutes)

    @router.post("/api/alarms/unshelve", response_model=ActionAnswer, dependencies=[needs("alarm.act")])
    def post_unshelve(asked: AlarmAction) -> ActionAnswer | JSONResponse:
        """Take alarms from the shelf before their time is over; what holds now is presented anew."""
        return act("unshelve", asked)

    @router.post(
        "/api/alarms/out-of-service", response_model=ActionAnswer, dependencies=[needs("alarm.suppress")]
    )
    def post_out_of_service(asked: ReasonedAction) -> ActionAnswer | JSONResponse:
        """Take alarms out of service, for maintenance, until they are put back."""
        return act("out-of-service", asked)

    @router.post(
        "/api/alarms/return-to-service", response_model=ActionAnswer, dependencies=[needs("alarm.suppress")]
    )
    def post_return_to_service(asked: AlarmAction) -> ActionAnswer | JSONResponse:
        """Put alarms back into service; what holds now is presented anew."""
        return act("return-to-service", asked)

    @router.post("/api/alarms/comment", response_model=ActionAnswer, dependencies=[needs("alarm.act")])
    def post_comment(asked: ReasonedAction) -> ActionAnswer | JSONResponse:
        """Write a comment (the reason) to alarms; their state stays."""
        return act("comment", asked)

    return router


def _answer(written: Written) -> ActionAnswer | JSONResponse:
    refused = {alarm: str(error) for alarm, error in written.refused.items()}
    if refused and not written.entries:
        return problem(HTTPStatus.CONFLICT, AlarmRefusedError.code, "; ".join(refused.values()))
    return ActionAnswer(entries=journal_rows(written.entries), refused=refused)
