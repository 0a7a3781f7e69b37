"""Servers with limits: batches, several subscriptions, filters, and one subscription that falls alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from asyncua.ua.status_codes import StatusCodes

from connectors.manager import RunningSource
from connectors.opcua.source import OpcUaSource
from connectors.opcua.subscription import late_s
from tests.connectors.opcua.conftest import StartServer, starter
from tests.connectors.opcua.cuttable import CuttableWay
from tests.connectors.opcua.servers.limited_server import LimitedServer, Moods
from tests.connectors.opcua.servers.process import NAMESPACE, NodeOpcUaProcess
from tests.connectors.rig import EQUIPMENT, BreakableBus, Rig, config_of, read_bus, until
from twin.contract.messages import Connection, Gap, GapReason, SourceItem

UNCERTAIN = 0x40000000


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def one_server() -> AsyncIterator[LimitedServer]:
    """The server of all tests here: it takes seconds to make."""
    server = LimitedServer(names_of(300))
    await server.start()
    yield server
    await server.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def server(one_server: LimitedServer) -> LimitedServer:
    """The server as new."""
    await one_server.begin()
    return one_server


def names_of(n: int) -> list[str]:
    return [f"v{number:03d}" for number in range(n)]


async def read(rig: Rig, server: LimitedServer, names: list[str]) -> RunningSource:
    await rig.manager.apply(config_of(server, names))
    source = rig.source()
    await until(lambda: source.link.responses > 0, "the source delivers")
    return source


def account(source: RunningSource) -> tuple[int, int, int]:
    """Requested, monitored, failed; the first is the sum of the others, whatever happens."""
    items = source.link.items
    assert items.requested == len(items.monitored) + len(items.failed)
    return items.requested, len(items.monitored), len(items.failed)


def figure(source: RunningSource, name: str, label: str = "") -> float:
    return source.link.figures()[name][label]


async def test_a_server_that_takes_fewer_items_a_call_than_asked_gets_half(
    server: LimitedServer, tmp_path: Path
) -> None:
    names = names_of(300)
    server.moods = Moods(items_a_call=40)
    async with Rig(tmp_path, BreakableBus("call")) as rig:
        source = await read(rig, server, names)
        assert account(source) == (300, 300, 0)
        assert max(server.calls) <= 40
        assert len(server.calls) <= 2 * 300 / 40
        assert figure(source, "subscriptions") == 1
        found = await rig.arrived(lambda found: len(found.readings()) >= 300, "every value arrives")
    assert {entry.tag for entry in found.readings()} == set(names)


async def test_a_server_that_does_not_answer_in_time_gets_half_and_no_item_twice(
    server: LimitedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.opcua.session.REQUEST_TIMEOUT_S", 2.0)
    names = names_of(100)
    server.moods = Moods(slow_beyond=60, slow_s=3.0)
    async with Rig(tmp_path, BreakableBus("slow")) as rig:
        source = await read(rig, server, names)
        assert account(source) == (100, 100, 0)
        assert server.calls[:1] == [100]
        assert max(server.calls[1:]) == 50
        assert len(server.subscriptions) == 1
        (subscription,) = server.subscriptions.values()
        assert len(subscription.monitored_item_srv._monitored_items) == 100  # noqa: SLF001


@pytest.mark.parametrize("calls_whole", [False, True], ids=["by item", "by call"])
async def test_what_does_not_go_into_one_subscription_goes_into_others(
    calls_whole: bool, server: LimitedServer, tmp_path: Path
) -> None:
    names = names_of(250)
    server.moods = Moods(items_a_subscription=100, calls_whole=calls_whole)
    async with Rig(tmp_path, BreakableBus("subs")) as rig:
        source = await read(rig, server, names)
        assert account(source) == (250, 250, 0)
        assert figure(source, "subscriptions") == 3
        for name in names:
            await server.write(name, 7.0)
        found = await rig.arrived(
            lambda found: sum(entry.value == 7.0 for entry in found.readings()) == 250, "all change"
        )
    assert found.gaps == []


async def test_what_a_server_has_no_room_for_fails_by_name_and_is_asked_for_again(
    server: LimitedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.opcua.upkeep.FIRST_RETRY_S", 0.5)
    names = names_of(250)
    server.moods = Moods(items_a_subscription=100, subscriptions=2)
    async with Rig(tmp_path, BreakableBus("room")) as rig:
        source = await read(rig, server, names)
        assert account(source) == (250, 200, 50)
        for item in source.link.failed:
            assert item.status in {StatusCodes.BadTooManySubscriptions, StatusCodes.BadTooManyMonitoredItems}
            assert "connections" in item.reason
        assert len(server.subscriptions) == 2
        server.moods.subscriptions = 0
        await until(lambda: account(source)[1:] == (250, 0), "the others are monitored as well")
        assert len(server.subscriptions) == 3
        last = names[-1]
        found = await rig.arrived(
            lambda found: [entry.status for entry in found.of(last)][-1:] == [0], "the last is Good"
        )
    assert [entry.status for entry in found.of(last)] == [StatusCodes.BadTooManySubscriptions, 0]


async def test_a_server_without_room_for_a_second_subscription_takes_more_into_the_first(
    server: LimitedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.opcua.limits.ITEMS_A_SUBSCRIPTION", 20)
    names = names_of(50)
    server.moods = Moods(subscriptions=1)
    async with Rig(tmp_path, BreakableBus("one")) as rig:
        source = await read(rig, server, names)
        assert account(source) == (50, 50, 0)
        assert len(server.subscriptions) == 1


WAYS = {
    "taken": ("urn:test:plc", "take"),
    "ignored": ("urn:test:plc", "ignore"),
    "unsupported": ("urn:test:plc", StatusCodes.BadMonitoredItemFilterUnsupported),
    "not_allowed": ("urn:test:plc", StatusCodes.BadFilterNotAllowed),
    "invalid": ("urn:test:plc", StatusCodes.BadDeadbandFilterInvalid),
    "not_asked": ("urn:freeopcua.github.io:python:server", StatusCodes.BadInternalError),
}


@pytest.mark.parametrize("way", WAYS)
async def test_a_deadband_comes_out_the_same_whatever_the_server_does_with_it(
    way: str, server: LimitedServer, tmp_path: Path
) -> None:
    uri, filters = WAYS[way]
    await server.begin(product_uri=uri, filters=filters)
    narrow, plain = names_of(2)
    async with Rig(tmp_path, BreakableBus("deadband")) as rig:
        item = SourceItem(
            tag=f"{EQUIPMENT}:{narrow}",
            node=f"nsu={NAMESPACE};s={narrow}",
            deadband=2.5,
            sampling_interval_ms=20.0,
            queue_size=7,
        )
        (other,) = config_of(server, [plain]).items
        await rig.manager.apply(config_of(server, [], items=(item, other)))
        source = rig.source()
        await until(lambda: source.link.responses > 0, "the source delivers")
        assert account(source) == (2, 2, 0)
        asked = server.asked[narrow]
        assert (asked.SamplingInterval, asked.QueueSize) == (20.0, 7)
        for value, status in [(2.0, 0), (5.0, 0), (8.0, UNCERTAIN), (12.0, UNCERTAIN), (0.0, 0), (99.0, 0)]:
            await server.write(narrow, value, status)
            await server.write(plain, value, status)
        found = await rig.arrived(
            lambda found: 99.0 in [entry.value for entry in found.of(plain)], "the last arrives"
        )
    assert [(entry.value, entry.status) for entry in found.of(narrow)] == [
        (0.0, 0), (5.0, 0), (8.0, UNCERTAIN), (12.0, UNCERTAIN), (0.0, 0), (99.0, 0),
    ]  # fmt: skip
    assert len(found.of(plain)) == 7


@pytest.fixture
def start_node(tmp_path: Path) -> Iterator[StartServer]:
    """Start node-opcua servers; they are killed at the end."""
    yield from starter(tmp_path, NodeOpcUaProcess)


@pytest.mark.node
@pytest.mark.slow
@pytest.mark.parametrize("percent", [0.0, 25.0])
async def test_node_opcua_keeps_a_deadband_or_the_connector_does(
    start_node: StartServer, tmp_path: Path, percent: float
) -> None:
    node = start_node([("v", "Double", 0.0), ("w", "Double", 0.0)])
    async with Rig(tmp_path, BreakableBus("node")) as rig:
        narrow = SourceItem(
            tag=f"{EQUIPMENT}:v", node=f"nsu={NAMESPACE};s=v", deadband=2.5, deadband_percent=percent
        )
        plain = SourceItem(tag=f"{EQUIPMENT}:w", node=f"nsu={NAMESPACE};s=w")
        source = await rig.read(node, [], items=(narrow, plain))
        assert account(source) == (2, 2, 0)
        for value in (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, -1.0, 99.0):
            for tag in ("v", "w"):
                node.order("write", tag=tag, kind="Double", value=value)
        found = await rig.arrived(
            lambda found: 99.0 in [entry.value for entry in found.of("w")], "the last arrives"
        )
    assert [entry.value for entry in found.of("v")] == [0.0, 3.0, 6.0, -1.0, 99.0]


def mute(server: LimitedServer, number: int) -> Awaitable[None]:
    return server.mute(number)


def forget(server: LimitedServer, number: int) -> Awaitable[None]:
    return server.forget(number)


def give_up(server: LimitedServer, number: int) -> Awaitable[None]:
    return server.give_up(number)


@pytest.mark.parametrize("fall", [mute, forget, give_up])
async def test_a_subscription_that_falls_is_cured_alone(
    fall: Callable[[LimitedServer, int], Awaitable[None]],
    server: LimitedServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("connectors.opcua.limits.ITEMS_A_SUBSCRIPTION", 5)
    names = names_of(15)
    async with Rig(tmp_path, BreakableBus("fall")) as rig:
        source = await read(rig, server, names)
        assert figure(source, "subscriptions") == 3
        given: dict[tuple[str, int], float] = {}
        stop = asyncio.Event()

        async def count() -> None:
            value = 0.0
            while not stop.is_set():
                value += 1.0
                for name in names:
                    given[name, await server.write(name, value)] = value
                await asyncio.sleep(0.02)

        counting = asyncio.create_task(count())
        await rig.arrived(
            lambda found: any(entry.value > 5 for entry in found.of(names[-1])), "values arrive"
        )
        doomed = sorted(server.subscriptions)[1]
        loop = asyncio.get_running_loop()
        fell_s = loop.time()
        await fall(server, doomed)
        await until(lambda: figure(source, "fallen_subscriptions", "anew") == 1, "it is cured")
        took_s = loop.time() - fell_s
        await asyncio.sleep(0.5)
        stop.set()
        await counting
        last = max(given.values())
        found = await rig.arrived(
            lambda found: all(last in [entry.value for entry in found.of(name)] for name in names),
            "the last values arrive",
        )
        assert account(source) == (15, 15, 0)
        assert doomed not in server.subscriptions
        assert figure(source, "subscriptions") == 3
        assert source.supervisor.reconnects == 0
        assert figure(source, "resumed_sessions") == 0
    (gap,) = found.gaps
    assert gap.reason is GapReason.SOURCE_LOST
    assert gap.tags == tuple(f"{EQUIPMENT}:{name}" for name in names[5:10])
    arrived = {(entry.tag, entry.time) for entry in found.readings()}
    missing = [(name, at) for name, at in given if (name, at) not in arrived]
    assert all(lies_in(gap, name, at) for name, at in missing)
    keep_alive_s, interval_s = 1.0, 0.1
    assert (gap.end - gap.start) / 1e9 <= keep_alive_s + late_s(interval_s) + took_s


def lies_in(gap: Gap, name: str, time_ns: int) -> bool:
    return f"{EQUIPMENT}:{name}" in gap.tags and gap.start <= time_ns <= gap.end


async def test_subscriptions_that_all_stay_silent_are_made_anew(
    server: LimitedServer, tmp_path: Path
) -> None:
    names = names_of(3)
    async with Rig(tmp_path, BreakableBus("all")) as rig:
        source = await read(rig, server, names)
        assert isinstance(source.link, OpcUaSource)
        for number in list(server.subscriptions):
            await server.mute(number)
        await until(lambda: "silent" in source.supervisor.last_error, "the silence is noticed")
        at = await server.write(names[0], 5.0)
        found = await rig.arrived(
            lambda found: 5.0 in [entry.value for entry in found.of(names[0])], "what is written arrives"
        )
        assert account(source) == (3, 3, 0)
    assert [gap.reason for gap in found.gaps] == [GapReason.SOURCE_LOST]
    assert found.gaps[0].start <= at


@pytest.mark.parametrize("create_s", [0.0, 1.5], ids=["before it is noticed", "while it is cured"])
async def test_a_way_that_breaks_beside_a_fallen_subscription_leaves_no_item_behind(
    create_s: float, server: LimitedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.opcua.limits.ITEMS_A_SUBSCRIPTION", 5)
    names = names_of(10)
    way = CuttableWay(server.port)
    await way.start()
    async with Rig(tmp_path, BreakableBus("beside")) as rig:
        await rig.manager.apply(config_of(server, names, endpoint=f"opc.tcp://127.0.0.1:{way.port}/"))
        source = rig.source()
        await until(lambda: source.link.responses > 0, "the source delivers")
        calls = len(server.calls)
        server.moods = Moods(slow_beyond=1, slow_s=create_s)
        await server.mute(min(server.subscriptions))
        if create_s:
            await until(lambda: len(server.calls) > calls, "it is being cured")
        way.cut()
        await until(lambda: source.supervisor.connection is Connection.LOST, "the loss is noticed")
        way.mend()
        await until(lambda: source.supervisor.connection is Connection.CONNECTED, "it is back")
        await until(lambda: account(source) == (10, 10, 0), "everything is monitored")
        for value in (1.0, 2.0):
            for name in names:
                await server.write(name, value)
            await rig.arrived(
                lambda found, value=value: all(  # type: ignore[misc]
                    value in [entry.value for entry in found.of(name)] for name in names
                ),
                f"{value} arrives of all",
            )
        resumed = figure(source, "resumed_sessions")
        assert resumed == (0 if create_s else 1)
        found = read_bus(rig.bus)
    assert sum(entry.value == 2.0 for entry in found.readings()) == 10
    await way.close()
