"""REST of the calendar: when machines may be expected to fail, and who is there to work on them."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from maintenance.plan.desk import PlanDesk
from maintenance.plan.outlook import Outlook, outlooks
from maintenance.plan.windows import crew_windows
from twin.contract.clock import Clock, to_iso
from twin.identity.guard import needs


class OutlookRow(BaseModel):
    """When a machine may be expected to fail, on the calendar of its tenant."""

    machine: str
    p10: str | None = Field(description="by then it has failed with 10 %, RFC 3339; null = no number is told")
    p50: str | None
    p90: str | None
    healthy_until: str | None = Field(description="of a healthy machine: it lasts so long with 95 %")
    fails_week: float | None = Field(description="probability to fail within seven days")
    calendar_known: bool = Field(description="false: its tenant is unknown, it counts as running")


class ShiftRow(BaseModel):
    """A shift of a crew."""

    begin: str = Field(description="RFC 3339")
    end: str


class CrewRow(BaseModel):
    """A crew, what it can, and its shifts until the horizon of planning."""

    id: str
    name_vi: str
    name_en: str
    skills: list[str]
    shifts: list[ShiftRow]


def create_outlook_router(desk: PlanDesk, clock: Clock) -> APIRouter:
    """Make the routes over a desk; handlers are plain functions, run in threads."""
    router = APIRouter(prefix="/api/maintenance", tags=["planning"], dependencies=[needs("maintenance.read")])

    @router.get("/outlook")
    def get_outlook() -> list[OutlookRow]:
        """Lay the newest forecast of every machine on the calendar of its tenant, by machine."""
        return [_row(one) for one in outlooks(desk.site, desk.newest(), clock())]

    @router.get("/crews")
    def get_crews() -> list[CrewRow]:
        """List the crews with their shifts until the horizon of planning."""
        windows = crew_windows(desk.site, clock())
        rows = [
            CrewRow(id=one.id, name_vi=one.name_vi, name_en=one.name_en, skills=list(one.skills), shifts=[])
            for one in desk.site.crews
        ]
        for place, begin, end in zip(
            windows.crew.tolist(), windows.begin.tolist(), windows.end.tolist(), strict=True
        ):
            shift = ShiftRow(begin=to_iso(windows.clock.ns(begin)), end=to_iso(windows.clock.ns(end)))
            rows[place].shifts.append(shift)
        return rows

    return router


def _row(one: Outlook) -> OutlookRow:
    def told(ns: int | None) -> str | None:
        return None if ns is None else to_iso(ns)

    return OutlookRow(
        machine=one.machine,
        p10=told(one.p10_ns),
        p50=told(one.p50_ns),
        p90=told(one.p90_ns),
        healthy_until=told(one.healthy_until_ns),
        fails_week=one.fails_week,
        calendar_known=one.calendar_known,
    )
