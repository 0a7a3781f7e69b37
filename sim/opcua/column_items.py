"""Monitored items as rows of arrays, beside asyncua's own objects.

Private parts of asyncua 2.1 used here are held still by ``tests/sim/opcua/test_column_subscription.py`` and
by the pin on the minor version.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from asyncua import ua
from asyncua.server.address_space import AddressSpace
from asyncua.server.internal_subscription import InternalSubscription
from asyncua.server.monitored_item_service import MonitoredItemData, MonitoredItemService
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from sim.opcua.batch import Listener
from sim.opcua.notification import HAS_SERVER_TIME, HAS_SOURCE_TIME
from sim.opcua.value_columns import ValueColumns

_STAMPS = {
    ua.TimestampsToReturn.Source: HAS_SOURCE_TIME,
    ua.TimestampsToReturn.Server: HAS_SERVER_TIME,
    ua.TimestampsToReturn.Both: HAS_SOURCE_TIME | HAS_SERVER_TIME,
    ua.TimestampsToReturn.Neither: 0,
}
_ALWAYS = (
    ua.NodeId(ua.Int32(ObjectIds.RefreshStartEventType)),
    ua.NodeId(ua.Int32(ObjectIds.RefreshEndEventType)),
)
"""Events that no where clause holds back (OPC 10000-9 §5.5.7)."""
_NONE = -1
"""No monitored item."""


class Queue(Listener, Protocol):
    """The queue of batches of the subscription whose items they are."""

    def forget(self, row: int) -> None:
        """Drop what is pending for ``row``: its item is gone and another one comes."""


class ColumnItems(MonitoredItemService):
    """The monitored items of one subscription: a table by row of the columns for those that are fed in
    batches, asyncua's own objects for all."""

    def __init__(
        self, subscription: InternalSubscription, queue: Queue, space: AddressSpace, columns: ValueColumns
    ) -> None:
        super().__init__(subscription, space)
        self._subscription = queue
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

    def _is_deadband_exceeded(self, values: Any, flt: ua.DataChangeFilter) -> bool:
        """What is Bad has no value to compare, which asyncua does all the same."""
        now, before = values.get_current_datavalue(), values.get_old_datavalue()
        if any(one is not None and (one.Value is None or one.Value.Value is None) for one in (now, before)):
            return True
        return super()._is_deadband_exceeded(values, flt)

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
