"""``POST /api/what-if``: changes tried on a copy of the live state, and the loss of every single element."""

from __future__ import annotations

from threading import Lock
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from twin.api.alarm_actions_router import same_site
from twin.api.what_if_rows import (
    Asking,
    ContingenciesAnswer,
    Names,
    WhatIfAnswer,
    change_of,
    contingency_row,
    what_if_answer,
)
from twin.contract.clock import NS_PER_S, Clock, to_iso
from twin.identity.guard import needs
from twin.networks.contingency import Contingency
from twin.networks.desk import NetworkDesk
from twin.networks.readings import take
from twin.park.model import Park
from twin.state.twin_state import TwinState

KEPT_NS = 120 * NS_PER_S
"""So long an answer about all elements is told again: it costs seconds, and hardly changes."""


def what_if_router(park: Park, state: TwinState, desk: NetworkDesk, clock: Clock) -> APIRouter:
    """Make the router."""
    router = APIRouter(tags=["what-if"], dependencies=[needs("what_if.ask"), Depends(same_site)])
    names = Names(park)
    one_at_a_time = Lock()
    kept: dict[str, tuple[int, tuple[Contingency, ...]]] = {}

    @router.post(
        "/api/what-if",
        responses={400: {"description": "a change makes no sense"}, 404: {"description": "no such element"}},
    )
    def post_what_if(asked: Asking) -> WhatIfAnswer:
        """Try changes on a copy of the live state: who is affected, for how long it holds, whom to call."""
        changes = [change_of(one) for one in asked.changes]
        return what_if_answer(desk.ask(take(state), changes, asked.lasts_h), names)

    @router.get("/api/what-if/elements")
    def get_elements(
        most: Annotated[int, Query(ge=1, le=10_000, description="rows at most")] = 50,
    ) -> ContingenciesAnswer:
        """Lose every single element for an hour (N-1); the worst first. Reckoned anew every two minutes."""
        with one_at_a_time:
            now = clock()
            at, found = kept.get("all", (0, ()))
            if now - at > KEPT_NS:
                at, found = now, desk.elements(take(state))
                kept["all"] = (at, found)
        return ContingenciesAnswer(
            at=to_iso(at), contingencies=[contingency_row(one, names) for one in found[:most]]
        )

    return router
