"""Pieces of a history as one stream of bytes, as a running twin tells them to whoever makes a backup.

Per piece a line of JSON (table, rows, bytes) and the block; at the end a line with the number of pieces: a
stream without it was broken off.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from twin.historian.base import EngineError, Piece

MEDIA_TYPE: Final = "application/vnd.parktwin.history"
_MOST_BLOCK: Final = 1 << 30


def write_pieces(pieces: Iterable[Piece]) -> Iterator[bytes]:
    """Yield the bytes of the stream."""
    count = 0
    for piece in pieces:
        head = {"table": piece.table, "rows": piece.rows, "bytes": len(piece.block)}
        yield json.dumps(head).encode() + b"\n"
        yield piece.block
        count += 1
    yield json.dumps({"end": count}).encode() + b"\n"


def read_pieces(read_line: Callable[[], bytes], read: Callable[[int], bytes]) -> Iterator[Piece]:
    """Yield the pieces of a stream.

    Args:
        read_line: the next line, with its end; empty at the end of the stream.
        read: so many bytes, fewer only at the end.

    Raises:
        EngineError: the stream is damaged or was broken off.
    """
    count = 0
    while True:
        line = read_line()
        try:
            head = json.loads(line)
            if "end" in head:
                whole = head["end"] == count
                break
            table, rows, size = str(head["table"]), int(head["rows"]), int(head["bytes"])
        except (ValueError, KeyError, TypeError) as error:
            raise EngineError(f"history copy: broken off after {count} pieces; make it again") from error
        block = read(size) if 0 <= size <= _MOST_BLOCK else b""
        if len(block) != size:
            raise EngineError(f"history copy: piece {count + 1} is cut; make it again")
        yield Piece(table, rows, block)
        count += 1
    if not whole:
        raise EngineError(f"history copy: {count} pieces, {head['end']} were told; make it again")
