"""What a value of each OPC UA built-in type becomes in a frame: a float64, a text, or both.

| built-in type | value | text |
| --- | --- | --- |
| Boolean | 0 or 1 | |
| SByte to UInt32, enumerations | the number | |
| Int64, UInt64 | nearest float64 | beyond 2^53 the exact decimal digits |
| Float, Double (NaN and infinities too) | the number | |
| DateTime | seconds since 1970 | RFC 3339 with 100 ns |
| StatusCode | the code as a number | |
| String, XmlElement, LocalizedText, QualifiedName | NaN | the text; a null string is an empty one |
| Guid, NodeId, ExpandedNodeId | NaN | as the standard writes it |
| ByteString | NaN | hexadecimal |
| null | NaN | none; a Good status becomes BadDataUnavailable, because missing is not good |
| arrays, structures, nested variants | NaN | none; status BadDataEncodingUnsupported |

A text over :data:`MAX_TEXT_BYTES` is not cut but refused (BadEncodingLimitsExceeded); text that is not UTF-8
is shown with U+FFFD and becomes Uncertain where it was Good.
"""

from __future__ import annotations

import uuid
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from connectors.opcua import wire
from connectors.opcua.times import EPOCH_TICKS, ticks_to_ns
from twin.contract.clock import to_iso
from twin.contract.status import BAD_DATA_ENCODING_UNSUPPORTED, BAD_DATA_UNAVAILABLE, GOOD, UNCERTAIN

BAD_ENCODING_LIMITS_EXCEEDED = 0x80080000
MAX_TEXT_BYTES = 64 << 10
EXACT_INTEGER = 2**53
"""Every integer up to here is a float64."""

NAN = float("nan")

SCALAR_DTYPES: dict[int, str] = {
    wire.BOOLEAN: "u1", wire.SBYTE: "i1", wire.BYTE: "u1", wire.INT16: "<i2", wire.UINT16: "<u2",
    wire.INT32: "<i4", wire.UINT32: "<u4", wire.INT64: "<i8", wire.UINT64: "<u8", wire.FLOAT: "<f4",
    wire.DOUBLE: "<f8", wire.DATE_TIME: "<i8", wire.GUID: "V16", wire.STATUS_CODE: "<u4",
}  # fmt: skip
"""How the types of fixed size lie in the bytes."""

Texts = dict[int, str]


class Scalar(NamedTuple):
    """One value that has no fixed size, as it goes into a row.

    Args:
        text: the text, None if there is none.
        status: replaces a Good status; None leaves it.
        end: position after the value in the bytes.
    """

    text: str | None
    status: int | None
    end: int


def column(kind: int, raw: npt.NDArray[np.generic]) -> tuple[npt.NDArray[np.float64], Texts]:
    """Turn a column of one fixed-size type into float64, with texts (by row) where that is not exact.

    Args:
        kind: built-in type.
        raw: as :data:`SCALAR_DTYPES` lays it out.
    """
    if kind == wire.BOOLEAN:
        return (raw.view(np.uint8) != 0).astype(np.float64), {}
    if kind == wire.DATE_TIME:
        return _date_times(raw.view(np.int64))
    if kind == wire.GUID:
        texts = {row: str(uuid.UUID(bytes_le=entry.tobytes())) for row, entry in enumerate(raw)}
        return np.full(len(raw), np.nan), texts
    value = raw.astype(np.float64)
    if kind in {wire.INT64, wire.UINT64}:
        beyond = np.flatnonzero(np.abs(value) >= EXACT_INTEGER)
        return value, {int(row): str(int(raw[row])) for row in beyond}
    return value, {}


def _date_times(ticks: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.float64], Texts]:
    texts = {}
    value = np.full(len(ticks), np.nan)
    for row, entry in enumerate(ticks.tolist()):
        time_ns = ticks_to_ns(entry)
        if time_ns is not None:
            value[row] = (entry - EPOCH_TICKS) / 1e7
            texts[row] = to_iso(time_ns)
    return value, texts


def scalar(data: bytes, pos: int) -> Scalar:
    """Read the Variant at ``pos`` that has no fixed size; what cannot be shown is stepped over.

    Raises:
        MalformedResponseError, IndexError, struct.error: the bytes are no Variant or are cut.
    """
    encoding = data[pos]
    start = pos + 1
    if encoding == wire.STRING:
        end = wire.byte_string(data, start)[1]
        return _text(data[start + 4 : end], end)
    kind = encoding & wire.TYPE
    end = wire.variant(data, pos)
    if encoding & (wire.ARRAY | wire.DIMENSIONS):
        return Scalar(None, BAD_DATA_ENCODING_UNSUPPORTED, end)
    if kind == wire.XML_ELEMENT:
        return _text(data[start + 4 : end], end)
    if kind == wire.LOCALIZED_TEXT:
        first, length, _ = wire.localized_text(data, start)
        return _text(data[first : first + max(length, 0)], end)
    if kind == wire.QUALIFIED_NAME:
        return _text(data[start + 6 : end], end)
    if kind == wire.BYTE_STRING:
        if end - start - 4 > MAX_TEXT_BYTES // 2:
            return Scalar(None, BAD_ENCODING_LIMITS_EXCEEDED, end)
        return Scalar(data[start + 4 : end].hex(), None, end)
    if kind in {wire.NODE_ID, wire.EXPANDED_NODE_ID}:
        return _node_id(data, start, end)
    return Scalar(None, BAD_DATA_ENCODING_UNSUPPORTED, end)


def null_status(status: int) -> int:
    """Return the status of a reading without a value: missing is not good.

    >>> hex(null_status(0)), hex(null_status(0x80320000))
    ('0x809e0000', '0x80320000')
    """
    return BAD_DATA_UNAVAILABLE if status >> 30 == GOOD else status


def _text(raw: bytes, end: int) -> Scalar:
    if len(raw) > MAX_TEXT_BYTES:
        return Scalar(None, BAD_ENCODING_LIMITS_EXCEEDED, end)
    try:
        return Scalar(raw.decode(), None, end)
    except UnicodeDecodeError:
        return Scalar(raw.decode(errors="replace"), UNCERTAIN, end)


def _node_id(data: bytes, pos: int, end: int) -> Scalar:
    encoding = data[pos]
    kind = encoding & 0x3F
    if encoding & 0xC0:
        return Scalar(None, BAD_DATA_ENCODING_UNSUPPORTED, end)
    if kind == 0:
        return Scalar(f"i={data[pos + 1]}", None, end)
    doubt = None
    if kind == 1:
        namespace, identifier = data[pos + 1], f"i={wire.U16.unpack_from(data, pos + 2)[0]}"
    else:
        (namespace,) = wire.U16.unpack_from(data, pos + 1)
        body = data[pos + 3 : end]
        if kind == 2:
            identifier = f"i={wire.U32.unpack_from(body)[0]}"
        elif kind == 3:
            text = _text(body[4:], end)
            if text.text is None:
                return text
            identifier, doubt = f"s={text.text}", text.status
        elif kind == 4:
            identifier = f"g={uuid.UUID(bytes_le=body)}"
        else:
            identifier = f"b={body[4:].hex()}"
    return Scalar(f"ns={namespace};{identifier}" if namespace else identifier, doubt, end)
