"""What is shown of the demo's park to its tenants, and to the park of what they share."""

from __future__ import annotations

from collections import Counter

import pytest

from twin.identity.consents import GROUPS
from twin.kpi.plan import KpiPlan
from twin.launcher.plan import demo_park
from twin.park.model import Park
from twin.park.park_file import load_park
from twin.park.restricted import group_of, is_within, view_of_park, view_of_tenant
from twin.state.tag_table import build_tag_table

PARK_ID = "yenphong/park"
FOOD = "yenphong/songcau-food"


@pytest.fixture(scope="module")
def park() -> Park:
    """The demo's park."""
    ports = ("ANPHAT", "DONGHO", "UTILITIES", "DETMAY", "THUCPHAM", "ENERGY_METERS", "WATER_METERS")
    return load_park(demo_park(), environment={f"PARKTWIN_SIM_PORT_{name}": "1" for name in ports})


def tenants_of(park: Park) -> list[str]:
    """Enterprises but the park's own."""
    return [place.id for place in park.places if place.level == "enterprise" and place.id != PARK_ID]


def test_the_park_sees_its_own_and_the_boundary_where_nothing_is_shared(park: Park) -> None:
    tenants = tenants_of(park)
    view = view_of_park(park, dict.fromkeys(tenants, frozenset()))
    boundary = {
        tag for meter in park.kpi.meters if meter.of in tenants for tag in (*meter.add, *meter.subtract)
    }
    foreign = {tag.tag for tag in view.park.tags if not is_within(tag.tag, PARK_ID)}
    assert foreign <= boundary
    own = [tag for tag in park.tags if is_within(tag.tag, PARK_ID)]
    assert len(view.park.tags) == len(own) + len(foreign)
    assert {rule.id for rule in view.park.kpi.permits} == {rule.id for rule in park.kpi.permits}
    assert {meter.of for meter in view.park.kpi.meters} >= {
        meter.of for meter in park.kpi.meters if is_within(meter.of, PARK_ID)
    }
    assert view.park.kpi.lines == ()
    assert all(is_within(place, PARK_ID) for place in view.places)


def test_everything_shared_is_everything_but_rules(park: Park) -> None:
    view = view_of_park(park, dict.fromkeys(tenants_of(park), frozenset(GROUPS)))
    assert [tag.tag for tag in view.park.tags] == [tag.tag for tag in park.tags]
    assert view.park.kpi.lines == park.kpi.lines
    assert all(any(is_within(machine.id, place) for place in view.places) for machine in park.equipment)


@pytest.mark.parametrize("group", ["energy", "production", "process"])
def test_one_group_shows_its_tags_and_no_others(park: Park, group: str) -> None:
    given: dict[str, frozenset[str]] = dict.fromkeys(tenants_of(park), frozenset()) | {
        FOOD: frozenset([group])
    }
    shown = {tag.tag for tag in view_of_park(park, given).park.tags if is_within(tag.tag, FOOD)}
    groups = Counter(group_of(tag) for tag in park.tags if tag.tag in shown)
    meters = {tag for meter in park.kpi.meters if meter.of == FOOD for tag in (*meter.add, *meter.subtract)}
    all_of_it = {tag.tag for tag in park.tags if is_within(tag.tag, FOOD) and group_of(tag) == group}
    assert len(all_of_it) > 20
    assert shown == all_of_it | meters
    assert groups[group] >= len(all_of_it)
    lines = view_of_park(park, given).park.kpi.lines
    assert bool(lines) == (group == "production")


@pytest.mark.parametrize("role", ["state", "good_count", "energy", "power"])
def test_a_plan_of_a_part_reads_no_tag_outside_of_it(park: Park, role: str) -> None:
    given = dict.fromkeys(tenants_of(park), frozenset(["process"]))
    for view in (view_of_park(park, given), view_of_tenant(park, FOOD)):
        plan = KpiPlan(view.park)
        names = {tag.tag for tag in view.park.tags}
        found = {plan.tag(machine, role) for machine in plan.machines}  # type: ignore[arg-type]
        assert found - {""} <= names
        assert len(build_tag_table(view.park)) == len(names)


def test_a_tenant_has_key_figures_of_its_own_lines(park: Park) -> None:
    view = view_of_tenant(park, FOOD)
    own = [rule.line for rule in park.kpi.lines if is_within(rule.line, FOOD)]
    assert [rule.line for rule in view.park.kpi.lines] == own
    assert len(own) > 0
    assert all(is_within(meter.of, FOOD) for meter in view.park.kpi.meters)
    used = {rule.calendar for rule in view.park.kpi.lines}
    assert {calendar.id for calendar in view.park.kpi.calendars} <= used
    assert len(KpiPlan(view.park).lines) == len(own)
