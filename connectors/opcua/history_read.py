"""HistoryRead of raw values (OPC 10000-4 §5.11.3, OPC 10000-11 §6.5.3): the request, and its answer in
columns.

The values of an answer are laid out anew as the items of one data change and read by the decoder that reads
what is published, so that a value that was fetched and one that was told are the same to the last bit.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
from asyncua import ua

from connectors.errors import MalformedResponseError
from connectors.opcua import wire
from connectors.opcua.decode import Changes, decode_data_change
from connectors.opcua.publish_response import DATA_CHANGE, Notification, PublishResponse, encoding_id

HISTORY_READ_RESPONSE: Final = 667
HISTORY_DATA: Final = 658
"""Binary encoding ids (``NodeIds.csv`` of the standard)."""
MAX_RESULTS: Final = 10_000
MAX_VALUES: Final = 1_000_000
"""Of one answer; what announces more is damaged, or not meant for us."""

_NS_PER_US = 1_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HEADER = struct.Struct("<qII")  # timestamp, request handle, service result
_HANDLE_BYTES = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """One variable, and where its last answer broke off (b"" = from the beginning)."""

    node: ua.NodeId
    point: bytes = b""


@dataclass(frozen=True, slots=True)
class Answered:
    """What the server says of one variable.

    Args:
        status: how it went.
        point: where the answer broke off; b"" = it did not.
        count: how many values there are.
    """

    status: int
    point: bytes
    count: int


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """One answer.

    Args:
        results: one a variable, in the order of the request.
        values: all of them; a handle is the variable's place in the request.
    """

    results: tuple[Answered, ...]
    values: Changes


def raw_request(
    asked: Sequence[Asked], start_ns: int | None, end_ns: int, *, most: int, release: bool = False
) -> ua.HistoryReadRequest:
    """Ask for the raw values from ``start_ns`` to ``end_ns``, both with it; backwards if start is the later.

    Args:
        asked: which variables.
        start_ns, end_ns: of the source time; widened to whole microseconds. No start: back from the end.
        most: values of one variable in the answer.
        release: ask for nothing, and let the server forget the continuation points.
    """
    details = ua.ReadRawModifiedDetails()
    details.IsReadModified = False
    backwards = start_ns is not None and start_ns > end_ns
    details.StartTime = ua.get_win_epoch() if start_ns is None else _moment(start_ns, up=backwards)
    details.EndTime = _moment(end_ns, up=not backwards)
    details.NumValuesPerNode = most
    details.ReturnBounds = False
    request = ua.HistoryReadRequest()
    request.Parameters.HistoryReadDetails = details
    request.Parameters.TimestampsToReturn = ua.TimestampsToReturn.Both
    request.Parameters.ReleaseContinuationPoints = release
    request.Parameters.NodesToRead = [_value_id(one) for one in asked]
    return request


def _value_id(asked: Asked) -> ua.HistoryReadValueId:
    wanted = ua.HistoryReadValueId()
    wanted.NodeId = asked.node
    wanted.IndexRange = ""
    wanted.ContinuationPoint = asked.point or None
    return wanted


def _moment(ns: int, *, up: bool) -> datetime:
    """Where reading ends is not read (§6.5.3.2), so a moment is widened by one microsecond as well."""
    microseconds = ns // _NS_PER_US + (1 if up else 0)
    return _EPOCH + timedelta(microseconds=microseconds)


def parse_history_response(data: bytes, *, received_ns: int) -> HistoryPage:
    """Read a HistoryReadResponse that is no service fault.

    Raises:
        MalformedResponseError: it is none, is cut, or holds more than a message can.
    """
    try:
        results, items = _parse(data)
        count = wire.I32.pack(sum(result.count for result in results))
        body = b"".join((count, *items, wire.I32.pack(-1)))
    except (struct.error, IndexError) as error:
        raise MalformedResponseError(f"history response of {len(data)} bytes is cut: {error}") from error
    whole = PublishResponse(body, 0, 0, 0, (), ())
    notification = Notification(DATA_CHANGE, 0, len(body))
    return HistoryPage(results, decode_data_change(whole, notification, received_ns=received_ns))


def _parse(data: bytes) -> tuple[tuple[Answered, ...], list[bytes]]:
    found = encoding_id(data, 0)
    if found != HISTORY_READ_RESPONSE:
        raise MalformedResponseError(f"response type {found}: must be {HISTORY_READ_RESPONSE}")
    pos = wire.node_id(data, 0)
    wire.step(data, pos, _HEADER.size)
    pos = wire.diagnostic_info(data, pos + _HEADER.size)
    (count,) = wire.I32.unpack_from(data, pos)
    pos += 4
    for _ in range(count):
        pos = wire.byte_string(data, pos)[1]
    pos = wire.extension_object(data, pos)
    (count,) = wire.I32.unpack_from(data, pos)
    pos += 4
    if count > MAX_RESULTS:
        raise MalformedResponseError(f"{count} results in one history response: at most {MAX_RESULTS}")
    results, items = [], []
    for place in range(count):
        (status,) = wire.U32.unpack_from(data, pos)
        length, end = wire.byte_string(data, pos + 4)
        point = data[pos + 8 : end] if length > 0 else b""
        kind, body = end, wire.node_id(data, end)
        pos = wire.extension_object(data, end)
        values = 0
        if data[body] == 1 and encoding_id(data, kind) == HISTORY_DATA:
            values, laid_out = _values(data[body + 5 : pos], place)
            items.append(laid_out)
        results.append(Answered(status, point, values))
    return tuple(results), items


def _values(body: bytes, handle: int) -> tuple[int, bytes]:
    """Return how many data values a HistoryData holds, and them, each behind its client handle."""
    (count,) = wire.I32.unpack_from(body, 0)
    if count <= 0:
        return 0, b""
    if count > MAX_VALUES or count > len(body):
        raise MalformedResponseError(f"history data of {len(body)} bytes announces {count} values")
    head = wire.U32.pack(handle)
    size = _fixed_size(body)
    if size and 4 + count * size == len(body):
        rows = np.frombuffer(body, np.uint8, count * size, 4).reshape(count, size)
        if (rows[:, 0] == rows[0, 0]).all() and (rows[:, 1] == rows[0, 1]).all():
            wide = np.empty((count, _HANDLE_BYTES + size), np.uint8)
            wide[:, :_HANDLE_BYTES] = np.frombuffer(head, np.uint8)
            wide[:, _HANDLE_BYTES:] = rows
            return count, wide.tobytes()
    items = []
    pos = 4
    for _ in range(count):
        end = wire.data_value(body, pos)
        items.append(head + body[pos:end])
        pos = end
    if pos != len(body):
        raise MalformedResponseError(f"history data of {len(body)} bytes ends at byte {pos}")
    return count, b"".join(items)


def _fixed_size(body: bytes) -> int:
    """Size of the first data value if its type has a fixed one, else 0 [bytes]."""
    mask = body[4]
    if not mask & wire.HAS_VALUE or mask & wire.RESERVED_BITS:
        return 0
    fixed = wire.FIXED_BYTES.get(body[5])
    return 0 if fixed is None else 2 + fixed + wire.stamps_bytes(mask)
