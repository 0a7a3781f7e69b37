"""When sources could not vouch for their values: kept, because the bus remembers only how they are now, and a
state of the past must show what was stale then."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Engine, String, Table, or_, select

from twin.alarms.alarm_tables import TABLES
from twin.alarms.source_clock import SourceClock
from twin.alarms.standing import NEVER
from twin.service.database import writing

OUTAGES = Table(
    "source_outages",
    TABLES,
    Column("source", String(255), primary_key=True),
    Column("since", BigInteger, primary_key=True, autoincrement=False),
    Column("until", BigInteger, nullable=False),
)
"""One row a time that a source was lost or silent; ``until`` 0 = it still is, ``since`` 0 = it had never been
heard of."""


class OutageLog:
    """Writes the table for the sources of a park. Not thread-safe.

    Args:
        engine: where the table is.
        sources: ids, in the order of the clock.
        own: numbers of those that are written of; others are another process's.
    """

    def __init__(self, engine: Engine, sources: tuple[str, ...], own: frozenset[int]) -> None:
        self._engine = engine
        self._sources = {number: source for number, source in enumerate(sources) if number in own}
        self._open: dict[str, int] | None = None

    def note(self, clock: SourceClock, now: int) -> None:
        """Write what has begun or ended by ``now`` [ns, of the bus].

        Raises:
            DatabaseError: nothing was written; call again.
        """
        if self._open is None:
            self._open = self._load()
        lost, well = clock.lost_since(now).tolist(), clock.well_since.tolist()
        for number, source in self._sources.items():
            since = self._open.get(source)
            if lost[number] != NEVER and since is None:
                self._begin(source, lost[number])
            elif lost[number] == NEVER and since is not None and well[number] > since:
                self._end(source, since, well[number])

    def _load(self) -> dict[str, int]:
        """What is open; a source that nobody has written of has never been heard of."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(OUTAGES)).all()
        known = {row.source for row in rows}
        self._open = {row.source: row.since for row in rows if not row.until}
        for source in self._sources.values():
            if source not in known:
                self._begin(source, 0)
        return self._open

    def _begin(self, source: str, since: int) -> None:
        assert self._open is not None
        row = {"source": source, "since": since}
        again = OUTAGES.update().where(OUTAGES.c.source == source, OUTAGES.c.since == since).values(until=0)
        with writing(self._engine) as connection:
            if not connection.execute(again).rowcount:
                connection.execute(OUTAGES.insert().values(**row, until=0))
        self._open[source] = since

    def _end(self, source: str, since: int, until: int) -> None:
        assert self._open is not None
        ended = OUTAGES.update().where(OUTAGES.c.source == source, OUTAGES.c.since == since)
        with writing(self._engine) as connection:
            connection.execute(ended.values(until=until))
        del self._open[source]


def lost_at(engine: Engine, at: int) -> dict[str, int]:
    """Return the sources that could not vouch for their values at a moment [ns], and since when [ns]."""
    columns = OUTAGES.c
    query = select(columns.source, columns.since)
    query = query.where(columns.since <= at, or_(columns.until == 0, columns.until > at))
    with engine.connect() as connection:
        return {row.source: row.since for row in connection.execute(query)}
