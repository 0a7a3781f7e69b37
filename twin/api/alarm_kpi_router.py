"""``GET /api/alarms/kpi``: how well the alarms serve the people who get them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from twin.alarms.alarm_kpi import alarm_kpi
from twin.alarms.annunciations import read_annunciations, read_standing
from twin.alarms.journal import Journal
from twin.api.alarms_router import AWAY, UNREADABLE, interval
from twin.contract.clock import NS_PER_S, Clock, to_iso
from twin.historian.base import QueryError
from twin.identity.guard import needs

_LONGEST_NS = 92 * 86_400 * NS_PER_S


class FloodRow(BaseModel):
    """A time with more alarms than an operator can follow."""

    start: str
    end: str
    count: int
    peak: int = Field(description="in its worst ten minutes")


class StandingRow(BaseModel):
    """An alarm that has been there for more than a day."""

    alarm: str
    state: str
    raised_at: str


class KpiAnswer(BaseModel):
    """The measures of ANSI/ISA-18.2 and EEMUA 191 over an interval."""

    start: str = Field(alias="from")
    end: str = Field(alias="to")
    operators: int
    count: int = Field(description="annunciations")
    per_ten_minutes: list[int] = Field(description="annunciations by ten minutes from the start")
    average: float = Field(description="per ten minutes and operator; about 1 is acceptable, 2 manageable")
    peak: float = Field(description="most in ten minutes, per operator")
    per_day: float = Field(description="per day and operator; about 150 is acceptable, 300 manageable")
    above_ten: float = Field(description="share of ten minutes with more than ten, 0 to 1; under 0.01")
    floods: list[FloodRow]
    flood_share: float = Field(description="share of the time in floods, 0 to 1; under 0.01")
    chattering: dict[str, int] = Field(description="three times or more in a minute: how often in the worst")
    fleeting: dict[str, int] = Field(description="gone within a minute, unacknowledged: how often")
    standing: list[StandingRow] = Field(description="for more than a day by now")
    top: dict[str, int] = Field(description="the ten most frequent")
    top_share: float = Field(description="of all annunciations, 0 to 1; under 0.05")
    priorities: dict[str, int] = Field(
        description="annunciations by priority; 80 % low, 15 % medium, 5 % high"
    )


def alarm_kpi_router(journal: Callable[[], Journal], clock: Clock) -> APIRouter:
    """Make the router."""
    router = APIRouter(tags=["alarms"], dependencies=[needs("alarm.read")])

    @router.get("/api/alarms/kpi", responses={**AWAY, **UNREADABLE})
    def get_kpi(
        start: Annotated[
            str, Query(alias="from", description="RFC 3339, ms since the epoch, or now-1d")
        ] = "now-1d",
        end: Annotated[str, Query(alias="to", description="RFC 3339, ms since the epoch, or now")] = "now",
        operators: Annotated[int, Query(ge=1, le=100, description="among whom alarms are shared")] = 1,
    ) -> KpiAnswer:
        """Return rate, floods, chattering, fleeting, standing and most frequent alarms of an interval."""
        now = clock()
        first, last = interval(start, end, now)
        if last - first > _LONGEST_NS:
            raise QueryError(f"from={start} to={end}: the interval is longer than 92 days; shorten it")
        engine = journal().engine
        kpi = alarm_kpi(read_annunciations(engine, first, last), first, last, operators=operators)
        return KpiAnswer(
            **{"from": to_iso(first), "to": to_iso(last)},
            operators=kpi.operators,
            count=kpi.count,
            per_ten_minutes=kpi.per_ten_minutes.tolist(),
            average=kpi.average,
            peak=kpi.peak,
            per_day=kpi.per_day,
            above_ten=kpi.above_ten,
            floods=[
                FloodRow(start=to_iso(one.start), end=to_iso(one.end), count=one.count, peak=one.peak)
                for one in kpi.floods
            ],
            flood_share=kpi.flood_share,
            chattering=dict(kpi.chattering),
            fleeting=dict(kpi.fleeting),
            standing=[
                StandingRow(alarm=one.alarm, state=one.state.value, raised_at=to_iso(one.raised_at))
                for one in read_standing(engine, now)
            ],
            top=dict(kpi.top),
            top_share=kpi.top_share,
            priorities=dict(kpi.priorities),
        )

    return router
