"""A SQLite database in WAL mode as the embedded bus and the outbox use it: how it is opened, how it fails.

WAL because a reader must never block a writer, nor a writer a reader. **Power:** with
``synchronous="normal"`` a commit survives the SIGKILL of every process, but a power cut may take the
commits since the last checkpoint (at most :data:`CHECKPOINT_BYTES`, usually the last seconds) and never
damages the database; ``"full"`` waits for the disk at each commit and loses nothing.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from twin.bus.base import BusDamagedError, BusError, BusFullError, BusUnavailableError

Synchronous = Literal["normal", "full"]

PAGE_BYTES = 8192
"""Measured with 24 kB frames: deleting costs half of what it does with 4 kB pages, writing the same; larger
pages write more than they save."""
CHECKPOINT_BYTES = 16 << 20
"""The writer that passes this much of write-ahead log moves it into the database."""
MAX_WAL_BYTES = 64 << 20
"""Above this the next writer waits for the readers once, so that the write-ahead log cannot grow for
ever."""
BUSY_S = 15.0
_EMPTYING_MS = 250

_FULL = frozenset(
    # a quota or a file size limit answers "I/O error on write" and not "full"; there is no room all the same
    ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE", "SQLITE_IOERR_TRUNCATE")
)
_DAMAGED = frozenset(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn what SQLite raises into errors of the bus.

    Raises:
        BusFullError: no room on the disk.
        BusDamagedError: the file is not one of ours any more.
        BusUnavailableError: anything else, such as another process that holds the lock for too long.
    """
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "") or ""
        if name in _FULL:
            raise BusFullError(
                f"{path}: no room on the disk ({error}); nothing was accepted; free space and publish again"
            ) from error
        if name in _DAMAGED or name.startswith("SQLITE_CORRUPT"):
            raise BusDamagedError(
                f"{path}: the file is damaged ({error}); stop the services, move it away and start again"
            ) from error
        raise BusUnavailableError(f"{path}: {error} ({name or type(error).__name__}); try again") from error
    except OSError as error:
        if isinstance(error, BusError):
            raise
        raise BusUnavailableError(f"{path}: {error}; try again") from error


def connect(path: Path, synchronous: Synchronous, *, read_only: bool = False) -> sqlite3.Connection:
    """Open a connection in autocommit mode; the caller keeps it to one thread at a time."""
    connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    connection.execute(f"PRAGMA page_size={PAGE_BYTES}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(f"PRAGMA synchronous={synchronous}")
    connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_BYTES // PAGE_BYTES}")
    connection.execute(f"PRAGMA journal_size_limit={MAX_WAL_BYTES}")
    if read_only:
        connection.execute("PRAGMA query_only=1")
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """One write transaction: takes the write lock at once, so that nothing it reads can change under it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # SQLite has rolled back by itself where the disk was full
            connection.execute("ROLLBACK")
        raise


@contextmanager
def opening(path: Path) -> Iterator[None]:
    """Let one process at a time open and upgrade a database: SQLite's own switch to WAL does not wait."""
    with translated(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def bound_wal(connection: sqlite3.Connection, path: Path, limit: int) -> int:
    """Wait for the readers and empty the write-ahead log if it has outgrown ``limit``; return the next limit.

    Readers that overlap without a pause would otherwise keep it from ever being started anew. A reader's
    transaction lasts one ``poll``, so the wait is short. One that stands still in the middle of it (in a
    debugger, say) must not hold up every publish: then it grows a little before this is tried again.
    """
    try:
        if os.stat(f"{path}-wal").st_size <= limit:
            return limit
        connection.execute(f"PRAGMA busy_timeout={_EMPTYING_MS}")
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            connection.execute(f"PRAGMA busy_timeout={int(BUSY_S * 1000)}")
        return max(MAX_WAL_BYTES, os.stat(f"{path}-wal").st_size + CHECKPOINT_BYTES)
    except (OSError, sqlite3.Error):  # the messages are safe; the next publish tries again
        return limit


def file_identity(path: Path) -> tuple[int, int]:
    """Name the file that a path leads to now, (-1, -1) if to none."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return -1, -1
    return found.st_dev, found.st_ino


def check_in_place(path: Path, opened: tuple[int, int]) -> None:
    """Refuse to go on with a file that is no longer in its place: SQLite would, where nobody else looks.

    Raises:
        BusDamagedError: the file was removed or replaced since it was ``opened``.
    """
    if file_identity(path) != opened:
        raise BusDamagedError(
            f"{path}: the file was removed or replaced while in use; restart this service and all others "
            "that use it"
        )


def boot_id() -> str:
    """Name this boot of the machine, "" where the machine does not say."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return ""
