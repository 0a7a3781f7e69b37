"""The tables of the commands: how each request stands, and the audit, which only grows.

The database itself refuses to change or delete a line of the audit; who does it all the same is found by the
chain.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    event,
    text,
)

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

_REFUSE_SQLITE = (
    "CREATE TRIGGER IF NOT EXISTS command_audit_no_{what} BEFORE {what} ON command_audit "
    "BEGIN SELECT RAISE(ABORT, 'the audit of commands only grows'); END"
)
_MAKE_POSTGRESQL = (
    "CREATE OR REPLACE FUNCTION command_audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the audit of commands only grows'; END $$"
)
_REFUSE_POSTGRESQL = (
    "CREATE TRIGGER command_audit_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON command_audit "
    "FOR EACH STATEMENT EXECUTE FUNCTION command_audit_only_grows()"
)


@event.listens_for(AUDIT, "after_create")
def _only_grow(_: Table, connection: Connection, **__: Any) -> None:
    """Have the database refuse to change what stands in the audit."""
    if connection.dialect.name == "sqlite":
        for what in ("UPDATE", "DELETE"):
            connection.execute(text(_REFUSE_SQLITE.format(what=what)))
    else:
        connection.execute(text(_MAKE_POSTGRESQL))
        connection.execute(text(_REFUSE_POSTGRESQL))
