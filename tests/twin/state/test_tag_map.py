from __future__ import annotations

import logging

import pytest

from tests.twin.state.parks import S, make_park, tag_set
from twin.contract.errors import UnknownTagSetError
from twin.contract.messages import TagSet
from twin.state.tag_map import MAX_LISTED, TagMap
from twin.state.tag_table import build_tag_table


class Announced:
    """Tag sets as a directory would find them, and a clock that stands still."""

    def __init__(self, *sets: TagSet) -> None:
        self.sets = {announced.id: announced for announced in sets}
        self.asked: list[str] = []
        self.now = 100 * S

    def get(self, identifier: str) -> TagSet:
        self.asked.append(identifier)
        if identifier not in self.sets:
            raise UnknownTagSetError(f"tag set {identifier}: not announced")
        return self.sets[identifier]

    def map(self) -> TagMap:
        return TagMap(build_tag_table(make_park()), self.get, lambda: self.now)


def some_set(tags: dict[str, str], *, simulated: bool = False) -> TagSet:
    return TagSet(
        source="anphat", tags=tuple(tags), units=tuple(tags.values()), data_types=("Double",) * len(tags),
        simulated=simulated,
    )  # fmt: skip


def test_every_tag_finds_its_number_whatever_the_order() -> None:
    tags = some_set({"park/site/oven1:speed": "m/s", "park/site/oven0:temperature": "°C"}, simulated=True)
    announced = Announced(tags)
    mapping = announced.map().mapping(tags.id)
    assert mapping.numbers.tolist() == [5, 0]
    assert mapping.simulated


def test_a_tag_set_is_looked_up_once() -> None:
    tags = tag_set(make_park())
    announced = Announced(tags)
    tag_map = announced.map()
    assert tag_map.mapping(tags.id) is tag_map.mapping(tags.id)
    assert announced.asked == [tags.id]


def test_what_the_park_does_not_take_is_listed_with_the_reason(caplog: pytest.LogCaptureFixture) -> None:
    tags = some_set(
        {"park/site/oven0:colour": "", "park/site/oven0:temperature": "°F", "park/site/oven0:speed": ""}
    )
    tag_map = Announced(tags).map()
    with caplog.at_level(logging.WARNING):
        assert tag_map.mapping(tags.id).numbers.tolist() == [-1, -1, 2]
    assert tag_map.unknown("anphat") == (
        2,
        {
            "park/site/oven0:colour": "not in the park file",
            "park/site/oven0:temperature": "comes in °F, the park file says °C",
        },
    )
    assert "2 of its 3 tags are left out" in caplog.text
    assert tag_map.unknown("another") == (0, {})


def test_the_list_is_bounded_and_the_count_is_not() -> None:
    tags = some_set({f"park/site/oven0:s{number}": "" for number in range(MAX_LISTED + 5)})
    tag_map = Announced(tags).map()
    tag_map.mapping(tags.id)
    count, listed = tag_map.unknown("anphat")
    assert (count, len(listed)) == (MAX_LISTED + 5, MAX_LISTED)


def test_a_tag_set_nobody_announced_is_not_waited_for_again_at_once() -> None:
    tags = tag_set(make_park())
    announced = Announced()
    tag_map = announced.map()
    for _ in range(3):
        with pytest.raises(UnknownTagSetError):
            tag_map.mapping(tags.id)
    assert announced.asked == [tags.id]

    announced.sets[tags.id] = tags
    announced.now += 6 * S
    assert len(tag_map.mapping(tags.id).numbers) == 6
