"""Configurations: from the bus as they change, from a file when there is no bus."""

from __future__ import annotations

import time
from pathlib import Path

from connectors.configs import ConfigCache, ConfigReader
from tests.connectors.rig import BreakableBus
from twin.bus.base import Bus, Message
from twin.contract.clock import system_clock
from twin.contract.codec import encode_message
from twin.contract.messages import SourceConfig, SourceItem
from twin.contract.topics import DEAD_LETTERS, SOURCE_CONFIGS

CONFIG = SourceConfig(
    source="plant",
    protocol="opcua",
    endpoint="opc.tcp://127.0.0.1:4840/",
    items=(SourceItem(tag="park/a:b", node="nsu=urn:x;s=b"),),
)
GONE = SourceConfig(source="plant", protocol="opcua", endpoint="", removed=True)


def say(bus: Bus, config: SourceConfig) -> None:
    """Publish a configuration."""
    value, headers = encode_message(config, message_id="c", source="twin", time_ns=1)
    bus.publish([Message(SOURCE_CONFIGS.name, config.source, value, headers)])


def test_what_was_last_said_is_known_without_the_bus(tmp_path: Path) -> None:
    path = tmp_path / "configs.json"
    cache = ConfigCache(path)
    assert cache.load() == ()
    cache.keep(CONFIG)
    assert ConfigCache(path).load() == (CONFIG,)
    cache.keep(GONE)
    assert ConfigCache(path).load() == ()


def test_a_damaged_file_is_an_empty_one(tmp_path: Path) -> None:
    path = tmp_path / "configs.json"
    path.write_bytes(b'[{"source": 7')
    cache = ConfigCache(path)
    assert cache.load() == ()
    cache.keep(CONFIG)
    assert ConfigCache(path).load() == (CONFIG,)


def test_changes_are_followed_and_what_cannot_be_read_is_passed_by() -> None:
    bus = BreakableBus("configs")
    say(bus, CONFIG)
    applied: list[SourceConfig] = []
    reader = ConfigReader(bus, applied.append, clock=system_clock)
    bus.publish([Message(SOURCE_CONFIGS.name, "broken", b"not json", {})])
    say(bus, GONE)
    deadline = time.monotonic() + 20
    while len(applied) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    reader.close()
    assert applied[-1] == GONE
    letters = bus.consumer([DEAD_LETTERS.name])
    assert [letter.message.key for letter in letters.poll(0.0)] == [SOURCE_CONFIGS.name]
    letters.close()
