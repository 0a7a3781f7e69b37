"""A history in pieces, to be kept elsewhere and put into another one, in bounded memory, while it is used.

What is told while it is copied may be in it or not; whoever copies a history keeps the bus as well, with the
positions of before, so that it is told again. ``moments`` is not copied: it fills by itself from what is put
in (:mod:`twin.historian.moments_table`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from twin.historian.base import EngineError, Piece
from twin.historian.engine import Engine
from twin.historian.native import Column, Columns, decode_blocks, encode_block
from twin.historian.schema import READING_COLUMNS, TEXT_COLUMN

PIECE_ROWS: Final = 500_000
"""About 15 MB as a block."""

COPIED: Final[Mapping[str, Mapping[str, str]]] = {
    "tags": {
        "tag": "UInt64",
        "name": "String",
        "unit": "String",
        "data_type": "String",
        "source": "String",
        "simulated": "UInt8",
    },
    "gaps": {
        "id": "String",
        "source": "String",
        "start": "Int64",
        "end": "Int64",
        "reason": "String",
        "tags": "Array(String)",
    },
    "readings": {**READING_COLUMNS, TEXT_COLUMN[0]: TEXT_COLUMN[1]},
}
"""Columns of the tables that are copied, with their types."""


def copy_out(engine: Engine, piece_rows: int = PIECE_ROWS) -> Iterator[Piece]:
    """Yield everything a history holds, the tags first.

    Args:
        engine: of the history.
        piece_rows: so many rows a piece, a few more where rows come while it is copied.

    Raises:
        HistoryError: it cannot be read now.
    """
    for table, order in (("tags", "tag"), ("gaps", "(source, id)")):
        names = ", ".join(COPIED[table])
        yield from _pieces(table, engine.query(f"SELECT {names} FROM {table} FINAL ORDER BY {order}", {}))
    names = ", ".join(COPIED["readings"])
    for first, last, start, end in _stretches(engine, piece_rows):
        query = (
            f"SELECT {names} FROM readings FINAL WHERE tag BETWEEN {first} AND {last} "
            f"AND ts >= {start} AND ts < {end} ORDER BY tag, ts"
        )
        yield from _pieces("readings", engine.query(query, {}))


def copy_in(engine: Engine, piece: Piece) -> None:
    """Put a piece into a history; putting it in again changes nothing.

    Raises:
        EngineError: the piece is damaged, or of a table that is not copied.
        HistoryError: it is not known whether it is in; put it in again.
    """
    if piece.table not in COPIED:
        raise EngineError(f"history copy: table {piece.table!r} is none of {', '.join(COPIED)}")
    columns = decode_blocks(piece.block)
    if set(columns) != set(COPIED[piece.table]):
        raise EngineError(f"history copy: table {piece.table!r} has the columns {', '.join(columns)}")
    engine.insert(piece.table, _typed(piece.table, columns))


def _pieces(table: str, columns: Columns) -> Iterator[Piece]:
    if columns:
        rows = len(next(iter(columns.values())))
        if rows:
            yield Piece(table, rows, encode_block(_typed(table, columns)))


def _typed(table: str, columns: Columns) -> list[Column]:
    return [Column(name, kind, columns[name]) for name, kind in COPIED[table].items()]


def _stretches(engine: Engine, piece_rows: int) -> Iterator[tuple[int, int, int, int]]:
    """First and last tag, start and end [ns] of stretches of about ``piece_rows`` rows, each of one week."""
    weeks = engine.query(
        "SELECT DISTINCT partition_id AS week FROM system.parts "
        "WHERE database = currentDatabase() AND table = 'readings' AND active ORDER BY week",
        {},
    )
    for week in weeks.get("week", ()):
        bounds = engine.query(
            "SELECT min(ts) AS first, max(ts) AS last FROM readings WHERE _partition_id = {week:String}",
            {"week": str(week)},
        )
        if not bounds:
            continue
        first, last = (int(np.asarray(bounds[name])[0]) for name in ("first", "last"))
        yield from _by_tags(engine, first, last + 1, piece_rows)


def _by_tags(engine: Engine, start: int, end: int, piece_rows: int) -> Iterator[tuple[int, int, int, int]]:
    counted = engine.query(
        "SELECT tag, count() AS rows FROM readings WHERE ts >= {start:Int64} AND ts < {end:Int64} "
        "GROUP BY tag ORDER BY tag",
        {"start": start, "end": end},
    )
    if not counted:
        return
    tags, rows = np.asarray(counted["tag"]).tolist(), np.asarray(counted["rows"]).tolist()
    held: list[int] = []
    size = 0
    for tag, count in zip(tags, rows, strict=True):
        if held and size + count > piece_rows:
            yield held[0], held[-1], start, end
            held, size = [], 0
        if count > piece_rows:
            step = -(-(end - start) // -(-count // piece_rows))
            for at in range(start, end, step):
                yield tag, tag, at, min(at + step, end)
            continue
        held.append(tag)
        size += count
    if held:
        yield held[0], held[-1], start, end
