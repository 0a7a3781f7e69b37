"""Publish responses for the tests: by asyncua's encoder, whose decoder is the oracle, or by hand."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import struct_from_binary, struct_to_binary

from connectors.opcua.decode import Changes, Paths, decode_data_change
from connectors.opcua.publish_response import parse_publish_response

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RECEIVED_NS = 1_800_000_000_123_456_789
EPOCH_TICKS = 116_444_736_000_000_000


def at(time_us: int) -> Any:
    """A moment as asyncua wants it; its DateTime is a datetime only at run time."""
    return EPOCH + timedelta(microseconds=time_us)


def encode(items: Sequence[tuple[int, ua.DataValue]], *, sequence_number: int = 1) -> bytes:
    """A publish response with one data change notification, by asyncua's encoder."""
    change = ua.DataChangeNotification()
    for handle, value in items:
        item = ua.MonitoredItemNotification()
        item.ClientHandle = handle
        item.Value = value
        change.MonitoredItems.append(item)
    return encode_notifications([change], sequence_number=sequence_number)


def encode_notifications(notifications: Sequence[Any], *, sequence_number: int = 1) -> bytes:
    """A publish response with these notifications, by asyncua's encoder."""
    response = ua.PublishResponse()
    parameters = response.Parameters
    parameters.SubscriptionId = 7
    parameters.AvailableSequenceNumbers = [sequence_number]
    parameters.NotificationMessage.SequenceNumber = sequence_number
    parameters.NotificationMessage.PublishTime = at(1_700_000_000_000_000)
    parameters.NotificationMessage.NotificationData = list(notifications)
    return struct_to_binary(response)


def by_hand(*items: bytes) -> bytes:
    """A publish response around items encoded by hand."""
    body = struct.pack("<i", len(items)) + b"".join(items) + struct.pack("<i", -1)
    return around(body)


def around(body: bytes) -> bytes:
    """A publish response around the body of a data change notification."""
    head = encode_notifications([ua.DataChangeNotification()])
    # the one notification ends with its length, two empty arrays, then the empty results and diagnostics
    empty = struct.pack("<iii", 8, 0, 0)
    start = head.rindex(empty)
    return head[:start] + struct.pack("<i", len(body)) + body + head[start + len(empty) :]


def decode(data: bytes, paths: Paths | None = None) -> Changes:
    """Our decoder on a whole response."""
    response = parse_publish_response(data)
    (notification,) = response.notifications
    return decode_data_change(response, notification, received_ns=RECEIVED_NS, paths=paths)


def oracle(data: bytes) -> list[ua.MonitoredItemNotification]:
    """What asyncua reads in the same bytes."""
    response = struct_from_binary(ua.PublishResponse, Buffer(data))
    (notification,) = response.Parameters.NotificationMessage.NotificationData
    assert isinstance(notification, ua.DataChangeNotification)
    return list(notification.MonitoredItems)
