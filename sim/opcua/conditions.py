"""Conditions (OPC 10000-9): an OffNormalAlarm for each operated equipment, active while it is Aborted.

asyncua 2.1 has events and their fields; conditions with a state, acknowledging and a refresh of whatever was
subscribed to are here. Not supported, and answered so: confirm, shelve, suppress, disable, branches.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from asyncua import ua
from asyncua.common.event_objects import BaseEvent, OffNormalAlarm
from asyncua.server.internal_subscription import InternalSubscription
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from sim.opcua.address_space import SpaceBuilder
from sim.opcua.answer import StatusCodes, code
from sim.opcua.caller import CALLER, may_operate
from sim.opcua.inner_server import InnerServer
from sim.opcua.node_attributes import standard_id
from twin.contract.clock import Clock

NAME = "Aborted"
"""Name of the condition of every equipment."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOWEST, _HIGHEST = 1, 1000
_SERVER = standard_id(ObjectIds.Server)
_ZONE = ua.TimeZoneDataType(ua.Int16(0), False)


@dataclass(frozen=True, slots=True)
class Text:
    """What is said, in the park's languages; a client gets the one it prefers, English if it says nothing.

    >>> Text("Máy dừng", "Machine stopped").of(("vi-VN", "en")).Text
    'Máy dừng'
    """

    vi: str
    en: str

    def of(self, locales: Iterable[str]) -> ua.LocalizedText:
        """The text for somebody who prefers ``locales``, best first."""
        for locale in locales:
            if (language := locale[:2].lower()) in ("vi", "en"):
                return ua.LocalizedText(self.vi if language == "vi" else self.en, language)
        return ua.LocalizedText(self.en, "en")


_ACTIVE = {True: Text("Đang xảy ra", "Active"), False: Text("Không xảy ra", "Inactive")}
_ACKED = {True: Text("Đã xác nhận", "Acknowledged"), False: Text("Chưa xác nhận", "Unacknowledged")}
_ENABLED = Text("Bật", "Enabled")
_NORMAL = Text("Bình thường", "Normal")


@dataclass(slots=True)
class Condition:
    """What is true of an equipment's condition now."""

    equipment: str
    node: ua.NodeId
    source: ua.NodeId
    notifiers: tuple[ua.NodeId, ...]
    active: bool = False
    acked: bool = True
    severity: int = _LOWEST
    message: Text = _NORMAL
    comment: ua.LocalizedText = field(default_factory=ua.LocalizedText)
    user: str = ""
    event_id: bytes = b""
    time: datetime = _EPOCH

    @property
    def retain(self) -> bool:
        """It is of interest: active, or not yet acknowledged."""
        return self.active or not self.acked

    def event(self, locales: Iterable[str]) -> Any:
        """As an event for somebody who prefers ``locales``."""
        chosen = tuple(locales)
        event: Any = OffNormalAlarm()  # type: ignore[no-untyped-call]
        text, flag, node = ua.VariantType.LocalizedText, ua.VariantType.Boolean, ua.VariantType.NodeId
        for name, value, kind in (
            ("EventId", self.event_id, ua.VariantType.ByteString),
            ("SourceNode", self.source, node),
            ("SourceName", self.equipment.rpartition("/")[2], ua.VariantType.String),
            ("Time", self.time, ua.VariantType.DateTime),
            ("ReceiveTime", self.time, ua.VariantType.DateTime),
            ("LocalTime", _ZONE, ua.VariantType.ExtensionObject),
            ("Message", self.message.of(chosen), text),
            ("Severity", self.severity, ua.VariantType.UInt16),
            ("ConditionClassId", standard_id(ObjectIds.ProcessConditionClassType), node),
            ("ConditionClassName", ua.LocalizedText("ProcessConditionClassType"), text),
            ("ConditionName", NAME, ua.VariantType.String),
            ("BranchId", ua.NodeId(), node),
            ("NodeId", self.node, node),  # the ConditionId
            ("Retain", self.retain, flag),
            ("EnabledState", _ENABLED.of(chosen), text),
            ("EnabledState/Id", True, flag),
            ("ActiveState", _ACTIVE[self.active].of(chosen), text),
            ("ActiveState/Id", self.active, flag),
            ("AckedState", _ACKED[self.acked].of(chosen), text),
            ("AckedState/Id", self.acked, flag),
            ("Quality", ua.StatusCode(), ua.VariantType.StatusCode),
            ("LastSeverity", self.severity, ua.VariantType.UInt16),
            ("Comment", self.comment, text),
            ("ClientUserId", self.user, ua.VariantType.String),
            ("SuppressedOrShelved", False, flag),
        ):
            event.add_property(name, value, kind)
        return event


class Conditions:
    """The conditions of one server.

    Args:
        server: whose clients are told.
        clock: of the events.
        anonymous_may: sessions without a user name may acknowledge.
        before: the conditions of the server before it was built anew; what was raised is still true.
    """

    def __init__(
        self, server: InnerServer, clock: Clock, *, anonymous_may: bool, before: Conditions | None = None
    ) -> None:
        self._server = server
        self._clock = clock
        self._anonymous_may = anonymous_may
        self._before = dict(before.all) if before is not None else {}
        self._of: dict[str, Condition] = {}
        self._at: dict[ua.NodeId, Condition] = {}
        self._nodes: tuple[ua.NodeId, ...] = (_SERVER,)

    def add(self, builder: SpaceBuilder, equipment: Iterable[str]) -> None:
        """Add a condition to each equipment that is in the address space, and the methods for all of them."""
        for one in equipment:
            source = builder.node_id(one)
            node = builder.node_id(f"{one}.{NAME}")
            kind = standard_id(ObjectIds.OffNormalAlarmType)
            builder.add_object(node, builder.name(NAME), source, ObjectIds.HasComponent, kind)
            builder.add_reference(source, ObjectIds.HasCondition, node)
            condition = Condition(one, node, source, builder.notifiers[one])
            self._show(builder, condition)
            if one in self._before:
                condition = replace(
                    self._before[one], node=node, source=source, notifiers=condition.notifiers
                )
            self._of[one] = self._at[node] = condition
        nodes = {node for condition in self._of.values() for node in condition.notifiers}
        self._nodes = tuple(dict.fromkeys((_SERVER, *sorted(nodes, key=str))))
        space = self._server.aspace
        for number, call in (
            (ObjectIds.ConditionType_ConditionRefresh, self.refresh),
            (ObjectIds.ConditionType_ConditionRefresh2, self.refresh),
            (ObjectIds.ConditionType_AddComment, self._add_comment),
            (ObjectIds.AcknowledgeableConditionType_Acknowledge, self._acknowledge),
        ):
            space.add_method_callback(standard_id(number), call)
        builder.notify(_SERVER)

    def _show(self, builder: SpaceBuilder, condition: Condition) -> None:
        """Add the variables of a condition that can be read."""
        for path, field_name, kind in (
            ("Retain", "Retain", ua.VariantType.Boolean),
            ("Severity", "Severity", ua.VariantType.UInt16),
            ("Message", "Message", ua.VariantType.LocalizedText),
            ("ActiveState", "ActiveState", ua.VariantType.LocalizedText),
            ("ActiveState.Id", "ActiveState/Id", ua.VariantType.Boolean),
            ("AckedState", "AckedState", ua.VariantType.LocalizedText),
            ("AckedState.Id", "AckedState/Id", ua.VariantType.Boolean),
        ):
            above, _, name = path.rpartition(".")
            parent = builder.node_id(f"{condition.equipment}.{NAME}{'.' + above if above else ''}")
            node = builder.node_id(f"{condition.equipment}.{NAME}.{path}")
            state = path.endswith("State")
            builder.add_value(
                node,
                builder.name(name, "http://opcfoundation.org/UA/"),
                parent,
                ua.Variant(ua.get_default_value(kind), kind),
                reference=ObjectIds.HasComponent if state else ObjectIds.HasProperty,
                kind=standard_id(ObjectIds.TwoStateVariableType if state else ObjectIds.PropertyType),
            )
            builder.space.set_attribute_value_callback(
                node, AttributeIds.Value, _Shown(condition.equipment, field_name, kind, self)
            )

    async def set(self, equipment: str, *, active: bool, severity: int, message: Text) -> None:
        """Raise or end the condition of an equipment and tell whoever subscribed.

        Raises:
            KeyError: the equipment has none.
        """
        condition = self._of[equipment]
        condition.active = active
        condition.severity = min(max(severity, _LOWEST), _HIGHEST)
        condition.message = message
        if active:
            condition.acked = False
        await self._tell(condition)

    @property
    def all(self) -> Mapping[str, Condition]:
        """The conditions by equipment id."""
        return self._of

    def condition(self, equipment: str) -> Condition:
        """What is true of an equipment's condition now."""
        return self._of[equipment]

    async def _tell(self, condition: Condition) -> None:
        condition.time = _EPOCH + timedelta(microseconds=self._clock() // 1000)
        condition.event_id = uuid.uuid4().bytes
        for subscription in tuple(self._server.subscription_service.subscriptions.values()):
            await self._send(subscription, condition)

    async def _send(
        self, subscription: InternalSubscription, condition: Condition, only: ua.NodeId | None = None
    ) -> None:
        event = condition.event(self._server.locales(subscription.session_id))
        for node in condition.notifiers:
            if only is None or node == only:
                event.emitting_node = node
                await subscription.monitored_item_srv.trigger_event(event)

    async def refresh(self, _: ua.NodeId, *arguments: ua.Variant) -> ua.StatusCode:
        """ConditionRefresh and ConditionRefresh2: tell a subscription or an item all that is retained."""
        if not arguments:
            return code(StatusCodes.BadArgumentsMissing)
        subscription = self._server.subscription_service.subscriptions.get(int(arguments[0].Value))
        if subscription is None:
            return code(StatusCodes.BadSubscriptionIdInvalid)
        only = None
        if len(arguments) > 1:
            find = getattr(subscription.monitored_item_srv, "monitored_node", None)
            only = find(int(arguments[1].Value)) if find else None
            if only is None:
                return code(StatusCodes.BadMonitoredItemIdInvalid)
        await self._mark(subscription, ObjectIds.RefreshStartEventType, only)
        for condition in self._of.values():
            if condition.retain:
                await self._send(subscription, condition, only)
        await self._mark(subscription, ObjectIds.RefreshEndEventType, only)
        return ua.StatusCode()

    async def _mark(self, subscription: InternalSubscription, kind: int, only: ua.NodeId | None) -> None:
        event: Any = BaseEvent(_SERVER, None, _LOWEST)  # type: ignore[no-untyped-call]
        event.EventType = standard_id(kind)
        event.EventId = uuid.uuid4().bytes
        event.SourceName = "Server"
        event.Time = event.ReceiveTime = _EPOCH + timedelta(microseconds=self._clock() // 1000)
        for node in self._nodes:
            if only is None or node == only:
                event.emitting_node = node
                await subscription.monitored_item_srv.trigger_event(event)

    async def _acknowledge(self, node: ua.NodeId, *arguments: ua.Variant) -> ua.StatusCode:
        found = self._find(node, arguments)
        if isinstance(found, ua.StatusCode):
            return found
        if found.acked:
            return code(StatusCodes.BadConditionBranchAlreadyAcked)
        found.acked = True
        return await self._commented(found, arguments[1])

    async def _add_comment(self, node: ua.NodeId, *arguments: ua.Variant) -> ua.StatusCode:
        found = self._find(node, arguments)
        if isinstance(found, ua.StatusCode):
            return found
        return await self._commented(found, arguments[1])

    async def _commented(self, condition: Condition, comment: ua.Variant) -> ua.StatusCode:
        if isinstance(comment.Value, ua.LocalizedText):
            condition.comment = comment.Value
        caller = CALLER.get()
        condition.user = (caller.name if caller else None) or "anonymous"
        await self._tell(condition)
        return ua.StatusCode()

    def _find(self, node: ua.NodeId, arguments: tuple[ua.Variant, ...]) -> Condition | ua.StatusCode:
        """The condition that is meant, or why it is not one."""
        if not may_operate(self._anonymous_may):
            return code(StatusCodes.BadUserAccessDenied)
        condition = self._at.get(node)
        if condition is None:
            return code(StatusCodes.BadNodeIdInvalid)
        if len(arguments) != 2:
            return code(StatusCodes.BadArgumentsMissing)
        if not condition.event_id or arguments[0].Value != condition.event_id:
            return code(StatusCodes.BadEventIdUnknown)
        return condition


@dataclass(frozen=True, slots=True)
class _Shown:
    """Reads one field of a condition."""

    equipment: str
    field_name: str
    kind: ua.VariantType
    conditions: Conditions

    def __call__(self, node: ua.NodeId, attribute: AttributeIds) -> ua.DataValue:
        condition = self.conditions.condition(self.equipment)
        value: Any = getattr(condition.event(()), self.field_name)
        return ua.DataValue(ua.Variant(value, self.kind), SourceTimestamp=cast(ua.DateTime, condition.time))
