"""Data-change notifications encoded by columns: OPC UA binary (OPC 10000-6 §5.2) straight from arrays.

A stock asyncua server builds, copies and encodes one object a value (50 to 60 us); here a batch of values of
one wire type is one structured array. What a client receives is the same.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from sim.kind import F64, U32

I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]

WIRE_FORMATS: dict[str, tuple[int, str]] = {
    "Boolean": (1, "u1"),
    "SByte": (2, "i1"),
    "Byte": (3, "u1"),
    "Int16": (4, "<i2"),
    "UInt16": (5, "<u2"),
    "Int32": (6, "<i4"),
    "UInt32": (7, "<u4"),
    "Int64": (8, "<i8"),
    "UInt64": (9, "<u8"),
    "Float": (10, "<f4"),
    "Double": (11, "<f8"),
    "String": (12, ""),
}
"""Data type -> built-in type id (OPC 10000-6 table 1) and numpy format."""

STRING = WIRE_FORMATS["String"][0]
_FORMAT = {code: letters for code, letters in WIRE_FORMATS.values()}

HAS_VALUE, HAS_STATUS, HAS_SOURCE_TIME, HAS_SERVER_TIME = 0x01, 0x02, 0x04, 0x08
"""Bits of a DataValue's encoding mask (OPC 10000-6 §5.2.2.17)."""

_TICK_NS = 100
_EPOCH_TICKS = 116_444_736_000_000_000
"""1970-01-01 in OPC UA's 100 ns ticks since 1601-01-01."""

_BAD = np.uint32(0x80000000)


T = TypeVar("T", int, I64)


def opc_time(time_ns: T) -> T:
    """Turn ns since 1970 into OPC UA ticks, a number or a column of them.

    >>> opc_time(0)
    116444736000000000
    """
    return time_ns // _TICK_NS + _EPOCH_TICKS


def encode_items(
    handle: U32,
    wire: U8,
    stamps: U8,
    value: F64,
    status: U32,
    source_time: I64,
    server_time: I64,
    text: Sequence[str | None] | None,
) -> bytes:
    """Encode MonitoredItemNotifications, grouped by shape; the order within a group is kept.

    Args:
        handle: ``uint32[n]``, client handles; no handle may be there twice, since groups change the order.
        wire: ``uint8[n]``, built-in type ids.
        stamps: ``uint8[n]``, HAS_SOURCE_TIME and HAS_SERVER_TIME as the client asked.
        value: ``float64[n]``.
        status: ``uint32[n]``; a Bad row goes without a value (OPC 10000-4 §7.11).
        source_time, server_time: ``int64[n]``, OPC UA ticks.
        text: n texts, None where the row is no text; None if no row is.
    """
    bad = status >= _BAD
    mask = stamps | np.where(bad, 0, HAS_VALUE).astype(np.uint8)
    mask |= np.where(status != 0, HAS_STATUS, 0).astype(np.uint8)
    shape = wire.astype(np.uint16) << 8 | mask
    if len(shape) and (shape == shape[0]).all() and shape[0] >> 8 != STRING:
        return _encode_uniform(int(shape[0]), handle, value, status, source_time, server_time)
    parts = []
    for one in np.unique(shape).tolist():
        rows = np.flatnonzero(shape == one)
        columns = (handle[rows], value[rows], status[rows], source_time[rows], server_time[rows])
        if one >> 8 == STRING and one & HAS_VALUE:
            texts = [(text[row] if text else None) for row in rows.tolist()]
            parts.append(_encode_texts(one & 0xFF, columns[0], texts, *columns[2:]))
        else:
            parts.append(_encode_uniform(one, *columns))
    return b"".join(parts)


def encode_values(
    wire: int,
    stamps: int,
    value: F64,
    status: U32,
    source_time: I64,
    server_time: I64,
    text: Sequence[str | None] | None,
) -> bytes:
    """Encode DataValues of one variable, in their order: what a history answers.

    Args:
        wire: built-in type id.
        stamps: HAS_SOURCE_TIME and HAS_SERVER_TIME.
        value, status, source_time, server_time, text: as for :func:`encode_items`.
    """
    bad = status >= _BAD
    mask = np.uint8(stamps) | np.where(bad, 0, HAS_VALUE).astype(np.uint8)
    mask |= np.where(status != 0, HAS_STATUS, 0).astype(np.uint8)
    parts = []
    edges = [0, *(np.flatnonzero(np.diff(mask)) + 1).tolist(), len(mask)]
    for begin, end in pairwise(edges):
        if begin == end:
            continue
        rows = slice(begin, end)
        one = int(mask[begin])
        columns = (value[rows], status[rows], source_time[rows], server_time[rows])
        if wire == STRING and one & HAS_VALUE:
            texts = list(text[rows]) if text is not None else [None] * (end - begin)
            parts.append(_encode_texts(one, None, texts, *columns[1:]))
        else:
            parts.append(_encode_uniform(wire << 8 | one, None, *columns))
    return b"".join(parts)


@cache
def _layout(shape: int, with_handle: bool) -> np.dtype[np.void]:
    wire, mask = shape >> 8, shape & 0xFF
    fields = [("handle", "<u4"), ("mask", "u1")] if with_handle else [("mask", "u1")]
    if mask & HAS_VALUE:
        fields += [("type", "u1"), ("value", _FORMAT[wire])]
    if mask & HAS_STATUS:
        fields.append(("status", "<u4"))
    if mask & HAS_SOURCE_TIME:
        fields.append(("source_time", "<i8"))
    if mask & HAS_SERVER_TIME:
        fields.append(("server_time", "<i8"))
    return np.dtype(fields)


def _encode_uniform(
    shape: int, handle: U32 | None, value: F64, status: U32, source_time: I64, server_time: I64
) -> bytes:
    mask = shape & 0xFF
    rows = np.empty(len(value), _layout(shape, handle is not None))
    if handle is not None:
        rows["handle"] = handle
    rows["mask"] = mask
    if mask & HAS_VALUE:
        rows["type"] = shape >> 8
        rows["value"] = value
    if mask & HAS_STATUS:
        rows["status"] = status
    if mask & HAS_SOURCE_TIME:
        rows["source_time"] = source_time
    if mask & HAS_SERVER_TIME:
        rows["server_time"] = server_time
    return rows.tobytes()


def _encode_texts(
    mask: int, handle: U32 | None, text: Sequence[str | None], status: U32, source_time: I64, server_time: I64
) -> bytes:
    parts = []
    for row, one in enumerate(text):
        raw = None if one is None else one.encode()
        if handle is not None:
            parts.append(struct.pack("<I", int(handle[row])))
        parts.append(struct.pack("<BBi", mask, STRING, -1 if raw is None else len(raw)))
        parts.append(raw or b"")
        if mask & HAS_STATUS:
            parts.append(struct.pack("<I", int(status[row])))
        if mask & HAS_SOURCE_TIME:
            parts.append(struct.pack("<q", int(source_time[row])))
        if mask & HAS_SERVER_TIME:
            parts.append(struct.pack("<q", int(server_time[row])))
    return b"".join(parts)
