"""Methods and set points, called and written by a plain client."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.attribute_ids import AttributeIds

from sim.kind import STATE, Setpoint, Signal
from sim.opcua.equipment_node import EquipmentNode
from sim.opcua.operation import InvalidStateError, NotAllowedError, OutOfRangeError
from sim.opcua.plant_space import plant_space
from sim.opcua.server import Fill
from tests.sim.opcua.serving import NAMESPACE, PlainClient, client_of, serving, tags_of

LATHE = "yenphong/dongho-mechanical/f1/cnc/cell1/m1"
SHOWN = Signal("feed", "Feed", "m/min", 0.0, 10.0)
SPEED = Setpoint("speed", "rpm", 0.0, 400.0, 100.0, "Spindle speed")
FEED = Setpoint("feed", "m/min", 0.0, 10.0, 2.0)


def space() -> Fill:
    node = EquipmentNode(LATHE, "cnc_machine", setpoints=(SPEED, FEED), operated=True)
    return plant_space(tags_of(LATHE, STATE, SHOWN), [node])


@dataclass
class Clerk:
    """An operator that writes down what it is told, and refuses what it is told to refuse."""

    done: list[tuple[object, ...]] = field(default_factory=list)
    refusal: Exception | None = None

    def start(self, equipment_id: str) -> None:
        self._do("start", equipment_id)

    def stop(self, equipment_id: str) -> None:
        self._do("stop", equipment_id)

    def reset(self, equipment_id: str) -> None:
        self._do("reset", equipment_id)

    def set(self, equipment_id: str, setpoint: str, value: float) -> None:
        self._do("set", equipment_id, setpoint, value)

    def _do(self, *what: object) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.done.append(what)


async def call(client: PlainClient, method: str, *arguments: ua.Variant) -> ua.StatusCode:
    """Call a method of the equipment; the status of the call."""
    node = client.node(LATHE)
    found = await node.get_child(f"{client.index}:{method}")
    return await raw_call(client.client, node.nodeid, found.nodeid, *arguments)


async def raw_call(client: Client, on: ua.NodeId, method: ua.NodeId, *arguments: ua.Variant) -> ua.StatusCode:
    request = ua.CallMethodRequest(on, method, list(arguments))
    (result,) = await client.uaclient.call([request])
    status: ua.StatusCode = result.StatusCode
    return status


async def set_speed(client: PlainClient, *arguments: ua.Variant) -> ua.CallMethodResult:
    holder = f"{LATHE}.Setpoints.speed"
    request = ua.CallMethodRequest(
        client.node(holder).nodeid, client.node(f"{holder}.Set").nodeid, list(arguments)
    )
    (result,) = await client.client.uaclient.call([request])
    return result


async def test_start_stop_and_reset_reach_the_operator() -> None:
    clerk = Clerk()
    async with serving(space(), operator=clerk) as server, client_of(server.endpoint) as client:
        for method in ("Start", "Stop", "Reset"):
            assert (await call(client, method)).is_good()
        assert clerk.done == [("start", LATHE), ("stop", LATHE), ("reset", LATHE)]
        assert (await call(client, "Start", ua.Variant(1))).name == "BadTooManyArguments"


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (InvalidStateError("m1 is Aborted; reset it first"), "BadInvalidState"),
        (NotAllowedError("m1 is under local control"), "BadUserAccessDenied"),
        (OutOfRangeError("speed 900 rpm: 0 to 400"), "BadOutOfRange"),
    ],
)
async def test_a_refusal_is_told_with_its_status(refusal: Exception, status: str) -> None:
    clerk = Clerk(refusal=refusal)
    async with serving(space(), operator=clerk) as server, client_of(server.endpoint) as client:
        assert (await call(client, "Start")).name == status


async def test_a_setpoint_is_set_by_method_and_by_writing() -> None:
    clerk = Clerk()
    async with serving(space(), operator=clerk) as server, client_of(server.endpoint) as client:
        node = client.node(f"{LATHE}:speed")
        assert await node.read_value() == 100.0
        assert (await set_speed(client, ua.Variant(250.0))).StatusCode.is_good()
        await node.write_value(300.0)
        assert await node.read_value() == 300.0
        await client.node(f"{LATHE}:feed").write_value(5.0)
        assert clerk.done == [("set", LATHE, "speed", 250.0), ("set", LATHE, "speed", 300.0),
                              ("set", LATHE, "feed", 5.0)]  # fmt: skip
        await server.show_setpoint(LATHE, "speed", 120.0)
        assert await node.read_value() == 120.0
        with pytest.raises(KeyError):
            await server.show_setpoint(LATHE, "nothing", 1.0)


async def test_values_that_are_not_accepted_are_refused_before_anybody_hears_of_them() -> None:
    clerk = Clerk()
    async with serving(space(), operator=clerk) as server, client_of(server.endpoint) as client:
        node = client.node(f"{LATHE}:speed")
        for value in (400.5, -1.0, float("nan"), float("inf")):
            with pytest.raises(ua.uaerrors.BadOutOfRange):
                await node.write_value(value)
            result = await set_speed(client, ua.Variant(value))
            assert result.StatusCode.name == "BadInvalidArgument"
            assert [one.name for one in result.InputArgumentResults] == ["BadOutOfRange"]
        with pytest.raises(ua.uaerrors.BadTypeMismatch):
            await node.write_value("fast")
        assert (await set_speed(client)).StatusCode.name == "BadArgumentsMissing"
        assert [one.name for one in (await set_speed(client, ua.Variant("x"))).InputArgumentResults] == [
            "BadTypeMismatch"
        ]
        assert clerk.done == []
        assert await node.read_value() == 100.0


async def test_nothing_else_can_be_written() -> None:
    async with serving(space(), operator=Clerk()) as server, client_of(server.endpoint) as client:
        with pytest.raises(ua.uaerrors.BadNotWritable):
            await client.node(f"{LATHE}:state").write_value("Execute")
        with pytest.raises(ua.uaerrors.BadNotWritable):
            await client.node(f"{LATHE}:speed").write_attribute(
                AttributeIds.DisplayName, ua.DataValue(ua.Variant(ua.LocalizedText("x")))
            )
        with pytest.raises(ua.uaerrors.BadNotWritable):
            await client.client.nodes.server_state.write_value(1)
        with pytest.raises(ua.uaerrors.BadUserAccessDenied):
            await client.client.nodes.objects.add_object(client.index, "mine")


async def test_where_users_are_known_only_they_operate() -> None:
    clerk = Clerk()
    users = {"vanhanh": "for-tests"}
    async with serving(space(), operator=clerk, users=users) as server:
        async with client_of(server.endpoint) as client:
            assert (await call(client, "Start")).name == "BadUserAccessDenied"
            with pytest.raises(ua.uaerrors.BadUserAccessDenied):
                await client.node(f"{LATHE}:speed").write_value(1.0)
        assert clerk.done == []
        named = Client(server.endpoint)
        named.session_timeout = 60_000
        named.set_user("vanhanh")
        named.set_password("for-tests")
        async with named:
            index = await named.get_namespace_index(NAMESPACE)
            assert (await call(PlainClient(named, index), "Start")).is_good()
        assert clerk.done == [("start", LATHE)]


async def test_without_an_operator_nothing_can_be_operated() -> None:
    async with serving(space()) as server, client_of(server.endpoint) as client:
        assert (await call(client, "Start")).name == "BadNotSupported"
