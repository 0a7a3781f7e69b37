"""The envelope of a PublishResponse (OPC 10000-4 §5.14.5), read without building the values inside.

asyncua builds an object per value before anyone can ask for less; this reads the few fields a session needs
and leaves each notification as a span of the bytes, which :mod:`connectors.opcua.decode` turns into columns.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from connectors.errors import MalformedResponseError
from connectors.opcua import wire

DATA_CHANGE = 811
STATUS_CHANGE = 820
EVENT_LIST = 916
"""Binary encoding ids of the notifications (``NodeIds.csv`` of the standard)."""

PUBLISH_RESPONSE = 829
REPUBLISH_RESPONSE = 835

MAX_NOTIFICATIONS = 100_000
_HEADER = struct.Struct("<qII")  # timestamp, request handle, service result
_MESSAGE = struct.Struct("<Iq")  # sequence number, publish time


@dataclass(frozen=True, slots=True)
class Notification:
    """One notification as it lies in the response: binary encoding id and span of the body [bytes]."""

    kind: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PublishResponse:
    """What a server published.

    Args:
        data: the whole response, into which the notifications point.
        subscription_id: whose it is; 0 in the answer to a republish request.
        sequence_number: counts a subscription's notifications; that of a keep-alive is the next one's.
        publish_time: 100-ns ticks since 1601, the server's clock; 0 = not said.
        available: sequence numbers the server still holds for republishing.
        notifications: empty for a keep-alive.
    """

    data: bytes
    subscription_id: int
    sequence_number: int
    publish_time: int
    available: tuple[int, ...]
    notifications: tuple[Notification, ...]

    @property
    def is_keep_alive(self) -> bool:
        """True if the server only says that it is there."""
        return not self.notifications


def parse_publish_response(data: bytes) -> PublishResponse:
    """Read the envelope of a PublishResponse that is no service fault.

    Raises:
        MalformedResponseError: it is none, is cut, or holds more than a message can.
    """
    return _guarded(data, PUBLISH_RESPONSE)


def parse_republish_response(data: bytes) -> PublishResponse:
    """Read the envelope of a RepublishResponse.

    Raises:
        MalformedResponseError: it is none, is cut, or holds more than a message can.
    """
    return _guarded(data, REPUBLISH_RESPONSE)


def _guarded(data: bytes, kind: int) -> PublishResponse:
    try:
        return _parse(data, kind)
    except (struct.error, IndexError) as error:
        raise MalformedResponseError(f"publish response of {len(data)} bytes is cut: {error}") from error


def _parse(data: bytes, kind: int) -> PublishResponse:
    found = encoding_id(data, 0)
    if found != kind:
        raise MalformedResponseError(f"response type {found}: a publish loop expects {kind}")
    pos = wire.node_id(data, 0)
    wire.step(data, pos, _HEADER.size)
    pos = wire.diagnostic_info(data, pos + _HEADER.size)
    count, pos = wire.array_length(data, pos)
    for _ in range(count):
        pos = wire.byte_string(data, pos)[1]
    pos = wire.extension_object(data, pos)
    subscription_id = 0
    available: tuple[int, ...] = ()
    if kind == PUBLISH_RESPONSE:
        (subscription_id,) = wire.U32.unpack_from(data, pos)
        count, pos = wire.array_length(data, pos + 4)
        end = wire.step(data, pos, 4 * count)
        available = struct.unpack_from(f"<{count}I", data, pos)
        pos = end + 1  # MoreNotifications: the next response comes by itself, since requests are queued
    sequence_number, publish_time = _MESSAGE.unpack_from(data, pos)
    count, pos = wire.array_length(data, pos + _MESSAGE.size)
    if count > MAX_NOTIFICATIONS:
        raise MalformedResponseError(f"{count} notifications in one message: at most {MAX_NOTIFICATIONS}")
    notifications = []
    for _ in range(count):
        kind_at, body = pos, wire.node_id(data, pos)
        pos = wire.extension_object(data, pos)
        if data[body] == 1:
            notifications.append(Notification(encoding_id(data, kind_at), body + 5, pos))
    if kind == PUBLISH_RESPONSE:
        _check_tail(data, pos)
    return PublishResponse(
        data, subscription_id, sequence_number, publish_time, available, tuple(notifications)
    )


def _check_tail(data: bytes, pos: int) -> None:
    """Step over the results of our acknowledgements, which no one needs, to see that the message is whole."""
    count, pos = wire.array_length(data, pos)
    pos = wire.step(data, pos, 4 * count)
    count, pos = wire.array_length(data, pos)
    for _ in range(count):
        pos = wire.diagnostic_info(data, pos)


def encoding_id(data: bytes, pos: int) -> int:
    """Return the numeric identifier of a node id in namespace 0, or -1 for any other."""
    kind = data[pos]
    if kind == 0:
        return data[pos + 1]
    if kind == 1:
        return -1 if data[pos + 1] else int(wire.U16.unpack_from(data, pos + 2)[0])
    if kind == 2:
        return -1 if any(data[pos + 1 : pos + 3]) else int(wire.U32.unpack_from(data, pos + 3)[0])
    return -1


def parse_status_change(response: PublishResponse, notification: Notification) -> int:
    """Return the status code of a StatusChangeNotification.

    Raises:
        MalformedResponseError: the body is cut.
    """
    body = response.data[notification.start : notification.end]
    try:
        (status,) = wire.U32.unpack_from(body)
        wire.diagnostic_info(body, wire.U32.size)
    except (IndexError, struct.error) as error:
        raise MalformedResponseError(
            "status change notification is cut: it must hold a status code and its diagnostics"
        ) from error
    return int(status)
