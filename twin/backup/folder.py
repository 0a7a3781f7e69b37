"""What of a folder of 'parktwin up' is kept, and in which order.

The positions of the bus first, its messages last: whatever a service did in between it finds again, and does
over what is there already (:mod:`twin.bus.base`, at least once). Locks, addresses, logs and what is only
half written are left out, and so is the history's own folder, which no other process can read.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from twin.backup.errors import BackupSourceError

HISTORY: Final = "twin/history"
"""Folder of the embedded history, in one of 'parktwin up'."""
SCRATCH: Final = ".backup-"
_SQLITE: Final = b"SQLite format 3\0"
_LEFT_OUT_ENDS: Final = (".lock", ".url", ".part", "-wal", "-shm", "-journal", ".log")
_LEFT_OUT_FOLDERS: Final = frozenset({"logs", "bells", "members"})
_BUSY_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Kept:
    """What there is in a folder.

    Args:
        positions: databases that say how far somebody has come on the bus; taken first.
        tables: other databases.
        files: everything else, taken after the history.
        messages: the log of the bus; taken last.
    """

    positions: tuple[Path, ...]
    tables: tuple[Path, ...]
    files: tuple[Path, ...]
    messages: tuple[Path, ...]


def look_through(folder: Path) -> Kept:
    """Sort the files of a folder.

    Raises:
        BackupSourceError: there is no such folder, or nothing in it.
    """
    positions, tables, files, messages = [], [], [], []
    for path in _walk(folder):
        if not _is_sqlite(path):
            files.append(path)
        elif path.name == "groups.sqlite3":
            positions.append(path)
        elif path.name == "log.sqlite3" and path.with_name("groups.sqlite3").exists():
            messages.append(path)
        else:
            tables.append(path)
    if not positions and not tables and not files:
        raise BackupSourceError(
            f"{folder}: nothing there to keep; give the folder of 'parktwin up' with --dir"
        )
    return Kept(tuple(positions), tuple(tables), tuple(files), tuple(messages))


def copy_database(path: Path, copy: Path) -> None:
    """Copy a SQLite database as it is at this moment, while others write to it, and see that it is sound.

    Raises:
        BackupSourceError: it cannot be read, or is damaged.
    """
    try:
        with (
            closing(sqlite3.connect(f"file:{path}?mode=rw", uri=True, timeout=_BUSY_S)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)  # in one step: nobody waits for it, and it sees one moment
            target.execute("PRAGMA journal_mode=DELETE")
            ((verdict,), *_) = target.execute("PRAGMA quick_check(1)").fetchall()
    except sqlite3.Error as error:
        raise BackupSourceError(f"{path}: cannot be copied ({error}); nothing was written") from error
    if verdict != "ok":
        raise BackupSourceError(f"{path}: is damaged ({verdict}); nothing was written")


def running_in(folder: Path) -> str:
    """Say which service has this folder, "" if none has."""
    for path in sorted([*folder.glob("*.lock"), *folder.glob("*/*.lock")]):
        try:
            lock = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return path.stem
        finally:
            os.close(lock)
    return ""


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if inside.parts[0].startswith(SCRATCH) or inside.as_posix().startswith(f"{HISTORY}/"):
            continue
        if _LEFT_OUT_FOLDERS & set(inside.parts[:-1]) or path.name.endswith(_LEFT_OUT_ENDS):
            continue
        if path.is_file() and not path.is_symlink():
            yield path


def _is_sqlite(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_SQLITE)) == _SQLITE
    except FileNotFoundError:
        return False
