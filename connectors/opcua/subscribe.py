"""Monitored items: asked for in batches, and every one accounted for: requested = monitored + failed by
name."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes

from connectors.errors import NodeAddressError, SourceRefusedError
from connectors.items import Items, failed_item
from connectors.opcua.node_ids import NodeAddress, parse_node_address, resolve
from connectors.opcua.session import Session
from connectors.opcua.times import ticks_to_ns
from twin.contract.messages import SourceConfig, SourceItem
from twin.contract.status import BAD_NODE_ID_UNKNOWN

BAD_NODE_ID_INVALID: Final = 0x80330000

KEEP_ALIVE_MS: Final = 1_000
"""A server with nothing to say says so at least this often, so that silence is noticed."""
LIFETIME_MS: Final = 120_000
"""A server keeps the subscription of a client that has gone this long, for it to come back to."""
BATCH: Final = 1_000
QUEUE_RESERVE_MS: Final = 5_000
"""A server's queue holds one publishing interval and this much more, for a connection that has to be
mended."""
MIN_QUEUE: Final = 100
"""Some servers (asyncua is one) report every write, whatever sampling interval was asked for."""
MAX_QUEUE: Final = 1_000
MAX_NOTIFICATIONS: Final = 10_000

NAMESPACE_ARRAY = ua.NodeId(ua.Int32(ObjectIds.Server_NamespaceArray))
MAX_ITEMS_PER_CALL = ua.NodeId(
    ua.Int32(ObjectIds.Server_ServerCapabilities_OperationLimits_MaxMonitoredItemsPerCall)
)
MAX_NODES_PER_READ = ua.NodeId(ua.Int32(ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead))

_TOO_MUCH = {
    StatusCodes.BadTooManyOperations,
    StatusCodes.BadRequestTooLarge,
    StatusCodes.BadResponseTooLarge,
    StatusCodes.BadEncodingLimitsExceeded,
    StatusCodes.BadTcpMessageTooLarge,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """One item: its client handle is its place in the tag set, so that a handle needs no looking up."""

    handle: int
    item: SourceItem
    address: NodeAddress


@dataclass(frozen=True, slots=True)
class Limits:
    """What the server says of itself: namespaces by index, and how much a call may ask for."""

    namespaces: tuple[str, ...]
    items_per_call: int
    nodes_per_read: int


def parse_items(config: SourceConfig, items: Items) -> list[Wanted]:
    """Read the node addresses; what is none fails by name, the others go on."""
    wanted = []
    for handle, item in enumerate(config.items):
        try:
            wanted.append(Wanted(handle, item, parse_node_address(item.node)))
        except NodeAddressError as error:
            items.failed[handle] = failed_item(item, BAD_NODE_ID_INVALID, str(error))
    return wanted


async def read_limits(session: Session) -> Limits:
    """Ask the server for its namespaces and limits.

    Raises:
        SourceLostError: no answer.
    """
    namespaces, items, nodes = await session.read([NAMESPACE_ARRAY, MAX_ITEMS_PER_CALL, MAX_NODES_PER_READ])
    uris = namespaces.Value.Value if namespaces.Value is not None else None
    return Limits(tuple(uris or ()), _limit(items), _limit(nodes))


def _limit(told: ua.DataValue) -> int:
    """Read a limit; 0, nothing or nonsense means that the server has none."""
    limit = told.Value.Value if told.Value is not None else None
    return min(limit, BATCH) if isinstance(limit, int) and limit > 0 else BATCH


async def create_subscription(session: Session, config: SourceConfig) -> ua.CreateSubscriptionResult:
    """Create the subscription; the result holds the intervals as the server revised them.

    Raises:
        SourceLostError: refused, or no answer.
    """
    interval = max(config.publishing_interval_ms, 1.0)
    keep_alive = max(1, round(KEEP_ALIVE_MS / interval))
    parameters = ua.CreateSubscriptionParameters()
    parameters.RequestedPublishingInterval = interval
    parameters.RequestedMaxKeepAliveCount = keep_alive
    parameters.RequestedLifetimeCount = max(3 * keep_alive, math.ceil(LIFETIME_MS / interval))
    parameters.MaxNotificationsPerPublish = MAX_NOTIFICATIONS
    parameters.PublishingEnabled = True
    return await session.create_subscription(parameters)


def silence_s(created: ua.CreateSubscriptionResult) -> float:
    """Return how long a healthy server can be silent [s]: two keep-alives, two intervals, and a second."""
    interval = float(created.RevisedPublishingInterval) / 1000
    return 2 * interval * max(int(created.RevisedMaxKeepAliveCount), 1) + 2 * interval + 1.0


def queue_size(config: SourceConfig) -> int:
    """Return how many values of an item the server is to keep until it can publish them.

    >>> queue_size(SourceConfig(source="s", protocol="opcua", endpoint="", publishing_interval_ms=500,
    ...                         sampling_interval_ms=10))
    552
    """
    sampling = config.sampling_interval_ms
    if sampling <= 0:
        return MAX_QUEUE
    samples = math.ceil((config.publishing_interval_ms + QUEUE_RESERVE_MS) / sampling)
    return min(max(samples + 2, MIN_QUEUE), MAX_QUEUE)


async def create_items(
    session: Session,
    subscription_id: int,
    config: SourceConfig,
    limits: Limits,
    wanted: Sequence[Wanted],
    items: Items,
) -> int | None:
    """Create monitored items for ``wanted`` and account for each in ``items``.

    Returns:
        the server's time when the last was created, ns; None if it did not say or there was nothing to
        create.

    Raises:
        SourceLostError: no answer. A single item that is refused raises nothing.
    """
    found: list[tuple[Wanted, ua.NodeId]] = []
    for entry in wanted:
        try:
            found.append((entry, resolve(entry.address, limits.namespaces)))
        except NodeAddressError as error:
            items.failed[entry.handle] = failed_item(entry.item, BAD_NODE_ID_UNKNOWN, str(error))
    created_ns = None
    size = limits.items_per_call
    position = 0
    while position < len(found):
        batch = found[position : position + size]
        try:
            response = await _create(session, subscription_id, config, batch)
        except SourceRefusedError as error:
            if error.status not in _TOO_MUCH or size == 1:
                raise
            size = max(1, len(batch) // 2)
            continue
        position += len(batch)
        created_ns = ticks_to_ns(ua.datetime_to_win_epoch(response.ResponseHeader.Timestamp)) or created_ns
        for (entry, _), result in zip(batch, response.Results, strict=False):
            account(entry, result.StatusCode.value, items)
    return created_ns


async def _create(
    session: Session, subscription_id: int, config: SourceConfig, batch: Sequence[tuple[Wanted, ua.NodeId]]
) -> ua.CreateMonitoredItemsResponse:
    parameters = ua.CreateMonitoredItemsParameters()
    parameters.SubscriptionId = subscription_id
    parameters.TimestampsToReturn = ua.TimestampsToReturn.Both
    size = queue_size(config)
    for entry, node in batch:
        request = ua.MonitoredItemCreateRequest()
        request.ItemToMonitor.NodeId = node
        request.ItemToMonitor.AttributeId = AttributeIds.Value
        request.MonitoringMode = ua.MonitoringMode.Reporting
        request.RequestedParameters.ClientHandle = entry.handle
        request.RequestedParameters.SamplingInterval = config.sampling_interval_ms
        request.RequestedParameters.QueueSize = size
        request.RequestedParameters.DiscardOldest = True
        parameters.ItemsToCreate.append(request)
    return await session.create_monitored_items(parameters)


def account(entry: Wanted, status: int, items: Items) -> None:
    """Book what the server answered for one item."""
    if status >> 30 == 0:
        items.monitored.add(entry.handle)
        items.failed.pop(entry.handle, None)
        return
    name = ua.StatusCode(ua.UInt32(status)).name
    items.failed[entry.handle] = failed_item(
        entry.item,
        status,
        f"{entry.item.node}: the server answers {name}; correct the node in the park file or add it to the "
        "server; asked again by itself",
    )
