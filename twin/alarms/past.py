"""How alarms stood at a moment of the past, from the journal alone: what was journalled up to then, and
nothing that came after."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Engine, RowMapping, Select, Subquery, func, select

from twin.alarms.alarm_table import AlarmTable
from twin.alarms.alarm_tables import JOURNAL, STANDINGS, entry_of
from twin.alarms.errors import AlarmRefusedError
from twin.alarms.queries import AlarmFilter, Located, matching
from twin.alarms.standing import NEVER, SYSTEM, Happening, Standing, happen
from twin.alarms.state_machine import Event, State
from twin.contract.messages import AlarmEntry

_CHUNK = 500
_ALL = tuple(State)


class PastAlarms:
    """Questions to the journal as of one moment, like those of :mod:`twin.alarms.queries` to the present.

    Args:
        engine: where the journal is.
        table: of the park as it is now; whether an alarm latches is read there.
        at: the moment, ns: entries recorded up to then count.
    """

    def __init__(self, engine: Engine, table: AlarmTable, at: int) -> None:
        self._engine = engine
        self._table = table
        self._at = at

    def list_standings(
        self, wanted: AlarmFilter, *, limit: int, offset: int = 0, named: Sequence[str] = ()
    ) -> tuple[list[Located], int]:
        """Return alarms as they stood, the newest first, and how many there were in all; in place of a page,
        those ``named``."""
        query = self._latest(wanted)
        page = self._latest(wanted, named) if named else query.limit(limit).offset(offset)
        with self._engine.connect() as connection:
            total = connection.scalar(select(func.count()).select_from(query.subquery())) or 0
            rows = connection.execute(page).mappings().all()
        standings = self._standings([row["alarm"] for row in rows])
        return [Located(standings[row["alarm"]], row["equipment"], row["alarm_class"]) for row in rows], total

    def supply_alarms(self) -> list[Located]:
        """Return the alarms that could explain others then."""
        wanted = AlarmFilter(_ALL, (), ("supply",))
        query = self._latest(wanted).where(JOURNAL.c.active)
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        standings = self._standings([row["alarm"] for row in rows])
        return [Located(standings[row["alarm"]], row["equipment"], row["alarm_class"]) for row in rows]

    def count_states(self) -> dict[str, int]:
        """Return how many alarms were in each state but normal."""
        newest = self._newest(())
        query = select(JOURNAL.c.to_state, func.count()).join(newest, JOURNAL.c.number == newest.c.number)
        query = query.where(JOURNAL.c.to_state != State.NORMAL).group_by(JOURNAL.c.to_state)
        with self._engine.connect() as connection:
            return {state: count for state, count in connection.execute(query)}

    def _newest(self, named: Sequence[str], event: str | None = None) -> Subquery:
        """The number of the last entry of each alarm up to then (of those of one event); only of those named,
        if any are."""
        columns = JOURNAL.c
        query = select(columns.alarm, func.max(columns.number).label("number"))
        query = query.where(columns.recorded <= self._at)
        if event is not None:
            query = query.where(columns.event == event)
        if named:
            query = query.where(columns.alarm.in_(named))
        return query.group_by(columns.alarm).subquery()

    def _latest(self, wanted: AlarmFilter, named: Sequence[str] = ()) -> Select[tuple[str, str, str]]:
        newest, raise_of = self._newest(named), self._newest(named, Event.ALARM.value)
        raised = JOURNAL.alias("raised")
        raised_at = func.coalesce(raised.c.time, NEVER)
        query = (
            select(JOURNAL.c.alarm, JOURNAL.c.equipment, JOURNAL.c.alarm_class)
            .join(newest, JOURNAL.c.number == newest.c.number)
            .outerjoin(raise_of, raise_of.c.alarm == JOURNAL.c.alarm)
            .outerjoin(raised, raised.c.number == raise_of.c.number)
        )
        query = query.where(matching(wanted, JOURNAL, JOURNAL.c.to_state))
        return query.order_by(raised_at.desc(), JOURNAL.c.alarm)

    def _standings(self, alarms: Sequence[str]) -> dict[str, Standing]:
        """Let happen again what happened to some alarms."""
        found = {alarm: Standing(alarm) for alarm in alarms}
        for start in range(0, len(alarms), _CHUNK):
            some = alarms[start : start + _CHUNK]
            query = select(JOURNAL).where(JOURNAL.c.alarm.in_(some), JOURNAL.c.recorded <= self._at)
            with self._engine.connect() as connection:
                for row in connection.execute(query.order_by(JOURNAL.c.number)).mappings():
                    found[row["alarm"]] = self._after(found[row["alarm"]], row)
        shelved = {alarm: one for alarm, one in found.items() if one.state is State.SHELVED}
        return found | self._with_ends(shelved)

    def _after(self, before: Standing, row: RowMapping) -> Standing:
        number = self._table.find(row["alarm"])
        happening = Happening(
            row["alarm"],
            Event(row["event"]) if row["event"] in _EVENTS else None,
            row["time"],
            by=row["by"],
            reason=row["reason"],
            value=row["value"],
            limit=row["limit"],
            latching=number is not None and self._table.spec_of(number).latch,
        )
        try:
            after = happen(before, happening) or before
        except AlarmRefusedError:  # the rule latched otherwise then: the journal says what became of it
            after = before
        moved = row["to_state"] != row["from_state"]
        return replace(
            after,
            state=State(row["to_state"]),
            active=row["active"],
            since=row["time"] if moved else before.since,
        )

    def _with_ends(self, shelved: Mapping[str, Standing]) -> dict[str, Standing]:
        """Add until when alarms were shelved, which the journal says only when it is over."""
        if not shelved:
            return {}
        ends = self._ends(shelved.keys())
        return {
            alarm: replace(one, shelved_until=ends.get((alarm, one.since), NEVER))
            for alarm, one in shelved.items()
        }

    def _ends(self, alarms: Collection[str]) -> dict[tuple[str, int], int]:
        found: dict[tuple[str, int], int] = {}
        over = JOURNAL.alias("over")
        begun = select(JOURNAL.c.alarm, JOURNAL.c.time, func.min(over.c.number).label("number"))
        begun = begun.join(over, (over.c.alarm == JOURNAL.c.alarm) & (over.c.number > JOURNAL.c.number))
        begun = begun.where(
            JOURNAL.c.alarm.in_(alarms),
            JOURNAL.c.event == Event.SHELVE.value,
            over.c.event == Event.UNSHELVE.value,
        )
        first = begun.group_by(JOURNAL.c.alarm, JOURNAL.c.time).subquery()
        ended = select(first.c.alarm, first.c.time, JOURNAL.c.time, JOURNAL.c.by)
        ended = ended.join(JOURNAL, JOURNAL.c.number == first.c.number)
        now = select(STANDINGS.c.alarm, STANDINGS.c.since, STANDINGS.c.shelved_until)
        now = now.where(STANDINGS.c.alarm.in_(alarms), STANDINGS.c.state == State.SHELVED.value)
        with self._engine.connect() as connection:
            for alarm, begin, end, by in connection.execute(ended):
                if by == SYSTEM:  # a person who ended it sooner leaves it unknown
                    found[alarm, begin] = end
            for alarm, since, until in connection.execute(now):
                found[alarm, since] = until
        return found


def last_number(engine: Engine, at: int) -> int:
    """Return the number of the last entry that was journalled up to a moment [ns], 0 if there was none."""
    query = select(JOURNAL.c.number).where(JOURNAL.c.recorded <= at)
    with engine.connect() as connection:
        return connection.scalar(query.order_by(JOURNAL.c.number.desc()).limit(1)) or 0


def entries_after(engine: Engine, park: str, number: int, until: int, limit: int) -> list[AlarmEntry]:
    """Return what was journalled after an entry and up to a moment [ns], in the order it was: at most so
    many."""
    query = select(JOURNAL).where(JOURNAL.c.number > number, JOURNAL.c.recorded <= until)
    with engine.connect() as connection:
        rows = connection.execute(query.order_by(JOURNAL.c.number).limit(limit)).mappings()
        return [entry_of(row, park) for row in rows]


_EVENTS = frozenset(event.value for event in Event)
