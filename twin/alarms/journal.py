"""The journal: everything that happens to an alarm goes through here, whoever it comes from.

One transaction reads how the alarms stand, lets happen what happens, appends the entries, stores the new
standings and (from the evaluator) the bus positions that this was worked out from. So after a SIGKILL either
all of it is there or nothing, and what is read from the bus again finds that it is known already. Writers
wait for one another, so numbers grow in the order of commits and none is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection, Engine, Insert, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite

from twin.alarms.alarm_table import AlarmTable
from twin.alarms.alarm_tables import JOURNAL, POSITIONS, STANDINGS, standing_of
from twin.alarms.errors import AlarmRefusedError
from twin.alarms.standing import SYSTEM, Happening, Standing, happen
from twin.alarms.state_machine import Event, State
from twin.bus.base import TopicPartition
from twin.contract.messages import AlarmEntry
from twin.park.model import Name
from twin.service.database import writing
from twin.state.share import Guard

COMMENT = "comment"
RETIRE = "retire"
"""What happens to an alarm that the park file does not have any more."""

_JOURNAL_LOCK = 0x616C726D  # "alrm": the advisory lock that writers of the journal hold
_REMEMBERED = tuple(field.name for field in fields(Standing))
_CHUNK = 500
"""Alarms asked for in one statement."""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of what happened.

    Args:
        entries: as they were journalled, in order.
        refused: by alarm, what a person asked for and could not be done.
    """

    entries: tuple[AlarmEntry, ...]
    refused: Mapping[str, AlarmRefusedError]


class Journal:
    """Writes the journal of one park. Thread-safe.

    Args:
        engine: where the tables are.
        park: id of the park.
        table: its alarms.
    """

    def __init__(self, engine: Engine, park: str, table: AlarmTable) -> None:
        self.engine = engine
        self.park = park
        self.table = table

    def write(
        self,
        happenings: Sequence[Happening],
        *,
        recorded: int,
        positions: Mapping[TopicPartition, int] | None = None,
        guard: Guard | None = None,
    ) -> Written:
        """Let things happen to alarms, in order, and journal them.

        Args:
            happenings: what; those of one alarm in order of time.
            recorded: now, ns.
            positions: up to where the bus was read to find them.
            guard: asked first, within the transaction.

        Raises:
            UnknownAlarmError: the park has no such alarm; nothing was written.
            ShareLostError: the guard says that it is not ours to write; nothing was written.
            DatabaseError: nothing was written.
        """
        about = {name: self.table.number(name) for name in {one.alarm for one in happenings}}
        entries: list[AlarmEntry] = []
        refused: dict[str, AlarmRefusedError] = {}
        changed: dict[str, Standing] = {}
        with writing(self.engine) as connection:
            if guard is not None:
                guard(connection)
            number = _lock(connection)
            standings = _standings(connection, about)
            for one in happenings:
                before = standings.get(one.alarm) or Standing(one.alarm)
                try:
                    after = happen(before, one)
                except AlarmRefusedError as error:
                    refused[one.alarm] = error
                    continue
                if after is None:
                    continue
                standings[one.alarm] = changed[one.alarm] = after
                number += 1
                entries.append(self._entry(number, about[one.alarm], one, before, after, recorded))
            self._store(connection, entries, changed, about)
            if positions is not None:
                rows = [
                    {"topic": at.topic, "partition": at.partition, "offset": offset}
                    for at, offset in positions.items()
                ]
                _upsert(connection, POSITIONS, rows, ("topic", "partition"))
        return Written(tuple(entries), refused)

    def standings(self) -> list[Standing]:
        """Return how every alarm stands that anything ever happened to."""
        with self.engine.connect() as connection:
            return [standing_of(row) for row in connection.execute(select(STANDINGS)).mappings()]

    def positions(self) -> dict[TopicPartition, int]:
        """Return up to where the bus is journalled; empty = nothing yet."""
        with self.engine.connect() as connection:
            rows = connection.execute(select(POSITIONS))
            return {TopicPartition(row.topic, row.partition): row.offset for row in rows}

    def overdue_shelves(self, now: int) -> list[Happening]:
        """Return the ends of shelvings whose time is over at ``now`` [ns]."""

        columns = STANDINGS.c
        over = (columns.state == State.SHELVED) & (columns.shelved_until <= now)
        with self.engine.connect() as connection:
            rows = connection.execute(select(columns.alarm, columns.shelved_until).where(over)).all()
        found = []
        for row in rows:
            if self.table.find(row.alarm) is not None:
                found.append(Happening(row.alarm, Event.UNSHELVE, row.shelved_until, reason="time is over"))
        return found

    def retire(self, recorded: int) -> int:
        """Bring alarms to rest that the park file does not have any more; return how many."""
        resting = STANDINGS.c.state == State.NORMAL
        with writing(self.engine) as connection:
            number = _lock(connection)
            rows = connection.execute(select(STANDINGS).where(~resting | STANDINGS.c.active)).mappings()
            gone = [row for row in rows if self.table.find(row["alarm"]) is None]
            for place, row in enumerate(gone):
                entry = {
                    **{name: row[name] for name in ("alarm", "subject", "equipment")},
                    **{name: row[name] for name in ("priority", "alarm_class")},
                    **{"number": number + place + 1, "event": RETIRE, "from_state": row["state"]},
                    **{"to_state": State.NORMAL.value, "active": False, "time": recorded},
                    **{"recorded": recorded, "by": SYSTEM, "reason": "not in the park file any more"},
                    **{"name_vi": "", "name_en": ""},
                }
                connection.execute(JOURNAL.insert().values(entry))
                connection.execute(STANDINGS.delete().where(STANDINGS.c.alarm == row["alarm"]))
        return len(gone)

    def _entry(
        self, number: int, alarm: int, one: Happening, before: Standing, after: Standing, recorded: int
    ) -> AlarmEntry:
        spec = self.table.spec_of(alarm)
        return AlarmEntry(
            park=self.park,
            number=number,
            alarm=one.alarm,
            subject=self.table.subject(alarm),
            equipment=self.equipment(alarm),
            event=one.event.value if one.event else COMMENT,
            from_state=before.state.value,
            to_state=after.state.value,
            active=after.active,
            time=one.time,
            recorded=recorded,
            by=one.by,
            reason=one.reason,
            priority=spec.priority,
            alarm_class=spec.alarm_class,
            value=one.value,
            limit=one.limit,
            name_vi=spec.display.vi,
            name_en=spec.display.en,
        )

    def equipment(self, alarm: int) -> str:
        """Return the id of the equipment that an alarm is at, "" if it is about a source."""
        return self.table.subject(alarm).partition(":")[0] if self.table.tag[alarm] >= 0 else ""

    def name_of(self, alarm: int) -> Name:
        """Return what an alarm is called."""
        return self.table.spec_of(alarm).display

    def _store(
        self,
        connection: Connection,
        entries: Sequence[AlarmEntry],
        changed: Mapping[str, Standing],
        about: Mapping[str, int],
    ) -> None:
        if entries:
            names = [column.name for column in JOURNAL.columns]
            connection.execute(
                JOURNAL.insert(), [{name: getattr(entry, name) for name in names} for entry in entries]
            )
        rows = []
        for name, standing in changed.items():
            spec = self.table.spec_of(about[name])
            row: dict[str, Any] = {field: getattr(standing, field) for field in _REMEMBERED}
            row |= {"subject": self.table.subject(about[name]), "equipment": self.equipment(about[name])}
            row |= {"state": standing.state.value, "priority": spec.priority, "alarm_class": spec.alarm_class}
            rows.append(row)
        _upsert(connection, STANDINGS, rows, ("alarm",))


def _lock(connection: Connection) -> int:
    """Keep other writers out until the transaction ends; return the number of the newest entry."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_JOURNAL_LOCK)))
    return connection.scalar(select(func.max(JOURNAL.c.number))) or 0


def _standings(connection: Connection, names: Iterable[str]) -> dict[str, Standing]:
    wanted = list(names)
    found: dict[str, Standing] = {}
    for start in range(0, len(wanted), _CHUNK):
        some = select(STANDINGS).where(STANDINGS.c.alarm.in_(wanted[start : start + _CHUNK]))
        found |= {row["alarm"]: standing_of(row) for row in connection.execute(some).mappings()}
    return found


def _upsert(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], key: tuple[str, ...]
) -> None:
    if not rows:
        return
    postgres = connection.dialect.name == "postgresql"
    insert: Insert
    if postgres:
        statement = postgresql.insert(table)
        others = {c.name: statement.excluded[c.name] for c in table.columns if c.name not in key}
        insert = statement.on_conflict_do_update(index_elements=key, set_=others)
    else:
        lite = sqlite.insert(table)
        others = {c.name: lite.excluded[c.name] for c in table.columns if c.name not in key}
        insert = lite.on_conflict_do_update(index_elements=key, set_=others)
    connection.execute(insert, [dict(row) for row in rows])
