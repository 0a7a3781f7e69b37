"""The audit of commands: every step of every command; see :mod:`twin.service.audit_chain`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, Engine

from twin.commands.command_tables import AUDIT
from twin.service.audit_chain import AuditChain, Head, canonical

FIRST: Final = hashlib.sha256(b"parktwin.command_audit@1").hexdigest()
"""What stands in the place of a previous hash in the first line."""
CHAIN: Final = AuditChain(AUDIT, FIRST, lock_number=0x636D6473, subject="command")  # "cmds"


def lock(connection: Connection) -> Head:
    """Keep other writers out until the transaction ends; return the newest line."""
    return CHAIN.lock(connection)


def append(
    connection: Connection,
    head: Head,
    *,
    time: int,
    park: str,
    command: str,
    event: str,
    by: str,
    body: Mapping[str, Any],
) -> Head:
    """Write one line behind ``head``, which :func:`lock` of the same transaction gave; return the new
    head."""
    line = {"time": time, "park": park, "command": command, "event": event, "by": by, "body": canonical(body)}
    return CHAIN.append(connection, head, line)


def verify(engine: Engine, *, expect: Head | None = None) -> Head:
    """Check every line; return the newest.

    Raises:
        AuditError: a line was changed, taken out or put in; the text says which is the first one.
    """
    return CHAIN.verify(engine, expect=expect)


def newest(engine: Engine) -> Head:
    """Return the newest line, without checking any."""
    return CHAIN.newest(engine)
