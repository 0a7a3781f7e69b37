"""What is asked of a server: subscriptions with their intervals, items by address, and how each is booked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from asyncua import ua

from connectors.errors import NodeAddressError
from connectors.items import Items, failed_item
from connectors.opcua.node_ids import NodeAddress, parse_node_address, resolve
from connectors.opcua.session import Session
from connectors.opcua.subscription import Subscription
from twin.contract.messages import SourceConfig, SourceItem
from twin.contract.status import BAD_NODE_ID_INVALID, BAD_NODE_ID_UNKNOWN

KEEP_ALIVE_MS: Final = 1_000
"""A server with nothing to say says so at least this often, so that silence is noticed."""
LIFETIME_MS: Final = 120_000
"""A server keeps the subscription of a client that has gone this long, for it to come back to."""
MAX_NOTIFICATIONS: Final = 10_000

CORRECT_NODE: Final = "correct the node in the park file or add it to the server"
MAKE_ROOM: Final = (
    "it takes no more: raise its limits, or spread the source over more connections ('connections' in the "
    "park file)"
)
LOST_PLACE: Final = "its subscription is lost, and there is no other for it now"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One item: its client handle is its place in the tag set, so that a handle needs no looking up."""

    handle: int
    item: SourceItem
    address: NodeAddress


@dataclass(frozen=True, slots=True)
class Found:
    """A wanted item whose node has a namespace on this server.

    Args:
        wanted: the item.
        node: as this server, now, calls it.
        filtered: whether the server is told the deadband.
    """

    wanted: Wanted
    node: ua.NodeId
    filtered: bool


def parse_items(config: SourceConfig, items: Items) -> list[Wanted]:
    """Read the node addresses; what is none fails by name, the others go on."""
    wanted = []
    for handle, item in enumerate(config.items):
        try:
            wanted.append(Wanted(handle, item, parse_node_address(item.node)))
        except NodeAddressError as error:
            items.failed[handle] = failed_item(item, BAD_NODE_ID_INVALID, str(error))
    return wanted


def find_nodes(
    wanted: Sequence[Wanted], namespaces: tuple[str, ...], items: Items, *, deadbands: bool
) -> list[Found]:
    """Find each item's node; one whose namespace the server does not have fails by name.

    Args:
        wanted: the items.
        namespaces: of the server, by index.
        items: the account.
        deadbands: whether the server may be told any.
    """
    found = []
    for entry in wanted:
        try:
            node = resolve(entry.address, namespaces)
        except NodeAddressError as error:
            items.monitored.discard(entry.handle)
            items.failed[entry.handle] = failed_item(entry.item, BAD_NODE_ID_UNKNOWN, str(error))
        else:
            found.append(Found(entry, node, deadbands and entry.item.deadband > 0))
    return found


async def create_subscription(session: Session, config: SourceConfig) -> Subscription:
    """Create a subscription; it goes by the intervals as the server revised them.

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
    created = await session.create_subscription(parameters)
    interval_s = float(created.RevisedPublishingInterval) / 1000
    return Subscription(
        session,
        int(created.SubscriptionId),
        interval_s=interval_s,
        keep_alive_s=interval_s * max(int(created.RevisedMaxKeepAliveCount), 1),
    )


def book_monitored(handle: int, items: Items) -> None:
    """Book an item that the server reports."""
    items.monitored.add(handle)
    items.failed.pop(handle, None)


def book_failed(entry: Wanted, status: int, items: Items, step: str = CORRECT_NODE) -> None:
    """Book an item that the server does not report, with what to do about it."""
    name = ua.StatusCode(ua.UInt32(status)).name
    reason = f"{entry.item.node}: the server answers {name}; {step}; asked again by itself"
    items.monitored.discard(entry.handle)
    items.failed[entry.handle] = failed_item(entry.item, status, reason)
