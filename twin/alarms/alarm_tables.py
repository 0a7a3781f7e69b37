"""The tables of the alarms: the journal, which only grows; how every alarm stands; how far we have come."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    RowMapping,
    String,
    Table,
    Text,
)

from twin.alarms.standing import Standing
from twin.alarms.state_machine import State
from twin.contract.messages import AlarmEntry

TABLES = MetaData()
"""For :func:`twin.service.database.create_tables`."""

_NAME = String(700)

JOURNAL = Table(
    "alarm_journal",
    TABLES,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("alarm", _NAME, nullable=False),
    Column("subject", _NAME, nullable=False),
    Column("equipment", _NAME, nullable=False),
    Column("event", String(40), nullable=False),
    Column("from_state", String(40), nullable=False),
    Column("to_state", String(40), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("recorded", BigInteger, nullable=False),
    Column("by", String(200), nullable=False),
    Column("reason", Text, nullable=False),
    Column("priority", String(10), nullable=False),
    Column("alarm_class", String(20), nullable=False),
    Column("value", Float),
    Column("limit", Float),
    Column("name_vi", String(300), nullable=False),
    Column("name_en", String(300), nullable=False),
    Index("alarm_journal_by_time", "time", "number"),
    Index("alarm_journal_by_alarm", "alarm", "number"),
)
STANDINGS = Table(
    "alarm_standings",
    TABLES,
    Column("alarm", _NAME, primary_key=True),
    Column("subject", _NAME, nullable=False),
    Column("equipment", _NAME, nullable=False),
    Column("priority", String(10), nullable=False),
    Column("alarm_class", String(20), nullable=False),
    Column("state", String(40), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("designed", Boolean, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("raised_at", BigInteger, nullable=False),
    Column("condition_time", BigInteger, nullable=False),
    Column("design_time", BigInteger, nullable=False),
    Column("value", Float),
    Column("limit", Float),
    Column("acknowledged_by", String(200), nullable=False),
    Column("acknowledged_at", BigInteger, nullable=False),
    Column("shelved_until", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Index("alarm_standings_by_state", "state", "raised_at"),
)
POSITIONS = Table(
    "alarm_positions",
    TABLES,
    Column("topic", String(100), primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("offset", BigInteger, nullable=False),
)
"""Up to where the bus's messages are journalled: written in the transaction that journals them."""
PUBLISHED = Table(
    "alarm_published",
    TABLES,
    Column("topic", String(100), primary_key=True),
    Column("number", BigInteger, nullable=False),
)
"""The newest entry of the journal that is on the bus."""


def standing_of(row: RowMapping) -> Standing:
    """Read a row of :data:`STANDINGS`."""
    return Standing(
        alarm=row["alarm"],
        state=State(row["state"]),
        active=row["active"],
        designed=row["designed"],
        since=row["since"],
        raised_at=row["raised_at"],
        condition_time=row["condition_time"],
        design_time=row["design_time"],
        value=row["value"],
        limit=row["limit"],
        acknowledged_by=row["acknowledged_by"],
        acknowledged_at=row["acknowledged_at"],
        shelved_until=row["shelved_until"],
        reason=row["reason"],
        comment=row["comment"],
    )


def entry_of(row: RowMapping, park: str) -> AlarmEntry:
    """Read a row of :data:`JOURNAL`."""
    return AlarmEntry(park=park, **row)
