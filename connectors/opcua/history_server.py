"""What is to be known of a server before its history is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from connectors.errors import NodeAddressError
from connectors.opcua.history_span import MAX_NODES, HistoryReader, Pace
from connectors.opcua.limits import Limits
from connectors.opcua.node_ids import resolve
from connectors.opcua.session import Session
from connectors.opcua.subscribe import Wanted
from connectors.opcua.times import ticks_to_ns
from twin.contract.clock import Clock

START_TIME = ua.NodeId(ua.Int32(ObjectIds.Server_ServerStatus_StartTime))
MAX_NODES_PER_HISTORY_READ = ua.NodeId(
    ua.Int32(ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerHistoryReadData)
)
_ATTRIBUTES = (AttributeIds.AccessLevel, AttributeIds.UserAccessLevel, AttributeIds.Historizing)
_HISTORY_READ = ua.AccessLevel.HistoryRead.mask


@dataclass(slots=True, eq=False)
class HistoryServer:
    """What is known of the server while a session lasts.

    Args:
        reader: asks it.
        nodes: by handle.
        started: when it started, ns; None if it does not say.
        nodes_per_call: may be asked for at once.
        waited: since when each gap waits to be filled, by its id, by the loop's clock [s].
    """

    reader: HistoryReader
    nodes: dict[int, ua.NodeId]
    started: int | None
    nodes_per_call: int
    waited: dict[str, float] = field(default_factory=dict)


async def meet(
    session: Session,
    limits: Limits,
    wanted: Sequence[Wanted],
    known: dict[int, bool],
    pace: Pace,
    clock: Clock,
) -> HistoryServer:
    """Ask the server when it started, how much it may be asked for, and which tags have a history.

    Args:
        session: with it.
        limits: what it says of itself.
        wanted: the items.
        known: by handle, whether it has a history; added to here.
        pace, clock: of the reader.

    Raises:
        SourceLostError: no answer.
    """
    start, most = await session.read([START_TIME, MAX_NODES_PER_HISTORY_READ])
    limit = most.Value.Value if most.Value is not None else None
    nodes_per_call = min(limit, MAX_NODES) if isinstance(limit, int) and limit > 0 else MAX_NODES
    nodes: dict[int, ua.NodeId] = {}
    for entry in wanted:
        try:
            nodes[entry.handle] = resolve(entry.address, limits.namespaces)
        except NodeAddressError:
            continue
    unknown = [handle for handle in nodes if handle not in known]
    size = max(1, limits.nodes.now // len(_ATTRIBUTES))
    for begin in range(0, len(unknown), size):
        handles = unknown[begin : begin + size]
        asked = [
            ua.ReadValueId(NodeId=nodes[handle], AttributeId=attribute)
            for handle in handles
            for attribute in _ATTRIBUTES
        ]
        read = await session.read_attributes(asked)
        for order, handle in enumerate(handles):
            known[handle] = has_history(read[3 * order : 3 * order + 3])
    return HistoryServer(HistoryReader(session, clock, pace), nodes, time_of(start), nodes_per_call)


def has_history(read: Sequence[ua.DataValue]) -> bool:
    """Tell from AccessLevel, UserAccessLevel and Historizing whether a history is kept and may be read."""
    access, user, historizing = (value.Value.Value if value.Value is not None else None for value in read)
    may_all = isinstance(access, int) and bool(access & _HISTORY_READ)
    may_user = user is None or (isinstance(user, int) and bool(user & _HISTORY_READ))
    return may_all and may_user and historizing is True


def time_of(value: ua.DataValue) -> int | None:
    """Read a DateTime, ns; None if there is none."""
    moment = value.Value.Value if value.Value is not None else None
    return None if moment is None else ticks_to_ns(ua.datetime_to_win_epoch(moment))
