"""Sessions of clients: who they are, what they may write, and how much they may ask at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from asyncua import ua
from asyncua.common.utils import ServiceError
from asyncua.server.internal_session import InternalSession
from asyncua.ua.attribute_ids import AttributeIds

from sim.opcua.answer import StatusCodes, code
from sim.opcua.caller import CALLER, Caller

if TYPE_CHECKING:
    from sim.opcua.inner_server import InnerServer

MOST_OPERATIONS = 10_000
"""Nodes a call may name where nothing is wrong; what OperationLimits says."""


@dataclass(slots=True)
class OperationLimit:
    """How many nodes a call may name.

    Args:
        most: more are refused with BadTooManyOperations.
        announced: what OperationLimits says; 0 says nothing of a limit.
    """

    most: int = MOST_OPERATIONS
    announced: int = MOST_OPERATIONS

    def check(self, operations: Sequence[object] | None) -> None:
        """Raise ServiceError if there are too many, or none."""
        if not operations:
            raise ServiceError(StatusCodes.BadNothingToDo)
        if len(operations) > self.most:
            raise ServiceError(StatusCodes.BadTooManyOperations)


class SimSession(InternalSession):
    """A client's session."""

    iserver: InnerServer
    caller = Caller(None)

    def activate_session(
        self, params: ua.ActivateSessionParameters, peer_certificate: bytes | None
    ) -> ua.ActivateSessionResult:
        """Let a user in."""
        result = super().activate_session(params, peer_certificate)
        self.caller = Caller(self.user.name, tuple(locale for locale in params.LocaleIds or () if locale))
        return result

    async def read(self, params: ua.ReadParameters) -> list[ua.DataValue]:
        """Answer a Read request."""
        self.iserver.limit.check(params.NodesToRead)
        return await super().read(params)

    async def history_read(self, params: ua.HistoryReadParameters) -> list[ua.HistoryReadResult]:
        """Answer a HistoryRead request."""
        self.iserver.limit.check(params.NodesToRead)
        return await super().history_read(params)

    async def browse(self, params: ua.BrowseParameters) -> list[ua.BrowseResult]:
        """Answer a Browse request."""
        self.iserver.limit.check(params.NodesToBrowse)
        return await super().browse(params)

    async def translate_browsepaths_to_nodeids(
        self, params: list[ua.BrowsePath]
    ) -> list[ua.BrowsePathResult]:
        """Answer a TranslateBrowsePathsToNodeIds request."""
        self.iserver.limit.check(params)
        return await super().translate_browsepaths_to_nodeids(params)

    async def create_monitored_items(
        self, params: ua.CreateMonitoredItemsParameters
    ) -> list[ua.MonitoredItemCreateResult]:
        """Answer a CreateMonitoredItems request."""
        self.iserver.limit.check(params.ItemsToCreate)
        return await super().create_monitored_items(params)

    async def delete_monitored_items(self, params: ua.DeleteMonitoredItemsParameters) -> list[ua.StatusCode]:
        """Answer a DeleteMonitoredItems request."""
        self.iserver.limit.check(params.MonitoredItemIds)
        return await super().delete_monitored_items(params)

    async def modify_monitored_items(
        self, params: ua.ModifyMonitoredItemsParameters
    ) -> list[ua.MonitoredItemModifyResult]:
        """Answer a ModifyMonitoredItems request."""
        self.iserver.limit.check(params.ItemsToModify)
        return await super().modify_monitored_items(params)

    async def call(self, params: list[ua.CallMethodRequest]) -> list[ua.CallMethodResult]:
        """Answer a Call request, with the caller known to the methods."""
        self.iserver.limit.check(params)
        token = CALLER.set(self.caller)
        try:
            return await super().call(params)
        finally:
            CALLER.reset(token)

    async def write(self, params: ua.WriteParameters) -> list[ua.StatusCode]:
        """Answer a Write request: set points only, nothing else of a server can be written."""
        self.iserver.limit.check(params.NodesToWrite)
        token = CALLER.set(self.caller)
        try:
            return [await self._write(one) for one in params.NodesToWrite]
        finally:
            CALLER.reset(token)

    async def _write(self, what: ua.WriteValue) -> ua.StatusCode:
        node = what.NodeId
        if self.aspace.get(node) is None:
            return code(StatusCodes.BadNodeIdUnknown)
        found = self.iserver.operation.setpoints.get(node)
        if found is None or what.AttributeId != AttributeIds.Value:
            return code(StatusCodes.BadNotWritable)
        value: Any = what.Value
        if what.IndexRange:
            return code(StatusCodes.BadIndexRangeInvalid)
        equipment, setpoint = found
        status = self.iserver.operation.set(equipment, setpoint, value.Value)
        if status.is_good():
            await self.iserver.show_setpoint(node, float(value.Value.Value))
        return status
