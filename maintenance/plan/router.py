"""REST of planning: the plan, its work orders, spares, the weekly report."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from pydantic import BaseModel, Field

from maintenance.live.ledger import Ledger
from maintenance.plan.decisions import Decision
from maintenance.plan.desk import DecisionError, PlanDesk
from maintenance.plan.orders import Left, MaintenancePlan, WorkOrder
from maintenance.plan.site_file import Site
from maintenance.plan.words import kind_name, what_is_done, why_not, why_then
from maintenance.spares.reorder import PartNeed
from maintenance.weekly.document import weekly_document
from maintenance.weekly.page import page
from maintenance.wording import Language
from twin.contract.clock import NS_PER_S, Clock, from_iso, to_iso
from twin.contract.errors import ContractError
from twin.identity.guard import needs
from twin.identity.principal import WHO, Signed

Form = Literal["markdown", "html"]
REJECTED_FOR_NS = 7 * 24 * 3600 * NS_PER_S


class PartRow(BaseModel):
    """A part to bring along."""

    part: str
    name_vi: str
    name_en: str
    count: int


class WorkOrderRow(BaseModel):
    """A job with its time, crew, parts and expected costs, and why it is then."""

    machine: str
    kind_vi: str
    kind_en: str
    task: Literal["repair", "inspect"]
    mode: str | None
    what_vi: str
    what_en: str
    crew: str
    begin: str = Field(description="RFC 3339")
    end: str = Field(description="RFC 3339")
    state: Literal["proposed", "accepted"]
    parts: list[PartRow]
    cost_planned: float = Field(description="of the job when nothing has failed")
    cost_failed: float = Field(description="of a failure instead")
    fails_before: float = Field(description="probability that it fails before the job is over")
    wait_week: float = Field(description="what postponing by a week costs more; below 0 = less")
    wait_horizon: float = Field(description="what postponing beyond the horizon costs more")
    stops_production: bool
    shares_stop: list[str] = Field(description="machines of the line that are done in the same stop")
    why_vi: str
    why_en: str


class LeftRow(BaseModel):
    """A machine without a work order, and why."""

    machine: str
    why: str
    why_vi: str
    why_en: str
    risk: float | None = Field(description="probability to fail within the horizon")


class PlanPage(BaseModel):
    """The plan of the newest forecasts."""

    made: str = Field(description="RFC 3339")
    horizon: str = Field(description="until when jobs are placed")
    currency: str
    example: bool = Field(description="prices, stocks and costs of stops are examples, not this site's")
    saved: float = Field(description="expected cost of waiting until the horizon, minus that of the plan")
    gap: float = Field(description="by how much of that another plan could be better")
    orders: list[WorkOrderRow]
    left: list[LeftRow]
    broken: list[str] = Field(description="machines whose accepted date can no longer be held")


class SpareRow(BaseModel):
    """A part of the store: what is asked for until more can come, and what to order."""

    part: str
    name_vi: str
    name_en: str
    on_hand: int
    coming: int
    lead_days: int
    expected: float = Field(description="mean number asked for until an order of next week has come")
    enough: int = Field(description="so many are enough until then, with the service level")
    service_level: float
    meets: float = Field(description="probability that what is there and under way is enough")
    order: int = Field(description="how many to order now")
    price: float = Field(description="of the order")
    order_by: str | None = Field(description="when an order is due if none is now")


class DecisionBody(BaseModel):
    """A person's decision about the work order of a machine."""

    machine: str
    what: Literal["accept", "move", "reject", "withdraw"] = Field(
        description="accept it as it is planned; move it to another crew or shift; reject it until a day; "
        "withdraw = leave it to the plan again"
    )
    crew: str = Field("", max_length=120, description="of a move; empty = as planned")
    begin: str = Field("", description="of a move, in the wanted shift; RFC 3339")
    until: str = Field("", description="of a rejection, RFC 3339; empty = for a week")
    reason: str = Field("", max_length=400)
    decided_by: Signed = Field(min_length=1, max_length=120, description=WHO)


class DecisionRow(BaseModel):
    """A decision as it is kept; ``begin`` of a rejection is until when it holds."""

    number: int
    machine: str
    what: str
    crew: str
    begin: str
    reason: str
    decided_by: str
    decided_at: str


def create_plan_router(desk: PlanDesk, ledger: Ledger, clock: Clock) -> APIRouter:
    """Make the routes over a desk; handlers are plain functions, run in threads."""
    router = APIRouter(prefix="/api/maintenance", tags=["planning"], dependencies=[needs("maintenance.read")])

    @router.get("/plan")
    def get_plan(anew: bool = False) -> PlanPage:
        """Show the plan: work orders by time, and machines without, each with the reason."""
        return _page(desk.site, desk.planned(anew=anew).plan)

    @router.get("/work-orders")
    def get_work_orders(crew: str | None = None, machine: str | None = None) -> list[WorkOrderRow]:
        """List work orders by time, of one crew or machine or all."""
        return [
            work_order_row(desk.site, one)
            for one in desk.planned().plan.orders
            if crew in (None, one.crew) and machine in (None, one.health.machine)
        ]

    @router.post("/work-orders/decisions", status_code=201, dependencies=[needs("maintenance.plan")])
    def post_decision(body: DecisionBody) -> WorkOrderRow | None:
        """Accept, move, reject or withdraw the work order of a machine; the answer is the order as it is then
        planned, null if there is none."""
        orders = {one.health.machine: one for one in desk.planned().plan.orders}
        try:
            decision = _decision(body, orders.get(body.machine), clock())
            planned = desk.decide(decision)
        except (ContractError, DecisionError) as error:
            raise HTTPException(422, str(error)) from error
        found = [one for one in planned.plan.orders if one.health.machine == body.machine]
        return work_order_row(desk.site, found[0]) if found else None

    @router.get("/work-orders/decisions")
    def get_decisions(machine: str | None = None) -> list[DecisionRow]:
        """List what was decided about work orders, oldest first."""
        return [_decision_row(one) for one in desk.decisions.all(machine)]

    @router.get("/spares")
    def get_spares() -> list[SpareRow]:
        """List spare parts, those to order first."""
        return [_spare(one) for one in desk.planned().needs]

    @router.get("/weekly-report", response_class=Response)
    def get_weekly_report(
        language: Language = "vi", form: Annotated[Form, Query(alias="format")] = "markdown"
    ) -> Response:
        """Write the report of the last seven days with the plan, in Vietnamese or English, as Markdown or a
        page."""
        planned = desk.planned()
        text = weekly_document(ledger, desk.site, planned.plan, planned.needs, language)
        if form == "html":
            return HTMLResponse(page(text, language))
        return PlainTextResponse(text, media_type="text/markdown; charset=utf-8")

    return router


def _page(site: Site, plan: MaintenancePlan) -> PlanPage:
    return PlanPage(
        made=to_iso(plan.now_ns),
        horizon=to_iso(plan.horizon_ns),
        currency=site.currency,
        example=site.example,
        saved=plan.saved,
        gap=plan.gap,
        orders=[work_order_row(site, one) for one in plan.orders],
        left=[_left(one) for one in plan.left],
        broken=list(plan.broken_pins),
    )


def work_order_row(site: Site, order: WorkOrder) -> WorkOrderRow:
    """A work order as it is told over REST and on the command line."""
    return WorkOrderRow(
        machine=order.health.machine,
        kind_vi=kind_name(site, order.health.kind, "vi"),
        kind_en=kind_name(site, order.health.kind, "en"),
        task=order.task.value,
        mode=order.mode.mode if order.mode else None,
        what_vi=what_is_done(order, "vi"),
        what_en=what_is_done(order, "en"),
        crew=order.crew,
        begin=to_iso(order.begin_ns),
        end=to_iso(order.end_ns),
        state=order.state.value,
        parts=[
            PartRow(part=one.id, name_vi=one.name_vi, name_en=one.name_en, count=count)
            for one, count in order.parts
        ],
        cost_planned=order.cost_planned,
        cost_failed=order.cost_failed,
        fails_before=order.fails_before,
        wait_week=order.wait_week,
        wait_horizon=order.wait_horizon,
        stops_production=order.stops_production,
        shares_stop=list(order.shares_stop),
        why_vi=why_then(site, order, "vi"),
        why_en=why_then(site, order, "en"),
    )


def _decision(body: DecisionBody, order: WorkOrder | None, now_ns: int) -> Decision:
    crew, begin_ns = "", 0
    if body.what == "reject":
        begin_ns = from_iso(body.until) if body.until else now_ns + REJECTED_FOR_NS
        if begin_ns <= now_ns:
            raise DecisionError(f"rejection until {body.until}: lies in the past; give a day to come")
    elif body.what != "withdraw":
        moved = body.what == "move"
        crew, begin_ns = (body.crew, from_iso(body.begin) if body.begin else 0) if moved else ("", 0)
        if order is not None:
            crew, begin_ns = crew or order.crew, begin_ns or order.begin_ns
        if not (crew and begin_ns):
            raise DecisionError(
                f"machine {body.machine!r}: has no work order to {body.what}; /work-orders lists those that "
                "have, and 'move' with crew and begin places another"
            )
    return Decision(body.machine, body.what, crew, begin_ns, body.reason, body.decided_by, now_ns)


def _decision_row(one: Decision) -> DecisionRow:
    return DecisionRow(
        number=one.number,
        machine=one.machine,
        what=one.what,
        crew=one.crew,
        begin=to_iso(one.begin_ns) if one.begin_ns else "",
        reason=one.reason,
        decided_by=one.decided_by,
        decided_at=to_iso(one.decided_at_ns),
    )


def _left(one: Left) -> LeftRow:
    return LeftRow(
        machine=one.health.machine,
        why=one.why.value,
        why_vi=why_not(one, "vi"),
        why_en=why_not(one, "en"),
        risk=one.risk,
    )


def _spare(one: PartNeed) -> SpareRow:
    return SpareRow(
        part=one.part.id,
        name_vi=one.part.name_vi,
        name_en=one.part.name_en,
        on_hand=one.part.on_hand,
        coming=one.coming,
        lead_days=one.part.lead_days,
        expected=one.expected,
        enough=one.enough,
        service_level=one.part.service_level,
        meets=one.meets,
        order=one.order,
        price=one.price,
        order_by=one.order_by.isoformat() if one.order_by else None,
    )
