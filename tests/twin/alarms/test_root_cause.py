from __future__ import annotations

from tests.twin.alarms.alarm_parks import S, alarm_park
from twin.alarms.root_cause import Raised, RootCauses
from twin.park.model import Link, NetworkKind


def link(network: NetworkKind, upstream: str, downstream: str) -> Link:
    return Link(network, f"park/{upstream}", f"park/{downstream}")


CAUSES = RootCauses(
    alarm_park(
        links=[
            link("electricity", "grid/transformer", "grid/feeder1"),
            link("electricity", "grid/transformer", "grid/feeder2"),
            link("electricity", "grid/feeder1", "works/hall1"),
            link("electricity", "grid/feeder2", "works/hall2"),
            link("air", "works/hall1/compressor", "works/hall2"),
            link("water", "water/a", "water/b"),
            link("water", "water/b", "water/a"),  # a ring main
        ]
    )
)


def raised(place: str, seconds: float) -> Raised:
    return Raised(f"park/{place}:x:y", f"park/{place}", round(seconds * S))


def explain(alarms: list[Raised], supplies: list[Raised]) -> dict[str, str]:
    return {
        alarm.removeprefix("park/").partition(":")[0]: cause.removeprefix("park/").partition(":")[0]
        for alarm, cause in CAUSES.explain(alarms, supplies).items()
    }


def test_everything_on_a_feeder_is_explained_by_it() -> None:
    machines = [raised(f"works/hall1/m{n}", 11 + n) for n in range(40)]
    found = explain([*machines, raised("works/hall2/m1", 12)], [raised("grid/feeder1", 10)])
    assert found == {f"works/hall1/m{n}": "grid/feeder1" for n in range(40)}


def test_the_first_cause_is_named_and_not_one_in_between() -> None:
    supplies = [raised("grid/transformer", 10), raised("grid/feeder1", 10.5)]
    assert explain([raised("works/hall1/m1", 11)], supplies) == {
        "works/hall1/m1": "grid/transformer", "grid/feeder1": "grid/transformer",
    }  # fmt: skip


def test_a_cause_comes_first_but_for_a_little_slack() -> None:
    feeder = [raised("grid/feeder1", 100)]
    assert explain([raised("works/hall1/m1", 96)], feeder) == {"works/hall1/m1": "grid/feeder1"}
    assert explain([raised("works/hall1/m1", 94)], feeder) == {}


def test_networks_are_not_mixed_but_a_supply_can_itself_be_explained() -> None:
    compressor = raised("works/hall1/compressor", 11)
    assert explain([raised("works/hall2/m1", 12)], [compressor]) == {
        "works/hall2/m1": "works/hall1/compressor"
    }
    # the feeder does not feed hall 2; the compressor that does is explained by it
    assert explain([raised("works/hall2/m1", 12)], [compressor, raised("grid/feeder1", 10)]) == {
        "works/hall2/m1": "grid/feeder1", "works/hall1/compressor": "grid/feeder1",
    }  # fmt: skip


def test_a_ring_explains_without_end() -> None:
    found = explain([], [raised("water/a", 1), raised("water/b", 2)])
    assert found["water/b"] == "water/a"


def test_alarms_of_sources_and_of_the_supply_itself_are_left_alone() -> None:
    feeder = raised("grid/feeder1", 10)
    assert explain([Raised("anphat:lost", "", 11), raised("grid/feeder1", 11)], [feeder]) == {}


def test_at_one_machine_the_most_urgent_supply_alarm_explains_the_others() -> None:
    opened = Raised("park/grid/feeder1:breaker:open", "park/grid/feeder1", 11 * S, 3)
    dead = Raised("park/grid/feeder1:voltage:none", "park/grid/feeder1", 10 * S, 2)
    low = Raised("park/grid/feeder1:voltage:low", "park/grid/feeder1", 10 * S, 1)
    machine = Raised("park/works/hall1/m1:state:off", "park/works/hall1/m1", 12 * S, 1)
    other = Raised("park/works/hall2/m1:heat:high", "park/works/hall2/m1", 12 * S, 2)
    first, second = CAUSES.group([other, machine, low, dead, opened], [dead, opened])
    assert (first.cause, first.explained) == (opened, (low, dead, machine))
    assert (second.cause, second.explained) == (other, ())


def test_a_cause_that_is_not_asked_for_is_a_group_all_the_same() -> None:
    feeder, machine = raised("grid/feeder1", 10), raised("works/hall1/m1", 11)
    (group,) = CAUSES.group([machine], [feeder])
    assert (group.cause, group.explained) == (feeder, (machine,))
