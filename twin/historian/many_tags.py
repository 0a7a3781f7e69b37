"""The readings of many tags at once, as columns: for whoever reckons over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from twin.contract.status import BAD
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


Part = tuple[ColumnData, ColumnData, ColumnData]
"""Time, value and status of one tag."""


def rows_query(tags: Sequence[str], codes: Sequence[str]) -> str:
    """Write the query for all readings of tags in ``[start, end)``, by tag and time."""
    return (
        f"SELECT tag, ts, {_value(codes)} AS told, status FROM readings FINAL "
        f"WHERE tag IN ({_numbers(tags)}) AND ts >= {{start:Int64}} AND ts < {{end:Int64}} "
        f"ORDER BY tag, ts SETTINGS {_LIMITS}"
    )


def before_query(tags: Sequence[str], codes: Sequence[str]) -> str:
    """Write the query for the last reading of each tag in ``[start, end)``, and the last one that is not
    Bad."""
    fine = f"s < {BAD} AND isFinite(v)"
    return (
        f"SELECT tag, max(t) AS ts, argMax(v, t) AS told, argMax(s, t) AS status, countIf({fine}) AS good, "
        f"maxIf(t, {fine}) AS good_ts, argMaxIf(v, t, {fine}) AS good_told, "
        f"argMaxIf(s, t, {fine}) AS good_status FROM ("
        f"SELECT tag, ts AS t, {_value(codes)} AS v, status AS s FROM readings FINAL "
        f"WHERE tag IN ({_numbers(tags)}) AND ts >= {{start:Int64}} AND ts < {{end:Int64}}) "
        f"GROUP BY tag ORDER BY tag SETTINGS {_LIMITS}"
    )


def sources_query(tags: Sequence[str]) -> str:
    """Write the query for the source of each tag."""
    return f"SELECT name, source FROM tags FINAL WHERE tag IN ({_numbers(tags)})"


def _numbers(tags: Sequence[str]) -> str:
    return ", ".join(str(tag_number(tag)) for tag in tags)


def by_tag(found: Columns, tags: Sequence[str]) -> dict[str, Part]:
    """Part columns that are in order of tag into time, value and status of each tag that has any."""
    if not found:
        return {}
    numbers = np.asarray(found["tag"]).astype(np.uint64)
    names = {tag_number(tag): tag for tag in tags}
    edges = np.concatenate(([0], np.flatnonzero(numbers[1:] != numbers[:-1]) + 1, [len(numbers)])).tolist()
    time, value, status = (np.asarray(found[name]) for name in ("ts", "told", "status"))
    return {
        names[int(numbers[first])]: (time[first:last], value[first:last], status[first:last])
        for first, last in pairwise(edges)
    }


def last_of_each(
    engine: Engine, tags: Sequence[str], codes: Sequence[str], before_ns: int
) -> dict[str, Part]:
    """Return of each tag the last reading before a moment, and before it the last one that is not Bad, so
    that a counter goes on over a Bad reading; one row where they are the same."""
    recent = {"start": max(before_ns - LOOK_BACK_NS, 0), "end": before_ns}
    found = _last(engine.query(before_query(tags, codes), recent), tags)
    missing = [tag for tag in tags if tag not in found or not found[tag][1]]
    if missing and recent["start"] > 0:
        older = {"start": 0, "end": before_ns}
        found |= _last(engine.query(before_query(missing, codes), older), missing)
    return {tag: part for tag, (part, _) in found.items()}


def _last(found: Columns, tags: Sequence[str]) -> dict[str, tuple[Part, bool]]:
    """By tag the rows, and whether one of them is not Bad."""
    if not found:
        return {}
    names = {tag_number(tag): tag for tag in tags}
    any_, good = (
        [np.asarray(found[f"{prefix}{name}"]) for name in ("ts", "told", "status")]
        for prefix in ("", "good_")
    )
    made: dict[str, tuple[Part, bool]] = {}
    for row, number in enumerate(np.asarray(found["tag"]).tolist()):
        at = slice(row, row + 1)
        told = bool(np.asarray(found["good"])[row])
        apart = told and good[0][row] != any_[0][row]
        columns = zip(good, any_, strict=True)
        rows = [np.concatenate((g[at], a[at])) if apart else a[at] for g, a in columns]
        made[names[number]] = ((rows[0], rows[1], rows[2]), told)
    return made
