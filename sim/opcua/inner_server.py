"""What all sessions of one server share: asyncua's internal server with sessions of ours."""

from __future__ import annotations

from weakref import WeakValueDictionary

from asyncua import ua
from asyncua.crypto.permission_rules import User, UserRole
from asyncua.server.user_managers import UserManager
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from sim.opcua.operation import Operation
from sim.opcua.session import OperationLimit, SimSession
from sim.opcua.standard_space import SharedSpaceServer

_LIMITS = (
    ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead,
    ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerHistoryReadData,
    ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerWrite,
    ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerMethodCall,
    ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerBrowse,
    ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerTranslateBrowsePathsToNodeIds,
    ObjectIds.Server_ServerCapabilities_OperationLimits_MaxMonitoredItemsPerCall,
)


class InnerServer(SharedSpaceServer):
    """asyncua's internal server, whose sessions are ours.

    Args:
        operation: what clients may do.
        users: who may come in; None lets everybody in.
        limit: how many nodes a call may name.
    """

    def __init__(self, operation: Operation, users: UserManager | None, limit: OperationLimit) -> None:
        self.limit = limit
        self._sessions: WeakValueDictionary[ua.NodeId, SimSession] = WeakValueDictionary()
        self.operation = operation
        super().__init__(user_manager=users)

    def create_session(self, name: str, user: User | None = None, external: bool = False) -> SimSession:
        """Make a session for a client (asyncua calls this)."""
        user = user or User(role=UserRole.Anonymous)
        session = SimSession(self, self.aspace, self.subscription_service, name, user=user, external=external)
        self._sessions[session.session_id] = session
        return session

    def locales(self, session_id: ua.NodeId) -> tuple[str, ...]:
        """What the client of a session prefers to read."""
        session = self._sessions.get(session_id)
        return session.caller.locales if session is not None else ()

    async def close_sessions(self) -> None:
        """End every client's session: asyncua lets those with subscriptions outlive their connection."""
        for session in tuple(self._sessions.values()):
            await session.close_session(True)

    async def announce_limit(self) -> None:
        """Say in OperationLimits how many nodes a call may name."""
        value = ua.DataValue(ua.Variant(self.limit.announced, ua.VariantType.UInt32))
        for limit in _LIMITS:
            await self.aspace.write_attribute_value(ua.NodeId(ua.Int32(limit)), AttributeIds.Value, value)

    async def show_setpoint(self, node: ua.NodeId, value: float) -> None:
        """Show what a set point is, where no signal shows it."""
        held = self.aspace[node].attributes[AttributeIds.Value]
        if held.value_callback is None:
            shown = ua.DataValue(ua.Variant(value, ua.VariantType.Double))
            await self.aspace.write_attribute_value(node, AttributeIds.Value, shown)
