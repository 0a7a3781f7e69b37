"""``moments``: readings in order of time, and the last one of every tag in slots of time, so that a state of
the past need not be looked for among all there is.

``readings`` is ordered by tag, which is right for a trend and wrong for a moment: each tag's stretch of a
week would have to be opened. So what goes into ``readings`` goes into ``moments`` too:

=======  ==============  ==========================================================
level    slots of        holds
=======  ==============  ==========================================================
0        3 minutes       every reading, in order of slot, tag and time
1        3 minutes       the last reading of each tag in the slot
2        4 hours         the same
3        a week          the same
=======  ==============  ==========================================================

Level 0 is written by a materialised view, whoever inserts; levels 1 to 3 once a slot is over
(:mod:`twin.historian.closing`), from level 0, because a row in four levels costs twice what it costs in one.
A reading that comes for a slot that is closed goes into all four at once. ``moments_marks`` holds the two
times that this hangs on: ``closing``, before which the view takes a reading for late, and ``closed``, before
which all slots are whole; what lies after it is looked for in level 0.

The last of a slot is the one with the greatest source time, which merging parts finds by itself
(ReplacingMergeTree by ``ts``): in whatever order readings come, late, twice, or again after a crash, and
however often a slot is closed, it ends the same. Levels 0 and 1 are kept for :data:`REPLAY_DAYS`, because
they take two to three times the room of ``readings``; levels 2 and 3 as long as the readings themselves.

``moments_since`` holds one row: the source time from which on ``moments`` is whole, 0 if it is so from the
first reading on; of a history that was there before, ``moments`` begins where that one ended.
"""

from __future__ import annotations

from twin.contract.clock import NS_PER_S

REPLAY_DAYS = 31
"""So long a moment is found at once; of one before it takes as long as looking through all readings."""

SLOT_NS = 180 * NS_PER_S
FOUR_HOURS_NS = 14_400 * NS_PER_S
WEEK_NS = 604_800 * NS_PER_S
"""Widths of the slots; each is a part of the next, and weeks are those of the partitions."""


_CLOSING = "SELECT max(time) FROM moments_marks WHERE name = 'closing'"


def moments_statements(retention_days: int, odd_before_ns: int) -> list[str]:
    """Return the statements that make the tables and the view where they are not there yet.

    Args:
        retention_days: of the readings; 0 = for ever.
        odd_before_ns: older times share one partition, as in ``readings``.
    """
    return [
        f"""CREATE TABLE IF NOT EXISTS moments (
            level UInt8,
            slot UInt32 CODEC(ZSTD(1)),
            tag UInt64 CODEC(ZSTD(1)),
            ts Int64 CODEC(Delta, ZSTD(1)),
            value Float64 CODEC(Delta, ZSTD(1)),
            status UInt32 CODEC(ZSTD(1)),
            text Nullable(String) CODEC(ZSTD(1))
        ) ENGINE = ReplacingMergeTree(ts)
        PARTITION BY (level >= 2, if(ts < {odd_before_ns}, 0, intDiv(ts, {WEEK_NS})))
        ORDER BY (level, slot, tag, if(level = 0, ts, 0))
        TTL {moments_ttl(retention_days)}
        SETTINGS ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1,
                 fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1""",
        "CREATE TABLE IF NOT EXISTS moments_marks (name String, time Int64) "
        "ENGINE = ReplacingMergeTree(time) ORDER BY name",
        f"""CREATE MATERIALIZED VIEW IF NOT EXISTS moments_as_told TO moments AS
        SELECT CAST(arrayJoin(if(ts < ({_CLOSING}), [0, 1, 2, 3], [0])) AS UInt8) AS level,
               toUInt32(intDiv(ts, multiIf(level < 2, {SLOT_NS}, level = 2, {FOUR_HOURS_NS}, {WEEK_NS})))
                   AS slot,
               tag, ts, value, status, text
        FROM readings""",
        # the view of a history from before slots were closed; both at once do no harm
        "DROP TABLE IF EXISTS moments_of_readings",
        "CREATE TABLE IF NOT EXISTS moments_since (since Int64) ENGINE = ReplacingMergeTree ORDER BY since",
    ]


SINCE_QUERY = (
    "SELECT max(since) AS since, toUInt8(count() > 0) AS told, "
    f"toInt64(toUnixTimestamp(now())) * {NS_PER_S} AS now, "
    "assumeNotNull((SELECT max(time) FROM moments_marks WHERE name = 'closed')) AS closed FROM moments_since"
)
MARKS_QUERY = (
    "SELECT toUInt8(count() > 0) AS told, maxIf(time, name = 'closing') AS closing, "
    "maxIf(time, name = 'closed') AS closed FROM moments_marks"
)
END_QUERY = "SELECT max(ts) AS last, toUInt8(count() > 0) AS some FROM readings"


def moments_ttl(retention_days: int) -> str:
    """Until when rows are kept, spelt as the engine spells it back; the time 0 is never."""
    time = f"toDateTime(intDiv(ts, {NS_PER_S}))"
    replayed = min(REPLAY_DAYS, retention_days) if retention_days else REPLAY_DAYS
    lasting = f"{time} + toIntervalDay({retention_days})" if retention_days else "toDateTime(0)"
    return f"if(level < 2, {time} + toIntervalDay({replayed}), {lasting})"


def moments_change(created: str, retention_days: int) -> str | None:
    """Return the statement that changes the retention of a table that was ``created`` so, None if it is
    right."""
    ttl = moments_ttl(retention_days)
    return None if f" TTL {ttl} SETTINGS" in created else f"ALTER TABLE moments MODIFY TTL {ttl}"
