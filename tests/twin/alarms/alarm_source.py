"""A source on a bus whose frames are of chosen tags and times, and a journal on a database."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine

from tests.twin.alarms.alarm_parks import NOW, S
from tests.twin.state.parks import make_frame, tag_set
from twin.alarms.alarm_table import AlarmTable
from twin.alarms.alarm_tables import TABLES
from twin.alarms.journal import Journal
from twin.alarms.queries import list_entries
from twin.bus.base import Bus, Message
from twin.contract.codec import decode_message, encode_message, frame_headers
from twin.contract.frame import encode_frame
from twin.contract.messages import AlarmEntry
from twin.contract.topics import ALARMS, READINGS, TAG_SETS
from twin.park.model import Park
from twin.service.database import create_tables, open_database


class AlarmSource:
    """Announces its tags, then publishes readings of (signal, seconds after NOW, value[, status])."""

    def __init__(self, bus: Bus, park: Park, identifier: str = "anphat") -> None:
        self._bus = bus
        self._identifier = identifier
        self._sequence = 0
        self._tags = tag_set(park, identifier)
        value, headers = encode_message(self._tags, message_id=self._tags.id, source=identifier, time_ns=NOW)
        bus.publish([Message(TAG_SETS.name, self._tags.id, value, headers)])

    def tell(self, rows: Sequence[tuple[str, float, float] | tuple[str, float, float, int]]) -> None:
        self._bus.publish([self.message(rows)])

    def message(self, rows: Sequence[tuple[str, float, float] | tuple[str, float, float, int]]) -> Message:
        """Make a frame without publishing it; signals are of the first pump unless named ``pump1:flow``."""
        self._sequence += 1
        frame = make_frame(
            [(self._index(row[0]), NOW + round(row[1] * S), *row[2:]) for row in rows],
            sequence=self._sequence,
            identifier=self._identifier,
            set_id=self._tags.id,
        )
        return Message(READINGS.name, self._identifier, encode_frame(frame), frame_headers(frame, NOW))

    def _index(self, name: str) -> int:
        pump, _, signal = name.rpartition(":")
        return self._tags.tags.index(f"park/site/{pump or 'pump0'}:{signal}")


def open_journal(url: str, table: AlarmTable) -> Journal:
    """Open (and make, if need be) a journal."""
    engine = open_database(url)
    create_tables(engine, TABLES)
    return Journal(engine, "park", table)


def journalled(engine: Engine) -> list[AlarmEntry]:
    """Return every entry, the oldest first."""
    return list_entries(engine, "park", start=-(2**62), end=2**62, limit=1_000_000)[::-1]


def told(engine: Engine) -> list[tuple[str, str, str, float]]:
    """Return every entry as (alarm, event, state after it, seconds after NOW)."""
    return [
        (entry.alarm.removeprefix("park/site/"), entry.event, entry.to_state, (entry.time - NOW) / S)
        for entry in journalled(engine)
    ]


def published(bus: Bus) -> list[AlarmEntry]:
    """Return everything on the topic ``alarms``."""
    consumer = bus.consumer([ALARMS.name])
    found = []
    while batch := consumer.poll(0.2):
        found += [decode_message(AlarmEntry, one.message.value, one.message.headers) for one in batch]
    consumer.close()
    return found
