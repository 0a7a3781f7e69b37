"""``GET /api/networks/...``: electricity, its meters, water, and who made the outfall rise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import numpy as np
from fastapi import APIRouter, Query

from twin.api.alarms_router import interval
from twin.api.network_rows import (
    ElectricityAnswer,
    MetersAnswer,
    RiseAnswer,
    WaterAnswer,
    electricity_answer,
    meters_answer,
    rise_answer,
    water_answer,
)
from twin.api.what_if_rows import Names
from twin.contract.clock import NS_PER_S, Clock
from twin.contract.frame import F64
from twin.contract.status import BAD
from twin.contract.tag import make_tag
from twin.historian.base import HistoryStore, UnknownTagError
from twin.identity.guard import needs
from twin.networks.desk import NetworkDesk
from twin.networks.own_desk import OwnDesk
from twin.networks.readings import Readings, take
from twin.networks.wastewater import History, Wastewater
from twin.park.model import Park
from twin.state.twin_state import TwinState

GRID_S = 300.0
MOST_HOURS = 24.0 * 7
APART_NS = 30 * NS_PER_S
"""Between two moments of a mean: by then powers are other readings."""


def networks_router(
    park: Park,
    state: TwinState,
    desk: NetworkDesk | OwnDesk,
    history: Callable[[], HistoryStore],
    clock: Clock,
) -> APIRouter:
    """Make the router.

    Args:
        park: whose names and tanks are told.
        state: of the whole.
        desk: of the whole, or of a tenant.
        history: of the whole.
        clock: ns since the epoch.
    """
    router = APIRouter(
        prefix="/api/networks",
        tags=["networks"],
        dependencies=[needs("network.read")],
        responses={404: {"description": "the park file has no rows of this network"}},
    )
    names = Names(park)

    @router.get("/electricity")
    def get_electricity() -> ElectricityAnswer:
        """Solve the electricity network on live measurements: loading, voltage, losses."""
        return electricity_answer(desk.electricity(take(state)), names)

    @router.get("/electricity/meters")
    def get_meters(
        moments: Annotated[
            int, Query(ge=1, le=60, description="of how many moments, half a minute apart, the mean is taken")
        ] = 1,
    ) -> MetersAnswer:
        """Hold every meter of power against all others, and name those that read wrong: of the mean of some
        moments smaller errors show."""
        readings = take(state)
        if moments > 1:
            readings = mean_powers(readings, history(), clock(), moments)
        return meters_answer(desk.meters(readings, moments), names, moments)

    @router.get("/water")
    def get_water(
        hours: Annotated[float, Query(gt=0, le=72, description="how far ahead [h]")] = 24.0,
    ) -> WaterAnswer:
        """Solve the water network: pressures, what is missing and where it may leak, levels ahead."""
        tanks = [one.equipment for one in park.networks.tanks]
        return water_answer(desk.water(take(state), hours), names, tanks)

    @router.get(
        "/wastewater/rise",
        responses={400: {"description": "no such interval"}, 503: {"description": "the history is away"}},
    )
    def get_rise(
        start: Annotated[
            str, Query(alias="from", description="RFC 3339, ms since the epoch, or now-1d")
        ] = "now-1d",
        end: Annotated[str, Query(alias="to", description="RFC 3339, ms since the epoch, or now")] = "now",
    ) -> RiseAnswer:
        """Say whether the outfall rose in an interval, and who made it; begin some hours before the rise."""
        first, last = interval(start, end, clock())
        wastewater = desk.wastewater()
        found = read_history(wastewater, history(), first, min(last, first + _LONGEST_NS))
        return rise_answer(None if found is None else desk.rise(found), wastewater, names)

    return router


def mean_powers(now: Readings, store: HistoryStore, at: int, moments: int) -> Readings:
    """Return ``now`` with the mean of each power over the last moments; one that was not known at all of them
    says nothing."""
    numbers = now.powers()
    total = np.zeros(len(numbers))
    for number in range(moments):
        found = store.last_readings(tuple(numbers), at - number * APART_NS)
        total += np.where((found.status < BAD) & ~found.gap, found.value, np.nan)
    return now.with_means(list(numbers.values()), total / moments)


_LONGEST_NS = int(MOST_HOURS * 3600) * NS_PER_S


def read_history(wastewater: Wastewater, store: HistoryStore, first: int, last: int) -> History | None:
    """Read how the wastewater network was, on a grid of five minutes; None where nothing was measured."""
    grid = np.arange(first, last, int(GRID_S) * NS_PER_S, dtype=np.int64)
    points = max(len(grid), 2)

    def column(equipment: str, signal: str) -> F64:
        try:
            trend = store.trend(make_tag(equipment, signal), first, last, points)
        except UnknownTagError:
            return np.full(len(grid), np.nan)
        known = ~np.isnan(trend.mean)
        if not known.any():
            return np.full(len(grid), np.nan)
        at = trend.bucket_start[known].astype(np.float64)
        found: F64 = np.interp(grid.astype(np.float64), at, trend.mean[known])
        return found

    basins = [one for stage in wastewater.stages for one in stage]
    outfall = wastewater.park.networks.outfalls[0]
    sewers = wastewater.sewers.values()
    whole = History(
        GRID_S,
        {one.equipment: column(one.outlet, one.flow) for one in sewers},
        {one.equipment: column(one.outlet, one.load) for one in sewers},
        {one.equipment: column(one.equipment, one.level_percent) for one in basins if one.level_percent},
        {one.equipment: column(one.equipment, one.outflow) for one in basins if one.outflow},
        column(outfall.equipment, outfall.flow),
        column(outfall.equipment, outfall.load),
    )
    rows = [*whole.flow.values(), *whole.load.values(), whole.outfall_flow, whole.outfall_load]
    return None if any(np.isnan(row).all() for row in rows) else whole
