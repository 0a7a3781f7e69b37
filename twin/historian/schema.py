"""The tables, the same SQL for chDB and for a ClickHouse server, and what they can hold.

``readings`` is a ReplacingMergeTree ordered by (tag, source time): a reading told twice is two rows until
their parts are merged, so every question asks with ``FINAL``. Weekly partitions keep that cheap (rows of one
source time are always in one partition) and let retention drop whole parts. Codecs were chosen by
measurement (``benchmarks/bench_history.py``): source times are multiples of 100 ns or 1 ms with jitter, which
``GCD, Delta, T64`` packs into a half to a sixth of what ``DoubleDelta`` needs, and ``Delta`` on the bits of
the value takes a tenth off ``ZSTD(3)`` alone; blocks of 256 KiB let the tags of one machine share their
times. Status and text cost next to nothing while they are Good and absent.
"""

from __future__ import annotations

import hashlib

from twin.contract.clock import NS_PER_S
from twin.historian.base import HistoryUrlError
from twin.historian.moments_table import moments_statements

EARLIEST_NS = 0
"""1970-01-01: the earliest source time that is stored (OPC UA's 1601 is its word for "no time")."""
LATEST_NS = 3_471_292_800 * NS_PER_S
"""2080-01-01: the first source time that is not stored; a device that says so has lost its clock."""

MAX_RETENTION_DAYS = 9_000
"""Above this, ``LATEST_NS`` plus the retention would pass 2106, where ClickHouse's DateTime ends."""

_NS_PER_WEEK = 7 * 86_400 * NS_PER_S
_ODD_BEFORE_NS = 1_262_304_000 * NS_PER_S  # 2010-01-01: older times, from dead clocks, share one partition

READING_COLUMNS = {"tag": "UInt64", "ts": "Int64", "value": "Float64", "status": "UInt32"}
TEXT_COLUMN = ("text", "Nullable(String)")


def tag_number(tag: str) -> int:
    """Number a tag for the tables, 64 bits, out of nothing but its name, so no table has to be asked.

    The first 24 bits hash the equipment, the other 40 the whole tag: signals of one equipment lie side by
    side, where their common source times pack to a third (two of 300,000 tags collide once in 4e8 parks, two
    of one equipment once in 4e5).

    >>> f"{tag_number('yenphong/park/utilities/pump1:flow'):016x}"
    '15702f90661914d0'
    >>> f"{tag_number('yenphong/park/utilities/pump1:power'):016x}"
    '15702fc765c82627'
    """
    equipment, _, _ = tag.partition(":")
    return _hash(equipment, 3) << 40 | _hash(tag, 5)


def _hash(text: str, size: int) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=size).digest(), "big")


def check_retention(days: int) -> int:
    """Return ``days`` if readings can be kept that long after their source time; 0 = for ever.

    Raises:
        HistoryUrlError: negative or above 9,000 days.
    """
    if not 0 <= days <= MAX_RETENTION_DAYS:
        raise HistoryUrlError(
            f"history retention of {days} days: must be 1 to {MAX_RETENTION_DAYS}, or 0 for ever"
        )
    return days


def table_statements(retention_days: int) -> list[str]:
    """Return the statements that make the tables where they are not there yet."""
    ttl = _ttl(retention_days)
    return [
        f"""CREATE TABLE IF NOT EXISTS readings (
            tag UInt64 CODEC(ZSTD(1)),
            ts Int64 CODEC(GCD, Delta, T64, ZSTD(1)) SETTINGS (min_compress_block_size = 262144),
            value Float64 CODEC(Delta, ZSTD(3)),
            status UInt32 CODEC(ZSTD(1)),
            text Nullable(String) CODEC(ZSTD(3))
        ) ENGINE = ReplacingMergeTree
        PARTITION BY if(ts < {_ODD_BEFORE_NS}, 0, intDiv(ts, {_NS_PER_WEEK}))
        ORDER BY (tag, ts)
        {f"TTL {ttl}" if ttl else ""}
        SETTINGS ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1,
                 fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1""",
        """CREATE TABLE IF NOT EXISTS tags (
            tag UInt64, name String, unit String, data_type String, source String, simulated UInt8
        ) ENGINE = ReplacingMergeTree ORDER BY tag""",
        """CREATE TABLE IF NOT EXISTS gaps (
            id String, source String, start Int64, end Int64, reason String, tags Array(String)
        ) ENGINE = ReplacingMergeTree ORDER BY (source, id)""",
        *moments_statements(retention_days, _ODD_BEFORE_NS),
    ]


TABLE_QUERY = (
    "SELECT create_table_query FROM system.tables WHERE database = currentDatabase() AND name = {name:String}"
)


def retention_change(created: str, retention_days: int) -> str | None:
    """Return the statement that changes the retention of a table that was ``created`` so, None if it is
    right.

    >>> retention_change("CREATE TABLE readings (...) TTL " + _ttl(30), 30)
    >>> retention_change("CREATE TABLE readings (...) TTL " + _ttl(30), 0)
    'ALTER TABLE readings REMOVE TTL'
    """
    ttl = _ttl(retention_days)
    if not ttl:
        return "ALTER TABLE readings REMOVE TTL" if " TTL " in created else None
    return None if f" TTL {ttl}" in created else f"ALTER TABLE readings MODIFY TTL {ttl}"


def _ttl(days: int) -> str:
    """Spelt as the engine spells it back, so that it can be compared."""
    return f"toDateTime(intDiv(ts, {NS_PER_S})) + toIntervalDay({days})" if days else ""
