"""HistoryRead of raw values (OPC 10000-11 §6.5.3) out of the rings, answered with bytes made from arrays.

A continuation point says all that is needed to go on, so that the server keeps nothing for a client that
never comes back. Other kinds of history (modified, processed, at times, events) are
BadHistoryOperationUnsupported.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from asyncua import ua
from asyncua.server.address_space import AddressSpace
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from sim.opcua.answer import StatusCodes, code
from sim.opcua.history_ring import HistoryRing, Samples
from sim.opcua.node_attributes import standard_id
from sim.opcua.notification import HAS_SERVER_TIME, HAS_SOURCE_TIME, encode_values
from sim.opcua.value_columns import ValueColumns

MOST_VALUES = 1000
"""Values of one variable in one answer; for more there is a continuation point."""

_HISTORY_DATA = ua.FourByteNodeId(ua.Int32(ObjectIds.HistoryData_Encoding_DefaultBinary))
_STAMPS = {
    ua.TimestampsToReturn.Source: HAS_SOURCE_TIME,
    ua.TimestampsToReturn.Server: HAS_SERVER_TIME,
    ua.TimestampsToReturn.Both: HAS_SOURCE_TIME | HAS_SERVER_TIME,
}
_POINT = struct.Struct("<4sqqIIq?I")
_MARK = b"pth1"
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_NOT_GIVEN = 0
"""The minimum of a DateTime says that there is none."""
_NO_VALUE = -1


@dataclass(frozen=True, slots=True)
class RawRequest:
    """What is asked of one variable; times are OPC UA ticks, 0 = not given.

    Args:
        start, end: from where to where; ``start`` after ``end`` = backwards.
        most: values wanted, 0 = all.
        bounds: with the values at or just outside the ends.
        row: the variable.
        skip: values that were answered already.
    """

    start: int
    end: int
    most: int
    bounds: bool
    row: int
    skip: int = 0

    @property
    def complete(self) -> bool:
        """At least two of start, end and number are given (§6.5.3.2)."""
        return (self.start != _NOT_GIVEN) + (self.end != _NOT_GIVEN) + (self.most > 0) >= 2

    def to_point(self, newest: int) -> bytes:
        """As a continuation point, for a ring whose newest value was the ``newest``-th ever."""
        return _POINT.pack(_MARK, self.start, self.end, self.most, self.row, newest, self.bounds, self.skip)


class HistoryReader:
    """Stands where asyncua has its history manager.

    Args:
        space: to look nodes up in.
        columns: to find rows.
        ring: what is kept; None = nothing.
    """

    def __init__(self, space: AddressSpace, columns: ValueColumns, ring: HistoryRing | None) -> None:
        self._space = space
        self._columns = columns
        self._ring = ring

    async def init(self) -> None:
        """Nothing to do (asyncua calls this)."""

    async def announce(self) -> None:
        """Say in HistoryServerCapabilities what can be read (OPC 10000-11 §5.4.2)."""
        for number, value in (
            (ObjectIds.HistoryServerCapabilities_AccessHistoryDataCapability, self._ring is not None),
            (ObjectIds.HistoryServerCapabilities_AccessHistoryEventsCapability, False),
            (ObjectIds.HistoryServerCapabilities_InsertDataCapability, False),
            (ObjectIds.HistoryServerCapabilities_ServerTimestampSupported, True),
        ):
            shown = ua.DataValue(ua.Variant(value, ua.VariantType.Boolean))
            await self._space.write_attribute_value(standard_id(number), AttributeIds.Value, shown)
        most = ua.DataValue(ua.Variant(MOST_VALUES, ua.VariantType.UInt32))
        number = ObjectIds.HistoryServerCapabilities_MaxReturnDataValues
        await self._space.write_attribute_value(standard_id(number), AttributeIds.Value, most)

    async def stop(self) -> None:
        """Nothing to do (asyncua calls this)."""

    def update_history(self, params: ua.HistoryUpdateParameters) -> list[ua.HistoryUpdateResult]:
        """History cannot be rewritten."""
        unsupported = code(StatusCodes.BadHistoryOperationUnsupported)
        return [ua.HistoryUpdateResult(StatusCode=unsupported) for _ in params.HistoryUpdateDetails]

    async def read_history(self, params: ua.HistoryReadParameters) -> list[ua.HistoryReadResult]:
        """Answer a HistoryRead request."""
        if params.ReleaseContinuationPoints:
            return [ua.HistoryReadResult() for _ in params.NodesToRead]
        stamps = _STAMPS.get(params.TimestampsToReturn)
        results = []
        for one in params.NodesToRead:
            status = self._refusal(params.HistoryReadDetails, one)
            if status is None and stamps is None:
                status = StatusCodes.BadTimestampsToReturnInvalid
            if status is not None:
                results.append(ua.HistoryReadResult(StatusCode=code(status)))
            else:
                results.append(self._read(params.HistoryReadDetails, one, stamps or 0))
        return results

    def _refusal(self, details: Any, one: ua.HistoryReadValueId) -> int | None:
        """Why a variable cannot be read, None if it can."""
        if one.NodeId not in self._space:
            return StatusCodes.BadNodeIdUnknown
        if not isinstance(details, ua.ReadRawModifiedDetails) or details.IsReadModified:
            return StatusCodes.BadHistoryOperationUnsupported
        if self._ring is None or self._columns.row_of(one.NodeId) is None:
            return StatusCodes.BadHistoryOperationUnsupported
        if one.IndexRange:
            return StatusCodes.BadIndexRangeInvalid
        return None

    def _read(
        self, details: ua.ReadRawModifiedDetails, one: ua.HistoryReadValueId, stamps: int
    ) -> ua.HistoryReadResult:
        assert self._ring is not None
        row = self._columns.row_of(one.NodeId)
        assert row is not None
        request = RawRequest(
            _ticks(details.StartTime),
            _ticks(details.EndTime),
            int(details.NumValuesPerNode),
            bool(details.ReturnBounds),
            row,
        )
        written = self._ring.written(row)
        if one.ContinuationPoint:
            resumed = _resume(one.ContinuationPoint, row, written)
            if resumed is None:
                return ua.HistoryReadResult(StatusCode=code(StatusCodes.BadContinuationPointInvalid))
            request, newest = resumed
        else:
            newest = written
        if not request.complete:
            return ua.HistoryReadResult(StatusCode=code(StatusCodes.BadInvalidTimestampArgument))
        found = select(self._ring.samples(row, newest), request)
        return self._answer(request, found, newest, stamps)

    def _answer(self, request: RawRequest, found: Samples, newest: int, stamps: int) -> ua.HistoryReadResult:
        wanted = min(len(found), request.most or len(found))
        part = found.take(np.arange(request.skip, min(wanted, request.skip + MOST_VALUES)))
        wire = int(self._columns.wire[request.row])
        body = encode_values(
            wire, stamps, part.value, part.status, part.source_time, part.server_time, part.text
        )
        result = ua.HistoryReadResult()
        result.HistoryData = ua.ExtensionObject(
            TypeId=_HISTORY_DATA, Body=ua.ByteString(struct.pack("<i", len(part)) + body)
        )
        done = request.skip + len(part)
        if done < wanted:
            rest = RawRequest(request.start, request.end, request.most, request.bounds, request.row, done)
            result.ContinuationPoint = rest.to_point(newest)
        elif not len(part):
            result.StatusCode = code(StatusCodes.GoodNoData)
        return result


def select(kept: Samples, request: RawRequest) -> Samples:
    """The values a request is about, in the order in which it wants them.

    Where reading begins is in, where it ends is not (§6.5.3, table of bounding values). With bounds, there is
    a value at each end or the one just outside of it, or a BadBoundNotFound without a value.
    """
    time, n = kept.source_time, len(kept)
    begin, stop = request.start, request.end
    backwards = begin == _NOT_GIVEN or _NOT_GIVEN != stop < begin
    if begin == _NOT_GIVEN:  # end and number alone: back from the end
        begin, stop = stop, _NOT_GIVEN

    def count(at: int, *, with_it: bool) -> int:
        """How many values are older than ``at``, or as old."""
        return int(np.searchsorted(time, at, "right" if with_it else "left"))

    if backwards:
        upper = count(begin, with_it=True)
        lower = 0 if stop == _NOT_GIVEN else count(stop, with_it=True)
        order = np.arange(upper - 1, lower - 1, -1)
        before, behind = (upper if upper < n else _NO_VALUE), lower - 1
    else:
        lower = count(begin, with_it=False)
        upper = n if stop == _NOT_GIVEN else count(stop, with_it=stop == begin)
        order = np.arange(lower, upper)
        before, behind = lower - 1, (upper if upper < n else _NO_VALUE)
    parts = [kept.take(order)]
    if request.bounds and count(begin, with_it=True) == count(begin, with_it=False):
        parts.insert(0, _bound(kept, before, begin))
    if request.bounds and stop not in (_NOT_GIVEN, begin):
        parts.append(_bound(kept, behind, stop))
    return _join(parts)


def _join(parts: list[Samples]) -> Samples:
    if len(parts) == 1:
        return parts[0]
    text = None
    if parts[0].text is not None:
        text = tuple(one for part in parts for one in part.text or ())
    return Samples(
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.status for part in parts]),
        np.concatenate([part.source_time for part in parts]),
        np.concatenate([part.server_time for part in parts]),
        text,
    )


def _bound(kept: Samples, position: int, at: int) -> Samples:
    if position != _NO_VALUE:
        return kept.take(np.array([position], np.intp))
    time = np.array([at], np.int64)
    status = np.array([StatusCodes.BadBoundNotFound], np.uint32)
    return Samples(np.full(1, np.nan), status, time, time, None if kept.text is None else (None,))


def _resume(point: bytes, row: int, written: int) -> tuple[RawRequest, int] | None:
    if len(point) != _POINT.size:
        return None
    mark, start, end, most, its_row, newest, bounds, skip = _POINT.unpack(point)
    if mark != _MARK or its_row != row or not 0 <= newest <= written:
        return None
    return RawRequest(start, end, most, bounds, row, skip), newest


def _ticks(time: datetime | None) -> int:
    """OPC UA ticks of what asyncua decoded; the ends of the range of a DateTime are none."""
    if time is None:
        return _NOT_GIVEN
    when = time if time.tzinfo else time.replace(tzinfo=UTC)
    if when <= _EPOCH:
        return _NOT_GIVEN
    return (when - _EPOCH) // timedelta(microseconds=1) * 10
