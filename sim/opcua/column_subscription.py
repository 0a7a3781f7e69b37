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
from asyncua.server.address_space import AddressSpace
from asyncua.server.internal_server import InternalServer
from asyncua.server.internal_subscription import InternalSubscription
from asyncua.server.monitored_item_service import MonitoredItemData, MonitoredItemService
from asyncua.server.subscription_service import SubscriptionService
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.ua_binary import struct_to_binary

from sim.opcua.notification import HAS_SERVER_TIME, HAS_SOURCE_TIME, encode_items
from sim.opcua.value_columns import Batch, Rows, ValueColumns

_NOTIFICATION_TYPE = ua.FourByteNodeId(ua.Int32(ObjectIds.DataChangeNotification_Encoding_DefaultBinary))
_NO_DIAGNOSTICS = struct.pack("<i", -1)
_OVERFLOW = np.uint32(0x00000480)
"""InfoType DataValue and Overflow (OPC 10000-4 §7.39.1): set on the oldest value left of a queue
that ran over."""
_STAMPS = {
    ua.TimestampsToReturn.Source: HAS_SOURCE_TIME,
    ua.TimestampsToReturn.Server: HAS_SERVER_TIME,
    ua.TimestampsToReturn.Both: HAS_SOURCE_TIME | HAS_SERVER_TIME,
    ua.TimestampsToReturn.Neither: 0,
}
_NOTHING = np.uint32(0)
_ALWAYS = (
    ua.NodeId(ua.Int32(ObjectIds.RefreshStartEventType)),
    ua.NodeId(ua.Int32(ObjectIds.RefreshEndEventType)),
)
"""Events that no where clause holds back (OPC 10000-9 §5.5.7)."""
_NONE = -1
"""No monitored item."""


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
        self.items = ColumnItems(self, args[1], columns)
        self.monitored_item_srv = self.items
        self._pending: list[Batch] = []
        self.pending_values = 0
        self._behind: deque[ua.PublishResult] = deque()
        self._waited = False

    def enqueue(self, batch: Batch) -> None:
        """Take what is monitored of ``batch`` (:class:`sim.opcua.value_columns.Listener`)."""
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


class ColumnItems(MonitoredItemService):
    """The monitored items of one subscription: a table by row of the columns for those that are fed in
    batches, asyncua's own objects for all."""

    def __init__(self, subscription: ColumnSubscription, space: AddressSpace, columns: ValueColumns) -> None:
        super().__init__(subscription, space)
        self._subscription = subscription
        self._columns = columns
        n = len(columns)
        self.fed = np.zeros(n, np.bool_)
        self.heard = np.zeros(n, np.bool_)
        self.handle = np.zeros(n, np.uint32)
        self.stamps = np.zeros(n, np.uint8)
        self.queue = np.zeros(n, np.int64)
        self._item = np.full(n, _NONE, np.int64)
        self._gone: set[int] = set()
        self._asked_stamps = HAS_SOURCE_TIME | HAS_SERVER_TIME

    @property
    def capacity(self) -> int:
        """How many values all queues together hold."""
        return int(self.queue[self.fed].sum())

    @property
    def shortest_queue(self) -> int:
        """The queue that runs over first."""
        return int(self.queue[self.fed].min(initial=1 << 30))

    def settle(self) -> None:
        """Nothing is pending any more: rows whose item is gone are as new."""
        self._gone.clear()

    def monitored_node(self, monitored_item_id: int) -> ua.NodeId | None:
        """What an item monitors, None if there is no such item."""
        mdata = self._monitored_items.get(monitored_item_id)
        return None if mdata is None else _read(mdata).NodeId

    async def _trigger_event(self, event: Any, mid: int) -> None:
        mdata = self._monitored_items.get(mid)
        if mdata is None or event.EventType not in _ALWAYS:
            await super()._trigger_event(event, mid)
            return
        fields = ua.EventFieldList()
        fields.ClientHandle = ua.UInt32(mdata.client_handle or 0)
        fields.EventFields = event.to_event_fields(mdata.filter.SelectClauses)
        await self.isub.enqueue_event(mid, fields, mdata.queue_size)

    async def create_monitored_items(
        self, params: ua.CreateMonitoredItemsParameters
    ) -> list[ua.MonitoredItemCreateResult]:
        """Create items (OPC 10000-4 §5.13.2)."""
        self._asked_stamps = _STAMPS.get(params.TimestampsToReturn, self._asked_stamps)
        return await super().create_monitored_items(params)

    async def trigger_datachange(self, handle: int, nodeid: ua.NodeId, attr: AttributeIds) -> None:
        """Report the value as it is now: what a new item says first."""
        row = self._columns.row_of(nodeid)
        if row is not None and self._item[row] == self._monitored_datachange[handle]:
            self._subscription.enqueue(self._columns.batch_of(np.array([row], np.intp)))
        else:
            await super().trigger_datachange(handle, nodeid, attr)

    async def _create_data_change_monitored_item(
        self, params: ua.MonitoredItemCreateRequest
    ) -> ua.MonitoredItemCreateResult:
        result = await super()._create_data_change_monitored_item(params)
        mdata = self._monitored_items.get(result.MonitoredItemId)
        if mdata is not None and mdata.callback_handle is not None and self._fed_row(mdata) is not None:
            self.aspace.delete_datachange_callback(mdata.callback_handle)  # or it would be told twice
        return result

    def _commit_monitored_item(self, result: ua.MonitoredItemCreateResult, mdata: MonitoredItemData) -> None:
        super()._commit_monitored_item(result, mdata)
        if result.StatusCode.is_good():
            self._feed_if_plain(mdata)

    def _modify_monitored_item(self, params: ua.MonitoredItemModifyRequest) -> ua.MonitoredItemModifyResult:
        result = super()._modify_monitored_item(params)
        mdata = self._monitored_items.get(params.MonitoredItemId)
        row = None if mdata is None else self._fed_row(mdata)
        if mdata is not None and row is not None:
            self.queue[row] = max(mdata.queue_size, 1)
            if not _is_plain(mdata.filter):
                self._feed_no_more(row)
                self._tell_value_by_value(mdata)
        return result

    def _tell_value_by_value(self, mdata: MonitoredItemData) -> None:
        assert mdata.callback_handle is not None
        assert mdata.monitored_item_id is not None
        self._monitored_datachange.pop(mdata.callback_handle, None)
        _, mdata.callback_handle = self.aspace.add_datachange_callback(
            _read(mdata).NodeId, AttributeIds.Value, self.datachange_callback
        )
        self._monitored_datachange[mdata.callback_handle] = mdata.monitored_item_id

    async def _set_monitoring_mode(self, mode: ua.MonitoringMode, mid: int) -> ua.StatusCode:
        mdata = self._monitored_items.get(mid)
        row = None if mdata is None else self._fed_row(mdata)
        if row is not None:
            self.fed[row] = self.heard[row] = mode != ua.MonitoringMode.Disabled
        return await super()._set_monitoring_mode(mode, mid)

    def _delete_monitored_items(self, mid: int) -> ua.StatusCode:
        mdata = self._monitored_items.get(mid)
        row = None if mdata is None else self._fed_row(mdata)
        status = super()._delete_monitored_items(mid)
        if row is not None:
            self._feed_no_more(row)
        return status

    def _fed_row(self, mdata: MonitoredItemData) -> int | None:
        """The row that feeds an item in batches, None if it is told value by value."""
        row = self._columns.row_of(_read(mdata).NodeId)
        return row if row is not None and self._item[row] == mdata.monitored_item_id else None

    def _feed_if_plain(self, mdata: MonitoredItemData) -> None:
        """Feed an item in batches if it wants nothing special and its row feeds no other item."""
        read = _read(mdata)
        row = self._columns.row_of(read.NodeId)
        if row is None or read.AttributeId != AttributeIds.Value or self._item[row] != _NONE:
            return
        if not _is_plain(mdata.filter):
            return
        if row in self._gone:
            self._subscription.forget(row)
        self._item[row] = mdata.monitored_item_id or _NONE
        self.handle[row] = mdata.client_handle or 0
        self.stamps[row] = self._asked_stamps
        self.queue[row] = max(mdata.queue_size, 1)
        self.fed[row] = self.heard[row] = mdata.mode != ua.MonitoringMode.Disabled
        self._columns.attach(self._subscription)

    def _feed_no_more(self, row: int) -> None:
        self.fed[row] = self.heard[row] = False
        self._item[row] = _NONE
        self._gone.add(row)
        if (self._item == _NONE).all():
            self._columns.detach(self._subscription)


def _read(mdata: MonitoredItemData) -> ua.ReadValueId:
    assert mdata.read_value_id is not None  # asyncua sets it as soon as it makes the item
    return mdata.read_value_id


def _is_plain(filter_: object) -> bool:
    """Whether a filter asks for no more than every change of value or status."""
    return not filter_ or (  # asyncua decodes an absent filter as an empty ExtensionObject, which is false
        isinstance(filter_, ua.DataChangeFilter)
        and filter_.DeadbandType == ua.DeadbandType.None_
        and filter_.Trigger == ua.DataChangeTrigger.StatusValue
    )
