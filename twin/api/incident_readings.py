"""The readings of a stretch of time as a Parquet file, some tags after others, in bounded memory.

Imported when the first bundle is made: Arrow takes a moment and some room.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from twin.api.incident_parts import Stretch
from twin.historian.base import HistoryStore, HistoryTimeoutError, Points, TagColumns, UnknownTagError
from twin.incidents.errors import IncidentQuestionError
from twin.park.model import Park

MOST_READINGS: Final = 50_000_000
_TAGS_AT_ONCE: Final = 200
_TEXTUAL: Final = frozenset({"String", "LocalizedText", "ByteString", "XmlElement", "Guid"})
_SCHEMA: Final = pa.schema(
    [
        ("tag", pa.dictionary(pa.int32(), pa.string())),
        ("time", pa.timestamp("ns", tz="UTC")),
        ("value", pa.float64()),
        ("status", pa.uint32()),
        ("text", pa.string()),
    ]
)


def write_readings(path: Path, park: Park, history: HistoryStore, of: Stretch) -> dict[str, int]:
    """Write all readings, and of each tag the last one before, which held when it began; return how many.

    Raises:
        IncidentQuestionError: there are too many.
        HistoryError: the history cannot tell.
    """
    machines = set(of.equipment)
    told = [tag for tag in park.tags if park.equipment[tag.equipment].id in machines]
    numeric = [tag.tag for tag in told if tag.signal.data_type not in _TEXTUAL]
    textual = [tag.tag for tag in told if tag.signal.data_type in _TEXTUAL]
    rows = 0
    with pq.ParquetWriter(path, _SCHEMA, compression="zstd") as writer:
        for tag, columns in _numeric(history, numeric, of):
            if len(columns.time):
                writer.write_table(_table(tag, columns, None))
            rows = _counted(rows, len(columns.time))
        for tag in textual:
            for page in _textual(history, tag, of):
                writer.write_table(_table(tag, page, page.text))
                rows = _counted(rows, len(page))
    return {"tags": len(told), "readings": rows}


def _numeric(history: HistoryStore, tags: Sequence[str], of: Stretch) -> Iterator[tuple[str, TagColumns]]:
    """Yield some tags at a time; where that is too much for one answer, fewer."""
    for first in range(0, len(tags), _TAGS_AT_ONCE):
        some = tags[first : first + _TAGS_AT_ONCE]
        try:
            found = history.columns(some, of.start, of.end)
        except HistoryTimeoutError:
            if len(some) == 1:
                raise
            for half in (some[: len(some) // 2], some[len(some) // 2 :]):
                yield from _numeric(history, half, of)
        else:
            yield from found.items()


def _textual(history: HistoryStore, tag: str, of: Stretch) -> Iterator[Points]:
    try:
        before = history.last_before(tag, of.start)
        if len(before):
            yield before
        yield from history.export(tag, of.start, of.end)
    except UnknownTagError:
        return  # nobody has ever told of it


def _table(tag: str, columns: Points | TagColumns, text: Sequence[str | None] | None) -> pa.Table:
    n = len(columns.time)
    return pa.table(
        [
            pa.DictionaryArray.from_arrays(pa.array(np.zeros(n, np.int32)), pa.array([tag])),
            pa.array(columns.time).cast(pa.timestamp("ns", tz="UTC")),
            pa.array(columns.value, from_pandas=True),
            pa.array(columns.status),
            pa.nulls(n, pa.string()) if text is None else pa.array(list(text), pa.string()),
        ],
        schema=_SCHEMA,
    )


def _counted(rows: int, more: int) -> int:
    if rows + more > MOST_READINGS:
        raise IncidentQuestionError(
            f"an incident of more than {MOST_READINGS:,} readings: ask for a shorter time or less equipment"
        )
    return rows + more
