"""ClickHouse's ``Native`` block format, the few types of it that the history uses, from and to columns.

Native is the engine's own columnar layout, so a numeric column goes in and out as one copy of its bytes. A
block is the number of columns and of rows (both LEB128), then per column its name, its type and its data:
fixed-width little-endian values; strings as LEB128 length and bytes; ``Nullable`` as one byte a row (1 =
null), then the values; ``Array`` as the running end of each row in ``uint64``, then the elements.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twin.historian.base import EngineError

NUMBERS = {
    "UInt8": "<u1",
    "UInt16": "<u2",
    "UInt32": "<u4",
    "UInt64": "<u8",
    "Int64": "<i8",
    "Float64": "<f8",
}
_NULLABLE_STRING = "Nullable(String)"
_STRING_ARRAY = "Array(String)"

Numbers = npt.NDArray[np.generic]
Texts = Sequence[str | None]
Lists = Sequence[tuple[str, ...]]
ColumnData = Numbers | Texts | Lists


@dataclass(frozen=True, slots=True)
class Column:
    """One column to insert.

    Args:
        name: of the column.
        type: its ClickHouse type, one of :data:`NUMBERS`, String, Nullable(String), Array(String).
        data: an array of that type, or a sequence of texts or of tuples of texts.
    """

    name: str
    type: str
    data: ColumnData


Columns = Mapping[str, ColumnData]


def encode_block(columns: Sequence[Column]) -> bytes:
    """Encode columns of equal length as one block.

    >>> encode_block([Column("a", "UInt8", np.array([7, 8], "u1"))])
    b'\\x01\\x02\\x01a\\x05UInt8\\x07\\x08'
    """
    rows = len(columns[0].data)
    parts = [_leb(len(columns)), _leb(rows)]
    for column in columns:
        if len(column.data) != rows:
            raise ValueError(f"column {column.name!r}: {len(column.data)} rows; the block has {rows}")
        parts += [_text(column.name), _text(column.type), _encode_data(column)]
    return b"".join(parts)


def decode_blocks(data: bytes) -> dict[str, ColumnData]:
    """Decode one or more blocks after another into columns; no block at all gives no column.

    Raises:
        EngineError: a type that this reader does not know, or blocks that are cut or damaged.
    """
    try:
        return _decode_blocks(data)
    except (IndexError, ValueError) as error:
        raise EngineError(f"history answered {len(data)} bytes that are no Native blocks: {error}") from error


def _decode_blocks(data: bytes) -> dict[str, ColumnData]:
    pieces: dict[str, list[ColumnData]] = {}
    at = 0
    while at < len(data):
        width, at = _read_leb(data, at)
        rows, at = _read_leb(data, at)
        for _ in range(width):
            name, at = _read_text(data, at)
            kind, at = _read_text(data, at)
            column, at = _decode_data(kind, data, at, rows)
            pieces.setdefault(name, []).append(column)
    return {name: _join(columns) for name, columns in pieces.items()}


def _join(pieces: list[ColumnData]) -> ColumnData:
    if len(pieces) == 1:
        return pieces[0]
    if isinstance(pieces[0], np.ndarray):
        return np.concatenate([piece for piece in pieces if isinstance(piece, np.ndarray)])
    joined: list[str | None] = []
    for piece in pieces:
        joined.extend(piece)  # type: ignore[arg-type]  # texts and lists are joined alike
    return joined


def _encode_data(column: Column) -> bytes:
    data = column.data
    if isinstance(data, np.ndarray):
        return np.ascontiguousarray(data, NUMBERS[column.type]).tobytes()
    if column.type == _STRING_ARRAY:
        ends = np.cumsum([len(row) for row in data if row is not None], dtype="<u8")
        return ends.tobytes() + b"".join(_text(text) for row in data for text in row or ())
    texts = b"".join(_text(text) if isinstance(text, str) else b"\0" for text in data)
    if column.type == _NULLABLE_STRING:
        return bytes(text is None for text in data) + texts
    return texts


def _decode_data(kind: str, data: bytes, at: int, rows: int) -> tuple[ColumnData, int]:
    dtype = NUMBERS.get(kind)
    if dtype is not None:
        column = np.frombuffer(data, dtype, rows, at)
        return column, at + column.nbytes
    if kind == "String":
        return _decode_texts(data, at, rows)
    if kind == _NULLABLE_STRING:
        null = data[at : at + rows]
        if data[at : at + 2 * rows] == b"\1" * rows + bytes(rows):  # most tags never have text
            return [None] * rows, at + 2 * rows
        texts, at = _decode_texts(data, at + rows, rows)
        return [None if absent else text for absent, text in zip(null, texts, strict=True)], at
    if kind == _STRING_ARRAY:
        ends = np.frombuffer(data, "<u8", rows, at).tolist()
        texts, at = _decode_texts(data, at + 8 * rows, ends[-1] if rows else 0)
        return [tuple(texts[a:b]) for a, b in zip([0, *ends[:-1]], ends, strict=True)] if rows else [], at
    raise EngineError(f"column type {kind!r}: the Native reader does not know it; cast it in the SQL")


def _decode_texts(data: bytes, at: int, rows: int) -> tuple[list[str], int]:
    texts = []
    for _ in range(rows):
        text, at = _read_text(data, at)
        texts.append(text)
    return texts, at


def _leb(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _text(text: str) -> bytes:
    raw = text.encode()
    return _leb(len(raw)) + raw


def _read_leb(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7


def _read_text(data: bytes, at: int) -> tuple[str, int]:
    size, at = _read_leb(data, at)
    if at + size > len(data):
        raise IndexError("a text is cut")
    return data[at : at + size].decode(), at + size
