"""The last reading of every tag up to one moment, or in a stretch of time: a state of the past, and what
changed from one to the next.

Where to look is a list of stretches, the latest first; each is asked for the tags that are still missing.
Most tags have spoken within minutes. :mod:`twin.historian.moments_table` says what lies where.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from twin.contract.clock import NS_PER_S
from twin.contract.messages import Gap
from twin.historian.base import NO_TIME, LastReadings
from twin.historian.engine import Engine, Parameters
from twin.historian.moments_table import FOUR_HOURS_NS, REPLAY_DAYS, SLOT_NS, WEEK_NS
from twin.historian.native import Columns
from twin.historian.schema import tag_number

_STRETCHES_NS = (600 * NS_PER_S, 6 * 3600 * NS_PER_S, 8 * 86_400 * NS_PER_S)
"""How far back ``readings`` are looked at, first, then, and so on; at last as far as there is anything."""
_AT_ONCE_NS = (REPLAY_DAYS - 1) * 86_400 * NS_PER_S
"""The day less is for rows that are dropped while they are asked for."""
_USUALLY = 2
"""In so many stretches nearly every tag is found; for the others it is asked whether there is anything."""
_NAMED_UP_TO = 2_000
"""Tags that are named in a query; of more, all are asked for and the right ones are taken."""
_LIMITS = "do_not_merge_across_partitions_select_final = 1, max_execution_time = 20, max_threads = 2"


@dataclass(frozen=True, slots=True)
class Kept:
    """What ``moments`` can be asked for.

    Args:
        since: readings with a source time of this [ns] or later are in it.
        now: time of the engine [ns].
        closed: slots that end at this [ns] or before are whole in levels 1 to 3; a multiple of their width.
    """

    since: int
    now: int
    closed: int

    def at_once(self, moment: int) -> bool:
        """Tell whether the slots of minutes at a moment [ns] are there."""
        return max(self.since, self.now - _AT_ONCE_NS) <= moment


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Where to look.

    Args:
        rows: from and where, as SQL.
        parameters: of it.
        single: True if no tag has more than one row there.
    """

    rows: str
    parameters: Parameters
    single: bool = False


def last_readings(engine: Engine, tags: Sequence[str], at: int, kept: Kept) -> LastReadings:
    """Return the last reading of each tag with a source time of ``at`` [ns] or before."""
    return _look(engine, tags, _back_from(at, kept))


def last_between(engine: Engine, tags: Sequence[str], after: int, until: int, kept: Kept) -> LastReadings:
    """Return the last reading of each tag with a source time later than ``after`` and up to ``until`` [ns];
    none where there is none."""
    return _look(engine, tags, _between(after, until, kept), to_the_end=True)


def _look(
    engine: Engine, tags: Sequence[str], stretches: Iterator[_Stretch], *, to_the_end: bool = False
) -> LastReadings:
    numbers = numbers_of(tuple(tags))
    found = LastReadings.nothing(len(tags))
    missing = np.arange(len(tags))
    for turn, stretch in enumerate(stretches):
        if turn == _USUALLY and len(missing) and not to_the_end:
            missing = missing[_told(engine, numbers[missing])]
        if not len(missing):
            break
        _fill(engine, numbers, missing, stretch, found)
        missing = missing[found.time[missing] == NO_TIME]
    return found


def _back_from(at: int, kept: Kept) -> Iterator[_Stretch]:
    """From a moment back, in stretches that grow."""
    if at >= kept.since:
        whole = min(at, kept.closed)  # before it, levels 1 to 3 have everything
        hours, week = whole // FOUR_HOURS_NS, whole // WEEK_NS
        begin = max(hours * FOUR_HOURS_NS, kept.since)
        if kept.at_once(at):
            slot, closed, first = at // SLOT_NS, whole // SLOT_NS, begin // SLOT_NS
            yield _apart(slot, begin, at)
            if closed < slot:
                yield _all_apart(closed, slot, begin)
            last = min(slot, closed)
            yield _slots(1, last - 1, last, kept.since)
            if first < last - 1:
                yield _slots(1, first, last - 1, kept.since)
        else:
            recent = max(begin, at - _STRETCHES_NS[0])
            yield _readings(recent, at)
            if begin < recent:
                yield _readings(begin, recent - 1)
        yield _slots(2, week * (WEEK_NS // FOUR_HOURS_NS), hours, kept.since)
        yield _slots(3, week - 1, week, kept.since)
        yield _slots(3, 0, week - 1, kept.since)
    if kept.since:
        end = min(at, kept.since - 1)
        begin = end + 1
        for stretch in (*_STRETCHES_NS, end + 1):
            last, begin = begin - 1, max(0, end + 1 - stretch)
            if begin <= last:
                yield _readings(begin, last)


def _between(after: int, until: int, kept: Kept) -> Iterator[_Stretch]:
    if not kept.at_once(after):
        yield _readings(after + 1, until)
        return
    first, last = after // SLOT_NS, until // SLOT_NS
    yield _apart(last, after + 1, until)
    closed = min(max(kept.closed // SLOT_NS, first + 1), last)
    if closed < last:
        yield _all_apart(closed, last, 0)
    if first + 1 < closed:
        yield _slots(1, first + 1, closed, kept.since)
    if first < last:
        yield _apart(first, after + 1, until)


def _readings(first: int, last: int) -> _Stretch:
    rows = "readings FINAL WHERE ts >= {first:Int64} AND ts <= {last:Int64}"
    return _Stretch(rows, {"first": first, "last": last})


def _apart(slot: int, first: int, last: int) -> _Stretch:
    """Readings one by one, within a slot of minutes."""
    rows = (
        "moments FINAL PREWHERE level = 0 AND slot = {slot:UInt32} "
        "AND ts >= {first:Int64} AND ts <= {last:Int64} WHERE 1"
    )
    return _Stretch(rows, {"slot": slot, "first": first, "last": last})


def _all_apart(first: int, end: int, since: int) -> _Stretch:
    """Readings one by one, of the slots of minutes ``[first, end)``, which are not closed."""
    rows = (
        "moments FINAL PREWHERE level = 0 AND slot >= {first:UInt32} AND slot < {end:UInt32} "
        "WHERE ts >= {since:Int64}"
    )
    return _Stretch(rows, {"first": first, "end": end, "since": since})


def _slots(level: int, first: int, end: int, since: int) -> _Stretch:
    """The last readings of the slots ``[first, end)`` of a level."""
    rows = (
        "moments FINAL PREWHERE level = {level:UInt8} AND slot >= {first:UInt32} AND slot < {end:UInt32} "
        "WHERE ts >= {since:Int64}"
    )
    parameters = {"level": level, "first": max(first, 0), "end": max(end, 0), "since": since}
    return _Stretch(rows, parameters, single=end - first == 1)


@lru_cache(maxsize=4)
def numbers_of(tags: tuple[str, ...]) -> np.ndarray:
    """Those who play the past ask for the same tags again and again, and numbers are hashes."""
    return np.array([tag_number(tag) for tag in tags], np.uint64)


def _fill(
    engine: Engine, numbers: np.ndarray, missing: np.ndarray, stretch: _Stretch, found: LastReadings
) -> None:
    rows = f"{stretch.rows}{_among(numbers[missing])}"
    if stretch.single:
        query = f"SELECT tag, ts AS last, value AS told, status AS quality FROM {rows} ORDER BY tag"
    else:
        query = (
            "SELECT tag, max(ts) AS last, argMax(value, ts) AS told, argMax(status, ts) AS quality "
            f"FROM {rows} GROUP BY tag ORDER BY tag"
        )
    query = f"{query} SETTINGS {_LIMITS}"
    columns = engine.query(query, stretch.parameters)
    if not columns:
        return
    row, to = _places(columns, numbers, missing)
    found.time[to] = np.asarray(columns["last"])[row]
    found.value[to] = np.asarray(columns["told"])[row]
    found.status[to] = np.asarray(columns["quality"])[row]
    if len(to):
        _fill_texts(engine, numbers, to, stretch, found)


def _fill_texts(
    engine: Engine, numbers: np.ndarray, among: np.ndarray, stretch: _Stretch, found: LastReadings
) -> None:
    """Texts are few, and carrying an empty one for every number along costs more than asking for them; where
    there are none at all, that is told without merging anything."""
    rows = f"{stretch.rows}{_among(numbers[among])} AND text IS NOT NULL"
    probe = engine.query(f"SELECT 1 AS some FROM {rows.replace(' FINAL ', ' ')} LIMIT 1", stretch.parameters)
    if not probe or not len(probe["some"]):
        return
    query = (
        f"SELECT tag, max(ts) AS last, argMax(text, ts) AS words FROM {rows} "
        f"GROUP BY tag ORDER BY tag SETTINGS {_LIMITS}"
    )
    columns = engine.query(query, stretch.parameters)
    if not columns:
        return
    row, to = _places(columns, numbers, among)
    last, words = np.asarray(columns["last"]), columns["words"]
    for place, number in zip(to.tolist(), row.tolist(), strict=True):
        text = words[number]
        if isinstance(text, str) and last[number] == found.time[place]:
            found.text[place] = text


def in_gaps(engine: Engine, tags: Sequence[str], gaps: Sequence[Gap]) -> np.ndarray:
    """Tell which tags some gaps are of, ``bool[n]``; a gap that names no tags is of all of its source."""
    numbers = numbers_of(tuple(tags))
    named = [tag_number(tag) for gap in gaps for tag in gap.tags]
    within: np.ndarray = np.isin(numbers, np.array(named, np.uint64))
    whole = sorted({gap.source for gap in gaps if not gap.tags})
    for source in whole:
        columns = engine.query(
            "SELECT tag FROM tags FINAL WHERE source = {source:String}", {"source": source}
        )
        if columns:
            within |= np.isin(numbers, np.asarray(columns["tag"]).astype(np.uint64))
    return within


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
