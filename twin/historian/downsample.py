"""Buckets: how wide, where they stand, and the SQL that fills them."""

from __future__ import annotations

from dataclasses import dataclass

from twin.contract.clock import NS_PER_S
from twin.contract.status import BAD
from twin.historian.base import MAX_POINTS, QueryError
from twin.historian.schema import EARLIEST_NS, LATEST_NS

_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200)
_DAYS = (1, 2, 7, 14, 28, 91, 182, 364, 728, 1456, 3640, 7280, 14560, 29120, 58240)

WIDTHS_NS: tuple[int, ...] = (
    *(digit * 10**power for power in range(9) for digit in (1, 2, 5)),
    *(step * NS_PER_S for step in _STEPS_S),
    *(days * 86_400 * NS_PER_S for days in _DAYS),
)
"""Widths a person reads off an axis, growing: 1-2-5 below a second, then those of a clock, then days."""


@dataclass(frozen=True, slots=True)
class Buckets:
    """``n`` buckets of ``width_ns`` from ``first_ns`` on."""

    first_ns: int
    width_ns: int
    n: int


def check_interval(start_ns: int, end_ns: int) -> None:
    """Refuse an interval that no history can be asked for.

    Raises:
        QueryError: it is empty, or reaches outside what a history holds.
    """
    if start_ns >= end_ns:
        raise QueryError(f"from {start_ns} ns is not before to {end_ns} ns; swap them or widen the interval")
    if start_ns < EARLIEST_NS or end_ns > LATEST_NS:
        raise QueryError(f"interval {start_ns} to {end_ns} ns: must lie within 1970 to 2080; times are in ns")


def choose_buckets(start_ns: int, end_ns: int, points: int, offset_ns: int = 0) -> Buckets:
    """Cover ``[start_ns, end_ns)`` with at most ``points`` buckets of the smallest round width, on round
    times of a clock that is ``offset_ns`` ahead of UTC.

    A single bucket is the interval itself.

    Raises:
        QueryError: the interval is empty or outside 1970..2080, or points is not within 1..10,000.

    >>> choose_buckets(5_000_000_000, 605_000_000_000, 12)
    Buckets(first_ns=0, width_ns=60000000000, n=11)
    """
    check_interval(start_ns, end_ns)
    if not 1 <= points <= MAX_POINTS:
        raise QueryError(f"points {points}: must be 1 to {MAX_POINTS}")
    if points > 1:
        for width in WIDTHS_NS:
            first = (start_ns + offset_ns) // width * width - offset_ns
            n = -(-(end_ns - first) // width)
            if n <= points:
                return Buckets(first, width, n)
    return Buckets(start_ns, end_ns - start_ns, 1)


_ROWS = "FROM readings FINAL WHERE tag = {tag:UInt64} AND ts >= {start:Int64} AND ts < {end:Int64}"
_FINAL = "do_not_merge_across_partitions_select_final = 1"
_LIMITS = f"{_FINAL}, max_execution_time = 20, max_threads = 2"

_GOOD = f"status < {BAD} AND isFinite(value)"

BUCKET_QUERY = f"""
SELECT intDiv(ts - {{first:Int64}}, {{width:Int64}}) AS bucket,
       minIf(value, {_GOOD}) AS low, maxIf(value, {_GOOD}) AS high, avgIf(value, {_GOOD}) AS mean,
       countIf({_GOOD}) AS good, countIf(status >= {BAD}) AS bad, count() AS told
{_ROWS} GROUP BY bucket ORDER BY bucket SETTINGS {_LIMITS}"""

RAW_QUERY = f"SELECT ts, value, status, text {_ROWS} ORDER BY ts LIMIT {{limit:UInt64}} SETTINGS {_LIMITS}"

LAST_QUERY = f"""
SELECT ts, value, status, text FROM readings FINAL
WHERE tag = {{tag:UInt64}} AND ts = (
    SELECT ts FROM readings WHERE tag = {{tag:UInt64}} AND ts >= {EARLIEST_NS} AND ts < {{end:Int64}}
    ORDER BY tag DESC, ts DESC LIMIT 1)
SETTINGS {_LIMITS}"""

GAP_QUERY = """
SELECT id, source, start, end, reason, tags FROM gaps FINAL
WHERE source = {source:String} AND start < {end:Int64} AND end > {start:Int64} AND start < end
  AND (empty(tags) OR has(tags, {name:String}))
ORDER BY start, id LIMIT 10000"""

GAPS_QUERY = """
SELECT id, source, start, end, reason, tags FROM gaps FINAL
WHERE start < {end:Int64} AND end > {start:Int64} AND start < end
ORDER BY source, start, id LIMIT 100000"""

TAG_QUERY = "SELECT name, unit, source, simulated FROM tags FINAL WHERE tag = {tag:UInt64}"

STATS_QUERY = """
SELECT toUInt64(sum(rows)) AS readings, toUInt64(sum(bytes_on_disk)) AS bytes, count() AS parts,
       assumeNotNull((SELECT uniqExact(tag) FROM tags)) AS tags
FROM system.parts WHERE database = currentDatabase() AND table = 'readings' AND active"""
