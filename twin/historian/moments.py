"""The table of moments of one history: made ready, and asked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twin.contract.clock import Clock
from twin.contract.messages import Gap
from twin.historian.base import LastReadings
from twin.historian.closing import Closing
from twin.historian.engine import Engine
from twin.historian.moment import Kept, in_gaps, last_between, last_readings
from twin.historian.moments_table import END_QUERY, SINCE_QUERY, moments_change
from twin.historian.native import Column
from twin.historian.schema import TABLE_QUERY


class Moments:
    """Answers how readings stood at a moment.

    Args:
        engine: runs the SQL.
        clock: ns since the epoch.
    """

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._closing = Closing(engine, clock)

    def prepare(self, retention_days: int) -> None:
        """Bring the retention of a table that is there up to date, and note from when on moments are whole:
        what went into ``readings`` before the view was there ended with the latest of it."""
        found = self._engine.query(TABLE_QUERY, {"name": "moments"})
        change = moments_change(str(found["create_table_query"][0]), retention_days)
        if change is not None:
            self._engine.execute(change)
        if not np.asarray(self._engine.query(SINCE_QUERY, {})["told"])[0]:
            end = self._engine.query(END_QUERY, {})
            since = int(np.asarray(end["last"])[0]) + 1 if np.asarray(end["some"])[0] else 0
            self._engine.insert("moments_since", [Column("since", "Int64", np.array([since], np.int64))])

        self._closing.prepare()

    def told(self, latest_ns: int) -> None:
        """Note that readings up to a source time are in, and close slots that are over."""
        self._closing.told(latest_ns)

    def last_readings(self, tags: Sequence[str], at_ns: int, gaps: Sequence[Gap]) -> LastReadings:
        """Return the last reading of each tag up to a moment; ``gaps`` are those that it lies in."""
        found = last_readings(self._engine, tags, at_ns, self._kept())
        return self._marked(tags, found, gaps)

    def last_between(
        self, tags: Sequence[str], after_ns: int, until_ns: int, gaps: Sequence[Gap]
    ) -> LastReadings:
        """Return the last reading of each tag in a stretch; ``gaps`` are those that its end lies in."""
        found = last_between(self._engine, tags, after_ns, until_ns, self._kept())
        return self._marked(tags, found, gaps)

    def _marked(self, tags: Sequence[str], found: LastReadings, gaps: Sequence[Gap]) -> LastReadings:
        if gaps:
            found.gap[:] = in_gaps(self._engine, tags, gaps)
        return found

    def _kept(self) -> Kept:
        row = self._engine.query(SINCE_QUERY, {})
        since, now, closed = (int(np.asarray(row[name])[0]) for name in ("since", "now", "closed"))
        return Kept(since=since, now=now, closed=closed)
