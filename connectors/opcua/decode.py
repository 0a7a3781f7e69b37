"""Data changes to columns: whole publish responses at once, exactly as a value-by-value reader would read.

Three ways, each only where it is sure:

* *uniform*: every item has the shape of the first (same encoding mask, same type). Then item k lies at k
  times the size, and one ``numpy`` view over the body is the whole decode. The masks and types of all items
  are checked; if they are as expected, so is every item's place, by induction.
* *mixed*: one pass finds where each item lies, then all items of one shape are gathered at once.
* *scalar*: strings, arrays, structures and whatever else has no fixed size, one by one.

The time of a reading is the source's; where the source gives none, the server's; where neither does, the
moment of receipt, and a Good status becomes Uncertain.
"""

from __future__ import annotations

import functools
import struct
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from connectors.errors import MalformedResponseError
from connectors.opcua import values, wire
from connectors.opcua.publish_response import Notification, PublishResponse
from connectors.opcua.times import EPOCH_TICKS, NS_PER_TICK, are_times
from twin.contract.frame import F64, I64, U32
from twin.contract.status import BAD_DATA_ENCODING_UNSUPPORTED, UNCERTAIN

_ITEM_HEAD = 5  # client handle and encoding mask
_MIN_ITEM = 5
_PICO_PER_NS = 100  # picoseconds come in units of 10 ps


_STAMPS = (
    (wire.HAS_STATUS, "status", "I"),
    (wire.HAS_SOURCE_TIME, "source", "q"),
    (wire.HAS_SOURCE_PICO, "source_pico", "H"),
    (wire.HAS_SERVER_TIME, "server", "q"),
    (wire.HAS_SERVER_PICO, "server_pico", "H"),
)
_STAMP_DTYPES = {
    "status": "<u4",
    "source": "<i8",
    "source_pico": "<u2",
    "server": "<i8",
    "server_pico": "<u2",
}


@dataclass(slots=True)
class Paths:
    """How many values each way has decoded; for the metrics."""

    uniform: int = 0
    mixed: int = 0
    scalar: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """Data changes in columns, all of length n, in the order in which the server sent them.

    Args:
        handle: ``uint32[n]``, client handle of the item.
        value: ``float64[n]``, NaN where there is no number.
        source_time: ``int64[n]``, ns since the epoch.
        status: ``uint32[n]``, status codes with all their flags.
        text: by row, where there is one.
        unsupported: rows whose type a frame cannot carry.
    """

    handle: U32
    value: F64
    source_time: I64
    status: U32
    text: dict[int, str] = field(default_factory=dict)
    unsupported: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.handle)


def decode_data_change(
    response: PublishResponse, notification: Notification, *, received_ns: int, paths: Paths | None = None
) -> Changes:
    """Decode one DataChangeNotification.

    Args:
        response: where it lies.
        notification: which.
        received_ns: time of a reading that has none, ns since the epoch.
        paths: counted up.

    Raises:
        MalformedResponseError: the bytes are no such notification; ``handle`` names the item if it was one.
    """
    body = response.data[notification.start : notification.end]
    try:
        return _Decoder(body, received_ns, paths or Paths()).decode()
    except (struct.error, IndexError) as error:
        raise MalformedResponseError(f"data change notification of {len(body)} bytes: {error}") from error


@dataclass(frozen=True, slots=True)
class _Shape:
    """How an item of one encoding mask and one type of fixed size lies in the bytes."""

    kind: int
    mask: int
    dtype: np.dtype[np.void]


@functools.cache
def _shape(key: int) -> _Shape:
    """Return the shape for ``encoding mask | type << 8``."""
    mask, kind = key & 0xFF, key >> 8
    fields: list[tuple[str, str]] = [("handle", "<u4"), ("mask", "u1")]
    if mask & wire.HAS_VALUE:
        fields.append(("kind", "u1"))
        if kind != wire.NULL:
            fields.append(("value", values.SCALAR_DTYPES[kind]))
    fields += [(name, _STAMP_DTYPES[name]) for name in _stamps(mask)[1]]
    return _Shape(kind if mask & wire.HAS_VALUE else wire.NULL, mask, np.dtype(fields))


@functools.cache
def _stamps(mask: int) -> tuple[struct.Struct, tuple[str, ...]]:
    """Return how the status and times after a value lie in the bytes, and the columns they go to."""
    present = [(name, code) for bit, name, code in _STAMPS if mask & bit]
    return struct.Struct("<" + "".join(code for _, code in present)), tuple(name for name, _ in present)


def _sizes() -> bytes:
    """Size of an item by ``encoding mask | next byte << 8``; 0 = not fixed."""
    sizes = bytearray(1 << 16)
    for mask in range(wire.RESERVED_BITS & -wire.RESERVED_BITS):
        for byte in range(256):
            if not mask & wire.HAS_VALUE:
                sizes[mask | byte << 8] = _ITEM_HEAD + wire.stamps_bytes(mask)
            elif byte in wire.FIXED_BYTES:
                sizes[mask | byte << 8] = _ITEM_HEAD + 1 + wire.FIXED_BYTES[byte] + wire.stamps_bytes(mask)
    return bytes(sizes)


_SIZES = _sizes()


class _Decoder:
    """Decodes one notification; holds the columns while they fill."""

    def __init__(self, body: bytes, received_ns: int, paths: Paths) -> None:
        self._body = body
        self._received_ns = received_ns
        self._paths = paths
        self._n, _ = wire.array_length(body, 0)
        if self._n * _MIN_ITEM > len(body):
            raise MalformedResponseError(
                f"data change of {len(body)} bytes announces {self._n} items: they cannot fit"
            )
        n = self._n
        self._handle = np.zeros(n, np.uint32)
        self._value = np.full(n, np.nan)
        self._columns: dict[str, npt.NDArray[Any]] = {}
        self._text: dict[int, str] = {}
        self._unsupported: list[int] = []

    def decode(self) -> Changes:
        if not self._n:
            self._diagnostics(4)
        elif not self._uniform():
            self._mixed()
        return self._changes()

    def _uniform(self) -> bool:
        body, n = self._body, self._n
        key = self._key_at(4)
        size = _SIZES[key]
        if not size or 4 + n * size > len(body):
            return False
        shape = _shape(self._canonical(key))
        rows = np.frombuffer(body, shape.dtype, n, 4)
        if not (rows["mask"] == shape.mask).all():
            return False
        if shape.mask & wire.HAS_VALUE and not (rows["kind"] == shape.kind).all():
            return False
        self._diagnostics(4 + n * size)
        self._fill(slice(None), rows, shape)
        self._paths.uniform += n
        return True

    def _mixed(self) -> None:
        body, sizes = self._body, _SIZES
        offsets: list[int] = []
        keys: list[int] = []
        pos = 4
        for row in range(self._n):
            key = body[pos + 4] | body[pos + 5] << 8
            size = sizes[key]
            offsets.append(pos)
            if size:
                keys.append(key)
                pos += size
            else:
                keys.append(-1)
                pos = self._one(row, pos)
        self._diagnostics(pos)
        self._gather(np.array(offsets), np.array(keys))

    def _gather(self, offsets: npt.NDArray[np.int64], keys: npt.NDArray[np.int64]) -> None:
        octets = np.frombuffer(self._body, np.uint8)
        keys = np.where((keys & wire.HAS_VALUE != 0) | (keys < 0), keys, keys & 0xFF)
        for key in np.unique(keys).tolist():
            if key < 0:
                continue
            rows = np.flatnonzero(keys == key)
            shape = _shape(key)
            reach = offsets[rows, None] + np.arange(shape.dtype.itemsize)
            self._fill(rows, octets[reach].view(shape.dtype)[:, 0], shape)
            self._paths.mixed += len(rows)

    def _one(self, row: int, pos: int) -> int:
        """Decode the item at ``pos``, which has no fixed size, into ``row``; return the position after it."""
        body = self._body
        (handle,) = wire.U32.unpack_from(body, pos)
        mask = body[pos + 4]
        try:
            if mask & wire.RESERVED_BITS:
                raise MalformedResponseError(f"data value mask {mask:#x}: bits 6 and 7 must be 0")
            read = values.scalar(body, pos + _ITEM_HEAD)
            stamps, columns = _stamps(mask)
            entries = stamps.unpack_from(body, read.end)
        except (struct.error, IndexError, MalformedResponseError) as error:
            raise MalformedResponseError(f"item with client handle {handle}: {error}", handle) from error
        for column, entry in zip(columns, entries, strict=True):
            self._column(column)[row] = entry
        self._handle[row] = handle
        if read.text is not None:
            self._text[row] = read.text
        if read.status == BAD_DATA_ENCODING_UNSUPPORTED:
            self._unsupported.append(row)
        if read.status is not None:
            status = self._column("status")
            if status[row] >> 30 < read.status >> 30:
                status[row] = read.status
        self._paths.scalar += 1
        return read.end + stamps.size

    def _key_at(self, pos: int) -> int:
        return self._body[pos + 4] | self._body[pos + 5] << 8

    @staticmethod
    def _canonical(key: int) -> int:
        return key if key & wire.HAS_VALUE else key & 0xFF

    def _diagnostics(self, pos: int) -> None:
        """Check what follows the items: if it does not fit, the items were not where they were read."""
        count, pos = wire.array_length(self._body, pos)
        for _ in range(count):
            pos = wire.diagnostic_info(self._body, pos)
        if pos != len(self._body):
            raise MalformedResponseError(
                f"data change of {len(self._body)} bytes ends at byte {pos}: the items do not fill it"
            )

    def _fill(self, where: slice | npt.NDArray[np.int64], rows: npt.NDArray[np.void], shape: _Shape) -> None:
        """Copy items of one shape into the columns."""
        self._handle[where] = rows["handle"]
        for column in _stamps(shape.mask)[1]:
            self._column(column)[where] = rows[column]
        if shape.kind == wire.NULL:
            self._mark_null(np.arange(self._n)[where])
            return
        value, texts = values.column(shape.kind, np.ascontiguousarray(rows["value"]))
        self._value[where] = value
        if texts:
            at = np.arange(self._n)[where]
            self._text.update((int(at[row]), text) for row, text in texts.items())
        if shape.kind == wire.DATE_TIME:
            self._mark_null(np.arange(self._n)[where][np.isnan(value)])

    def _column(self, name: str) -> npt.NDArray[Any]:
        column = self._columns.get(name)
        if column is None:
            column = self._columns[name] = np.zeros(self._n, _STAMP_DTYPES[name])
        return column

    def _mark_null(self, rows: npt.NDArray[np.int64]) -> None:
        status = self._column("status")
        status[rows] = [values.null_status(entry) for entry in status[rows].tolist()]

    def _changes(self) -> Changes:
        source, status = self._column("source"), self._column("status")
        said = are_times(source)
        ticks, pico = source, self._columns.get("source_pico")
        if not said.all():
            server = self._column("server")
            by_server = ~said & are_times(server)
            ticks = np.where(by_server, server, ticks)
            if pico is not None or "server_pico" in self._columns:
                pico = np.where(by_server, self._column("server_pico"), self._column("source_pico"))
            said = said | by_server
        time = (ticks - EPOCH_TICKS) * NS_PER_TICK
        if pico is not None:
            # 9,999 is the most that OPC 10000-4 §7.11 allows; more would spill into the next tick
            time += np.minimum(pico, 9_999) // _PICO_PER_NS
        if not said.all():
            time = np.where(said, time, self._received_ns)
            guessed = ~said & (status >> np.uint32(30) == 0)
            status[guessed] |= np.uint32(UNCERTAIN)
        return Changes(self._handle, self._value, time, status, self._text, tuple(self._unsupported))
