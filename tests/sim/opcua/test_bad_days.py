"""Every bad day really happens on the wire, as seen by clients that nobody here wrote."""

from __future__ import annotations

import asyncio
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from asyncua import ua
from asyncua.client.client import Client
from asyncua.common.subscription import Subscription
from asyncua.crypto.validator import CertificateValidator, CertificateValidatorOptions
from asyncua.ua.object_ids import ObjectIds

from sim.opcua.bad_day_table import BAD_DAYS, UNCERTAIN_LAST_USABLE_VALUE
from sim.opcua.bad_days import BadDayError, BadDays
from sim.opcua.node_attributes import standard_id
from sim.opcua.server import ColumnServer
from tests.sim.opcua.node_client import node_client, unconnected_node_client
from tests.sim.opcua.serving import (
    NAMESPACE,
    Heard,
    Told,
    client_of,
    double,
    moment,
    served,
    until,
    write,
)
from tests.sim.opcua.test_security import secure_client
from twin.contract.status import BAD_NO_COMMUNICATION, BAD_NODE_ID_UNKNOWN

SIGNALS = [double(name) for name in ("a", "b", "c", "d")]
START_NS = 1_790_000_000 * 10**9
SECOND = 10**9
READ_LIMIT = standard_id(ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead)


async def count_up(server: ColumnServer, first: int, last: int) -> None:
    """Write a value a second to ``a`` and ``b``, each in a batch of its own."""
    for step in range(first, last + 1):
        await write(server, float(step), float(step), time_ns=START_NS + step * SECOND)


async def test_down_nobody_answers_and_then_it_is_back() -> None:
    async with served(SIGNALS) as server:
        days = BadDays(server)
        await write(server, 1.0)
        port = server.port
        async with client_of(server.endpoint) as client:
            assert await client.node("a").read_value() == 1.0
            await days.begin("down", seconds=0)
            with pytest.raises((ConnectionError, TimeoutError, ua.uaerrors.UaError)):
                await client.node("a").read_value()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        await write(server, 2.0)
        await days.end("down")
        assert server.port == port
        async with client_of(server.endpoint) as client:
            assert await client.node("a").read_value() == 2.0


async def test_a_restart_gives_namespaces_other_indices() -> None:
    async with served(SIGNALS) as server:
        days = BadDays(server)
        await write(server, 1.0)
        async with client_of(server.endpoint) as client:
            before = await client.client.get_namespace_array()
        await days.begin("reordered_restart", seconds=0)
        await days.end("reordered_restart")
        async with client_of(server.endpoint) as client:
            after = await client.client.get_namespace_array()
            assert after.index(NAMESPACE) != before.index(NAMESPACE)
            assert after[:2] == before[:2]
            assert await client.node("a").read_value() == 1.0
            old = client.client.get_node(f"ns={before.index(NAMESPACE)};s=a")
            with pytest.raises(ua.uaerrors.BadNodeIdUnknown):
                await old.read_value()
            heard = Heard()
            await client.subscribe(heard, "a")
            await write(server, 2.0)
            assert await heard.wait("a", 2) == [1.0, 2.0]


@pytest.mark.slow
@pytest.mark.node
async def test_node_opcua_finds_other_indices_after_a_restart(tmp_path: Path) -> None:
    async with served(SIGNALS) as server:
        days = BadDays(server)
        await write(server, 1.0)
        indices = []
        for restart in (True, False):
            async with node_client(server.endpoint, tmp_path) as client:
                namespaces = (await client.order("namespaces"))["namespaces"]
                indices.append(namespaces.index(NAMESPACE))
                (read,) = (await client.order("read", nodes=[f"ns={indices[-1]};s=a"]))["values"]
                assert (read["value"], read["status"]) == (1.0, 0)
                other = await client.order("read", nodes=[f"ns={5 - indices[-1]};s=a"])
                assert other["values"][0]["status"] == BAD_NODE_ID_UNKNOWN
            if restart:
                await days.begin("reordered_restart", seconds=0)
                await days.end("reordered_restart")
        assert indices == [2, 3]


async def test_nodes_vanish_and_come_back() -> None:
    async with served(SIGNALS) as server, client_of(server.endpoint) as client:
        days = BadDays(server)
        await write(server, 1.0, 2.0, 3.0, 4.0)
        folder = client.client.nodes.objects
        machine = await folder.get_child(f"{client.index}:machine")
        heard = Heard()
        await client.subscribe(heard, "a", "b", "c", "d")
        await heard.wait("d", 1)
        await days.begin("vanishing_nodes", share=0.5)
        gone = ["a", "d"]
        for name in gone:
            await heard.wait(name, 2)
            assert heard.values[name][-1].status == BAD_NODE_ID_UNKNOWN
            with pytest.raises(ua.uaerrors.BadNodeIdUnknown):
                await client.node(name).read_value()
        assert [one.nodeid.Identifier for one in await machine.get_children()] == ["b", "c"]
        await write(server, 5.0, 6.0, 7.0, 8.0)
        await heard.wait("b", 2)
        _, made = await client.subscribe(Heard(), "a")
        assert made == []
        await days.end("vanishing_nodes")
        assert sorted(one.nodeid.Identifier for one in await machine.get_children()) == ["a", "b", "c", "d"]
        assert await client.node("a").read_value() == 5.0
        assert len(await client.node("a").get_properties()) == 2
        await write(server, 9.0, 9.0, 9.0, 9.0)
        await heard.wait("b", 3)
        assert len(heard.of("a")) == 2  # the old item is dead
        again = Heard()
        await client.subscribe(again, "a")
        assert await again.wait("a", 1) == [9.0]


async def test_an_item_with_a_deadband_is_told_that_its_node_vanished_and_can_be_deleted() -> None:
    async with served(SIGNALS) as server, client_of(server.endpoint) as client:
        days = BadDays(server)
        await write(server, 1.0, 2.0, 3.0, 4.0)
        heard = Heard()
        subscription = await client.client.create_subscription(50, heard)
        handle = await subscription.deadband_monitor(
            client.node("a"), deadband_val=ua.Double(1.0), queuesize=10
        )
        assert isinstance(handle, int)
        await heard.wait("a", 1)
        await days.begin("vanishing_nodes", share=0.25)
        await heard.wait("a", 2)
        assert heard.values["a"][-1].status == BAD_NODE_ID_UNKNOWN
        await subscription.unsubscribe(handle)
        await days.end("vanishing_nodes")
        await write(server, 9.0)
        assert await client.node("a").read_value() == 9.0


@pytest.mark.parametrize(
    ("name", "status", "value", "spoilt"),
    [
        ("bad_values", BAD_NO_COMMUNICATION, None, "a"),
        ("uncertain_values", UNCERTAIN_LAST_USABLE_VALUE, 1.0, "d"),
    ],
)
async def test_some_values_are_spoilt(name: str, status: int, value: float | None, spoilt: str) -> None:
    async with served(SIGNALS) as server, client_of(server.endpoint) as client:
        days = BadDays(server)
        await write(server, 1.0, 1.0, 1.0, 1.0)
        heard = Heard()
        await client.subscribe(heard, "a", "b", "c", "d")
        await heard.wait("d", 1)
        await days.begin(name, share=0.25)
        await heard.wait(spoilt, 2)
        assert (heard.values[spoilt][-1].status, heard.values[spoilt][-1].value) == (status, value)
        read = await client.node(spoilt).read_data_value(raise_on_bad_status=False)
        assert Told.of(read).status == status
        await write(server, 2.0, 2.0, 2.0, 2.0)
        await heard.wait("b", 2)
        await heard.wait(spoilt, 3)
        assert heard.values[spoilt][-1].status == status
        assert [told.status for told in heard.values["b"]] == [0, 0]
        await days.end(name)
        await heard.wait(spoilt, 4)
        assert (heard.values[spoilt][-1].status, heard.values[spoilt][-1].value) == (0, 2.0)


@pytest.mark.node
async def test_node_opcua_sees_bad_values(tmp_path: Path) -> None:
    async with served(SIGNALS) as server:
        days = BadDays(server)
        await write(server, 1.0, 1.0, 1.0, 1.0)
        async with node_client(server.endpoint, tmp_path) as client:
            await client.order("subscribe", nodes=["ns=2;s=a", "ns=2;s=b"])
            await client.wait_heard(2)
            await days.begin("bad_values", share=0.25)
            await client.wait_heard(3)
            await days.end("bad_values")
            told = await client.wait_heard(4)
            of_a = [(one["status"], one["value"]) for one in told if one["node"] == "ns=2;s=a"]
            assert of_a == [(0, 1.0), (BAD_NO_COMMUNICATION, None), (0, 1.0)]


async def test_the_source_clock_runs_ahead_and_jumps_back() -> None:
    async with served(SIGNALS) as server, client_of(server.endpoint) as client:
        days = BadDays(server)
        heard = Heard()
        await write(server, 0.0, time_ns=START_NS)
        await client.subscribe(heard, "a")
        await heard.wait("a", 1)
        await days.begin("clock_ahead", ahead_s=300)
        await write(server, 1.0, time_ns=START_NS + SECOND)
        await days.end("clock_ahead")
        await write(server, 2.0, time_ns=START_NS + 2 * SECOND)
        await days.begin("clock_back", back_s=120)
        await write(server, 3.0, time_ns=START_NS + 3 * SECOND)
        await days.end("clock_back")
        await heard.wait("a", 4)
        assert [told.source_time for told in heard.values["a"]] == [
            moment(START_NS + second * SECOND) for second in (0, 301, 2, -117)
        ]


@pytest.mark.parametrize("what", ["messages", "values"])
async def test_notifications_come_twice(what: str, numbers: list[int]) -> None:
    async with served(SIGNALS) as server, client_of(server.endpoint) as client:
        days = BadDays(server)
        await write(server, 0.0, 0.0)
        heard = Heard()
        await client.subscribe(heard, "a")
        await heard.wait("a", 1)
        await days.begin("duplicates", what=what)
        for step in (1, 2, 3):
            await write(server, float(step), time_ns=START_NS + step * SECOND)
            await heard.wait("a", 1 + 2 * step)
        await days.end("duplicates")
        await write(server, 4.0, time_ns=START_NS + 4 * SECOND)
        assert await heard.wait("a", 8) == [0.0, 1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0]
        times = [told.source_time for told in heard.values["a"]]
        assert times[1] == times[2] == moment(START_NS + SECOND)
        twice = len(numbers) - len(set(numbers))
        assert (twice == 3) if what == "messages" else (twice == 0)


@pytest.mark.parametrize("what", ["messages", "values"])
async def test_notifications_come_out_of_order(what: str, numbers: list[int]) -> None:
    async with served(SIGNALS) as server, client_of(server.endpoint) as client:
        days = BadDays(server)
        await write(server, 0.0, 0.0)
        heard = Heard()
        await client.subscribe(heard, "a", queue=50)
        await heard.wait("a", 1)
        await days.begin("disorder", what=what)
        await count_up(server, 1, 20)
        await heard.wait("a", 21)
        told = heard.of("a")
        assert sorted(told) == [float(step) for step in range(21)]
        assert told != sorted(told)
        times = [one.source_time for one in heard.values["a"]]
        assert times != sorted(times)
        assert (numbers != sorted(numbers)) == (what == "messages")
        await days.end("disorder")
        await count_up(server, 21, 25)
        assert (await heard.wait("a", 26))[21:] == [21.0, 22.0, 23.0, 24.0, 25.0]


@pytest.fixture
def numbers(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sequence numbers of the notification messages a client receives, keep-alives left out."""
    received: list[int] = []
    plain = Subscription.publish_callback

    async def watch(self: Subscription, result: ua.PublishResult) -> None:
        if result.NotificationMessage.NotificationData:
            received.append(int(result.NotificationMessage.SequenceNumber))
        await plain(self, result)

    monkeypatch.setattr(Subscription, "publish_callback", watch)
    return received


async def test_a_hung_server_answers_nothing_and_closes_nothing() -> None:
    async with served(SIGNALS) as server, client_of(server.endpoint) as client:
        days = BadDays(server)
        await write(server, 1.0)
        heard = Heard()
        await client.subscribe(heard, "a")
        await heard.wait("a", 1)
        await days.begin("silence", seconds=0)
        reading = asyncio.create_task(client.node("a").read_value())
        await write(server, 2.0)
        # the kernel still takes connections of a process that hangs, and a Hello is never answered
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        hello = asyncio.create_task(reader.read(1))
        writer.write(b"HELF")
        done, _ = await asyncio.wait((reading, hello), timeout=1.0)
        assert not done
        assert heard.of("a") == [1.0]
        await days.end("silence")
        assert await reading == 2.0
        assert await heard.wait("a", 2) == [1.0, 2.0]
        hello.cancel()
        writer.close()


@pytest.mark.slow
@pytest.mark.node
async def test_node_opcua_waits_for_a_hung_server_on_an_open_connection(tmp_path: Path) -> None:
    async with served(SIGNALS) as server:
        days = BadDays(server)
        await write(server, 1.0)
        async with node_client(server.endpoint, tmp_path) as client:
            await days.begin("silence", seconds=0)
            assert await client.order("read", nodes=["ns=2;s=a"], timeout=1000) == {"values": None}
            assert await client.order("heard") == {"heard": [], "closed": 0}
            await days.end("silence")
            (late,) = await client.wait_heard(1)
            assert late["late"][0]["value"] == 1.0
            assert (await client.order("heard"))["closed"] == 0


@pytest.mark.parametrize(("announced", "said"), [("yes", 3), ("no", 0)])
async def test_a_call_may_name_few_nodes_only(announced: str, said: int) -> None:
    async with served(SIGNALS) as server, client_of(server.endpoint) as client:
        days = BadDays(server)
        await write(server, 1.0, 2.0, 3.0, 4.0)
        limit = client.client.get_node(READ_LIMIT)
        nodes = [client.node(name) for name in ("a", "b", "c", "d")]
        assert await client.client.read_values(nodes) == [1.0, 2.0, 3.0, 4.0]
        await days.begin("few_at_once", most=3, announced=announced)
        assert await limit.read_value() == said
        assert await client.client.read_values(nodes[:3]) == [1.0, 2.0, 3.0]
        with pytest.raises(ua.uaerrors.BadTooManyOperations):
            await client.client.read_values(nodes)
        subscription = await client.client.create_subscription(100, Heard())
        with pytest.raises(ua.uaerrors.BadTooManyOperations):
            await subscription.subscribe_data_change(nodes)
        await days.end("few_at_once")
        assert await client.client.read_values(nodes) == [1.0, 2.0, 3.0, 4.0]
        assert await limit.read_value() == 10_000


async def test_answers_come_late() -> None:
    async with served(SIGNALS) as server, client_of(server.endpoint) as client:
        days = BadDays(server)
        await write(server, 1.0)
        loop = asyncio.get_running_loop()
        await days.begin("slow", delay_s=0.7)
        began = loop.time()
        assert await client.node("a").read_value() == 1.0
        assert loop.time() - began >= 0.7
        await days.end("slow")
        assert server.wire.delay_s == 0.0
        assert await client.node("a").read_value() == 1.0


async def test_a_certificate_has_expired(tmp_path: Path) -> None:
    strict = CertificateValidator(
        CertificateValidatorOptions.BASIC_VALIDATION | CertificateValidatorOptions.PEER_SERVER
    )

    async def connect(server: ColumnServer) -> None:
        client = await secure_client(server.endpoint, tmp_path / "client")
        client.certificate_validator = strict
        async with client:
            assert await client.nodes.server_state.read_value() == 0

    async with served([double("a")], certificate_dir=tmp_path / "server") as server:
        days = BadDays(server)
        await connect(server)
        await days.begin("expired_certificate")
        endpoints = await Client(server.endpoint).connect_and_get_server_endpoints()
        from cryptography import x509

        shown = {one.ServerCertificate for one in endpoints}
        assert all(
            x509.load_der_x509_certificate(one).not_valid_after_utc < datetime.now(UTC) for one in shown
        )
        with pytest.raises(Exception, match="BadCertificateTimeInvalid"):
            await connect(server)
        await days.end("expired_certificate")
        await connect(server)


@pytest.mark.slow
@pytest.mark.node
async def test_node_opcua_refuses_an_expired_certificate(tmp_path: Path) -> None:
    async with served([double("a")], certificate_dir=tmp_path / "server") as server:
        days = BadDays(server)
        await write(server, 1.0)
        async with node_client(server.endpoint, tmp_path, secure=True) as client:
            (read,) = (await client.order("read", nodes=["ns=2;s=a"]))["values"]
            assert read["value"] == 1.0
        await days.begin("expired_certificate")
        async with node_client(server.endpoint, tmp_path, secure=True):
            pass  # it trusts a certificate that it meets the first time, and looks at its dates the next time
        async with unconnected_node_client() as client:
            answer = await client.order(
                "connect", endpoint=server.endpoint, pki=str(tmp_path / "pki"), secure=True
            )
            assert "BadCertificateTimeInvalid" in answer["error"]


async def test_a_bad_day_ends_by_itself() -> None:
    async with served(SIGNALS) as server:
        days = BadDays(server)
        await days.begin("slow", delay_s=5, seconds=0.2)
        assert days.active() == {"slow": {"delay_s": 5.0, "seconds": 0.2}}
        await until(lambda: not days.active())
        assert server.wire.delay_s == 0.0


async def test_a_server_that_is_down_can_be_stopped_for_good() -> None:
    async with served(SIGNALS) as server:
        days = BadDays(server)
        await days.begin("down", seconds=0.2)
        days.forget()
        assert days.active() == {}
        await server.stop()
        await asyncio.sleep(0.3)  # the time at which it would have come back
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", server.port)


async def test_a_bad_day_that_cannot_end_by_itself_goes_on_and_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with served(SIGNALS) as server:
        days = BadDays(server)
        await days.begin("down", seconds=0.2)
        with socket.create_server(("127.0.0.1", server.port)):
            await until(lambda: "did not end" in caplog.text)
        assert "down" in days.active()
        await days.end("down")
        async with client_of(server.endpoint):
            pass


async def test_what_cannot_be_begun_or_ended_is_said() -> None:
    async with served(SIGNALS) as server:
        days = BadDays(server)
        for name, parameters, text in (
            ("rain", {}, "must be one of down"),
            ("slow", {"delay": 1.0}, "has no 'delay'"),
            ("slow", {"delay_s": -1.0}, "must be 0 to"),
            ("slow", {"delay_s": "long"}, "must be a number"),
            ("duplicates", {"what": "all"}, "must be one of messages, values"),
            ("expired_certificate", {}, "certificate_dir"),
        ):
            with pytest.raises(BadDayError, match=text):
                await days.begin(name, **parameters)
        await days.begin("slow")
        with pytest.raises(BadDayError, match="already"):
            await days.begin("slow")
        await days.end("slow")
        with pytest.raises(BadDayError, match="does not go on"):
            await days.end("slow")


async def test_several_at_once_and_a_restart_among_them_leave_nothing_behind() -> None:
    async with served(SIGNALS) as server:
        days = BadDays(server)
        await write(server, 1.0, 2.0, 3.0, 4.0)
        for name in ("vanishing_nodes", "bad_values", "few_at_once", "clock_ahead"):
            await days.begin(name)
        await days.begin("reordered_restart", seconds=0)
        await days.end("reordered_restart")
        async with client_of(server.endpoint) as client:
            assert await client.node("d").read_value() == 4.0
            assert await client.client.get_node(READ_LIMIT).read_value() == 0
        await days.end_all()
        assert days.active() == {}
        await write(server, 5.0, 6.0, 7.0, 8.0)
        async with client_of(server.endpoint) as client:
            nodes = [client.node(name) for name in ("a", "b", "c", "d")]
            assert await client.client.read_values(nodes) == [5.0, 6.0, 7.0, 8.0]


@pytest.mark.parametrize("row", BAD_DAYS.values(), ids=list(BAD_DAYS))
def test_every_row_is_described(row: Any) -> None:
    assert row.vi != row.en
    for parameter in row.all_parameters:
        assert parameter.vi
        assert parameter.en
        assert parameter.check(parameter.default) == parameter.default
