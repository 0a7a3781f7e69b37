"""Publish responses as asyncua's own decoder reads them: the oracle.

Three things asyncua does otherwise than OPC 10000-6, so its parts are put together here by the standard: it
reads the picoseconds of a DataValue after both times (§5.2.2.17 puts each after its time), cuts DateTimes to
microseconds and to the years a ``datetime`` knows, and unpacks structures whose layout it happens to know,
which says nothing about a number. Every byte is still read by a function of asyncua.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from unittest import mock

from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua import ua_binary
from asyncua.ua.ua_binary import Primitives, struct_from_binary, variant_from_binary

MAX_NULLS: Final = 100_000
"""asyncua makes a list of as many nulls as an array of Null announces, and each takes no byte at all."""


class OracleGivesUpError(Exception):
    """asyncua would take all memory there is."""


class Ticks(int):
    """A DateTime as it lay in the bytes: 100-ns ticks since 1601."""


class _Bytes(Buffer):
    """asyncua's buffer, which goes back where a length is negative, and may then go round for minutes."""

    def read(self, size: int) -> bytes:
        """Read as many bytes."""
        if size < 0:
            raise ValueError(f"{size} bytes to read")
        return super().read(size)

    def skip(self, size: int) -> None:
        """Step over as many bytes."""
        if size < 0:
            raise ValueError(f"{size} bytes to skip")
        super().skip(size)

    def copy(self, size: int = -1) -> Buffer:
        """Return a view of as many bytes, -1 = all."""
        rest = size if 0 <= size <= len(self) else len(self)
        return _Bytes(self._data, self._cur_pos, rest)


@dataclass(frozen=True, slots=True)
class Item:
    """One changed value.

    Args:
        kind: built-in type, with the array and dimension bits.
        value: what asyncua makes of it; DateTimes are :class:`Ticks`.
        status: 0 where none is sent.
        source, server: ticks; 0 where none is sent.
        source_pico, server_pico: units of 10 ps; 0 where none are sent.
    """

    handle: int
    kind: int
    value: Any
    status: int = 0
    source: int = 0
    source_pico: int = 0
    server: int = 0
    server_pico: int = 0


@dataclass(frozen=True, slots=True)
class Envelope:
    """A publish response without its values.

    Args:
        bodies: encoding id and body of each notification of a kind that the standard has.
    """

    subscription_id: int
    sequence_number: int
    publish_time: int
    available: tuple[int, ...]
    bodies: tuple[tuple[int, bytes], ...]


def read_envelope(data: bytes) -> Envelope:
    """Read a PublishResponse; raises whatever asyncua raises."""
    with _by_the_standard():
        parameters: Any = struct_from_binary(ua.PublishResponse, _Bytes(data)).Parameters
    message = parameters.NotificationMessage
    return Envelope(
        int(parameters.SubscriptionId),
        int(message.SequenceNumber),
        int(message.PublishTime),
        tuple(parameters.AvailableSequenceNumbers or ()),
        tuple(
            (_encoding_id(one.TypeId), bytes(one.Body))
            for one in message.NotificationData or ()
            if one.Body is not None and _encoding_id(one.TypeId) > 0
        ),
    )


def read_items(body: bytes) -> list[Item]:
    """Read the items of a DataChangeNotification; raises whatever asyncua raises."""
    with _by_the_standard():
        data = _Bytes(body)
        items = [_item(data) for _ in range(Primitives.Int32.unpack(data))]
        diagnostics: Any = ua_binary.from_binary(list[ua.DiagnosticInfo], data)
        del diagnostics
    return items


def read_status(body: bytes) -> int:
    """Read the status of a StatusChangeNotification; raises whatever asyncua raises."""
    with _by_the_standard():
        return int(struct_from_binary(ua.StatusChangeNotification, _Bytes(body)).Status.value)


def _item(data: Buffer) -> Item:
    handle = Primitives.UInt32.unpack(data)
    mask = Primitives.Byte.unpack(data)
    kind, value = 0, None
    if mask & 0x01:
        kind = data.copy(1).read(1)[0]
        value = variant_from_binary(data).Value

    def part(bit: int, read: Any) -> int:
        return int(read.unpack(data)) if mask & bit else 0

    return Item(
        handle,
        kind,
        value,
        status=part(0x02, Primitives.UInt32),
        source=part(0x04, Primitives.Int64),
        source_pico=part(0x10, Primitives.UInt16),
        server=part(0x08, Primitives.Int64),
        server_pico=part(0x20, Primitives.UInt16),
    )


def _encoding_id(node: ua.NodeId) -> int:
    plain = not isinstance(node, ua.ExpandedNodeId) and node.NamespaceIndex == 0
    return int(node.Identifier) if plain and isinstance(node.Identifier, int) else -1


_nulls = 0
_counting = False


def _null(_: Any) -> None:
    global _nulls
    _nulls += 1
    if _counting and _nulls > MAX_NULLS:
        raise OracleGivesUpError


@contextmanager
def _by_the_standard() -> Iterator[None]:
    global _nulls, _counting
    _nulls, _counting = 0, True
    try:
        with (
            mock.patch.dict(ua.extension_objects_by_typeid, clear=True),
            mock.patch.object(ua, "win_epoch_to_datetime", Ticks),
        ):
            yield
    finally:
        _counting = False


ua_binary._Null.unpack = staticmethod(_null)  # type: ignore[assignment]  # noqa: SLF001
for _cached in (ua_binary._create_uatype_deserializer, ua_binary._create_uatype_array_deserializer):  # noqa: SLF001
    _cached.cache_clear()
