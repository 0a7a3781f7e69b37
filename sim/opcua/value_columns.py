"""The values of an OPC UA server in columns: Read finds them by call-back, subscriptions get them in
batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from asyncua import ua
from asyncua.server.address_space import AddressSpace
from asyncua.ua.attribute_ids import AttributeIds

from sim.kind import F64, U32
from sim.opcua.batch import Batch, Listener, Recorder, Rows
from sim.opcua.delivery import Delivery
from sim.opcua.notification import I64, STRING, U8, WIRE_FORMATS, opc_time
from twin.contract.clock import Clock
from twin.contract.status import BAD_NODE_ID_UNKNOWN, BAD_WAITING_FOR_INITIAL_DATA

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BAD_BIT = 0x80000000


Convert = Callable[[float, str | None], ua.Variant]
"""From what a row reads to what a node that follows it shows."""


class ValueColumns:
    """All variables of one server.

    They outlive the address space: a server that is built anew binds them to its new nodes.

    Args:
        clock: for server timestamps.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._space: AddressSpace | None = None
        self._row: dict[ua.NodeId, int] = {}
        self._nodes: list[ua.NodeId] = []
        self._listeners: list[Listener] = []
        self._one_by_one: list[dict[int, Callable[..., Any]]] = []
        self._followers: dict[int, list[tuple[ua.NodeId, Convert]]] = {}
        self._followed = np.zeros(0, np.bool_)
        self._true_status: U32 = np.zeros(0, np.uint32)
        self._forced: U32 = np.zeros(0, np.uint32)
        self._gone = np.zeros(0, np.bool_)
        self.source_ahead_ns = 0
        self.delivery = Delivery()
        self.recorder: Recorder | None = None
        self.wire: U8 = np.zeros(0, np.uint8)
        self.value: F64 = np.zeros(0)
        self.status: U32 = np.zeros(0, np.uint32)
        self.source_time: I64 = np.zeros(0, np.int64)
        self.server_time: I64 = np.zeros(0, np.int64)
        self.text: list[str | None] = []

    def bind(self, space: AddressSpace, nodes: Sequence[ua.NodeId], data_types: Sequence[str]) -> None:
        """Put variables that are in an address space already under these columns, in this order; before the
        server serves.

        Until they are written they read BadWaitingForInitialData. A second call binds the same columns to
        other nodes: what was read is read again, whoever listened is forgotten.
        """
        if not self._nodes:
            self._begin(len(nodes), data_types)
        elif len(nodes) != len(self._nodes):
            raise ValueError(f"{len(nodes)} nodes for {len(self._nodes)} columns; tags never change")
        self._space = space
        self._listeners = []
        self._followers = {}
        self._followed = np.zeros(len(nodes), np.bool_)
        self._gone[:] = False
        self._nodes = list(nodes)
        self._row = {node: row for row, node in enumerate(nodes)}
        self._one_by_one = []
        for node in nodes:
            space.set_attribute_value_callback(node, AttributeIds.Value, self._read)
            self._one_by_one.append(space[node].attributes[AttributeIds.Value].datachange_callbacks)

    def _begin(self, n: int, data_types: Sequence[str]) -> None:
        self.wire = np.array([WIRE_FORMATS[name][0] for name in data_types], np.uint8)
        self.value = np.full(n, np.nan)
        self.status = np.full(n, BAD_WAITING_FOR_INITIAL_DATA, np.uint32)
        self._true_status = self.status.copy()
        self._forced = np.zeros(n, np.uint32)
        self._gone = np.zeros(n, np.bool_)
        self.source_time = np.full(n, opc_time(self._clock()), np.int64)
        self.server_time = self.source_time.copy()
        self.text = [None] * n

    def follow(self, row: int, node: ua.NodeId, convert: Convert) -> None:
        """Let a node of asyncua's own show ``row`` in another form from its next change on."""
        self._followers.setdefault(row, []).append((node, convert))
        self._followed[row] = True

    def row_of(self, node: ua.NodeId) -> int | None:
        """The row of a variable, None if it is not one of ours."""
        return self._row.get(node)

    def node_of(self, row: int) -> ua.NodeId:
        """The NodeId of a row."""
        return self._nodes[row]

    def __len__(self) -> int:
        return len(self._nodes)

    @property
    def listeners(self) -> int:
        """How many subscriptions are told of batches."""
        return len(self._listeners)

    def attach(self, listener: Listener) -> None:
        """Tell ``listener`` of every batch from now on."""
        if listener not in self._listeners:
            self._listeners.append(listener)

    def detach(self, listener: Listener) -> None:
        """Tell it no more."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    async def write(
        self,
        rows: Rows,
        value: F64,
        status: U32,
        source_time_ns: int | I64,
        text: Sequence[str | None] | None = None,
    ) -> int:
        """Set values and tell the subscriptions of those whose value or status changed.

        The arrays wait in the subscriptions' queues as they are: the caller does not change them afterwards.

        Args:
            rows: ``intp[n]``, each at most once.
            value: ``float64[n]``; ignored where the row is a text.
            status: ``uint32[n]``.
            source_time_ns: ns since the epoch, one for all or ``int64[n]``.
            text: n texts, None where the row is none; may be left out if no row is a text.

        Returns:
            how many changed.
        """
        source_time = np.broadcast_to(
            opc_time(np.asarray(source_time_ns, np.int64) + self.source_ahead_ns), rows.shape
        )
        self._true_status[rows] = status
        forced = self._forced[rows]
        if forced.any():
            status = np.where(forced != 0, forced, status)
        old = self.value[rows]
        same = (old == value) | (np.isnan(old) & np.isnan(value))
        changed = ~same | (self.status[rows] != status)
        if text is not None:
            changed |= self._place_texts(rows, text)
        server_time = np.full(rows.shape, opc_time(self._clock()), np.int64)
        self.value[rows] = value
        self.status[rows] = status
        self.source_time[rows] = source_time
        self.server_time[rows] = server_time
        texts = tuple(text) if text is not None else None
        batch = Batch(rows, value, status, source_time, server_time, texts).take(changed)
        await self._tell(batch)
        return len(batch)

    async def force_status(self, rows: Rows, status: int) -> None:
        """Show ``status`` for ``rows`` whatever is written; 0 shows what is written again."""
        self._forced[rows] = status
        self.status[rows] = status if status else self._true_status[rows]
        self.server_time[rows] = opc_time(self._clock())
        await self._tell(self.batch_of(rows))

    async def vanish(self, rows: Rows) -> None:
        """Say BadNodeIdUnknown of ``rows`` a last time, and nothing more: their nodes are gone.

        Items that monitored them hear nothing again, even when the nodes are back; that is how servers behave
        that drop a node and make another one of the same name.
        """
        assert self._space is not None
        last = self.batch_of(rows)
        last = replace(last, status=np.full(len(rows), BAD_NODE_ID_UNKNOWN, np.uint32))
        for listener in tuple(self._listeners):
            listener.enqueue(last)
            listener.forsake(rows)
        for row in rows.tolist():
            read = ua.DataValue(StatusCode=ua.StatusCode(ua.UInt32(BAD_NODE_ID_UNKNOWN)))
            for handle, callback in tuple(self._one_by_one[row].items()):
                await callback(handle, read)
                self._space.delete_datachange_callback(handle)
        self._gone[rows] = True

    def reappear(self, rows: Rows) -> None:
        """Their nodes are back."""
        self._gone[rows] = False

    async def _tell(self, batch: Batch) -> None:
        if not len(batch):
            return
        if self.recorder is not None:
            self.recorder.record(batch)
        if self._gone.any():
            batch = batch.take(~self._gone[batch.rows])
        for listener in tuple(self._listeners):
            listener.enqueue(batch)
        await self._tell_one_by_one(batch.rows)
        if self._followers:
            await self._tell_followers(batch.rows[self._followed[batch.rows]])

    async def _tell_followers(self, rows: Rows) -> None:
        assert self._space is not None
        for row in rows.tolist():
            read = self.data_value(row)
            for node, convert in self._followers[row]:
                if int(self.status[row]) < _BAD_BIT:
                    shown = convert(float(self.value[row]), self.text[row])
                    await self._space.write_attribute_value(
                        node, AttributeIds.Value, replace_value(read, shown)
                    )
                else:
                    await self._space.write_attribute_value(node, AttributeIds.Value, read)

    def _place_texts(self, rows: Rows, text: Sequence[str | None]) -> npt.NDArray[np.bool_]:
        """Set the texts among ``rows``; which of them changed."""
        changed = np.zeros(len(rows), np.bool_)
        for position in np.flatnonzero(self.wire[rows] == STRING).tolist():
            row = int(rows[position])
            changed[position] = self.text[row] != text[position]
            self.text[row] = text[position]
        return changed

    async def _tell_one_by_one(self, rows: Rows) -> None:
        """Tell the monitored items that batches cannot serve: asyncua's own way, an object a value."""
        for row in [row for row in rows.tolist() if self._one_by_one[row]]:
            read = self.data_value(row)
            for handle, callback in tuple(self._one_by_one[row].items()):
                await callback(handle, read)

    def batch_of(self, rows: Rows) -> Batch:
        """What ``rows`` read now."""
        texts = None
        if (self.wire[rows] == STRING).any():
            texts = tuple(self.text[row] for row in rows.tolist())
        return Batch(
            rows,
            self.value[rows],
            self.status[rows],
            self.source_time[rows],
            self.server_time[rows],
            texts,
        )

    def data_value(self, row: int) -> ua.DataValue:
        """What ``row`` reads now, as asyncua's Read service answers it."""
        status = int(self.status[row])
        kind = ua.VariantType(int(self.wire[row]))
        value = ua.Variant(None, ua.VariantType.Null)
        if status < _BAD_BIT:
            value = ua.Variant(self._python_value(row, kind), kind)
        return ua.DataValue(
            value,
            ua.StatusCode(ua.UInt32(status)),
            SourceTimestamp=_datetime(int(self.source_time[row])),
            ServerTimestamp=_datetime(int(self.server_time[row])),
        )

    def _python_value(self, row: int, kind: ua.VariantType) -> str | bool | int | float | None:
        if kind == ua.VariantType.String:
            return self.text[row]
        value = float(self.value[row])
        if kind == ua.VariantType.Boolean:
            return bool(value)
        return value if kind in {ua.VariantType.Double, ua.VariantType.Float} else int(value)

    def _read(self, node: ua.NodeId, _: AttributeIds) -> ua.DataValue:
        return self.data_value(self._row[node])


def _datetime(ticks: int) -> ua.DateTime:
    """OPC UA ticks as asyncua wants them; below a microsecond is cut, as a ``datetime`` has no more."""
    unix = ticks - opc_time(0)
    return cast(ua.DateTime, _EPOCH + timedelta(microseconds=unix // 10))


def replace_value(read: ua.DataValue, value: ua.Variant) -> ua.DataValue:
    """The same status and times with another value."""
    return ua.DataValue(
        value, read.StatusCode, SourceTimestamp=read.SourceTimestamp, ServerTimestamp=read.ServerTimestamp
    )
