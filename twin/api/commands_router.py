"""``POST /api/commands``: what may be commanded, asking for it, and deciding on it."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import JSONResponse

from twin.api.alarm_actions_router import same_site
from twin.api.alarms_router import Sought
from twin.api.command_rows import (
    CatalogueAnswer,
    Deciding,
    RehearsalAnswer,
    Rehearsing,
    RequestRow,
    Wishing,
    offer_row,
    rehearsal_answer,
    request_row,
)
from twin.commands.catalogue import Catalogue
from twin.commands.desk import Desk, Wish
from twin.commands.errors import CommandRefusedError
from twin.commands.interlock import look
from twin.commands.rehearsal import Rehearsals
from twin.commands.request import Request
from twin.identity.guard import needs
from twin.park.model import Park
from twin.service.problems import problem
from twin.state.twin_state import TwinState

_REFUSED: dict[int | str, dict[str, Any]] = {
    400: {"description": "value, name or reason do not do; nothing was noted"},
    403: {"description": "sent by the page of another site"},
    404: {"description": "no such equipment, command or request"},
    409: {"description": "not let through: an interlock, who decides, or the same is under way"},
    503: {"description": "database or bus are away"},
}


def commands_router(
    park: Park, catalogue: Catalogue, state: TwinState, desk: Callable[[Catalogue], Desk]
) -> APIRouter:
    """Make the router.

    Args:
        park, state: of the whole: interlocks are looked at where they are true.
        catalogue: of who asks; what it does not reach is not there, what it does not see is not told.
        desk: takes their requests.
    """
    router = APIRouter(tags=["commands"], dependencies=[Depends(same_site)], responses=_REFUSED)
    rehearsals, reach = Rehearsals(park, state), catalogue.reach

    def answered(act: Callable[[], Request], response: Response) -> RequestRow | JSONResponse:
        try:
            request = act()
        except CommandRefusedError as error:
            return problem(HTTPStatus.CONFLICT, error.code, str(error))
        response.status_code = HTTPStatus.OK if request.is_final else HTTPStatus.ACCEPTED
        return request_row(request, catalogue, desk(catalogue).identity_of(request.id))

    @router.get("/api/commands/catalogue", dependencies=[needs("command.read")])
    def get_catalogue(
        equipment: Annotated[str, Query(max_length=700, description="id of a piece of equipment")],
    ) -> CatalogueAnswer:
        """Return the commands of a piece of equipment, and how their interlocks stand now."""
        offers = catalogue.offers(equipment)
        return CatalogueAnswer(
            commands=[offer_row(offer, look(state, offer.guards), reach) for offer in offers]
        )

    @router.post("/api/commands/rehearse", dependencies=[needs("command.request")])
    def post_rehearse(asked: Rehearsing) -> RehearsalAnswer:
        """Try a command on the twin: what would change, which interlocks hold; nothing is sent."""
        offer = catalogue.find(asked.equipment, asked.command)
        return rehearsal_answer(rehearsals.run(offer, asked.value), reach)

    @router.post(
        "/api/commands",
        response_model=RequestRow,
        status_code=HTTPStatus.ACCEPTED,
        dependencies=[needs("command.request")],
    )
    def post_command(asked: Wishing, response: Response) -> RequestRow | JSONResponse:
        """Ask for a command: it is let through, or waits for a second person."""
        wish = Wish(
            equipment=asked.equipment,
            command=asked.command,
            value=asked.value,
            by=asked.by,
            reason=asked.reason,
            dry_run=asked.dry_run,
            id=asked.id,
        )
        return answered(lambda: desk(catalogue).request(wish), response)

    @router.post(
        "/api/commands/{number}/approve",
        response_model=RequestRow,
        status_code=HTTPStatus.ACCEPTED,
        dependencies=[needs("command.approve")],
    )
    def post_approve(number: Sought, asked: Deciding, response: Response) -> RequestRow | JSONResponse:
        """Let a request through as a second person; interlocks are looked at again."""
        return answered(lambda: desk(catalogue).approve(number, by=asked.by, reason=asked.reason), response)

    @router.post(
        "/api/commands/{number}/decline", response_model=RequestRow, dependencies=[needs("command.approve")]
    )
    def post_decline(number: Sought, asked: Deciding, response: Response) -> RequestRow | JSONResponse:
        """Say no to a request as a second person, with a reason."""
        return answered(lambda: desk(catalogue).decline(number, by=asked.by, reason=asked.reason), response)

    @router.post(
        "/api/commands/{number}/withdraw", response_model=RequestRow, dependencies=[needs("command.request")]
    )
    def post_withdraw(number: Sought, asked: Deciding, response: Response) -> RequestRow | JSONResponse:
        """Take back a request that waits; who asked may."""
        return answered(lambda: desk(catalogue).withdraw(number, by=asked.by, reason=asked.reason), response)

    return router
