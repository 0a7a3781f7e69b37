"""Plans: within windows, one job a crew at a time, parts in stock, stable around what was accepted."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from maintenance.plan.orders import MaintenancePlan, OrderState, Pin, Task, Why
from maintenance.plan.planner import STALE_H, make_plan
from maintenance.plan.site_file import (
    SAMPLE,
    Crew,
    DaysOff,
    Delivery,
    Part,
    Period,
    Shift,
    Site,
    Tenant,
    read_site,
)
from maintenance.plan.words import why_not
from tests.maintenance.plan.sites import NOW_NS, site, told
from twin.contract.health import HealthState, MachineHealth

HOUR_NS = 3600 * 10**9
SAMPLE_SITE = read_site(SAMPLE)


def _why(plan: MaintenancePlan) -> dict[str, Why]:
    return {one.health.machine: one.why for one in plan.left}


def test_a_machine_that_will_fail_is_done_before_and_one_that_lasts_is_left_to_run() -> None:
    plan = make_plan(site(), [told("park/a/l/soon", 150.0), told("park/a/l/lasts", 20_000.0)], NOW_NS)
    (order,) = plan.orders
    assert order.health.machine == "park/a/l/soon"
    assert order.fails_before < 0.1
    assert order.wait_week > 0.0
    assert order.begin_ns > NOW_NS + 24 * HOUR_NS  # not in panic: half of its life is still there
    assert _why(plan) == {"park/a/l/lasts": Why.LATER_IS_CHEAPER}
    assert plan.saved > 0.0


def test_the_dearer_a_failure_the_earlier_the_job() -> None:
    begins = []
    for damage in (1e4, 1e3, 1e2, 0.0):
        (order,) = make_plan(site(damage=damage), [told("park/a/l/m", 300.0, spread=0.4)], NOW_NS).orders
        begins.append(order.begin_ns)
    assert begins == sorted(begins)
    assert begins[0] < begins[-1]


def test_what_is_not_known_is_told_by_its_reason() -> None:
    plan = make_plan(
        site(),
        [
            MachineHealth(machine="park/a/l/new", time=NOW_NS, state=HealthState.NOT_ENOUGH_DATA),
            MachineHealth(machine="park/a/l/well", time=NOW_NS, state=HealthState.HEALTHY, kind="pump",
                          healthy_beyond_h=5000.0),
            told("park/b/l/stranger", 100.0),
            told("park/a/l/robot", 100.0, kind="robot"),
            told("park/a/l/silent", 100.0, time_ns=NOW_NS - round((STALE_H + 1) * HOUR_NS)),
        ],
        NOW_NS,
    )  # fmt: skip
    assert not plan.orders
    assert _why(plan) == {
        "park/a/l/new": Why.NOT_ENOUGH_DATA,
        "park/a/l/well": Why.HEALTHY,
        "park/b/l/stranger": Why.UNKNOWN_TENANT,
        "park/a/l/robot": Why.UNKNOWN_KIND,
        "park/a/l/silent": Why.STALE,
    }


def test_a_machine_that_is_forecast_by_its_age_alone_is_to_be_inspected() -> None:
    plan = make_plan(site(), [told("park/a/l/old", 90.0, kind="", indicative=True)], NOW_NS)
    (left,) = plan.left
    assert left.why is Why.UNKNOWN_KIND
    assert "have it inspected" in why_not(left, "en")
    (named,) = make_plan(site(), [told("park/a/l/robot", 90.0, kind="robot")], NOW_NS).left
    assert "add it under" in why_not(named, "en")


def test_an_indicative_forecast_asks_for_a_look_and_for_no_parts() -> None:
    part = Part(id="bearing", name_vi="Ổ bi", name_en="Bearing", price=5.0, on_hand=0, lead_days=300)
    (order,) = make_plan(
        site(parts=[part], needs={"bearing": 1}), [told("park/a/l/m", 150.0, indicative=True)], NOW_NS
    ).orders
    assert order.task is Task.INSPECT
    assert not order.parts
    assert order.end_ns - order.begin_ns == HOUR_NS


def test_no_job_without_its_part_until_the_delivery() -> None:
    arrives = date(2026, 12, 4)
    part = Part(id="bearing", name_vi="Ổ bi", name_en="Bearing", price=5.0, on_hand=0, lead_days=60,
                on_order=(Delivery(arrives=arrives, count=1),))  # fmt: skip
    spared = site(parts=[part], needs={"bearing": 1})
    plan = make_plan(spared, [told("park/a/l/m", 200.0), told("park/a/l/n", 210.0)], NOW_NS)
    (order,) = plan.orders
    assert datetime.fromtimestamp(order.begin_ns / 1e9, UTC) + timedelta(hours=7) >= datetime(
        2026, 12, 5, tzinfo=UTC
    )
    assert Why.NO_PARTS in _why(plan).values()


def test_tet_is_the_time_for_a_job_that_can_wait_until_then() -> None:
    tet = DaysOff(first=date(2026, 12, 9), last=date(2026, 12, 11))
    tenant = Tenant(prefix="park/a", name="A", shutdowns=(tet,), stop_cost_per_h=10.0, stop_cost_fixed=10.0)
    (order,) = make_plan(site(tenants=[tenant]), [told("park/a/l/m", 500.0)], NOW_NS).orders
    assert not order.stops_production
    assert tet.first <= _local(order.begin_ns).date() <= tet.last


def test_a_job_longer_than_every_shift_says_so() -> None:
    plan = make_plan(site(job_hours=9.0), [told("park/a/l/m", 100.0)], NOW_NS)
    assert _why(plan) == {"park/a/l/m": Why.TOO_LONG}


def test_too_many_jobs_leave_the_least_urgent_without_room() -> None:
    few = Crew(id="day", name_vi="Tổ", name_en="Day", skills=("mechanical",), rate_per_h=1.0,
               shifts=(Shift(start="06:00", end="10:00", days=("sat",)),))  # fmt: skip
    plan = make_plan(
        site(crews=[few], horizon_weeks=1), [told(f"park/a/l{n}/m", 150.0 + 10 * n) for n in range(3)], NOW_NS
    )
    assert [order.health.machine for order in plan.orders] == ["park/a/l0/m"]
    assert set(_why(plan).values()) == {Why.NO_ROOM}


def test_what_was_accepted_stays_when_the_forecast_changes() -> None:
    first = make_plan(site(), [told("park/a/l/m", 150.0)], NOW_NS)
    (order,) = first.orders
    pin = Pin("park/a/l/m", order.crew, order.begin_ns)
    again = make_plan(site(), [told("park/a/l/m", 600.0)], NOW_NS + HOUR_NS, pins=[pin])
    (kept,) = again.orders
    assert (kept.begin_ns, kept.state) == (order.begin_ns, OrderState.ACCEPTED)
    (free,) = make_plan(site(), [told("park/a/l/m", 600.0)], NOW_NS + HOUR_NS).orders
    assert free.begin_ns > kept.begin_ns
    assert again.saved <= make_plan(site(), [told("park/a/l/m", 600.0)], NOW_NS + HOUR_NS).saved


def test_two_accepted_jobs_that_do_not_fit_are_planned_anew_and_named() -> None:
    begin = NOW_NS + 20 * HOUR_NS  # Tuesday 06:00
    pins = [Pin(f"park/a/l{n}/m", "day", begin) for n in range(3)]
    plan = make_plan(site(), [told(f"park/a/l{n}/m", 150.0) for n in range(3)], NOW_NS, pins=pins)
    assert len(plan.broken_pins) == 1
    assert sorted(order.state for order in plan.orders) == ["accepted", "accepted", "proposed"]


def test_what_was_rejected_is_not_planned() -> None:
    plan = make_plan(site(), [told("park/a/l/m", 150.0)], NOW_NS, pins=[Pin("park/a/l/m")])
    assert _why(plan) == {"park/a/l/m": Why.REJECTED}


@st.composite
def _forecasts(draw: st.DrawFn) -> list[MachineHealth]:
    count = draw(st.integers(1, 25))
    found = []
    for number in range(count):
        kind = draw(st.sampled_from(SAMPLE_SITE.kinds))
        tenant = draw(st.sampled_from(SAMPLE_SITE.tenants))
        machine = f"{tenant.prefix}/f1/line{draw(st.integers(0, 2))}/m{number}"
        mode = draw(st.sampled_from(kind.jobs)).mode
        found.append(
            told(machine, draw(st.floats(1.0, 5000.0)), spread=draw(st.floats(0.01, 1.0)), kind=kind.kind,
                 mode=mode, indicative=draw(st.booleans()))
        )  # fmt: skip
    return found


@settings(max_examples=25, deadline=None)
@given(_forecasts(), st.integers(0, 200), st.data())
def test_every_plan_is_one_that_can_be_carried_out(
    forecasts: list[MachineHealth], days: int, data: st.DataObject
) -> None:
    now_ns = NOW_NS + days * 24 * HOUR_NS
    fresh = [told_at(one, now_ns) for one in forecasts]
    closed = Period(begin=datetime(2026, 12, 5), end=datetime(2026, 12, 8, 12))  # noqa: DTZ001
    stocked = SAMPLE_SITE.model_copy(
        update={
            "tenants": tuple(one.model_copy(update={"closed": (closed,)}) for one in SAMPLE_SITE.tenants),
            "parts": tuple(
                one.model_copy(update={"on_hand": data.draw(st.integers(0, 2))}) for one in SAMPLE_SITE.parts
            ),
        }
    )
    plan = make_plan(stocked, fresh, now_ns, time_limit_s=5.0)
    told_of = [one.health.machine for one in plan.orders] + [one.health.machine for one in plan.left]
    assert sorted(told_of) == sorted(one.machine for one in fresh)
    _check_crews(stocked, plan)
    _check_parts(stocked, plan)
    for order in plan.orders:
        assert order.begin_ns >= now_ns + round(stocked.notice_h - 0.02) * HOUR_NS
        begin, end = (_local(ns) for ns in (order.begin_ns, order.end_ns))
        assert end <= closed.begin or begin >= closed.end
        assert 0.0 <= order.fails_before <= 1.0


def told_at(one: MachineHealth, time_ns: int) -> MachineHealth:
    """The same forecast at another time."""
    return replace(one, time=time_ns)


def _local(ns: int) -> datetime:
    return datetime.fromtimestamp(ns / 1e9, UTC).replace(tzinfo=None) + timedelta(hours=7)


def _check_crews(stocked: Site, plan: MaintenancePlan) -> None:
    by_crew = defaultdict(list)
    for order in plan.orders:
        by_crew[order.crew].append(order)
    for crew in stocked.crews:
        mine = by_crew[crew.id]
        for one, after in pairwise(mine):
            assert one.end_ns <= after.begin_ns, "a crew does one job at a time"
        for order in mine:
            kind = stocked.kind(order.health.kind)
            assert kind is not None
            assert kind.job(order.health.modes[0].mode).skill in crew.skills
            assert any(_within(shift, order.begin_ns, order.end_ns) for shift in crew.shifts)


def _within(shift: Shift, begin_ns: int, end_ns: int) -> bool:
    begin, end = _local(begin_ns), _local(end_ns)
    for day in (begin.date(), begin.date() - timedelta(days=1)):
        if ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[day.weekday()] not in shift.days:
            continue
        first = datetime.combine(day, datetime.strptime(shift.start, "%H:%M").time())  # noqa: DTZ007
        last = datetime.combine(day, datetime.strptime(shift.end, "%H:%M").time())  # noqa: DTZ007
        last += timedelta(days=1) if last <= first else timedelta()
        if first <= begin and end <= last:
            return True
    return False


def _check_parts(stocked: Site, plan: MaintenancePlan) -> None:
    used: dict[str, int] = defaultdict(int)
    for order in plan.orders:
        for part, count in order.parts:
            if order.begin_ns < plan.now_ns + part.lead_days * 24 * HOUR_NS:
                used[part.id] += count
    for part in stocked.parts:
        assert used[part.id] <= part.on_hand


def test_the_plan_of_a_park_with_many_jobs_says_how_near_the_best_it_is() -> None:
    fresh = [
        told(f"{SAMPLE_SITE.tenants[n % 5].prefix}/f1/l{n % 9}/m{n}", 80.0 + 37.0 * n,
             kind=SAMPLE_SITE.kinds[n % 12].kind)
        for n in range(120)
    ]  # fmt: skip
    plan = make_plan(SAMPLE_SITE, fresh, NOW_NS, time_limit_s=10.0)
    assert plan.orders
    assert plan.gap < 0.05
    _check_crews(SAMPLE_SITE, plan)
