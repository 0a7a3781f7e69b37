"""asyncua subscriptions fed by columns: monitored items of our variables cost a share of an array operation,
not an object each.

Only monitored items that want nothing special go this way: attribute Value, no deadband, a publishing
interval. All others take asyncua's own way, and are told value by value. Private parts of asyncua 2.1 used
here are held still by ``tests/sim/opcua/test_column_subscription.py`` and by the pin on the minor version.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable
from copy import copy
from dataclasses import replace
from typing import Any

import numpy as np
from asyncua import ua
from asyncua.server.internal_server import InternalServer
from asyncua.server.internal_subscription import InternalSubscription
from asyncua.server.subscription_service import SubscriptionService
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.ua_binary import struct_to_binary

from sim.opcua.batch import Batch, Rows
from sim.opcua.column_items import ColumnItems
from sim.opcua.notification import encode_items
from sim.opcua.value_columns import ValueColumns

_NOTIFICATION_TYPE = ua.FourByteNodeId(ua.Int32(ObjectIds.DataChangeNotification_Encoding_DefaultBinary))
_NO_DIAGNOSTICS = struct.pack("<i", -1)
_OVERFLOW = np.uint32(0x00000480)
"""InfoType DataValue and Overflow (OPC 10000-4 §7.39.1): set on the oldest value left of a queue
that ran over."""
_NOTHING = np.uint32(0)


class ColumnSubscriptionService(SubscriptionService):
    """Makes subscriptions that are fed by columns.

    Args:
        server: whose service it is to be.
        columns: the server's variables.
    """

    def __init__(self, server: InternalServer, columns: ValueColumns) -> None:
        super().__init__(server.aspace, server)
        self._server = server
        self._columns = columns

    async def create_subscription(
        self,
        params: ua.CreateSubscriptionParameters,
        callback: Callable[..., Any],
        session_id: ua.NodeId,
        request_callback: Callable[..., Any] | None = None,
    ) -> ua.CreateSubscriptionResult:
        """Create a subscription; one without a publishing interval stays asyncua's own."""
        result = await super().create_subscription(params, callback, session_id, request_callback)
        if result.RevisedPublishingInterval > 0:
            plain = self.subscriptions[result.SubscriptionId]
            await plain.stop()
            fed = ColumnSubscription(
                result,
                self.aspace,
                callback,
                session_id,
                request_callback,
                plain.delete_callback,
                self._server.max_unacked_messages_per_subscription,
                plain.max_queue_size,
                params.PublishingEnabled,
                columns=self._columns,
            )
            self.subscriptions[result.SubscriptionId] = fed
            await fed.start()
        return result


class ColumnSubscription(InternalSubscription):
    """A subscription with a queue of batches beside asyncua's queue of values.

    ``pending_values`` counts what waits in it; at most twice what the items' queues hold.
    """

    def __init__(self, *args: Any, columns: ValueColumns) -> None:
        super().__init__(*args)
        self.columns = columns
        self.items = ColumnItems(self, self, args[1], columns)
        self.monitored_item_srv = self.items
        self._pending: list[Batch] = []
        self.pending_values = 0
        self._behind: deque[ua.PublishResult] = deque()
        self._waited = False

    def enqueue(self, batch: Batch) -> None:
        """Take what is monitored of ``batch`` (:class:`sim.opcua.batch.Listener`)."""
        wanted = batch.take(self.items.heard[batch.rows])
        if len(wanted):
            self._pending.append(wanted)
            self.pending_values += len(wanted)
            if self.pending_values > 2 * self.items.capacity:
                self._keep_within_queues()

    def forsake(self, rows: Rows) -> None:
        """Take nothing more of ``rows``; what waits already is still told."""
        self.items.heard[rows] = False

    def forget(self, row: int) -> None:
        """Drop what is pending for ``row``: its item is gone and another one comes."""
        self._pending = [batch.take(batch.rows != row) for batch in self._pending]

    def has_published_results(self) -> bool:
        """Whether there is something to say."""
        if self._behind:
            return True
        if self.columns.delivery.swaps and len(self._pending) == 1 and not self._waited:
            self._waited = True  # for a second one, to have them in the wrong order; a cycle, not for ever
            return False
        return bool(self._publishing_enabled and self._pending) or super().has_published_results()

    def _pop_publish_result(self) -> ua.PublishResult:
        delivery = self.columns.delivery
        if self._behind:
            return self._behind.popleft()
        self._waited = False
        if delivery.swap_messages and self._publishing_enabled and len(self._pending) > 1:
            later = self._pending.pop()
            self._behind.append(super()._pop_publish_result())
            self._pending = [later]
        result = super()._pop_publish_result()
        if delivery.repeat_messages and result.NotificationMessage.NotificationData:
            self._behind.append(copy(result))
        return result

    async def stop(self) -> None:
        """End the subscription."""
        self._pending = []
        self._behind.clear()
        await super().stop()

    def _pop_triggered_datachanges(self, result: ua.PublishResult) -> None:
        one_by_one = [item for queue in self._triggered_datachanges.values() for item in queue]
        self._triggered_datachanges = {}
        bodies = [struct_to_binary(item) for item in one_by_one]
        count = len(one_by_one)
        for batch in self._take_pending():
            rows = batch.rows
            bodies.append(
                encode_items(
                    self.items.handle[rows],
                    self.columns.wire[rows],
                    self.items.stamps[rows],
                    batch.value,
                    batch.status,
                    batch.source_time,
                    batch.server_time,
                    batch.text,
                )
            )
            count += len(batch)
        if count:
            body = b"".join((struct.pack("<i", count), *bodies, _NO_DIAGNOSTICS))
            notification = ua.ExtensionObject(TypeId=_NOTIFICATION_TYPE, Body=ua.ByteString(body))
            result.NotificationMessage.NotificationData.append(notification)

    def _take_pending(self) -> list[Batch]:
        if len(self._pending) > self.items.shortest_queue:
            self._keep_within_queues()
        pending, self._pending, self.pending_values = self._pending, [], 0
        self.items.settle()
        kept = [batch.take(self.items.fed[batch.rows]) for batch in pending]
        if self.columns.delivery.repeat_values:
            kept = [batch for batch in kept for _ in range(2)]
        if self.columns.delivery.swap_values:
            kept.reverse()
        return [batch for batch in kept if len(batch)]

    def _keep_within_queues(self) -> None:
        """Drop the oldest values of every item that has more pending than its queue holds, and mark what is
        left of it."""
        seen = np.zeros(len(self.items.queue), np.int64)
        lost = np.zeros(len(self.items.queue), np.bool_)
        newest_first = []
        for batch in reversed(self._pending):
            keep = seen[batch.rows] < self.items.queue[batch.rows]
            seen[batch.rows] += 1
            lost[batch.rows[~keep]] = True
            newest_first.append(batch.take(keep))
        lost &= self.items.queue > 1
        self._pending = []
        for batch in reversed(newest_first):
            if len(batch):
                marked = lost[batch.rows]
                lost[batch.rows] = False
                self._pending.append(
                    replace(batch, status=batch.status | np.where(marked, _OVERFLOW, _NOTHING))
                )
        self.pending_values = sum(map(len, self._pending))
