"""Means of many tags over equal parts of an interval, as one question: what a forecast learns from.

A source that tells changes only says nothing while a value stands still: a part without a reading has the
value that stood last, unless that was Bad or a gap of the tag lies between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from twin.contract.frame import F64
from twin.contract.status import BAD
from twin.historian.base import TagColumns
from twin.historian.native import Columns
from twin.historian.schema import tag_number

_GOOD = f"status < {BAD} AND isFinite(value)"
_LIMITS = "do_not_merge_across_partitions_select_final = 1, max_execution_time = 60, max_threads = 2"


def means_query(tags: Sequence[str]) -> str:
    """Write the query for the mean of each part of ``[start, end)`` of each tag, and how it ended."""
    numbers = ", ".join(str(tag_number(tag)) for tag in tags)
    return (
        "SELECT tag, intDiv(ts - {start:Int64}, {width:Int64}) AS part, "
        f"avgIf(value, {_GOOD}) AS mean, countIf({_GOOD}) AS good, argMax(value, ts) AS ended, "
        f"toUInt8(argMax({_GOOD}, ts)) AS fine FROM readings FINAL "
        f"WHERE tag IN ({numbers}) AND ts >= {{start:Int64}} AND ts < {{end:Int64}} "
        f"GROUP BY tag, part SETTINGS {_LIMITS}"
    )


def filled_means(
    found: Columns,
    tags: Sequence[str],
    parts: int,
    start_ns: int,
    width_ns: int,
    before: Mapping[str, TagColumns],
) -> F64:
    """Put means into columns, ``float64[parts, tags]``; NaN where a tag was not known.

    Args:
        found: the answer to :func:`means_query`.
        before: of each tag its gaps, and as its last row the last reading before the interval, if any.
    """
    mean, ended = (np.full((parts, len(tags)), np.nan) for _ in range(2))
    told = np.zeros((parts, len(tags)), np.bool_)
    if found:
        place = {tag_number(tag): number for number, tag in enumerate(tags)}
        column = np.array([place[number] for number in np.asarray(found["tag"]).tolist()], np.intp)
        row = np.asarray(found["part"]).astype(np.intp)
        told[row, column] = True
        good = np.asarray(found["good"]) > 0
        mean[row[good], column[good]] = np.asarray(found["mean"])[good]
        fine = np.asarray(found["fine"]) > 0
        ended[row[fine], column[fine]] = np.asarray(found["ended"])[fine]
    for number, tag in enumerate(tags):
        stands = _stood(before[tag])
        for part in range(parts):
            begin = start_ns + part * width_ns
            if told[part, number]:
                stands = ended[part, number]
                continue
            gaps = before[tag].gaps
            if len(gaps) and ((gaps[:, 0] < begin + width_ns) & (gaps[:, 1] > begin)).any():
                stands = np.nan
            mean[part, number] = stands
    return mean


def _stood(columns: TagColumns) -> float:
    if not len(columns.value) or columns.status[-1] >= BAD:
        return float("nan")
    return float(columns.value[-1])
