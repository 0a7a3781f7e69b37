"""The last reading of every tag up to one moment: a state of the past.

Most tags have spoken within minutes, so what lies before is looked at in stretches that grow, each time for
the tags that are still missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from twin.contract.clock import NS_PER_S
from twin.historian.base import NO_TIME, LastReadings
from twin.historian.engine import Engine
from twin.historian.native import Columns
from twin.historian.schema import tag_number

STRETCHES_NS = (600 * NS_PER_S, 6 * 3600 * NS_PER_S, 8 * 86_400 * NS_PER_S)
"""How far back is looked, first, then, and so on; at last as far as there is anything."""
_NAMED_UP_TO = 2_000
"""Tags that are named in a query; of more, all are asked for and the right ones are taken."""
_LIMITS = "do_not_merge_across_partitions_select_final = 1, max_execution_time = 20, max_threads = 2"


def last_readings(engine: Engine, tags: Sequence[str], at: int) -> LastReadings:
    """Return the last reading of each tag with a source time of ``at`` [ns] or before."""
    numbers = _numbers(tuple(tags))
    found = LastReadings.nothing(len(tags))
    missing = np.arange(len(tags))
    end = at + 1
    for stretch in (*STRETCHES_NS, at + 1):
        start = max(0, at + 1 - stretch)
        if not len(missing) or start >= end:
            break
        _fill(engine, numbers, missing, start, end, found)
        missing = np.flatnonzero(found.time == NO_TIME)
        if len(missing):
            missing = missing[_told(engine, numbers[missing])]
        end = start
    return found


@lru_cache(maxsize=4)
def _numbers(tags: tuple[str, ...]) -> np.ndarray:
    """Those who play the past ask for the same tags again and again, and numbers are hashes."""
    return np.array([tag_number(tag) for tag in tags], np.uint64)


def _fill(
    engine: Engine, numbers: np.ndarray, missing: np.ndarray, start: int, end: int, found: LastReadings
) -> None:
    query = (
        "SELECT tag, max(ts) AS last, argMax(value, ts) AS told, argMax(status, ts) AS quality "
        f"FROM readings FINAL WHERE ts >= {{start:Int64}} AND ts < {{end:Int64}}{_among(numbers[missing])} "
        f"GROUP BY tag ORDER BY tag SETTINGS {_LIMITS}"
    )
    columns = engine.query(query, {"start": start, "end": end})
    if not columns:
        return
    row, to = _places(columns, numbers, missing)
    found.time[to] = np.asarray(columns["last"])[row]
    found.value[to] = np.asarray(columns["told"])[row]
    found.status[to] = np.asarray(columns["quality"])[row]
    _fill_texts(engine, numbers, to, start, end, found)


def _fill_texts(
    engine: Engine, numbers: np.ndarray, among: np.ndarray, start: int, end: int, found: LastReadings
) -> None:
    """Texts are few, and carrying an empty one for every number along costs more than asking for them."""
    query = (
        "SELECT tag, max(ts) AS last, argMax(text, ts) AS words FROM readings FINAL "
        f"WHERE ts >= {{start:Int64}} AND ts < {{end:Int64}}{_among(numbers[among])} AND text IS NOT NULL "
        f"GROUP BY tag ORDER BY tag SETTINGS {_LIMITS}"
    )
    columns = engine.query(query, {"start": start, "end": end})
    if not columns:
        return
    row, to = _places(columns, numbers, among)
    last, words = np.asarray(columns["last"]), columns["words"]
    for place, number in zip(to.tolist(), row.tolist(), strict=True):
        text = words[number]
        if isinstance(text, str) and last[number] == found.time[place]:
            found.text[place] = text


def _places(columns: Columns, numbers: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which rows of an answer, in order of tag, are of which of the wanted tags."""
    tag = np.asarray(columns["tag"]).astype(np.uint64)
    row = np.minimum(np.searchsorted(tag, numbers[wanted]), len(tag) - 1)
    here = tag[row] == numbers[wanted]
    return row[here], wanted[here]


def _told(engine: Engine, numbers: np.ndarray) -> np.ndarray:
    """Which tags anybody has ever told a reading of: of the others nothing is looked for in all the past."""
    columns = engine.query(f"SELECT DISTINCT tag FROM tags WHERE 1{_among(numbers)}", {})
    if not columns:
        return np.zeros(len(numbers), np.bool_)
    return np.isin(numbers, np.asarray(columns["tag"]).astype(np.uint64))


def _among(numbers: np.ndarray) -> str:
    if len(numbers) > _NAMED_UP_TO:
        return ""
    return f" AND tag IN ({', '.join(map(str, numbers.tolist()))})"
