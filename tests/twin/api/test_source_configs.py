from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest

from tests.twin.state.parks import NOW, make_park
from twin.api.source_configs import publish_source_configs
from twin.bus.base import Bus, Message
from twin.bus.connect import open_bus
from twin.contract.codec import decode_message
from twin.contract.messages import SourceConfig
from twin.contract.topics import SOURCE_CONFIGS

BOTH = make_park(2, sources=("anphat", "dongho"))


@pytest.fixture
def bus() -> Iterator[Bus]:
    bus = open_bus(f"memory:{uuid4().hex}")
    yield bus
    bus.close()


def clock() -> int:
    return NOW


def newest(bus: Bus) -> dict[str, SourceConfig]:
    consumer = bus.consumer([SOURCE_CONFIGS.name])
    configs = [
        decode_message(SourceConfig, received.message.value, received.message.headers)
        for received in consumer.poll(0.0)
    ]
    consumer.close()
    return {config.source: config for config in configs}


def test_every_source_is_told_once(bus: Bus) -> None:
    assert publish_source_configs(bus, BOTH, clock) == ["anphat", "dongho"]
    assert publish_source_configs(bus, BOTH, clock) == []
    assert newest(bus)["dongho"].items[0].tag == "park/site/oven1:temperature"


def test_only_what_changed_is_told_again(bus: Bus) -> None:
    publish_source_configs(bus, BOTH, clock)
    first, second = BOTH.sources
    moved = replace(BOTH, sources=(first, replace(second, endpoint="opc.tcp://10.0.0.9:4840/")))
    assert publish_source_configs(bus, moved, clock) == ["dongho"]
    assert newest(bus)["dongho"].endpoint == "opc.tcp://10.0.0.9:4840/"


def test_a_source_that_left_is_removed_once_and_may_come_back(bus: Bus) -> None:
    publish_source_configs(bus, BOTH, clock)
    alone = make_park(2, sources=("anphat",))
    assert set(publish_source_configs(bus, alone, clock)) == {"anphat", "dongho"}
    assert newest(bus)["dongho"].removed
    assert publish_source_configs(bus, alone, clock) == []
    assert set(publish_source_configs(bus, BOTH, clock)) == {"anphat", "dongho"}
    assert not newest(bus)["dongho"].removed


def test_another_park_on_the_same_bus_keeps_its_sources(bus: Bus) -> None:
    neighbour = replace(make_park(1, sources=("dongho",)), id="neighbour")
    publish_source_configs(bus, neighbour, clock)
    publish_source_configs(bus, make_park(1, sources=("anphat",)), clock)
    assert [config.removed for config in newest(bus).values()] == [False, False]


def test_what_cannot_be_read_is_told_anew(bus: Bus) -> None:
    publish_source_configs(bus, BOTH, clock)
    bus.publish([Message(SOURCE_CONFIGS.name, "anphat", b"{")])
    assert publish_source_configs(bus, BOTH, clock) == ["anphat"]
