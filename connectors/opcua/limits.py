"""What a server says of itself, and how much it is asked at once: its own word first, then what it takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from asyncua import ua
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes

from connectors.opcua.session import Session

BATCH: Final = 1_000
"""No more items or nodes a call than this, whatever the server would take."""
ITEMS_A_SUBSCRIPTION: Final = 5_000
"""So many items share one subscription, and its fate."""
GROW_AFTER: Final = 8
"""After so many calls in a row that went well, a size that had been halved is doubled again."""

TOO_MUCH: Final = frozenset(
    {
        StatusCodes.BadTooManyOperations,
        StatusCodes.BadTooManyMonitoredItems,
        StatusCodes.BadRequestTooLarge,
        StatusCodes.BadResponseTooLarge,
        StatusCodes.BadEncodingLimitsExceeded,
        StatusCodes.BadTcpMessageTooLarge,
    }
)
"""Answers to a call that may be none to half of it."""

COMPARES_WITH_LAST_WRITE: Final = ("urn:freeopcua", "urn:parktwin:sim")
"""Servers (by the beginning of their product URI) whose deadband is not that of OPC 10000-4 §7.22.2: asyncua
2.1, and our simulator with it, compares with the last value written, not the last reported, so that a slow
drift is never told, and holds a change of status back. They are not asked; the connector does it."""

NAMESPACE_ARRAY = ua.NodeId(ua.Int32(ObjectIds.Server_NamespaceArray))
PRODUCT_URI = ua.NodeId(ua.Int32(ObjectIds.Server_ServerStatus_BuildInfo_ProductUri))
_LIMITS = tuple(
    ua.NodeId(ua.Int32(number))
    for number in (
        ObjectIds.Server_ServerCapabilities_OperationLimits_MaxMonitoredItemsPerCall,
        ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead,
        ObjectIds.Server_ServerCapabilities_MaxMonitoredItemsPerSubscription,
    )
)


class BatchSize:
    """How much to ask for in one call.

    Args:
        most: what the server says it takes.

    >>> size = BatchSize(1_000)
    >>> size.refused(1_000)
    >>> size.now
    500
    >>> for _ in range(GROW_AFTER):
    ...     size.done()
    >>> size.now
    1000
    """

    def __init__(self, most: int) -> None:
        self.now = most
        self._most = most
        self._good = 0

    def refused(self, asked: int) -> None:
        """Ask for half of what was too much."""
        self.now = max(1, asked // 2)
        self._good = 0

    def start_anew(self) -> None:
        """Ask for as much as the server says again: it was not the size of the call that was refused."""
        self.now = self._most
        self._good = 0

    def done(self) -> None:
        """Note a call that went well."""
        self._good += 1
        if self._good >= GROW_AFTER and self.now < self._most:
            self.now = min(2 * self.now, self._most)
            self._good = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """What one server takes.

    Args:
        namespaces: URIs by index.
        items: monitored items a call.
        nodes: nodes a read.
        items_a_subscription: at most.
        deadbands: whether its deadbands are those of the standard.
    """

    namespaces: tuple[str, ...]
    items: BatchSize = field(default_factory=lambda: BatchSize(BATCH))
    nodes: BatchSize = field(default_factory=lambda: BatchSize(BATCH))
    items_a_subscription: int = ITEMS_A_SUBSCRIPTION
    deadbands: bool = True


async def read_limits(session: Session) -> Limits:
    """Ask the server for its namespaces and limits.

    Raises:
        SourceLostError: no answer.
    """
    namespaces, product, items, nodes, a_subscription = await session.read(
        [NAMESPACE_ARRAY, PRODUCT_URI, *_LIMITS]
    )
    uris = namespaces.Value.Value if namespaces.Value is not None else None
    uri = product.Value.Value if product.Value is not None else None
    return Limits(
        tuple(uris or ()),
        BatchSize(_limit(items, BATCH)),
        BatchSize(_limit(nodes, BATCH)),
        _limit(a_subscription, ITEMS_A_SUBSCRIPTION),
        not str(uri or "").startswith(COMPARES_WITH_LAST_WRITE),
    )


def _limit(told: ua.DataValue, most: int) -> int:
    """Read a limit; 0, nothing or nonsense means that the server has none."""
    limit = told.Value.Value if told.Value is not None else None
    return min(limit, most) if isinstance(limit, int) and limit > 0 else most
