"""The identities' database: opened when it is first needed, every change of it in the audit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine

from twin.contract.clock import Clock
from twin.identity.tables import CHAIN, TABLES
from twin.service.audit_chain import canonical
from twin.service.database import create_tables, open_database, writing

Note = Callable[[str, str, str, Mapping[str, Any]], None]
"""Writes a line of the audit: of whom, what happened, by whom, and more."""


@dataclass(slots=True)
class Store:
    """Thread-safe; constructing it opens nothing.

    Args:
        url: SQLAlchemy URL.
        clock: ns since the epoch.
    """

    url: str
    clock: Clock
    _engine: Engine | None = None
    _lock: Lock = field(default_factory=Lock)

    def engine(self) -> Engine:
        """Return the database, opened and with its tables.

        Raises:
            DatabaseError: it cannot be opened now; ask again.
        """
        with self._lock:
            if self._engine is None:
                engine = open_database(self.url)
                try:
                    create_tables(engine, TABLES)
                except BaseException:
                    engine.dispose()
                    raise
                self._engine = engine
            return self._engine

    def reading(self) -> Connection:
        """Return a connection, to be used in a ``with``."""
        return self.engine().connect()

    @contextmanager
    def changing(self) -> Iterator[tuple[Connection, Note]]:
        """Run a transaction that changes identities; what it notes is in the audit if it is committed."""
        with writing(self.engine()) as connection:
            head = CHAIN.lock(connection)

            def note(subject: str, event: str, by: str, body: Mapping[str, Any]) -> None:
                nonlocal head
                line = {"time": self.clock(), "subject": subject, "event": event, "by": by}
                head = CHAIN.append(connection, head, {**line, "body": canonical(body)})

            yield connection, note

    def close(self) -> None:
        """Let go of the database."""
        with self._lock:
            if self._engine is not None:
                self._engine.dispose()
                self._engine = None


def digest(secret: str) -> str:
    """What is kept of a secret of 32 random bytes: nobody can guess one, so nothing slower is needed."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
