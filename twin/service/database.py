"""Tables of a service: SQLAlchemy Core on SQLite (one box) or PostgreSQL (one server and more).

Both are opened the same way and fail with the same errors, so that no caller knows which one it has. SQLite
runs in WAL mode with every commit on the disk; a transaction that will write takes the write lock at its
start (:func:`writing`), because one that takes it half-way fails at once instead of waiting.

    DatabaseError
    ├── DatabaseUrlError (ValueError)               the URL names no database we know
    ├── DatabaseUnavailableError (ConnectionError)  it cannot be reached, or refuses us; try again
    ├── DatabaseBusyError (TimeoutError)            another process holds the lock for too long; try again
    └── DatabaseFullError (OSError)                 there is no room; nothing was written
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from sqlalchemy import Connection, Engine, ExceptionContext, MetaData, create_engine, event, func, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.pool import StaticPool

from twin.contract.errors import ParkTwinError

BUSY_TIMEOUT_S = 10
CONNECT_TIMEOUT_S = 5

_WRITING = "parktwin_writing"
_CREATING = 0x7061726B  # "park": the advisory lock that makers of tables hold


class DatabaseError(ParkTwinError):
    """The database could not do what it was asked."""

    code = "database"


class DatabaseUrlError(DatabaseError, ValueError):
    """The URL names no database we know."""

    code = "database.url"


class DatabaseUnavailableError(DatabaseError, ConnectionError):
    """The database cannot be reached, or refuses us; nothing is known to be written; try again."""

    code = "database.unavailable"


class DatabaseBusyError(DatabaseError, TimeoutError):
    """Another process holds the lock for too long; nothing was written; try again."""

    code = "database.busy"


class DatabaseFullError(DatabaseError, OSError):
    """There is no room; nothing was written."""

    code = "database.full"


def open_database(url: str) -> Engine:
    """Open a database and see that it answers.

    Args:
        url: ``sqlite:///path/to/file`` (made if it is not there), ``sqlite://`` (in memory, for tests) or
            ``postgresql://user:password@host:port/name``; with TLS to a server that is checked
            ``...?sslmode=verify-full&sslrootcert=/path/to/ca.pem`` (libpq's options, ``passfile`` too).

    Raises:
        DatabaseUrlError: the URL is neither.
        DatabaseUnavailableError: it does not answer within five seconds, or refuses us.
    """
    parsed = _parse(url)
    engine = _open_sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _open_postgresql(parsed)
    event.listen(engine, "handle_error", _translate)
    with engine.connect():
        return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Run a transaction that writes: committed at the end, rolled back on an error.

    Raises:
        DatabaseBusyError: another writer held the lock for more than ten seconds.
    """
    with engine.connect() as connection:
        connection.execution_options(**{_WRITING: True})
        with connection.begin():
            yield connection


def create_tables(engine: Engine, tables: MetaData) -> None:
    """Make the tables that are not there yet; processes that start together wait for each other."""
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":  # whose CREATE TABLE IF NOT EXISTS trips over a twin
            connection.execute(select(func.pg_advisory_xact_lock(_CREATING)))
        tables.create_all(connection)


def _parse(url: str) -> URL:
    form = "postgresql://USER:PASSWORD@HOST:PORT/NAME"  # a form; pragma: allowlist secret
    known = f"known are sqlite:///PATH and {form}"
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        # The text is not shown: it may hold a password that we failed to find in it.
        raise DatabaseUrlError(f"database URL cannot be read; {known}") from error
    shown = parsed.render_as_string(hide_password=True)
    if parsed.drivername == "sqlite":
        return parsed
    if parsed.drivername in ("postgresql", "postgresql+psycopg"):
        if not parsed.database:
            raise DatabaseUrlError(f"database URL {shown!r}: the name of the database is missing; {known}")
        return parsed.set(drivername="postgresql+psycopg")
    raise DatabaseUrlError(f"database URL {shown!r}: {parsed.drivername!r} is not supported; {known}")


def _open_sqlite(url: URL) -> Engine:
    options: dict[str, Any] = {"connect_args": {"timeout": BUSY_TIMEOUT_S, "check_same_thread": False}}
    if url.database in (None, "", ":memory:"):
        options["poolclass"] = StaticPool  # every connection would otherwise be a memory of its own
    else:
        try:
            Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DatabaseUnavailableError(
                f"database {url.database}: its folder cannot be made ({error.strerror}); check the path"
            ) from error
    engine = create_engine(url, **options)

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _: object) -> None:
        connection.isolation_level = None  # the driver would otherwise begin transactions when it sees fit
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITING, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _open_postgresql(url: URL) -> Engine:
    arguments = {
        "connect_timeout": CONNECT_TIMEOUT_S,
        "application_name": "parktwin",
        "options": f"-c timezone=UTC -c lock_timeout={BUSY_TIMEOUT_S}s",
    }
    return create_engine(url, pool_pre_ping=True, connect_args=arguments)


_FULL = ("database or disk is full", "No space left on device", "disk full")
_BUSY = ("database is locked", "database table is locked", "lock timeout")

_HINT = "check that it runs and lets this user in"
_HINTS = {
    "certificate verify failed": "it is not signed by the authority of sslrootcert: check that file",
    "does not match host name": "have a certificate made for that name, or use the name it has",
    "does not support SSL": "turn ssl on at the server; without it passwords and rows are for all to read",
    "password authentication failed": "check that it runs and lets this user in: user or password is wrong",
}
"""What PostgreSQL's client says, and what helps."""


def _translate(context: ExceptionContext) -> None:
    """Turn the driver's operational errors into ours; programming errors stay what they are."""
    error = context.sqlalchemy_exception
    if not isinstance(error, OperationalError):
        return
    if getattr(error.orig, "sqlite_errorname", "") == "SQLITE_ERROR":
        return  # SQLite's driver also calls a wrong statement operational
    text = str(error.orig).strip()
    url = context.engine.url.render_as_string(hide_password=True) if context.engine else "database"
    _raise(url, text, error)


def _raise(url: str, text: str, error: OperationalError) -> NoReturn:
    if any(part in text for part in _FULL):
        raise DatabaseFullError(f"{url}: {text}; make room, then try again") from error
    if any(part in text for part in _BUSY):
        raise DatabaseBusyError(f"{url}: {text}; another process writes, try again") from error
    hint = next((hint for part, hint in _HINTS.items() if part in text), _HINT)
    raise DatabaseUnavailableError(f"{url}: {text}; {hint}") from error
