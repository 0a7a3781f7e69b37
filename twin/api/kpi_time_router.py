"""``GET /api/kpi/interval`` and ``/timeline``: which time a board shows, and what stations did in it."""

from __future__ import annotations

from concurrent.futures import Executor
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from twin.api.asked import asked
from twin.api.kpi_history import Known
from twin.api.kpi_router import REFUSED, From, Place, To, until_now
from twin.api.moment import Moment
from twin.contract.clock import NS_PER_MS
from twin.identity.guard import needs
from twin.kpi.calendar import Period, period
from twin.kpi.errors import UnknownPlaceError
from twin.kpi.plan import KpiPlan
from twin.kpi.timeline import NAMES, Spells, timeline_of


class IntervalAnswer(BaseModel):
    """A shift, day, week or month of a place."""

    name: str = Field(description="of the shift; empty where it is none")
    from_ms: float = Field(description="its begin [ms since the epoch]")
    to_ms: float = Field(description="its end, which may lie ahead")
    runs: bool = Field(description="true while it runs")


class SpellsRow(BaseModel):
    """A station: what it did from each start until the next."""

    station: str
    sets_pace: bool = Field(description="the line's figures are of its time")
    start_ms: list[float] = Field(description="[ms since the epoch]")
    what: list[str] = Field(description=f"of each: {', '.join(NAMES)}")
    joined: int = Field(description="spells too short to be told here, each counted to the one before it")


class TimelineAnswer(BaseModel):
    """A line over an interval."""

    from_ms: float
    to_ms: float
    stations: list[SpellsRow]


def kpi_time_router(plan: KpiPlan, known: Known, questions: Executor) -> APIRouter:
    """Make the router; ``questions`` is where it reckons."""
    router = APIRouter(tags=["kpi"], dependencies=[needs("kpi.read")])

    @router.get("/api/kpi/interval", responses=REFUSED)
    async def get_interval(
        of: Annotated[Period, Query(description="the kind of interval")],
        place: Place = "",
        back: Annotated[int, Query(ge=0, le=400, description="so many before the one that runs")] = 0,
        at: Moment = None,
    ) -> IntervalAnswer:
        """Return when the shift, day, week or month of a place begins and ends, by its calendar and clock."""
        if place and place not in plan.names:
            raise UnknownPlaceError(f"{place!r}: no such place; see /api/park")
        lines = plan.lines_at(place or plan.park.id)
        _, now = known.at(at)
        name, start, end = period(lines[0].calendar if lines else None, of, back, now, plan.zone)
        return IntervalAnswer(name=name, from_ms=start / NS_PER_MS, to_ms=end / NS_PER_MS, runs=now < end)

    @router.get("/api/kpi/timeline", responses=REFUSED)
    async def get_timeline(
        place: Place,
        start: From = "now-8h",
        end: To = "now",
        most: Annotated[int, Query(ge=1, le=5000, description="spells a station at most")] = 1000,
        at: Moment = None,
    ) -> TimelineAnswer:
        """Return what every station of a line did when; `unknown` where nothing is known, `unplanned` where
        no work is planned."""
        readings, now = known.at(at)
        first, last = until_now(plan, place, start, end, now)
        if place not in plan.lines:
            raise UnknownPlaceError(f"{place!r}: no line with a row under 'oee'; see docs/kpi.md")
        work = partial(timeline_of, plan, readings, place, first, last, most)
        found = await asked(questions, work)
        pace = {station.id for station in plan.lines[place].pace}
        return TimelineAnswer(
            from_ms=first / NS_PER_MS,
            to_ms=last / NS_PER_MS,
            stations=[_row(one, one.station in pace) for one in found],
        )

    return router


def _row(one: Spells, sets_pace: bool) -> SpellsRow:
    return SpellsRow(
        station=one.station,
        sets_pace=sets_pace,
        start_ms=(one.start / NS_PER_MS).tolist(),
        what=[NAMES[what] for what in one.what.tolist()],
        joined=one.joined,
    )
