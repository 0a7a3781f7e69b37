"""Bad days: servers that restart, hang, lose nodes; ways that break; a bus that is away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.opcua.conftest import StartServer
from tests.connectors.opcua.cuttable import CuttableWay
from tests.connectors.opcua.servers.process import NAMESPACE, ServerProcess
from tests.connectors.rig import EQUIPMENT, BreakableBus, OnBus, Rig, config_of, until
from twin.contract.messages import Connection, Gap, GapReason
from twin.contract.status import BAD_NODE_ID_UNKNOWN

pytestmark = pytest.mark.slow

NAMES = [f"counter{n}" for n in range(5)]
NODES = [(name, "Double", -1.0) for name in NAMES]


def count(server: ServerProcess, start: int, steps: int = 50) -> None:
    """Count up at 50 Hz and wait until it is done."""
    server.order("count", tags=NAMES, start=start, steps=steps, every_s=0.02)


def last_number(found: OnBus) -> float:
    """The highest number that has arrived of the last tag."""
    return max((entry.value for entry in found.of(NAMES[-1])), default=-2.0)


def account(given: Sequence[dict[str, Any]], on_bus: OnBus) -> list[dict[str, Any]]:
    """Check that what arrived was given, once; return what did not arrive and lies in no gap."""
    arrived = {(entry.tag, entry.time): entry.value for entry in on_bus.readings() if entry.status == 0}
    told = {(entry["tag"], entry["time"]): entry["value"] for entry in given}
    assert {place: told.get(place) for place in arrived} == arrived
    assert on_bus.sequences() == list(range(1, len(on_bus.frames) + 1))
    return [
        entry
        for entry in given
        if (entry["tag"], entry["time"]) not in arrived and not in_gap(entry, on_bus.gaps)
    ]


def in_gap(entry: dict[str, Any], gaps: Sequence[Gap]) -> bool:
    """Whether a time lies within a gap of its tag."""
    tag = f"{EQUIPMENT}:{entry['tag']}"
    return any(gap.start <= entry["time"] <= gap.end and (not gap.tags or tag in gap.tags) for gap in gaps)


async def test_a_server_that_restarts_with_other_namespaces_is_found_again(
    start_asyncua: StartServer, tmp_path: Path
) -> None:
    server = start_asyncua(NODES, namespaces=["urn:other:a", NAMESPACE])
    async with Rig(tmp_path, BreakableBus("again")) as rig:
        source = await rig.read(server, NAMES)
        await asyncio.to_thread(count, server, 0)
        await rig.arrived(lambda found: last_number(found) == 49, "the first numbers arrived")
        server.kill()
        await until(lambda: source.supervisor.connection is Connection.LOST, "the loss is noticed")
        server.namespaces = [NAMESPACE, "urn:other:a", "urn:other:b"]
        await asyncio.to_thread(server.start)
        await until(lambda: source.supervisor.connection is Connection.CONNECTED, "it is back")
        await asyncio.to_thread(count, server, 100)
        on_bus = await rig.arrived(lambda found: last_number(found) == 149, "the later numbers arrived")
        assert source.supervisor.reconnects == 1
    assert account(server.given(), on_bus) == []
    (gap,) = on_bus.gaps
    assert gap.reason is GapReason.SOURCE_LOST
    assert gap.tags == ()


async def test_a_gap_begins_a_sampling_interval_before_the_last_response(
    start_asyncua: StartServer, tmp_path: Path
) -> None:
    # what was written within the interval may not have been sampled yet; asyncua says that it samples at the
    # publishing interval
    server = start_asyncua(NODES)
    async with Rig(tmp_path, BreakableBus("sampled")) as rig:
        source = await rig.read(server, NAMES, publishing_interval_ms=1_000.0)
        await asyncio.to_thread(count, server, 0)
        await rig.arrived(lambda found: last_number(found) == 49, "the first numbers arrived")
        killed_ns = time.time_ns()
        server.kill()
        await until(lambda: source.supervisor.connection is Connection.LOST, "the loss is noticed")
        await asyncio.to_thread(server.start)
        on_bus = await rig.arrived(lambda found: len(found.gaps) == 1, "the gap is told")
    (gap,) = on_bus.gaps
    assert killed_ns - gap.start >= 1_000_000_000
    assert gap.end > killed_ns


async def test_a_way_that_breaks_is_mended_without_a_gap(start_asyncua: StartServer, tmp_path: Path) -> None:
    server = start_asyncua(NODES)
    way = CuttableWay(server.port)
    await way.start()
    async with Rig(tmp_path, BreakableBus("way")) as rig:
        source = await rig.read(server, NAMES, endpoint=f"opc.tcp://127.0.0.1:{way.port}/")
        server.begin("count", tags=NAMES, start=0, steps=200, every_s=0.02)
        await rig.arrived(lambda found: last_number(found) > 10, "numbers arrive")
        way.cut()
        await until(lambda: source.supervisor.connection is Connection.LOST, "the loss is noticed")
        await asyncio.sleep(1.0)
        way.mend()
        on_bus = await rig.arrived(lambda found: last_number(found) == 199, "all numbers arrived")
        await asyncio.to_thread(server.wait_done)
        assert source.link.figures()["resumed_sessions"] == {"": 1}
    await way.close()
    assert on_bus.gaps == []
    assert account(server.given(), on_bus) == []


async def test_a_server_that_hangs_is_noticed_and_loses_nothing(
    start_asyncua: StartServer, tmp_path: Path
) -> None:
    server = start_asyncua(NODES)
    async with Rig(tmp_path, BreakableBus("hang")) as rig:
        source = await rig.read(server, NAMES)
        await asyncio.to_thread(count, server, 0)
        server.pause()
        await until(lambda: source.supervisor.connection is Connection.LOST, "the silence is noticed")
        assert "silent" in source.supervisor.last_error
        server.go_on()
        await until(lambda: source.supervisor.connection is Connection.CONNECTED, "it is back")
        await asyncio.to_thread(count, server, 100)
        on_bus = await rig.arrived(lambda found: last_number(found) == 149, "all numbers arrived")
    assert account(server.given(), on_bus) == []


async def test_a_missing_node_fails_by_name_and_the_others_run(
    start_server: StartServer, tmp_path: Path
) -> None:
    server = start_server(NODES)
    async with Rig(tmp_path, BreakableBus("missing")) as rig:
        config = config_of(server, [*NAMES, "absent"])
        broken = config.items[0].__class__(tag=f"{EQUIPMENT}:bare", node="ns=2;s=bare")
        elsewhere = config.items[0].__class__(tag=f"{EQUIPMENT}:elsewhere", node="nsu=urn:elsewhere;s=x")
        source = await rig.read(server, [], items=(*config.items, broken, elsewhere))
        await asyncio.to_thread(count, server, 0, 10)
        on_bus = await rig.arrived(lambda found: last_number(found) == 9, "the others arrive")
        (state,) = rig.manager.states()
        failed = {item.tag.partition(":")[2]: item for item in source.link.failed}
    assert set(failed) == {"absent", "bare", "elsewhere"}
    assert (state.requested, state.monitored, len(state.failed)) == (8, 5, 3)
    assert failed["absent"].status == BAD_NODE_ID_UNKNOWN
    assert "index" in failed["bare"].reason
    assert "urn:elsewhere" in failed["elsewhere"].reason
    (told,) = on_bus.of("absent")
    assert told.status == BAD_NODE_ID_UNKNOWN


async def test_a_node_that_appears_later_is_asked_for_again(
    start_asyncua: StartServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.opcua.upkeep.FIRST_RETRY_S", 0.5)
    server = start_asyncua(NODES)
    async with Rig(tmp_path, BreakableBus("later")) as rig:
        source = await rig.read(server, [*NAMES, "late"])
        assert source.link.items.failed
        server.order("add", tag="late", kind="Double", value=4.5)
        on_bus = await rig.arrived(lambda found: len(found.of("late")) == 2, "the late node arrives")
        assert not source.link.items.failed
    assert [entry.status for entry in on_bus.of("late")] == [BAD_NODE_ID_UNKNOWN, 0]
    assert on_bus.of("late")[1].value == 4.5


async def test_a_node_deleted_at_run_time_turns_bad_and_harms_nobody(
    start_server: StartServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.opcua.upkeep.VERIFY_S", 0.5)
    server = start_server([*NODES, ("doomed", "Double", 7.0)])
    async with Rig(tmp_path, BreakableBus("doomed")) as rig:
        await rig.read(server, [*NAMES, "doomed"])
        await rig.arrived(lambda found: len(found.of("doomed")) == 1, "the first value arrives")
        server.order("delete", tag="doomed")
        await rig.arrived(lambda found: found.of("doomed")[-1].status >> 31 == 1, "it reads Bad")
        await asyncio.to_thread(count, server, 0)
        on_bus = await rig.arrived(lambda found: last_number(found) == 49, "the others arrive")
    given = [entry for entry in server.given() if entry["tag"] != "doomed"]
    assert account(given, without(on_bus, "doomed")) == []


async def test_a_dead_source_does_not_disturb_its_neighbour(
    start_asyncua: StartServer, tmp_path: Path
) -> None:
    server = start_asyncua(NODES)
    dead = start_asyncua([("x", "Double", 1.0)])
    dead.kill()
    async with Rig(tmp_path, BreakableBus("neighbour")) as rig:
        await rig.manager.apply(config_of(dead, ["x"], source="dead"))
        source = await rig.read(server, NAMES)
        await asyncio.to_thread(count, server, 0)
        await rig.arrived(lambda found: last_number(found) == 49, "the neighbour's numbers arrive")
        assert source.supervisor.reconnects == 0
        states = {state.source: state for state in rig.manager.states()}
        assert states["dead"].connection is Connection.LOST
        assert states["dead"].last_error
        assert states["plant"].connection is Connection.CONNECTED


async def test_a_source_is_changed_and_removed_alone(start_asyncua: StartServer, tmp_path: Path) -> None:
    server = start_asyncua(NODES)
    async with Rig(tmp_path, BreakableBus("changed")) as rig:
        first = await rig.read(server, NAMES[:2])
        other = await rig.read(server, NAMES, source="other")
        await rig.manager.apply(first.config)
        assert rig.source() is first
        changed = await rig.read(server, NAMES[:3])
        assert changed is not first
        assert rig.source("other") is other
        await rig.manager.apply(config_of(server, [], removed=True))
        assert [entry.config.source for entry in rig.manager.sources] == ["other"]
        gone = [state for state in rig.manager.states() if state.source == "plant"]
        assert [state.connection for state in gone] == [Connection.STOPPED]
        assert other.supervisor.reconnects == 0


async def test_a_bus_that_is_away_costs_nothing(start_asyncua: StartServer, tmp_path: Path) -> None:
    server = start_asyncua(NODES)
    bus = BreakableBus("away")
    async with Rig(tmp_path, bus) as rig:
        await rig.read(server, NAMES)
        await asyncio.to_thread(count, server, 0)
        bus.away = True
        await asyncio.to_thread(count, server, 50)
        await until(lambda: rig.sender.condition is not None, "the outage is noticed")
        bus.away = False
        await asyncio.to_thread(count, server, 100)
        on_bus = await rig.arrived(lambda found: last_number(found) == 149, "all numbers arrived")
    assert on_bus.gaps == []
    assert account(server.given(), on_bus) == []


async def test_a_full_outbox_marks_what_it_refused_and_asks_for_what_stands_still(
    start_asyncua: StartServer, tmp_path: Path
) -> None:
    server = start_asyncua([*NODES, ("still", "Double", 1.0)])
    bus = BreakableBus("full")
    async with Rig(tmp_path, bus, max_bytes=20_000) as rig:
        await rig.read(server, [*NAMES, "still"])
        bus.away = True
        await asyncio.to_thread(count, server, 0, 300)
        await until(lambda: rig.outbox.condition is not None, "the outbox is full")
        server.order("write", tag="still", kind="Double", value=2.0)
        await asyncio.to_thread(count, server, 300)
        bus.away = False
        await until(lambda: rig.outbox.condition is None, "it accepts again")
        await rig.arrived(lambda found: found.of("still")[-1].value == 2.0, "what stood still is known")
        await asyncio.to_thread(count, server, 1_000)
        on_bus = await rig.arrived(lambda found: last_number(found) == 1_049, "the last numbers arrived")
    assert account(server.given(), on_bus) == []
    assert {gap.reason for gap in on_bus.gaps} == {GapReason.OUTBOX_FULL}


async def test_a_restart_of_the_connector_is_a_gap_and_numbers_go_on(
    start_asyncua: StartServer, tmp_path: Path
) -> None:
    server = start_asyncua(NODES)
    bus = BreakableBus("restart")
    async with Rig(tmp_path, bus) as rig:
        await rig.read(server, NAMES)
        await asyncio.to_thread(count, server, 0)
        await rig.arrived(lambda found: last_number(found) == 49, "the first numbers arrived")
    await asyncio.to_thread(count, server, 50)
    async with Rig(tmp_path, bus) as rig:
        await rig.read(server, NAMES)
        await asyncio.to_thread(count, server, 100)
        on_bus = await rig.arrived(lambda found: last_number(found) == 149, "the last numbers arrived")
    assert account(server.given(), on_bus) == []
    (gap,) = on_bus.gaps
    assert gap.reason is GapReason.CONNECTOR_DOWN


def without(on_bus: OnBus, name: str) -> OnBus:
    """What is on the bus without one tag's rows; the frames keep their numbers."""
    tag = f"{EQUIPMENT}:{name}"
    frames = []
    for frame in on_bus.frames:
        keep = [on_bus.tag_sets[frame.tag_set].tags[int(index)] != tag for index in frame.index]
        text = None if frame.text is None else tuple(t for t, k in zip(frame.text, keep, strict=True) if k)
        columns = (frame.index[keep], frame.source_time[keep], frame.status[keep], frame.value[keep])
        frames.append(type(frame)(frame.source, frame.sequence, frame.tag_set, *columns, text))
    return OnBus(frames, on_bus.gaps, on_bus.tag_sets)
