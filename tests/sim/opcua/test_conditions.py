"""Conditions, as a plain client hears of them, refreshes and acknowledges."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.object_ids import ObjectIds

from sim.kind import STATE
from sim.opcua.conditions import Text
from sim.opcua.equipment_node import EquipmentNode
from sim.opcua.node_attributes import standard_id
from sim.opcua.plant_space import plant_space
from sim.opcua.server import Fill
from tests.sim.opcua.serving import PlainClient, client_of, serving, tags_of, until
from tests.sim.opcua.test_operation import raw_call

LATHE = "yenphong/dongho-mechanical/f1/cnc/cell1/m1"
PRESS = "yenphong/dongho-mechanical/f1/press/line1/p1"
STUCK = Text("Máy tiện 1: gãy dao", "Lathe 1: tool broken")
GONE = Text("Máy tiện 1: bình thường", "Lathe 1: normal")
ALARM = standard_id(ObjectIds.OffNormalAlarmType)
ACKNOWLEDGE = standard_id(ObjectIds.AcknowledgeableConditionType_Acknowledge)
REFRESH = standard_id(ObjectIds.ConditionType_ConditionRefresh)
CONDITION = standard_id(ObjectIds.ConditionType)


def space() -> Fill:
    nodes = [EquipmentNode(one, "machine", operated=True) for one in (LATHE, PRESS)]
    return plant_space([*tags_of(LATHE, STATE), *tags_of(PRESS, STATE)], nodes)


@dataclass
class Events:
    """A subscription handler that keeps the events."""

    events: list[Any] = field(default_factory=list)

    def event_notification(self, event: Any) -> None:
        self.events.append(event)

    def status_change_notification(self, status: Any) -> None:
        """asyncua asks for it."""

    async def wait(self, count: int) -> list[Any]:
        await until(lambda: len(self.events) >= count)
        return self.events


async def subscribe(client: PlainClient, source: ua.NodeId | None = None) -> tuple[Events, int]:
    events = Events()
    subscription = await client.client.create_subscription(50, events)
    where = source or standard_id(ObjectIds.Server)
    await subscription.subscribe_alarms_and_conditions(where, ALARM)
    assert subscription.subscription_id is not None
    return events, int(subscription.subscription_id)


async def acknowledge(client: Client, condition: ua.NodeId, event_id: bytes) -> ua.StatusCode:
    arguments = (
        ua.Variant(event_id, ua.VariantType.ByteString),
        ua.Variant(ua.LocalizedText("đã xem", "vi"), ua.VariantType.LocalizedText),
    )
    return await raw_call(client, condition, ACKNOWLEDGE, *arguments)


async def test_a_condition_comes_and_goes() -> None:
    async with serving(space()) as server, client_of(server.endpoint) as client:
        events, _ = await subscribe(client)
        await server.raise_condition(LATHE, active=True, severity=700, message=STUCK)
        await server.raise_condition(LATHE, active=False, severity=100, message=GONE)
        came, went = await events.wait(2)
        assert came.EventType == ALARM
        assert (came.SourceNode, came.SourceName) == (client.node(LATHE).nodeid, "m1")
        assert (came.Severity, came.Message.Text) == (700, "Lathe 1: tool broken")
        assert (getattr(came, "ActiveState/Id"), getattr(came, "AckedState/Id")) == (True, False)
        assert came.Retain is True
        assert came.ConditionName == "Aborted"
        assert came.NodeId == client.node(f"{LATHE}.Aborted").nodeid
        assert getattr(went, "ActiveState/Id") is False
        assert went.Retain is True  # nobody acknowledged it yet
        assert went.EventId != came.EventId
        assert went.Time >= came.Time


async def test_events_are_told_in_the_language_of_the_client() -> None:
    async with serving(space()) as server:
        client = Client(server.endpoint)
        client.session_timeout = 60_000
        client._locale = ["vi-VN"]  # noqa: SLF001  # asyncua has no other way to say it
        async with client:
            events, _ = await subscribe(PlainClient(client, 2))
            await server.raise_condition(LATHE, active=True, severity=700, message=STUCK)
            (came,) = await events.wait(1)
            assert (came.Message.Text, came.Message.Locale) == ("Máy tiện 1: gãy dao", "vi")


async def test_whoever_listens_to_the_equipment_or_its_area_hears_only_that() -> None:
    async with serving(space()) as server, client_of(server.endpoint) as client:
        of_lathe, _ = await subscribe(client, client.node(LATHE).nodeid)
        of_cell, _ = await subscribe(client, client.node(LATHE.rpartition("/")[0]).nodeid)
        of_all, _ = await subscribe(client)
        await server.raise_condition(PRESS, active=True, severity=500, message=STUCK)
        await server.raise_condition(LATHE, active=True, severity=500, message=STUCK)
        assert [event.SourceName for event in await of_all.wait(2)] == ["p1", "m1"]
        assert [event.SourceName for event in await of_lathe.wait(1)] == ["m1"]
        assert [event.SourceName for event in await of_cell.wait(1)] == ["m1"]


async def test_a_refresh_tells_what_is_still_of_interest() -> None:
    async with serving(space()) as server, client_of(server.endpoint) as client:
        await server.raise_condition(LATHE, active=True, severity=700, message=STUCK)
        events, subscription_id = await subscribe(client)
        status = await raw_call(
            client.client, CONDITION, REFRESH, ua.Variant(subscription_id, ua.VariantType.UInt32)
        )
        assert status.is_good()
        start, lathe, end = await events.wait(3)
        assert start.EventType == standard_id(ObjectIds.RefreshStartEventType)
        assert lathe.SourceName == "m1"
        assert getattr(lathe, "ActiveState/Id") is True
        assert end.EventType == standard_id(ObjectIds.RefreshEndEventType)
        wrong = ua.Variant(9999, ua.VariantType.UInt32)
        refused = await raw_call(client.client, CONDITION, REFRESH, wrong)
        assert refused.name == "BadSubscriptionIdInvalid"


async def test_an_acknowledged_condition_is_forgotten_once_it_is_over() -> None:
    async with serving(space()) as server, client_of(server.endpoint) as client:
        events, _ = await subscribe(client)
        await server.raise_condition(LATHE, active=True, severity=700, message=STUCK)
        (came,) = await events.wait(1)
        condition = client.node(f"{LATHE}.Aborted").nodeid
        assert (await acknowledge(client.client, condition, b"other")).name == "BadEventIdUnknown"
        assert (await acknowledge(client.client, condition, came.EventId)).is_good()
        acked = (await events.wait(2))[1]
        assert getattr(acked, "AckedState/Id") is True
        assert (acked.Comment.Text, acked.ClientUserId) == ("đã xem", "anonymous")
        assert acked.Retain is True
        again = await acknowledge(client.client, condition, acked.EventId)
        assert again.name == "BadConditionBranchAlreadyAcked"
        await server.raise_condition(LATHE, active=False, severity=100, message=GONE)
        assert (await events.wait(3))[2].Retain is False
        assert await client.node(f"{LATHE}.Aborted.ActiveState.Id").read_value() is False
        assert await client.node(f"{LATHE}.Aborted.Retain").read_value() is False


async def test_where_users_are_known_only_they_acknowledge() -> None:
    async with serving(space(), users={"a": "b"}) as server, client_of(server.endpoint) as client:
        events, _ = await subscribe(client)
        await server.raise_condition(LATHE, active=True, severity=700, message=STUCK)
        (came,) = await events.wait(1)
        condition = client.node(f"{LATHE}.Aborted").nodeid
        refused = await acknowledge(client.client, condition, came.EventId)
        assert refused.name == "BadUserAccessDenied"


async def test_equipment_that_is_not_there_has_no_condition() -> None:
    async with serving(space()) as server:
        with pytest.raises(KeyError):
            await server.raise_condition("yenphong/nowhere", active=True, severity=1, message=STUCK)
