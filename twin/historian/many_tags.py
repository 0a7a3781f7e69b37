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

MOST_ROWS = 20_000_000
"""Readings in one answer, of 28 bytes each; of more the question is refused: ask for a shorter interval."""

_LIMITS = (
    "do_not_merge_across_partitions_select_final = 1, max_execution_time = 60, max_threads = 2, "
    f"max_result_rows = {MOST_ROWS}"
)


def _value(codes: Sequence[str]) -> str:
    """SQL of the value: of a text its place among ``codes``, NaN where it is none of them."""
    if not codes:
        return "value"
    quoted = ", ".join("'" + code.replace("\\", "\\\\").replace("'", "\\'") + "'" for code in codes)
    places = ", ".join(f"{place}.0" for place in range(len(codes)))
    return f"if(isNull(text), value, transform(assumeNotNull(text), [{quoted}], [{places}], nan))"


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


def counters_query(tags: Sequence[str], edges: Sequence[int]) -> str:
    """Write the query for what counters did between edges: first and last time and value of each part, and by
    how much they rose in it step by step, which is more than last less first where they ever fell."""
    part = f"roundDown(ts, [{', '.join(map(str, edges))}])"
    return (
        f"SELECT tag, {part} AS part, min(ts) AS first, max(ts) AS last, argMin(value, ts) AS begun, "
        f"argMax(value, ts) AS ended, deltaSumTimestamp(value, ts) AS rose FROM readings FINAL "
        f"WHERE tag IN ({_numbers(tags)}) AND ts >= {{start:Int64}} AND ts < {{end:Int64}} "
        f"AND status < {BAD} AND isFinite(value) GROUP BY tag, part ORDER BY tag, part SETTINGS {_LIMITS}, "
        # or threads take turns along a tag, and what each thinks it rose from one turn to the next is wrong
        "optimize_aggregation_in_order = 1"
    )


def counter_parts(found: Columns, tags: Sequence[str]) -> tuple[dict[str, Part], list[str]]:
    """Return by tag first and last reading of each part, and the tags that fell within one, which must be
    read whole."""
    if not found:
        return {}, []
    columns = ("first", "last", "begun", "ended", "rose")
    first, last, begun, ended, rose = (np.asarray(found[name]) for name in columns)
    fell = np.abs(rose - (ended - begun)) > 1e-9 * np.maximum(np.abs(ended), 1.0)
    whole = np.stack((first, last), axis=1)
    value = np.stack((begun, ended), axis=1)
    kept = np.stack((np.ones(len(first), np.bool_), last > first), axis=1).ravel()
    kept_columns = {
        "tag": np.repeat(np.asarray(found["tag"]), 2)[kept],
        "ts": whole.ravel()[kept],
        "told": value.ravel()[kept],
        "status": np.zeros(int(kept.sum()), np.uint32),
    }
    by_number = {tag_number(tag): tag for tag in tags}
    back = {by_number[number] for number in np.unique(np.asarray(found["tag"])[fell]).tolist()}
    return by_tag(kept_columns, tags), [tag for tag in tags if tag in back]


def sources_query(tags: Sequence[str]) -> str:
    """Write the query for the source of each tag."""
    return f"SELECT name, source FROM tags FINAL WHERE tag IN ({_numbers(tags)})"


def _numbers(tags: Sequence[str]) -> str:
    return ", ".join(str(tag_number(tag)) for tag in tags)


def by_tag(found: Columns, tags: Sequence[str]) -> dict[str, Part]:
    """Part columns that are in order of tag into time, value and status of each tag that has any."""
    if not found:
        return {}
    numbers = np.asarray(found["tag"]).astype(np.uint64, copy=False)
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
