"""``GET /api/networks/electricity/overloads``: what will be beyond what it may carry within a day."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query

from twin.api.load_ahead import READ_S, LoadDesk
from twin.api.load_rows import OverloadsAnswer, overloads_answer
from twin.api.what_if_rows import Names
from twin.contract.clock import Clock
from twin.historian.base import HistoryStore
from twin.identity.guard import needs
from twin.park.model import Park
from twin.state.twin_state import TwinState


def overloads_router(
    park: Park,
    state: TwinState,
    history: Callable[[], HistoryStore],
    clock: Clock,
    read_s: float = READ_S,
) -> APIRouter:
    """Make the router; ``read_s`` is how long a question may read history."""
    router = APIRouter(tags=["networks"], dependencies=[needs("network.read")])
    names = Names(park)
    loads = LoadDesk(park, state, history, clock, read_s)

    @router.get(
        "/api/networks/electricity/overloads",
        responses={
            404: {"description": "the park file has no rows of this network"},
            503: {"description": "the history is away"},
        },
    )
    def get_overloads(
        percent: Annotated[
            float, Query(gt=0, le=150, description="of its rating that an element may carry")
        ] = 100.0,
    ) -> OverloadsAnswer:
        """Say which feeder, transformer, switchboard or supply will be beyond what it may carry within a day,
        when first, with what chance and by how much, what would relieve it, and how good such forecasts have
        been."""
        return overloads_answer(loads.ahead(percent / 100.0), names, percent)

    return router
