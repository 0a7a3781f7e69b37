"""Forecasts on the calendar: running hours pass only while the tenant produces."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from maintenance.plan.outlook import outlooks
from maintenance.plan.site_file import Shift, Tenant
from tests.maintenance.plan.sites import NOW_NS, site, told
from twin.contract.health import HealthState, MachineHealth

NS_PER_H = 3600 * 10**9
TWO_SHIFTS = Tenant(
    prefix="park/a",
    name="A",
    stop_cost_per_h=1.0,
    production=(Shift(start="06:00", end="22:00", days=("mon", "tue", "wed", "thu", "fri")),),
)


def day(ns: int | None) -> str:
    assert ns is not None
    return datetime.fromtimestamp(ns / 10**9, UTC).strftime("%Y-%m-%d %H:%M")


def test_a_machine_that_always_runs_fails_in_as_many_hours() -> None:
    (found,) = outlooks(site(), [told("park/a/l1/m1", 100.0)], NOW_NS)
    assert found.p50_ns == pytest.approx(NOW_NS + 100 * NS_PER_H, abs=60 * 10**9)
    assert found.calendar_known
    assert found.healthy_until_ns is None


def test_nights_and_weekends_do_not_count() -> None:
    """Monday 10:00: 12 h until 22:00, then 16 h a day: 60 h are over on Thursday at 22:00."""
    (found,) = outlooks(site(tenants=[TWO_SHIFTS]), [told("park/a/l1/m1", 60.0)], NOW_NS)
    assert day(found.p50_ns) == "2026-12-03 15:00"  # 22:00 in Hanoi
    (later,) = outlooks(site(tenants=[TWO_SHIFTS]), [told("park/a/l1/m1", 77.0)], NOW_NS)
    assert day(later.p50_ns) == "2026-12-07 00:00"  # 76 h are over on Friday night


def test_beyond_the_horizon_it_runs_as_much_as_before() -> None:
    (found,) = outlooks(site(tenants=[TWO_SHIFTS]), [told("park/a/l1/m1", 2_000.0)], NOW_NS)
    assert found.p50_ns is not None
    weeks = (found.p50_ns - NOW_NS) / NS_PER_H / 168
    assert weeks == pytest.approx(2_000 / 80, rel=0.03)


def test_healthy_machines_have_an_end_of_certainty_and_no_date() -> None:
    well = MachineHealth(
        machine="park/b/m1", time=NOW_NS, state=HealthState.HEALTHY, kind="pump", healthy_beyond_h=400.0
    )
    (found,) = outlooks(site(), [well], NOW_NS)
    assert (found.p10_ns, found.p50_ns, found.p90_ns) == (None, None, None)
    assert found.healthy_until_ns == pytest.approx(NOW_NS + 400 * NS_PER_H, abs=60 * 10**9)
    assert not found.calendar_known
    assert found.fails_week == pytest.approx(0.0213, abs=1e-3)  # 1 - 0.95 ** (168 / 400)


def test_too_little_data_is_no_number() -> None:
    unknown = MachineHealth(machine="park/a/m1", time=NOW_NS, state=HealthState.NOT_ENOUGH_DATA)
    (found,) = outlooks(site(), [unknown], NOW_NS)
    assert found.fails_week is None
    assert found.p50_ns is None
