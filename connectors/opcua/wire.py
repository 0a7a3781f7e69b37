"""The OPC UA binary encoding (OPC 10000-6 §5.2), as far as one must know it to step over a value whole.

Every function takes the bytes and a position and returns the position after what stood there. None of them
builds the value: a structure nobody knows is stepped over by its length and harms nobody.

Raises (all of them): MalformedResponseError, IndexError or struct.error where the bytes end too early; the
caller maps the latter two, so that the common path pays no check twice.
"""

from __future__ import annotations

import struct

from connectors.errors import MalformedResponseError

U16 = struct.Struct("<H")
U32 = struct.Struct("<I")
I32 = struct.Struct("<i")
I64 = struct.Struct("<q")

MAX_DEPTH = 16
"""Variants, data values and diagnostics may nest; deeper than this is an attack or an error."""

NULL, BOOLEAN, SBYTE, BYTE, INT16, UINT16, INT32, UINT32, INT64, UINT64, FLOAT, DOUBLE = range(12)
STRING, DATE_TIME, GUID, BYTE_STRING, XML_ELEMENT, NODE_ID, EXPANDED_NODE_ID = range(12, 19)
STATUS_CODE, QUALIFIED_NAME, LOCALIZED_TEXT, EXTENSION_OBJECT, DATA_VALUE, VARIANT = range(19, 25)
DIAGNOSTIC_INFO = 25
LAST_RESERVED = 31
"""Built-in types 26 to 31 are reserved and shall be read as ByteString (§5.1.6)."""

FIXED_BYTES: dict[int, int] = {
    NULL: 0, BOOLEAN: 1, SBYTE: 1, BYTE: 1, INT16: 2, UINT16: 2, INT32: 4, UINT32: 4, INT64: 8, UINT64: 8,
    FLOAT: 4, DOUBLE: 8, DATE_TIME: 8, GUID: 16, STATUS_CODE: 4,
}  # fmt: skip
"""Size of the built-in types that always have the same."""

ARRAY = 0x80
DIMENSIONS = 0x40
TYPE = 0x3F

HAS_VALUE, HAS_STATUS, HAS_SOURCE_TIME, HAS_SERVER_TIME, HAS_SOURCE_PICO, HAS_SERVER_PICO = (
    1 << bit for bit in range(6)
)
RESERVED_BITS = 0xC0

_STAMPS = (
    (HAS_STATUS, 4),
    (HAS_SOURCE_TIME, 8),
    (HAS_SOURCE_PICO, 2),
    (HAS_SERVER_TIME, 8),
    (HAS_SERVER_PICO, 2),
)
"""What follows the value of a DataValue, in the order of §5.2.2.17."""


def stamps_bytes(mask: int) -> int:
    """Return how many bytes of status and time follow the value of a DataValue with this encoding mask.

    >>> stamps_bytes(0x0F)
    20
    """
    return sum(size for bit, size in _STAMPS if mask & bit)


def step(data: bytes, pos: int, size: int) -> int:
    """Step over ``size`` bytes that must be there."""
    if size < 0 or pos + size > len(data):
        raise MalformedResponseError(
            f"{size} bytes announced at byte {pos}, {len(data) - pos} there: the message is cut or damaged"
        )
    return pos + size


def array_length(data: bytes, pos: int) -> tuple[int, int]:
    """Return the length of an array (0 if it is null, -1 on the wire) and the position of its first entry."""
    (length,) = I32.unpack_from(data, pos)
    if length < -1:
        raise MalformedResponseError(f"array of length {length} at byte {pos}: must be -1 (null) or more")
    return max(length, 0), pos + 4


def byte_string(data: bytes, pos: int) -> tuple[int, int]:
    """Return the length (-1 = null) and the position after a length-prefixed string of bytes."""
    (length,) = I32.unpack_from(data, pos)
    return length, step(data, pos + 4, 0 if length == -1 else length)


def node_id(data: bytes, pos: int) -> int:
    """Step over a NodeId or ExpandedNodeId."""
    encoding = data[pos]
    kind = encoding & 0x3F
    if kind in _NUMERIC_NODE_ID_BYTES:
        end = step(data, pos, _NUMERIC_NODE_ID_BYTES[kind])
    elif kind in {3, 5}:
        end = byte_string(data, pos + 3)[1]
    else:
        raise MalformedResponseError(f"node id encoding {kind} at byte {pos}: must be 0 to 5")
    if encoding & 0x80:
        end = byte_string(data, end)[1]
    return step(data, end, 4) if encoding & 0x40 else end


_NUMERIC_NODE_ID_BYTES = {0: 2, 1: 4, 2: 7, 4: 19}


def extension_object(data: bytes, pos: int) -> int:
    """Step over an ExtensionObject by the length it announces."""
    pos = node_id(data, pos)
    encoding = data[pos]
    if encoding == 0:
        return pos + 1
    if encoding > 2:
        raise MalformedResponseError(f"extension object encoding {encoding} at byte {pos}: must be 0 to 2")
    length, end = byte_string(data, pos + 1)
    if length < 0:
        raise MalformedResponseError(
            f"extension object at byte {pos} has no length: it cannot be stepped over"
        )
    return end


def variant(data: bytes, pos: int, depth: int = 0) -> int:
    """Step over a Variant: scalar, array or matrix."""
    if depth > MAX_DEPTH:
        raise MalformedResponseError(f"variants nest deeper than {MAX_DEPTH} at byte {pos}")
    encoding = data[pos]
    kind = encoding & TYPE
    pos += 1
    if not encoding & ARRAY:
        if encoding & DIMENSIONS:
            raise MalformedResponseError(f"variant at byte {pos - 1} has dimensions but is no array")
        return scalar(data, pos, kind, depth)
    length, pos = array_length(data, pos)
    fixed = FIXED_BYTES.get(kind)
    if fixed is not None:
        pos = step(data, pos, length * fixed)
    elif kind > LAST_RESERVED:
        raise MalformedResponseError(_no_built_in(kind, pos))
    else:
        for _ in range(length):
            pos = scalar(data, pos, kind, depth)
    if encoding & DIMENSIONS:
        count, pos = array_length(data, pos)
        pos = step(data, pos, count * 4)
    return pos


def scalar(data: bytes, pos: int, kind: int, depth: int = 0) -> int:
    """Step over one value of a built-in type."""
    fixed = FIXED_BYTES.get(kind)
    if fixed is not None:
        return step(data, pos, fixed)
    if kind in {STRING, BYTE_STRING, XML_ELEMENT} or DIAGNOSTIC_INFO < kind <= LAST_RESERVED:
        return byte_string(data, pos)[1]
    if kind in {NODE_ID, EXPANDED_NODE_ID}:
        return node_id(data, pos)
    if kind == QUALIFIED_NAME:
        return byte_string(data, pos + 2)[1]
    if kind == LOCALIZED_TEXT:
        return localized_text(data, pos)[2]
    if kind == EXTENSION_OBJECT:
        return extension_object(data, pos)
    if kind == DATA_VALUE:
        return data_value(data, pos, depth + 1)
    if kind == VARIANT:
        return variant(data, pos, depth + 1)
    if kind == DIAGNOSTIC_INFO:
        return diagnostic_info(data, pos, depth + 1)
    raise MalformedResponseError(_no_built_in(kind, pos))


def _no_built_in(kind: int, pos: int) -> str:
    return f"built-in type {kind} at byte {pos}: must be 0 to {LAST_RESERVED}"


def localized_text(data: bytes, pos: int) -> tuple[int, int, int]:
    """Return where the text of a LocalizedText starts, its length (-1 = none) and the position after."""
    mask = data[pos]
    if mask & ~3:
        raise MalformedResponseError(f"localized text mask {mask:#x} at byte {pos}: must be 0 to 3")
    pos += 1
    if mask & 1:
        pos = byte_string(data, pos)[1]
    if not mask & 2:
        return pos, -1, pos
    length, end = byte_string(data, pos)
    return pos + 4, length, end


def data_value(data: bytes, pos: int, depth: int = 0) -> int:
    """Step over a DataValue."""
    if depth > MAX_DEPTH:
        raise MalformedResponseError(f"data values nest deeper than {MAX_DEPTH} at byte {pos}")
    mask = data[pos]
    if mask & RESERVED_BITS:
        raise MalformedResponseError(f"data value mask {mask:#x} at byte {pos}: bits 6 and 7 must be 0")
    pos += 1
    if mask & HAS_VALUE:
        pos = variant(data, pos, depth + 1)
    return step(data, pos, stamps_bytes(mask))


def diagnostic_info(data: bytes, pos: int, depth: int = 0) -> int:
    """Step over a DiagnosticInfo (§5.2.2.12)."""
    if depth > MAX_DEPTH:
        raise MalformedResponseError(f"diagnostics nest deeper than {MAX_DEPTH} at byte {pos}")
    mask = data[pos]
    if mask & 0x80:
        raise MalformedResponseError(f"diagnostic info mask {mask:#x} at byte {pos}: bit 7 must be 0")
    pos = step(data, pos + 1, 4 * (mask & 0x0F).bit_count())
    if mask & 0x10:
        pos = byte_string(data, pos)[1]
    if mask & 0x20:
        pos = step(data, pos, 4)
    return diagnostic_info(data, pos, depth + 1) if mask & 0x40 else pos
