"""A command on an OPC UA server: look at the node, write it or call the method, read back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC
from functools import partial
from typing import Any, Final

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes

from connectors.errors import NodeAddressError, SourceLostError, SourceRefusedError
from connectors.opcua.limits import NAMESPACE_ARRAY
from connectors.opcua.node_ids import parse_node_address, resolve
from connectors.opcua.security import Door, SecurityKit
from connectors.opcua.session import Session
from connectors.write_back.device import Act
from connectors.write_back.errors import AnswerLostError, CommandRefusedError
from connectors.write_back.opcua_values import from_variant, to_variant
from connectors.write_back.read_back import Seen, show
from twin.contract.command import Command
from twin.contract.command_texts import COMMAND_TEXTS
from twin.contract.messages import SourceConfig
from twin.contract.status import GOOD, Quality, quality

WRITABLE: Final = 0x02
"""CurrentWrite of AccessLevel and UserAccessLevel (OPC 10000-3 §8.57)."""
_HAS_PROPERTY = ua.NodeId(ua.Int32(ObjectIds.HasProperty))
_UNANSWERED: Final = frozenset(
    {
        StatusCodes.BadTimeout,
        StatusCodes.BadRequestTimeout,
        StatusCodes.BadUnexpectedError,
        StatusCodes.BadInternalError,
        StatusCodes.BadConnectionClosed,
        StatusCodes.BadSecureChannelClosed,
        StatusCodes.BadShutdown,
        StatusCodes.BadCommunicationError,
        StatusCodes.BadRequestInterrupted,
        StatusCodes.BadWaitingForResponse,
    }
)
"""Statuses with which a server may have done it all the same: they do not say that nothing was written."""


class WriteSession(Session):
    """A session that can also write and call."""

    async def write_value(self, node: ua.NodeId, value: ua.Variant) -> int:
        """Write one value; the status code of the answer."""
        request = ua.WriteRequest()
        # status and times are the server's to give: many refuse a write that brings its own (§5.10.4)
        data = ua.DataValue(value, StatusCode=None)
        request.Parameters.NodesToWrite = [
            ua.WriteValue(NodeId=node, AttributeId=AttributeIds.Value, Value=data)
        ]
        response = await self._service(request, ua.WriteResponse)
        return int(response.Results[0].value)

    async def call_method(self, on: ua.NodeId, method: ua.NodeId, arguments: list[ua.Variant]) -> int:
        """Call one method; the status code of the answer, of the argument where that is what is wrong."""
        request = ua.CallRequest()
        request.Parameters.MethodsToCall = [ua.CallMethodRequest(on, method, arguments)]
        response = await self._service(request, ua.CallResponse)
        result = response.Results[0]
        status = int(result.StatusCode.value)
        if status == StatusCodes.BadInvalidArgument:
            bad = [one.value for one in result.InputArgumentResults or () if one.value >> 30 != 0]
            return int(bad[0]) if bad else status
        return status


class OpcUaDevice:
    """A :class:`connectors.write_back.device.Device` with a session of its own beside the subscription's.

    Args:
        config: of the source.
        kit: certificates and passwords.
    """

    def __init__(self, config: SourceConfig, kit: SecurityKit) -> None:
        self._endpoint = config.endpoint
        self._session = WriteSession(
            config.endpoint, name=f"ParkTwin {config.source} commands", door=Door(config, kit)
        )
        self._namespaces: tuple[str, ...] = ()

    async def open(self) -> None:
        """See :class:`connectors.write_back.device.Device`."""
        await self._session.open()
        try:
            (told,) = await self._session.read([NAMESPACE_ARRAY])
        except BaseException:
            await self._session.close()
            raise
        self._namespaces = tuple((told.Value.Value if told.Value is not None else None) or ())

    async def close(self) -> None:
        """See :class:`connectors.write_back.device.Device`."""
        await self._session.close()

    async def prepare(self, command: Command) -> Act:
        """See :class:`connectors.write_back.device.Device`."""
        if command.target.action == "write":
            node, value = await self._check_variable(command)
            return partial(self._act, command, lambda: self._session.write_value(node, value))
        on, node, arguments = await self._check_method(command)
        return partial(self._act, command, lambda: self._session.call_method(on, node, arguments))

    async def _act(self, command: Command, service: Callable[[], Awaitable[int]]) -> None:
        try:
            status = await service()
        except SourceRefusedError as error:
            status = error.status
        except SourceLostError as error:
            raise AnswerLostError(str(error)) from error
        if quality(status) is Quality.GOOD:
            return
        if status in _UNANSWERED or quality(status) is Quality.UNCERTAIN:
            raise AnswerLostError(f"the server answered {_name(status)}")
        raise refused_by_device(status, command)

    def resolution(self, node: str) -> float:
        """See :class:`connectors.write_back.device.Device`."""
        self._node(node)
        return 0.0

    async def read(self, node: str) -> Seen:
        """See :class:`connectors.write_back.device.Device`."""
        (told,) = await self._session.read([self._node(node)])
        status = GOOD if told.StatusCode is None else int(told.StatusCode.value)
        stamp = told.SourceTimestamp or told.ServerTimestamp
        at = time_of(stamp)
        return Seen(from_variant(told.Value), status, at)

    async def _check_variable(self, command: Command) -> tuple[ua.NodeId, ua.Variant]:
        text = command.target.node
        node = self._node(text)
        if command.value is None:
            raise CommandRefusedError("bad_target", why="a write needs a value")
        node_class, access, user_access = await self._attributes(
            node, AttributeIds.NodeClass, AttributeIds.AccessLevel, AttributeIds.UserAccessLevel
        )
        self._refuse_missing(command, node_class)
        if _number(node_class) != ua.NodeClass.Variable:
            raise CommandRefusedError("not_a_variable", node=text)
        for level in (access, user_access):
            if _has(level) and not _number(level) & WRITABLE:
                raise CommandRefusedError("not_writable", node=text)
        value = to_variant(command.value, await self._kind(command, node))
        await self._check_eu_range(command, node)
        return node, value

    async def _check_method(self, command: Command) -> tuple[ua.NodeId, ua.NodeId, list[ua.Variant]]:
        text = command.target.node
        node, on = self._node(text), self._node(command.target.object)
        node_class, executable, user_executable = await self._attributes(
            node, AttributeIds.NodeClass, AttributeIds.Executable, AttributeIds.UserExecutable
        )
        (owner,) = await self._attributes(on, AttributeIds.NodeClass)
        self._refuse_missing(command, node_class)
        if _status(owner) != GOOD:
            raise refused_by_device(_status(owner), command, node=command.target.object)
        if _number(node_class) != ua.NodeClass.Method:
            raise CommandRefusedError("not_a_method", node=text)
        for allowed in (executable, user_executable):
            if _has(allowed) and not _number(allowed):
                raise CommandRefusedError("not_executable", node=text)
        arguments = await self._input_arguments(node)
        given = 0 if command.value is None else 1
        if arguments is not None and len(arguments) != given:
            raise CommandRefusedError("wrong_arguments", node=text, wanted=len(arguments), given=given)
        if command.value is None:
            return on, node, []
        kind = _builtin(arguments[0].DataType) if arguments else None
        kind = kind or _named(command.target.data_type)
        if kind is None:
            raise CommandRefusedError("wrong_type", value=show(command.value), data_type="of the method")
        _expect(command, kind)
        return on, node, [to_variant(command.value, kind)]

    async def _input_arguments(self, node: ua.NodeId) -> list[ua.Argument] | None:
        """What a method takes; None if the server says nothing that can be understood."""
        told = await self._property(node, "InputArguments")
        if told is None:
            return []  # OPC 10000-3 §5.7: a method without arguments has no such property
        return list(told.Value) if isinstance(told.Value, list) else None

    async def _kind(self, command: Command, node: ua.NodeId) -> ua.VariantType:
        """The built-in type that a variable takes: that of its value, else that of its data type."""
        value, data_type, rank = await self._attributes(
            node, AttributeIds.Value, AttributeIds.DataType, AttributeIds.ValueRank
        )
        if _number(rank) >= 0 or (value.Value is not None and value.Value.is_array):
            raise CommandRefusedError("other_type", found="an array", data_type="one value")
        kind = value.Value.VariantType if value.Value is not None else None
        if kind in (None, ua.VariantType.Null):
            kind = _builtin(data_type.Value.Value) if data_type.Value is not None else None
        if kind is None:
            raise CommandRefusedError("other_type", found="unknown", data_type=command.target.data_type)
        _expect(command, kind)
        return kind

    async def _check_eu_range(self, command: Command, node: ua.NodeId) -> None:
        value = command.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            return
        told = await self._property(node, "EURange")
        limits = None if told is None else told.Value
        if not isinstance(limits, ua.Range) or limits.Low >= limits.High:
            return
        if not limits.Low <= value <= limits.High:
            raise CommandRefusedError(
                "outside_device_range", value=show(value), low=f"{limits.Low:g}", high=f"{limits.High:g}"
            )

    async def _property(self, node: ua.NodeId, name: str) -> ua.Variant | None:
        """The value of a property of the standard's namespace, None if the node has none such."""
        description = ua.BrowseDescription()
        description.NodeId = node
        description.BrowseDirection = ua.BrowseDirection.Forward
        description.ReferenceTypeId = _HAS_PROPERTY
        description.IncludeSubtypes = True
        description.NodeClassMask = ua.UInt32(ua.NodeClass.Variable)
        description.ResultMask = ua.UInt32(ua.BrowseResultMask.BrowseName)
        (result,) = await self._session.browse([description], max_references=0)
        for reference in result.References or ():
            browse_name = reference.BrowseName
            if browse_name.NamespaceIndex == 0 and browse_name.Name == name:
                found = ua.NodeId(
                    reference.NodeId.Identifier, reference.NodeId.NamespaceIndex, reference.NodeId.NodeIdType
                )
                (told,) = await self._session.read([found])
                return told.Value if _status(told) == GOOD else None
        return None

    async def _attributes(self, node: ua.NodeId, *wanted: AttributeIds) -> list[ua.DataValue]:
        return await self._session.read_attributes(
            [ua.ReadValueId(NodeId=node, AttributeId=one) for one in wanted]
        )

    def _refuse_missing(self, command: Command, node_class: ua.DataValue) -> None:
        if _status(node_class) != GOOD:
            raise refused_by_device(_status(node_class), command)

    def _node(self, text: str) -> ua.NodeId:
        try:
            return resolve(parse_node_address(text), self._namespaces)
        except NodeAddressError as error:
            raise CommandRefusedError("bad_target", why=error) from error


def refused_by_device(status: int, command: Command, *, node: str = "") -> CommandRefusedError:
    """Say in a sentence why the device refuses."""
    name = _name(status)
    params = {"status": name, "node": node or command.target.node, "value": show(command.value)}
    return CommandRefusedError(name if name in COMMAND_TEXTS else "device_refused", status, **params)


def time_of(stamp: Any) -> int:
    """Nanoseconds since the epoch of a datetime of asyncua (UTC, without a zone); 0 if there is none."""
    if stamp is None:
        return 0
    return int(stamp.replace(tzinfo=stamp.tzinfo or UTC).timestamp() * 1e6) * 1000


def _expect(command: Command, kind: ua.VariantType) -> None:
    wanted = command.target.data_type
    if wanted and wanted != kind.name:
        raise CommandRefusedError("other_type", found=kind.name, data_type=wanted)


def _builtin(data_type: Any) -> ua.VariantType | None:
    if isinstance(data_type, ua.NodeId) and data_type.NamespaceIndex == 0:
        number = data_type.Identifier
        if isinstance(number, int) and 1 <= number <= 25:
            return ua.VariantType(number)
    return None


def _named(name: str) -> ua.VariantType | None:
    return ua.VariantType.__members__.get(name) if name else None


def _status(told: ua.DataValue) -> int:
    return GOOD if told.StatusCode is None else int(told.StatusCode.value)


def _has(told: ua.DataValue) -> bool:
    return _status(told) == GOOD and told.Value is not None and told.Value.Value is not None


def _number(told: ua.DataValue) -> int:
    return int(told.Value.Value) if _has(told) and told.Value is not None else -1


def _name(status: int) -> str:
    return str(ua.StatusCode(ua.UInt32(status)).name)
