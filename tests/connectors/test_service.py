"""The service as a process: killed, short of disk, told what to read, asked how it is."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.connectors.opcua.servers.process import ServerProcess
from tests.connectors.opcua.test_recovery import NAMES, NODES, account, count, last_number
from tests.connectors.rig import OnBus, config_of, read_bus, until
from tests.connectors.service_process import ConnectorProcess
from twin.bus.base import Bus, Message
from twin.bus.connect import open_bus
from twin.contract.codec import decode_message, encode_message
from twin.contract.messages import Connection, GapReason, SourceState
from twin.contract.topics import SOURCE_CONFIGS, SOURCE_STATES

pytestmark = pytest.mark.slow

SEED = 20
MEBIBYTE = 1 << 20


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    """A plain asyncua server that runs."""
    process = ServerProcess(tmp_path, NODES)
    process.start()
    yield process
    process.kill()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[ConnectorProcess]:
    """The service, not yet started."""
    process = ConnectorProcess(tmp_path)
    yield process
    process.kill()


@pytest.fixture
def bus(service: ConnectorProcess) -> Iterator[Bus]:
    """The service's bus."""
    opened = service.open_bus()
    yield opened
    opened.close()


def newest_state(bus: Bus) -> SourceState | None:
    """The last that was said of the source."""
    consumer = bus.consumer([SOURCE_STATES.name])
    states = [
        decode_message(SourceState, entry.message.value, entry.message.headers)
        for entry in consumer.poll(0.0)
    ]
    consumer.close()
    return states[-1] if states else None


async def arrived(bus: Bus, what: Callable[[OnBus], bool], text: str) -> OnBus:
    """Wait until what is on the bus satisfies ``what``."""
    await until(lambda: what(read_bus(bus)), text)
    return read_bus(bus)


async def test_killed_at_random_moments_it_loses_nothing_that_it_took_and_marks_the_rest(
    server: ServerProcess, service: ConnectorProcess, bus: Bus
) -> None:
    rng = random.Random(SEED)
    service.say(config_of(server, NAMES))
    service.start()
    await arrived(bus, lambda found: last_number(found) == -1, "it delivers")
    server.begin("count", tags=NAMES, start=0, steps=700, every_s=0.02)
    for _ in range(3):
        await asyncio.sleep(rng.uniform(1.0, 2.5))
        service.kill()
        await asyncio.sleep(rng.uniform(0.0, 0.5))
        await asyncio.to_thread(service.start)
    await asyncio.to_thread(server.wait_done)
    on_bus = await arrived(bus, lambda found: last_number(found) == 699, "the last number arrived")
    # what was on the bus but not yet struck off the outbox when it was killed is sent again, as it was
    once = list({frame.sequence: frame for frame in on_bus.frames}.values())
    assert account(server.given(), OnBus(once, on_bus.gaps, on_bus.tag_sets)) == []
    assert {gap.reason for gap in on_bus.gaps} == {GapReason.CONNECTOR_DOWN}
    # killed again before it delivered, it leaves one gap for both
    assert 1 <= len(on_bus.gaps) <= 3


async def test_it_says_how_it_is(server: ServerProcess, service: ConnectorProcess, bus: Bus) -> None:
    service.start()
    service.say(config_of(server, [*NAMES, "absent"]))
    await arrived(bus, lambda found: last_number(found) == -1, "it delivers")
    await until(lambda: (state := newest_state(bus)) is not None and state.readings > 0, "it says so")
    state = newest_state(bus)
    assert state is not None
    assert (state.connection, state.requested, state.monitored) == (Connection.CONNECTED, 6, 5)
    assert [item.tag.partition(":")[2] for item in state.failed] == ["absent"]
    assert service.health()["healthy"]
    metrics = service.metrics()
    assert metrics['parktwin_connector_readings_total{source="plant"}'] == 6
    assert metrics['parktwin_connector_items{source="plant",state="failed"}'] == 1
    assert metrics['parktwin_connector_connected{source="plant"}'] == 1
    assert metrics['parktwin_connector_decoded_values_total{path="uniform",source="plant"}'] == 5
    await until(lambda: service.metrics()["parktwin_connector_unsent_messages"] == 0, "all is sent")
    assert service.stop() == 0
    await until(
        lambda: (last := newest_state(bus)) is not None and last.connection is Connection.STOPPED,
        "it says good-bye",
    )


async def test_without_a_bus_it_starts_from_what_it_knew(
    server: ServerProcess, service: ConnectorProcess, bus: Bus, tmp_path: Path
) -> None:
    service.say(config_of(server, NAMES))
    service.start()
    await arrived(bus, lambda found: last_number(found) == -1, "it delivers")
    assert service.stop() == 0
    alone = ConnectorProcess(tmp_path, BUS="kafka://127.0.0.1:1?timeout_s=6")
    try:
        await asyncio.to_thread(alone.start)
        await until(
            lambda: alone.metrics().get('parktwin_connector_connected{source="plant"}') == 1, "it reads"
        )
        await asyncio.to_thread(count, server, 0)
        await until(
            lambda: alone.metrics()["parktwin_connector_unsent_messages"] > 0, "it keeps what it reads"
        )
        await until(lambda: "bus_unavailable" in alone.health()["reasons"], "it says that the bus is away")
        # every call to the broker lasts six seconds, and there are five threads that call it
        assert await asyncio.to_thread(alone.stop, 10) == 0
    finally:
        alone.kill()
    await asyncio.to_thread(service.start)
    on_bus = await arrived(bus, lambda found: last_number(found) == 49, "what it kept arrived")
    assert account(server.given(), on_bus) == []


async def test_a_full_disk_is_one_clear_condition_and_costs_nothing_accepted(
    server: ServerProcess, service: ConnectorProcess, bus: Bus
) -> None:
    service.say(config_of(server, NAMES))
    service.start()
    await arrived(bus, lambda found: last_number(found) == -1, "it delivers")
    await asyncio.to_thread(count, server, 0)
    on_bus = await arrived(bus, lambda found: last_number(found) == 49, "numbers arrive")
    service.limit_files(4096)
    await asyncio.to_thread(count, server, 50)
    await until(lambda: "outbox_full" in service.health()["reasons"], "it says that the disk is full")
    service.limit_files(1024 * MEBIBYTE)
    await until(lambda: service.health()["healthy"], "it accepts again")
    await asyncio.to_thread(count, server, 100)
    on_bus = await arrived(bus, lambda found: last_number(found) == 149, "the last number arrived")
    assert account(server.given(), on_bus) == []
    assert GapReason.OUTBOX_FULL in {gap.reason for gap in on_bus.gaps}
    assert service.log().count("no longer accepting") == 1


async def test_two_processes_share_the_sources(server: ServerProcess, tmp_path: Path) -> None:
    parts = [tmp_path / "one", tmp_path / "two"]
    processes = []
    for number, folder in enumerate(parts, 1):
        folder.mkdir()
        url = f"embedded:{tmp_path / 'bus'}"
        processes.append(ConnectorProcess(folder, BUS=url, CONNECTORS_SHARE=f"{number}/2"))
    bus = open_bus(f"embedded:{tmp_path / 'bus'}")
    sources = [f"line{n}" for n in range(6)]
    try:
        for source in sources:
            value, headers = encode_message(
                config_of(server, NAMES[:2], source=source), message_id=source, source="twin", time_ns=1
            )
            bus.publish([Message(SOURCE_CONFIGS.name, source, value, headers)])
        for process in processes:
            await asyncio.to_thread(process.start)

        def read_by(process: ConnectorProcess) -> set[str]:
            metrics = process.metrics()
            return {
                source
                for source in sources
                if metrics.get(f'parktwin_connector_connected{{source="{source}"}}') == 1
            }

        await until(lambda: len(read_by(processes[0]) | read_by(processes[1])) == 6, "all are read")
        assert read_by(processes[0]).isdisjoint(read_by(processes[1]))
        assert all(read_by(process) for process in processes)
    finally:
        for process in processes:
            process.kill()
        bus.close()
