"""Puts the journal on the bus: every entry in its order, again after a crash, under the same message id."""

from __future__ import annotations

from sqlalchemy import Engine, select

from twin.alarms.alarm_tables import JOURNAL, PUBLISHED, entry_of
from twin.bus.base import Bus, Message
from twin.contract.clock import Clock
from twin.contract.codec import encode_message
from twin.contract.messages import AlarmEntry
from twin.contract.topics import ALARMS
from twin.service.database import writing

SOURCE = "twin/alarms"
_AT_ONCE = 500


class Publisher:
    """The way from the journal to the topic ``alarms``. Not thread-safe.

    Args:
        bus: where to.
        engine: where the journal is.
        park: id of the park.
        clock: ns since the epoch.
    """

    def __init__(self, bus: Bus, engine: Engine, park: str, clock: Clock) -> None:
        self._bus = bus
        self._engine = engine
        self._park = park
        self._clock = clock
        self._done: int | None = None

    def publish(self) -> int:
        """Publish what is new; return how many entries.

        Raises:
            BusError: the bus took none, or not all; they come again.
            DatabaseError: the journal cannot be read.
        """
        told = 0
        while entries := self._next():
            self._bus.publish([self._message(entry) for entry in entries])
            self._note(entries[-1].number)
            told += len(entries)
        return told

    def _next(self) -> list[AlarmEntry]:
        with self._engine.connect() as connection:
            if self._done is None:
                done = select(PUBLISHED.c.number).where(PUBLISHED.c.topic == ALARMS.name)
                self._done = connection.scalar(done) or 0
            after = select(JOURNAL).where(JOURNAL.c.number > self._done).order_by(JOURNAL.c.number)
            rows = connection.execute(after.limit(_AT_ONCE)).mappings()
            return [entry_of(row, self._park) for row in rows]

    def _note(self, number: int) -> None:
        with writing(self._engine) as connection:
            moved = connection.execute(
                PUBLISHED.update().where(PUBLISHED.c.topic == ALARMS.name).values(number=number)
            )
            if not moved.rowcount:
                connection.execute(PUBLISHED.insert().values(topic=ALARMS.name, number=number))
        self._done = number

    def _message(self, entry: AlarmEntry) -> Message:
        identifier = f"{self._park}:{entry.number}"
        value, headers = encode_message(entry, message_id=identifier, source=SOURCE, time_ns=self._clock())
        return Message(ALARMS.name, entry.alarm, value, headers)
