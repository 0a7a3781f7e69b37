"""Gaps filled from a server's own history: what it has arrives once; what nobody has stays marked."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from connectors.manager import RunningSource
from connectors.opcua import backfill, history_span
from connectors.opcua.source import OpcUaSource
from tests.connectors.opcua.conftest import StartServer
from tests.connectors.opcua.servers.process import ServerProcess, SimProcess
from tests.connectors.rig import EQUIPMENT, BreakableBus, OnBus, Rig, until
from twin.contract.messages import Connection, Gap, GapReason

pytestmark = pytest.mark.slow

NAMES = [f"counter{n}" for n in range(5)]
NODES = [*((name, "Double", -1.0) for name in NAMES), ("word", "String", "một")]
PLAIN = "plain"
"""A variable without a history."""

OLD_S = 0.3
"""A history this old reaches back before the gap of a connector that has only just come."""


def count(server: ServerProcess, start: int, steps: int = 50, names: Sequence[str] = NAMES) -> None:
    server.order("count", tags=list(names), start=start, steps=steps, every_s=0.02)


def backfill_of(source: RunningSource) -> backfill.Backfill:
    assert isinstance(source.link, OpcUaSource)
    return source.link.backfill


def has_fetched(filling: backfill.Backfill) -> bool:
    return filling.counts.values > 0


def standing(on_bus: OnBus) -> list[Gap]:
    """The gaps as they were told last, without those withdrawn."""
    return [gap for gap in {gap.id: gap for gap in on_bus.gaps}.values() if gap.start < gap.end]


def arrived(on_bus: OnBus, name: str) -> int:
    """How many different readings of a tag arrived."""
    return len({entry.time for entry in on_bus.readings() if entry.tag == name})


def marked(entry: dict[str, Any], gaps: Sequence[Gap]) -> bool:
    tag = f"{EQUIPMENT}:{entry['tag']}"
    return any(gap.start <= entry["time"] <= gap.end and (not gap.tags or tag in gap.tags) for gap in gaps)


def missing_of(server: ServerProcess, on_bus: OnBus, *, again_until: int = 0) -> list[dict[str, Any]]:
    """What was given and did not arrive, after a check that everything arrived once and as it was given.

    A new process does not know which readings the last one took: those of shortly before the gap, up to
    ``again_until``, are fetched again, and history knows them by their time.
    """
    times = Counter((entry.tag, entry.time) for entry in on_bus.readings())
    assert [place for place, told in times.items() if told > 1 and place[1] > again_until] == []
    given = {(entry["tag"], entry["time"]): entry["value"] for entry in server.given()}
    found = {
        (entry.tag, entry.time): entry.value if entry.text is None else entry.text
        for entry in on_bus.readings()
        if entry.status == 0
    }
    assert {place: given.get(place) for place in found} == found
    return [entry for entry in server.given() if (entry["tag"], entry["time"]) not in found]


def known_until(on_bus: OnBus) -> int:
    """Up to when a reading may have been taken before the gap was told: it begins a sampling interval before
    the response before the last one, or before a second before the last one if that is later, and asyncua
    says that it samples at the publishing interval, 100 ms."""
    return on_bus.gaps[0].start + 1_100_000_000


async def filled(rig: Rig, gaps: int = 1) -> OnBus:
    """Wait until so many gaps were told and none is open any more."""
    return await rig.arrived(
        lambda found: len(found.gaps) >= gaps and not rig.outbox.open_gaps("plant"), "the gap is settled"
    )


async def test_what_a_killed_connector_missed_is_fetched_and_the_gap_withdrawn(
    start_server: StartServer, tmp_path: Path
) -> None:
    server = start_server(NODES, history="memory")
    bus = BreakableBus("fetched")
    async with Rig(tmp_path, bus) as rig:
        await rig.read(server, [*NAMES, "word"])
        await asyncio.to_thread(count, server, 0)
        await rig.arrived(lambda found: arrived(found, NAMES[-1]) == 51, "the first numbers arrived")
    await asyncio.to_thread(count, server, 50, 100)
    server.order("write", tag="word", kind="String", value="hai")
    server.order("write", tag="word", kind="String", value="ba")
    async with Rig(tmp_path, bus) as rig:
        source = await rig.read(server, [*NAMES, "word"])
        await asyncio.to_thread(count, server, 150)
        on_bus = await filled(rig)
        await rig.arrived(lambda found: arrived(found, NAMES[-1]) == 201, "all numbers arrived")
        on_bus = await rig.arrived(lambda found: arrived(found, "word") == 3, "all words arrived")
        figures = source.link.figures()
        await until(lambda: source.link.conditions() == (), "the filling is over")
    assert figures["backfilled_gaps"] == {"filled": 1, "partly": 0, "unfilled": 0}
    # the last number and the last word were told live, as the first of their tags
    assert figures["backfilled_values"][""] >= 5 * 99 + 1
    assert [gap.reason for gap in on_bus.gaps] == [GapReason.CONNECTOR_DOWN] * 2
    assert standing(on_bus) == []
    assert missing_of(server, on_bus, again_until=known_until(on_bus)) == []


async def test_tags_without_a_history_stay_marked(start_asyncua: StartServer, tmp_path: Path) -> None:
    server = start_asyncua([*NODES, (PLAIN, "Double", -1.0)], history="memory")
    await asyncio.sleep(OLD_S)
    bus = BreakableBus("plain")
    async with Rig(tmp_path, bus) as rig:
        await rig.read(server, [*NAMES, PLAIN])
    await asyncio.to_thread(count, server, 0, 20, [*NAMES, PLAIN])
    async with Rig(tmp_path, bus) as rig:
        await rig.read(server, [*NAMES, PLAIN])
        on_bus = await filled(rig)
        on_bus = await rig.arrived(lambda found: arrived(found, NAMES[0]) == 21, "the numbers arrived")
        on_bus = await rig.arrived(lambda found: len(found.gaps) == 3, "what stays is told")
    (gap,) = standing(on_bus)
    assert gap.tags == (f"{EQUIPMENT}:{PLAIN}",)
    given = [
        entry
        for entry in missing_of(server, on_bus, again_until=known_until(on_bus))
        if entry["tag"] != "word"
    ]
    assert {entry["tag"] for entry in given} == {PLAIN}
    assert all(marked(entry, [gap]) for entry in given)


async def test_a_server_without_a_history_leaves_the_gap_as_it_was_told(
    start_asyncua: StartServer, tmp_path: Path
) -> None:
    server = start_asyncua(NODES)
    bus = BreakableBus("none")
    async with Rig(tmp_path, bus) as rig:
        await rig.read(server, NAMES)
    async with Rig(tmp_path, bus) as rig:
        source = await rig.read(server, NAMES)
        on_bus = await filled(rig)
        assert source.link.figures()["backfilled_gaps"]["unfilled"] == 1
    (gap,) = on_bus.gaps
    assert gap.tags == ()


async def test_a_server_that_was_down_leaves_only_its_own_absence_marked(
    start_asyncua: StartServer, tmp_path: Path
) -> None:
    server = start_asyncua(NODES, history="file")
    bus = BreakableBus("down")
    async with Rig(tmp_path, bus) as rig:
        await rig.read(server, NAMES)
        await asyncio.to_thread(count, server, 0)
        await rig.arrived(lambda found: arrived(found, NAMES[-1]) == 51, "the first numbers arrived")
    await asyncio.to_thread(count, server, 50, 150)
    await asyncio.sleep(0.2)
    killed_ns = time.time_ns()
    server.kill()
    await asyncio.sleep(2.0)
    await asyncio.to_thread(server.start)
    back_ns = time.time_ns()
    await asyncio.to_thread(count, server, 300)
    async with Rig(tmp_path, bus) as rig:
        source = await rig.read(server, NAMES)
        on_bus = await filled(rig)
        on_bus = await rig.arrived(lambda found: len(found.gaps) == 3, "what stays is told")
        assert source.link.figures()["backfilled_gaps"]["partly"] == 1
    (gap,) = standing(on_bus)
    assert gap.tags == ()
    assert gap.start <= killed_ns
    assert killed_ns - gap.start < 1_000_000_000
    assert gap.end <= back_ns
    assert [
        entry
        for entry in missing_of(server, on_bus, again_until=known_until(on_bus))
        if entry["tag"] != "word"
    ] == []


async def test_a_history_that_does_not_reach_back_is_not_taken_for_no_change(
    start_asyncua: StartServer, tmp_path: Path
) -> None:
    """asyncua forgets what it keeps in memory when it restarts: nothing in it means nothing is known."""
    server = start_asyncua(NODES, history="memory")
    async with Rig(tmp_path, BreakableBus("forgot")) as rig:
        source = await rig.read(server, NAMES)
        await asyncio.to_thread(count, server, 0)
        await rig.arrived(lambda found: arrived(found, NAMES[-1]) == 51, "the first numbers arrived")
        server.kill()
        await until(lambda: source.supervisor.connection is Connection.LOST, "the loss is noticed")
        await asyncio.to_thread(server.start)
        on_bus = await filled(rig)
        on_bus = await rig.arrived(lambda found: len(found.gaps) >= 2, "what stays is told")
        told = on_bus.gaps[0]
    for name in NAMES:
        tag = f"{EQUIPMENT}:{name}"
        covering = [gap for gap in standing(on_bus) if not gap.tags or tag in gap.tags]
        assert min(gap.start for gap in covering) == told.start


async def test_a_loss_in_the_middle_of_the_filling_leaves_the_rest_to_be_asked_for(
    start_asyncua: StartServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_span, "CALL_VALUES", 100)
    monkeypatch.setattr(history_span, "MAX_ROWS", 100)
    monkeypatch.setattr(history_span, "VALUES_S", 250)
    monkeypatch.setattr(backfill, "SETTLE_S", 0.5)
    server = start_asyncua(NODES, history="memory")
    await asyncio.sleep(OLD_S)
    bus = BreakableBus("middle")
    async with Rig(tmp_path, bus) as rig:
        await rig.read(server, NAMES)
    await asyncio.to_thread(count, server, 0, 200)
    for _ in range(3):
        async with Rig(tmp_path, bus) as rig:
            source = await rig.read(server, NAMES)
            filling = backfill_of(source)
            await until(partial(has_fetched, filling), "some values are fetched")
            assert [one.code for one in source.link.conditions()] == [backfill.BACKFILLING]
            assert rig.outbox.open_gaps("plant")
    async with Rig(tmp_path, bus) as rig:
        await rig.read(server, NAMES)
        await filled(rig)
        await rig.arrived(lambda found: arrived(found, NAMES[-1]) >= 201, "all numbers arrived")
        # of a tag whose history does not show a value from before the gap, its first moment stays marked
        on_bus = await rig.arrived(
            lambda found: all(gap.tags for gap in standing(found)), "all gaps of the source are withdrawn"
        )
    given = {(e["tag"], e["time"]) for e in server.given() if e["tag"] != "word"}
    assert given == {(entry.tag, entry.time) for entry in on_bus.readings()}
    # what was fetched is not fetched again; the first reading of each session was told live, and is
    again = Counter((e.tag, e.time) for e in on_bus.readings() if e.time > known_until(on_bus))
    assert sum(told - 1 for told in again.values()) <= 3 * len(NAMES)


async def test_the_simulator_has_it_all_and_nothing_stays_marked(tmp_path: Path) -> None:
    """Its plant runs and is recorded while its server is down, so that nothing is lost at all."""
    folder = tmp_path / "sim"
    folder.mkdir()
    server = SimProcess(folder, [(name, "Double", -1.0) for name in NAMES])
    await asyncio.to_thread(server.start)
    try:
        async with Rig(tmp_path, BreakableBus("sim")) as rig:
            source = await rig.read(server, NAMES)
            server.order("begin_count", start=0, every_s=0.02)
            await rig.arrived(lambda found: len(found.of(NAMES[-1])) > 20, "the first numbers arrived")
            server.order("begin_bad_day", name="down", parameters={})
            await until(lambda: source.supervisor.connection is Connection.LOST, "the loss is noticed")
            await asyncio.sleep(2.0)
            server.order("end_bad_day", name="down")
            await until(lambda: source.supervisor.connection is Connection.CONNECTED, "it is back")
            await filled(rig, 2)
            server.order("end_count")
            last = server.given()[-1]["value"]
            on_bus = await rig.arrived(lambda found: found.of(NAMES[-1])[-1].value == last, "all arrived")
            assert source.link.figures()["backfilled_gaps"]["filled"] == 1
    finally:
        server.kill()
    assert standing(on_bus) == []
    assert missing_of(server, on_bus, again_until=known_until(on_bus)) == []


async def test_live_values_do_not_wait_for_the_filling(
    start_asyncua: StartServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_span, "MAX_ROWS", 500)
    monkeypatch.setattr(history_span, "VALUES_S", 250)
    server = start_asyncua(NODES, history="memory")
    await asyncio.sleep(OLD_S)
    bus = BreakableBus("live")
    async with Rig(tmp_path, bus) as rig:
        await rig.read(server, NAMES)
    server.order("count", tags=NAMES, start=0, steps=1_000, every_s=0.0)
    async with Rig(tmp_path, bus) as rig:
        source = await rig.read(server, NAMES)
        filling = backfill_of(source)
        await until(partial(has_fetched, filling), "the filling has begun")
        server.order("count", tags=NAMES, start=5_000, steps=50, every_s=0.01)
        await rig.arrived(lambda found: found.of(NAMES[0])[-1].value == 5_049, "the live values are there")
        assert filling.condition is not None
        await filled(rig)
        on_bus = await rig.arrived(
            lambda found: arrived(found, NAMES[-1]) == 1_051 and not standing(found),
            "all arrived, no gap left",
        )
    assert missing_of(server, on_bus, again_until=known_until(on_bus)) == [
        entry for entry in server.given() if entry["tag"] == "word"
    ]
