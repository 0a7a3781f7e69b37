"""What tenants of the demo park are told of its networks, held against what the park is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

import pytest

from tests.twin.networks.demo_park import BASE, F3, demo_park, readings, simulation
from twin.networks.changes import Change
from twin.networks.desk import NetworkDesk
from twin.networks.errors import UnknownElementError
from twin.networks.own_desk import OwnDesk
from twin.networks.own_part import own_part
from twin.networks.readings import Readings

PARKS = "yenphong/park"
TENANTS = [place.id for place in demo_park().places if place.level == "enterprise" and place.id != PARKS]
DONGHO = "yenphong/dongho-mechanical"


@pytest.fixture(scope="module")
def now() -> Readings:
    return readings(simulation())


@pytest.fixture(scope="module")
def whole() -> NetworkDesk:
    return NetworkDesk(demo_park())


def words(answer: object) -> Iterator[str]:
    """Every text in an answer, keys too."""
    if isinstance(answer, str):
        yield answer
    elif isinstance(answer, dict):
        for name, row in answer.items():
            yield from words(name)
            yield from words(row)
    elif isinstance(answer, list | tuple | set | frozenset):
        for row in answer:
            yield from words(row)


def foreign(answer: object, tenant: str) -> set[str]:
    """Ids in an answer that are neither of a tenant nor where the park meets him."""
    part = own_part(demo_park(), tenant)
    known = {one.id for one in demo_park().equipment} | {one.id for one in demo_park().places}
    mine = part.own | part.places | part.boundary | {part.outside, part.tenant}
    return {word for word in words(answer) if word in known} - mine


def test_the_boundary_is_what_feeds_a_tenant_and_its_figures_are_told_if_it_feeds_nobody_else() -> None:
    part = own_part(demo_park(), DONGHO)
    assert {F3, f"{BASE}/substation/f4", f"{BASE}/water/main1", f"{BASE}/gas/station1"} <= part.boundary
    assert {F3, f"{BASE}/substation/f4"} <= part.alone
    assert not part.alone & {f"{BASE}/water/main1", f"{BASE}/gas/station1"}
    assert all(one.startswith(PARKS) for one in part.boundary)
    assert f"{BASE}/substation/f5" not in part.boundary


@pytest.mark.parametrize("tenant", TENANTS)
def test_the_loss_of_any_element_tells_a_tenant_of_his_own_alone(
    whole: NetworkDesk, now: Readings, tenant: str
) -> None:
    desk = OwnDesk(whole, own_part(demo_park(), tenant))
    wanted = sorted(desk.part.boundary) + sorted(desk.part.own)[::9]
    told = desk.elements(now, wanted)
    assert {one.equipment for one in told} == set(wanted)
    assert any(one.consequences.affected for one in told)
    for one in told:
        assert foreign(asdict(one.consequences), tenant) == set()


def test_losing_a_feeder_is_told_as_the_park_is_told_it_where_it_feeds_one_tenant(
    whole: NetworkDesk, now: Readings
) -> None:
    change = [Change("open", F3)]
    all_of_it = whole.ask(now, change, 2.0)
    told = OwnDesk(whole, own_part(demo_park(), DONGHO)).ask(now, change, 2.0)
    of_dongho = [one for one in all_of_it.affected if one.equipment.startswith(f"{DONGHO}/")]
    assert [one for one in told.affected if not one.equipment.startswith(f"{PARKS}/")] == of_dongho
    assert len(of_dongho) > 10
    assert [one.line for one in told.lines] == [one.line for one in all_of_it.lines if DONGHO in one.line]
    assert told.tenants == (DONGHO,)
    assert 0 < told.lost_kw <= all_of_it.lost_kw
    assert told.lost_kwh == pytest.approx(2 * told.lost_kw)
    assert told.calls[0].contact.display.en == "The park's network"
    other = OwnDesk(whole, own_part(demo_park(), "yenphong/songcau-food"))
    with pytest.raises(UnknownElementError):
        other.ask(now, change, 2.0)


@pytest.mark.parametrize("tenant", TENANTS)
def test_networks_as_they_are_tell_a_tenant_of_his_own_alone(
    whole: NetworkDesk, now: Readings, tenant: str
) -> None:
    desk = OwnDesk(whole, own_part(demo_park(), tenant))
    electricity, meters, water = desk.electricity(now), desk.meters(now), desk.water(now, 4.0)
    result = electricity.solved.result
    assert result is not None
    assert {name for name in result.mw if name.startswith(BASE)} == desk.part.alone & set(
        whole.electricity(now).loadings
    )
    assert any(name.startswith(tenant) for name in electricity.loadings)
    assert any(one.equipment.startswith(tenant) for one in meters.checks)
    assert water.pressures_m
    for answer in (result, electricity.loadings, electricity.dark, electricity.solved.missing, meters):
        told = answer if isinstance(answer, dict | frozenset | tuple) else asdict(answer)
        assert foreign(told, tenant) == set()
    told_of_water = {**asdict(water), "ahead": None}
    assert foreign(told_of_water, tenant) == set()


@pytest.mark.parametrize("kind", ["open", "off", "derate", "output"])
def test_a_name_that_is_not_his_is_refused_without_naming_others(
    whole: NetworkDesk, now: Readings, kind: str
) -> None:
    desk = OwnDesk(whole, own_part(demo_park(), DONGHO))
    for target in ("yenphong/kinhbac-textile/f1/power/board1", "yenphong", DONGHO, "yenphong/kinhbac", ""):
        with pytest.raises(UnknownElementError) as refused:
            desk.ask(now, [Change(kind, target, 50.0)], 1.0)  # type: ignore[arg-type]
        text = str(refused.value).replace(target, "") if target else str(refused.value)
        assert "kinhbac" not in text
        assert "songcau" not in text
