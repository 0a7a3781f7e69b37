"""The tables of the commands: how each request stands, and the audit, which only grows.

The database itself refuses to change or delete a line of the audit; who does it all the same is found by the
chain.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

from twin.service.audit_chain import only_grows

TABLES = MetaData()
"""For :func:`twin.service.database.create_tables`."""

_BIG = BigInteger().with_variant(Integer, "sqlite")

REQUESTS = Table(
    "command_requests",
    TABLES,
    Column("id", String(64), primary_key=True),
    Column("equipment", String(700), nullable=False),
    Column("command", String(60), nullable=False),
    Column("source", String(255), nullable=False),
    Column("value", Text, nullable=False),  # JSON
    Column("risk", String(10), nullable=False),
    Column("reason", Text, nullable=False),
    Column("dry_run", Boolean, nullable=False),
    Column("state", String(20), nullable=False),
    Column("requested_by", String(200), nullable=False),
    Column("requested_at", BigInteger, nullable=False),
    Column("decided_by", String(200), nullable=False),
    Column("decided_at", BigInteger, nullable=False),
    Column("issued", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("overdue", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("step", Integer, nullable=False),
    Column("code", String(60), nullable=False),
    Column("params", Text, nullable=False),  # JSON
    Column("detail", Text, nullable=False),
    Column("status", BigInteger, nullable=False),
    Column("before", Text, nullable=False),  # JSON
    Column("read_back", Text, nullable=False),  # JSON
    Column("read_back_at", BigInteger, nullable=False),
    Index("command_requests_by_time", "requested_at"),
    Index("command_requests_by_state", "state", "overdue"),
    Index("command_requests_by_equipment", "equipment", "requested_at"),
)
AUDIT = Table(
    "command_audit",
    TABLES,
    Column("number", _BIG, primary_key=True, autoincrement=False),
    Column("time", BigInteger, nullable=False),
    Column("park", String(60), nullable=False),
    Column("command", String(64), nullable=False),
    Column("event", String(30), nullable=False),
    Column("by", String(200), nullable=False),
    Column("body", Text, nullable=False),  # JSON
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("command_audit_by_command", "command", "number"),
)
only_grows(AUDIT, "the audit of commands only grows")
