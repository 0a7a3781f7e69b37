"""``POST /api/what-if``: changes tried on a copy of the live state, and the loss of every single element."""

from __future__ import annotations

from threading import Lock
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from twin.api.alarm_actions_router import same_site
from twin.api.moment import Moment, moment
from twin.api.past_state import PastStates
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
from twin.identity.guard import needs, weighs
from twin.networks.contingency import Contingency
from twin.networks.desk import NetworkDesk
from twin.networks.own_desk import OwnDesk
from twin.networks.readings import take
from twin.park.model import Park
from twin.state.twin_state import TwinState

KEPT_NS = 120 * NS_PER_S
"""So long an answer about all elements is told again: it costs seconds, and hardly changes."""


def what_if_router(
    park: Park, state: TwinState, desk: NetworkDesk | OwnDesk, past: PastStates, clock: Clock
) -> APIRouter:
    """Make the router.

    Args:
        park: whose names are told.
        state: of the whole.
        desk: of the whole, or of a tenant.
        past: tells the states of the past, of the whole, that changes can be tried on.
        clock: ns since the epoch.
    """
    router = APIRouter(tags=["what-if"], dependencies=[needs("what_if.ask"), Depends(same_site)])
    names = Names(park)
    one_at_a_time = Lock()
    kept: dict[str, tuple[int, tuple[Contingency, ...]]] = {}

    @router.post(
        "/api/what-if",
        dependencies=[weighs(10)],
        responses={
            400: {"description": "a change makes no sense, or a time that cannot be read"},
            404: {"description": "no such element"},
            503: {"description": "of the past: the history or the database is away"},
        },
    )
    def post_what_if(asked: Asking, at: Moment = None) -> WhatIfAnswer:
        """Try changes on a copy of the live state, or with `at` of the state of then: who is affected, for
        how long it holds, whom to call."""
        changes = [change_of(one) for one in asked.changes]
        start = state if at is None else past.whole(moment(at, clock())).state
        return what_if_answer(desk.ask(take(start), changes, asked.lasts_h), names)

    @router.get("/api/what-if/elements", dependencies=[weighs(50)])
    def get_elements(
        most: Annotated[int, Query(ge=1, le=10_000, description="rows at most")] = 50,
        at: Moment = None,
    ) -> ContingenciesAnswer:
        """Lose every single element for an hour (N-1); the worst first. Reckoned anew every two minutes; with
        `at` on the state of then."""
        with one_at_a_time:
            now = clock()
            if at is None:
                of, found = kept.get("all", (0, ()))
                if now - of > KEPT_NS:
                    of, found = kept["all"] = now, desk.elements(take(state))
            else:
                of = moment(at, now)
                found = desk.elements(take(past.whole(of).state))
        return ContingenciesAnswer(
            at=to_iso(of), contingencies=[contingency_row(one, names) for one in found[:most]]
        )

    return router
