"""``/api/networks`` and ``/api/what-if`` for a tenant: over the whole park, told as far as it is his."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fastapi import APIRouter

from twin.api.networks_router import networks_router
from twin.api.past_state import PastStates
from twin.api.what_if_choices_router import what_if_choices_router
from twin.api.what_if_router import what_if_router
from twin.contract.clock import Clock
from twin.historian.base import HistoryStore
from twin.networks.own_desk import OwnDesk
from twin.state.twin_state import TwinState

_ANSWERED: Final = frozenset(
    (
        "/api/networks/electricity",
        "/api/networks/electricity/meters",
        "/api/networks/water",
        "/api/networks/wastewater/rise",
        "/api/what-if",
        "/api/what-if/elements",
        "/api/what-if/choices",
    )
)
"""Routes that :class:`OwnDesk` answers; a new one beside them does not exist for tenants until it does."""


def own_networks_routers(
    desk: OwnDesk,
    state: TwinState,
    history: Callable[[], HistoryStore],
    past: PastStates,
    clock: Clock,
) -> tuple[APIRouter, ...]:
    """Make the routers.

    Args:
        desk: of the tenant.
        state, history, past: of the whole: what happens in the park happens to him.
        clock: ns since the epoch.
    """
    park = desk.part.park
    routers = (
        networks_router(park, state, desk, history, clock),
        what_if_router(park, state, desk, past, clock),
        what_if_choices_router(park),
    )
    for router in routers:
        router.routes[:] = [one for one in router.routes if getattr(one, "path", "") in _ANSWERED]
    return routers
