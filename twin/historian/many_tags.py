"""The readings of many tags at once, as columns: for whoever reckons over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from twin.historian.engine import Engine
from twin.historian.native import ColumnData, Columns
from twin.historian.schema import tag_number

LOOK_BACK_NS = 2 * 86_400 * 1_000_000_000
"""How far before the interval all tags are asked for their last reading together; the few that have none
there are asked one by one, as far back as there is anything."""

_LIMITS = "do_not_merge_across_partitions_select_final = 1, max_execution_time = 60, max_threads = 2"


def _value(codes: Sequence[str]) -> str:
    """SQL of the value: of a text its place among ``codes``, NaN where it is none of them."""
    if not codes:
        return "value"
    quoted = ", ".join("'" + code.replace("\\", "\\\\").replace("'", "\\'") + "'" for code in codes)
    place = f"indexOf([{quoted}], assumeNotNull(text))"
    return f"if(isNull(text), value, if({place} = 0, nan, toFloat64({place}) - 1))"


def rows_query(tags: Sequence[str], codes: Sequence[str]) -> str:
    """Write the query for all readings of tags in ``[start, end)``, by tag and time."""
    return (
        f"SELECT tag, ts, {_value(codes)} AS value, status FROM readings FINAL "
        f"WHERE tag IN ({_numbers(tags)}) AND ts >= {{start:Int64}} AND ts < {{end:Int64}} "
        f"ORDER BY tag, ts SETTINGS {_LIMITS}"
    )


def before_query(tags: Sequence[str], codes: Sequence[str]) -> str:
    """Write the query for the last reading of each tag in ``[start, end)``."""
    return (
        f"SELECT tag, argMax(told, ts) AS value, argMax(status, ts) AS status, max(ts) AS ts FROM ("
        f"SELECT tag, ts, {_value(codes)} AS told, status FROM readings FINAL "
        f"WHERE tag IN ({_numbers(tags)}) AND ts >= {{start:Int64}} AND ts < {{end:Int64}}) "
        f"GROUP BY tag ORDER BY tag SETTINGS {_LIMITS}"
    )


def sources_query(tags: Sequence[str]) -> str:
    """Write the query for the source of each tag."""
    return f"SELECT name, source FROM tags FINAL WHERE tag IN ({_numbers(tags)})"


def _numbers(tags: Sequence[str]) -> str:
    return ", ".join(str(tag_number(tag)) for tag in tags)


def by_tag(found: Columns, tags: Sequence[str]) -> dict[str, tuple[ColumnData, ColumnData, ColumnData]]:
    """Part columns that are in order of tag into time, value and status of each tag that has any."""
    if not found:
        return {}
    numbers = np.asarray(found["tag"]).astype(np.uint64)
    names = {tag_number(tag): tag for tag in tags}
    edges = np.concatenate(([0], np.flatnonzero(numbers[1:] != numbers[:-1]) + 1, [len(numbers)])).tolist()
    time, value, status = (np.asarray(found[name]) for name in ("ts", "value", "status"))
    return {
        names[int(numbers[first])]: (time[first:last], value[first:last], status[first:last])
        for first, last in pairwise(edges)
    }


def last_of_each(
    engine: Engine, tags: Sequence[str], codes: Sequence[str], before_ns: int
) -> dict[str, tuple[ColumnData, ColumnData, ColumnData]]:
    """Return the last reading of each tag before a moment."""
    recent = {"start": max(before_ns - LOOK_BACK_NS, 0), "end": before_ns}
    found = by_tag(engine.query(before_query(tags, codes), recent), tags)
    missing = [tag for tag in tags if tag not in found]
    if missing:
        older = {"start": 0, "end": recent["start"]}
        found |= by_tag(engine.query(before_query(missing, codes), older), missing)
    return found
