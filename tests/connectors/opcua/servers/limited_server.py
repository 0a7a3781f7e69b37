"""An asyncua server in the test's own loop, with the limits and moods of others: real client, real socket.

Its services are asyncua's; what is put before them refuses, dawdles or forgets as the test says.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from asyncua import ua
from asyncua.common.utils import ServiceError
from asyncua.server.internal_subscription import InternalSubscription
from asyncua.server.server import Server
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes

from tests.connectors.opcua.servers.process import NAMESPACE
from tests.support.ports import free_port

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Moods:
    """What the server does not take; 0 = all of it.

    Args:
        items_a_call: more are BadTooManyOperations.
        items_a_subscription: more are BadTooManyMonitoredItems, each.
        calls_whole: more are BadTooManyMonitoredItems as a call, and nothing of it is carried out.
        subscriptions: more are BadTooManySubscriptions.
        slow_beyond: a call of more items is carried out and answered ``slow_s`` later.
        filters: what a deadband gets: "take" as asyncua does, "ignore", or a status code.
    """

    items_a_call: int = 0
    items_a_subscription: int = 0
    calls_whole: bool = False
    subscriptions: int = 0
    slow_beyond: int = 0
    slow_s: float = 0.0
    filters: str | int = "take"


class LimitedServer:
    """A server with variables of numbers.

    Args:
        names: of the variables, all Doubles.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.moods = Moods()
        self.port = free_port()
        self.calls: list[int] = []
        """Items of each call that was carried out."""
        self.asked: dict[str, ua.MonitoringParameters] = {}
        """How each node was asked for last."""
        self._names = list(names)
        self._nodes: dict[str, Any] = {}
        self._server = Server()

    @property
    def endpoint(self) -> str:
        """Where clients find it."""
        return f"opc.tcp://127.0.0.1:{self.port}/"

    @property
    def subscriptions(self) -> dict[int, InternalSubscription]:
        """Those there are, by number."""
        subscriptions: dict[int, InternalSubscription] = self._service.subscriptions
        return subscriptions

    async def start(self) -> None:
        """Begin to serve."""
        await self._server.init()
        self._server.set_endpoint(self.endpoint)
        self._server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        index = await self._server.register_namespace(NAMESPACE)
        for name in self._names:
            self._nodes[name] = await self._server.nodes.objects.add_variable(
                ua.NodeId(name, index),  # type: ignore[arg-type]
                f"{index}:{name}",
                ua.Variant(0.0, ua.VariantType.Double),
            )
        self._service = self._server.iserver.subscription_service
        self._create = self._service.create_monitored_items
        self._subscribe = self._service.create_subscription
        setattr(self._service, "create_monitored_items", self._create_items)  # noqa: B010
        setattr(self._service, "create_subscription", self._create_subscription)  # noqa: B010
        await self._server.start()

    async def stop(self) -> None:
        """Stop serving."""
        await self._server.stop()

    async def begin(self, *, product_uri: str = "urn:test:plc", **moods: Any) -> None:
        """Be as new, with these moods, and say that one is such a product."""
        await self._service.delete_subscriptions(list(self.subscriptions))
        for name in self._names:
            await self.write(name, 0.0)
        self.calls.clear()
        self.asked.clear()
        self.moods = Moods(**moods)
        node = self._server.get_node(ua.NodeId(ua.Int32(ObjectIds.Server_ServerStatus_BuildInfo_ProductUri)))
        await node.write_value(product_uri)

    async def write(self, name: str, value: float, status: int = 0) -> int:
        """Write a value; return its source time, ns."""
        time_us = time.time_ns() // 1000
        stamp: Any = EPOCH + timedelta(microseconds=time_us)
        data = ua.DataValue(
            ua.Variant(value, ua.VariantType.Double), ua.StatusCode(ua.UInt32(status)), stamp, stamp
        )
        await self._nodes[name].write_value(data)
        return time_us * 1000

    async def mute(self, number: int) -> None:
        """Let a subscription be there and say nothing any more."""
        await self.subscriptions[number].stop()

    async def forget(self, number: int) -> None:
        """Let a subscription be gone, without a word."""
        await self.subscriptions.pop(number).stop()

    async def give_up(self, number: int) -> None:
        """Let a subscription end with the word that ends it."""
        await self.subscriptions[number].enqueue_statuschange(
            ua.StatusCode(ua.UInt32(StatusCodes.BadTimeout))
        )

    async def _create_subscription(self, *args: Any, **options: Any) -> Any:
        if self.moods.subscriptions and len(self.subscriptions) >= self.moods.subscriptions:
            raise ServiceError(StatusCodes.BadTooManySubscriptions)
        return await self._subscribe(*args, **options)

    async def _create_items(self, params: ua.CreateMonitoredItemsParameters) -> list[Any]:
        moods, wanted = self.moods, params.ItemsToCreate
        if moods.items_a_call and len(wanted) > moods.items_a_call:
            raise ServiceError(StatusCodes.BadTooManyOperations)
        there = len(self.subscriptions[params.SubscriptionId].monitored_item_srv._monitored_items)  # noqa: SLF001
        if moods.calls_whole and there + len(wanted) > moods.items_a_subscription:
            raise ServiceError(StatusCodes.BadTooManyMonitoredItems)
        self.calls.append(len(wanted))
        results = [await self._create_item(params, item) for item in wanted]
        if moods.slow_beyond and len(wanted) > moods.slow_beyond:
            await asyncio.sleep(moods.slow_s)
        return results

    async def _create_item(
        self, params: ua.CreateMonitoredItemsParameters, item: ua.MonitoredItemCreateRequest
    ) -> Any:
        subscription = self.subscriptions[params.SubscriptionId]
        there = len(subscription.monitored_item_srv._monitored_items)  # noqa: SLF001
        if self.moods.items_a_subscription and there >= self.moods.items_a_subscription:
            return refusal(StatusCodes.BadTooManyMonitoredItems)
        self.asked[str(item.ItemToMonitor.NodeId.Identifier)] = item.RequestedParameters
        if isinstance(item.RequestedParameters.Filter, ua.DataChangeFilter):
            if isinstance(self.moods.filters, int):
                return refusal(self.moods.filters)
            if self.moods.filters == "ignore":
                item.RequestedParameters.Filter = None
        alone = ua.CreateMonitoredItemsParameters(
            SubscriptionId=params.SubscriptionId,
            TimestampsToReturn=params.TimestampsToReturn,
            ItemsToCreate=[item],
        )
        (result,) = await self._create(alone)
        return result


def refusal(status: int) -> ua.MonitoredItemCreateResult:
    """The answer to an item that is not to be had."""
    return ua.MonitoredItemCreateResult(StatusCode=ua.StatusCode(ua.UInt32(status)))
