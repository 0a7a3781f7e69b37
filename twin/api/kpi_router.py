"""``GET /api/kpi...``: what the park makes of its time, energy and water, at any place and over any
interval."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import asdict
from functools import partial
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from sqlalchemy import Engine

from twin.api.alarm_actions_router import same_site
from twin.api.alarms_router import UNREADABLE, interval
from twin.api.asked import asked
from twin.api.kpi_history import Known, alarms_between
from twin.api.kpi_rows import (
    BalancesAnswer,
    CorrectionRow,
    EnergyAnswer,
    InspectedAnswer,
    InspectedRow,
    KpiFigures,
    PermitsAnswer,
    ReasonRow,
    StopsAnswer,
    balance_row,
    energy_answer,
    permit_row,
    stops_answer,
    worked_row,
)
from twin.api.moment import Moment
from twin.commands.person import person_of, words_of
from twin.contract.clock import Clock, to_iso
from twin.identity.guard import needs
from twin.identity.principal import WHO, Signed
from twin.kpi.calendar import shift_at
from twin.kpi.corrections import apply, correct, read_corrections
from twin.kpi.errors import KpiIntervalError, UnknownPlaceError
from twin.kpi.inspections import inspected
from twin.kpi.packml import Use
from twin.kpi.pareto import pareto, reliability
from twin.kpi.plan import KpiPlan
from twin.kpi.reasons import REASONS
from twin.kpi.report import balances_of, energy_of, permits_of, stops_of, worked

T = TypeVar("T")

Place = Annotated[str, Query(max_length=700, description="id of a place or machine; the park if left out")]
From = Annotated[str, Query(alias="from", description="RFC 3339, ms since the epoch, now-8h, or shift")]
To = Annotated[str, Query(alias="to", description="RFC 3339, ms since the epoch, or now")]

REFUSED: dict[int | str, dict[str, Any]] = {
    **UNREADABLE,
    404: {"description": "no such place, or nothing of the kind is reckoned there"},
    503: {"description": "the history or the database is away"},
}


class Correction(BaseModel):
    """Why a station really stood."""

    station: str = Field(max_length=700, description="equipment id, as /api/kpi/stops tells it")
    start: str = Field(alias="from", description="begin of the stop")
    end: str = Field(alias="to", description="end of the stop")
    reason: str = Field(description="id of /api/kpi/reasons")
    by: Signed = Field(min_length=1, max_length=200, description=WHO)
    comment: str = Field("", max_length=2000)


def kpi_router(
    plan: KpiPlan,
    known: Known,
    database: Callable[[], Engine],
    questions: Executor,
    clock: Clock,
) -> APIRouter:
    """Make the router; ``questions`` is where it reckons. With ``at`` every figure is the one of then: `now`
    and `shift` are those of that moment, and what was told, journalled or corrected later does not count."""
    router = APIRouter(tags=["kpi"], dependencies=[needs("kpi.read")])

    async def ask(work: Callable[[], T]) -> T:
        return await asked(questions, work)

    @router.get("/api/kpi", responses=REFUSED)
    async def get_kpi(
        place: Place = "", start: From = "now-8h", end: To = "now", at: Moment = None
    ) -> KpiFigures:
        """Return the effectiveness of a place, then of each line below it (of a line: of each station).

        Lines add up by time; pieces of different lines by their planned run time.
        """
        readings, now = known.at(at)
        first, last = until_now(plan, place, start, end, now)
        found = await ask(partial(worked, plan, readings, place or plan.park.id, first, last))
        rows = [worked_row(plan, one) for one in found]
        return KpiFigures(**{"from": to_iso(first), "to": to_iso(last)}, rows=rows)

    @router.get("/api/kpi/stops", responses=REFUSED)
    async def get_stops(
        place: Place = "",
        start: From = "now-8h",
        end: To = "now",
        limit: Annotated[int, Query(ge=0, le=10_000, description="at most so many stops")] = 200,
        at: Moment = None,
    ) -> StopsAnswer:
        """Return why the lines of a place stood, by reason, and the costliest stops.

        A reason is a first guess (from the state, starved and blocked, neighbours and alarms) until a person
        corrects it.
        """
        readings, now = known.at(at)
        first, last = until_now(plan, place, start, end, now)

        def work() -> StopsAnswer:
            where = place or plan.park.id
            lines = [plan.line_of[where]] if where in plan.line_of else plan.lines_at(where)
            stations = {station.id for line in lines for station in line.stations}
            supplies = {name for line in lines for names in plan.supplies_of(line).values() for name in names}
            engine = database()
            alarms = alarms_between(engine, stations | supplies, first, last, now)
            found = stops_of(plan, readings, where, first, last, alarms)
            corrected = read_corrections(engine, sorted(stations), first, last, known_at=now)
            found = apply(found, corrected)
            whole = worked(plan, readings, where, first, last)[0].effort
            once = reliability(found, whole.machines_ns[Use.PRODUCING])
            return stops_answer(found, pareto(found), once, first, last, limit)

        return await ask(work)

    @router.get("/api/kpi/reasons")
    async def get_reasons() -> list[ReasonRow]:
        """Return the reasons that a stop can have, each behind what it is part of."""
        return [
            ReasonRow(
                id=one.id,
                parent=one.parent,
                name_vi=one.display.vi,
                name_en=one.display.en,
                guessed=one.guessed,
            )
            for one in REASONS.values()
        ]

    @router.post(
        "/api/kpi/corrections", dependencies=[needs("kpi.correct"), Depends(same_site)], responses=REFUSED
    )
    async def post_correction(body: Correction) -> CorrectionRow:
        """Give a stop another reason; every correction is kept, and the last one counts."""
        first, last = interval(body.start, body.end, clock())
        if body.station not in plan.stations:
            raise UnknownPlaceError(f"station {body.station!r}: stands in no line; see GET /api/kpi/stops")
        by, comment = person_of(body.by), words_of(body.comment, needed=False)
        done = await ask(
            lambda: correct(database(), body.station, first, last, body.reason, by, comment, clock)
        )
        return CorrectionRow(
            number=done.number,
            station=done.station,
            start=to_iso(done.start),
            end=to_iso(done.end),
            reason=done.reason,
            by=done.by,
            comment=done.comment,
        )

    @router.get("/api/kpi/inspections", responses=REFUSED)
    async def get_inspections(
        place: Place = "", start: From = "now-8h", end: To = "now", at: Moment = None
    ) -> InspectedAnswer:
        """Return what cameras said of the pieces at a place, beside what machines count."""
        _, now = known.at(at)
        first, last = until_now(plan, place, start, end, now)
        where = place or plan.park.id
        stations = [each for each in (where, *plan.below(where)) if each in plan.machines]
        found = await ask(lambda: inspected(database(), stations, first, last, known_at=now))
        rows = [InspectedRow(**asdict(one)) for one in found]
        return InspectedAnswer(**{"from": to_iso(first), "to": to_iso(last)}, stations=rows)

    @router.get("/api/kpi/energy", responses=REFUSED)
    async def get_energy(
        place: Place = "", start: From = "now-8h", end: To = "now", at: Moment = None
    ) -> EnergyAnswer:
        """Return what a place or machine took, what that emitted, and energy by good piece."""
        readings, now = known.at(at)
        first, last = until_now(plan, place, start, end, now)
        found = await ask(partial(energy_of, plan, readings, place or plan.park.id, first, last))
        return energy_answer(found, first, last)

    @router.get("/api/kpi/balances", responses=REFUSED)
    async def get_balances(
        place: Place = "", start: From = "now-1d", end: To = "now", at: Moment = None
    ) -> BalancesAnswer:
        """Return what went in, came out and is lost, by balance of the park file."""
        readings, now = known.at(at)
        first, last = until_now(plan, place, start, end, now)
        found = await ask(partial(balances_of, plan, readings, place or plan.park.id, first, last))
        rows = [balance_row(rule, one) for rule, one in found]
        return BalancesAnswer(**{"from": to_iso(first), "to": to_iso(last)}, balances=rows)

    @router.get("/api/kpi/environment", responses=REFUSED)
    async def get_environment(
        place: Place = "", start: From = "now-1d", end: To = "now", at: Moment = None
    ) -> PermitsAnswer:
        """Return means of clock hours against the permits, and how complete they are."""
        readings, now = known.at(at)
        first, last = until_now(plan, place, start, end, now)
        found = await ask(partial(permits_of, plan, readings, place or plan.park.id, first, last))
        rows = [permit_row(rule, one) for rule, one in found]
        return PermitsAnswer(**{"from": to_iso(first), "to": to_iso(last)}, permits=rows)

    return router


def until_now(plan: KpiPlan, place: str, start: str, end: str, now: int) -> tuple[int, int]:
    """Read an interval, and end it now at the latest; ``shift`` is the begin of the shift that runs at the
    place's first line.

    Raises:
        KpiIntervalError: it begins in the future.
    """
    if start == "shift":
        lines = [plan.line_of[place]] if place in plan.line_of else plan.lines_at(place or plan.park.id)
        calendar = lines[0].calendar if lines else None
        start = to_iso(shift_at(calendar, now, plan.zone)[1])
    first, last = interval(start, end, now)
    if first >= now:
        raise KpiIntervalError(f"from={start}: lies in the future, of which nothing is known")
    return first, min(last, now)
