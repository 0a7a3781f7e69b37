"""The durable log file: many ordered partitions of messages in one SQLite database.

One file for all topics, so that one publish is one transaction, whole or not at all. A message is a row whose
id is its partition's number and its offset in one integer: appends go to few places of one tree, reading a
partition is a range of it, and there is no second index to keep. Offsets start at 1 and only grow.

**After a power cut** (``synchronous="normal"``) the last offsets may be gone while a consumer has already
committed past them; reused, the new messages under those numbers would be skipped in silence. So the first
opening after a boot moves every partition on by :data:`BOOT_SKIP`, and counts leave the hole out.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from twin.bus import sqlite_file
from twin.bus.base import BusDamagedError, Message, TopicPartition
from twin.bus.sqlite_file import (
    Synchronous,
    boot_id,
    bound_wal,
    check_in_place,
    connect,
    file_identity,
    opening,
    transaction,
    translated,
)

BOOT_SKIP = 1 << 20
_OFFSET_BITS = 40
_OFFSET_MASK = (1 << _OFFSET_BITS) - 1
_ROW_OVERHEAD = 32
_SCHEMA_VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS partitions (
    id INTEGER PRIMARY KEY, topic TEXT NOT NULL, number INTEGER NOT NULL, compacted INTEGER NOT NULL,
    first INTEGER NOT NULL DEFAULT 1, next INTEGER NOT NULL DEFAULT 1, bytes INTEGER NOT NULL DEFAULT 0,
    UNIQUE (topic, number));
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY, time INTEGER NOT NULL, size INTEGER NOT NULL, topic TEXT NOT NULL,
    key TEXT NOT NULL, headers BLOB NOT NULL, value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS newest (
    partition INTEGER NOT NULL, key TEXT NOT NULL, id INTEGER NOT NULL,
    PRIMARY KEY (partition, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS skips (partition INTEGER NOT NULL, at INTEGER NOT NULL, size INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
"""

_HEADERS = msgspec.json.Encoder()
_HEADERS_BACK = msgspec.json.Decoder(dict[str, str])


@dataclass(frozen=True, slots=True)
class Stored:
    """A message where it stands in its partition: ``time_ns`` is when it was taken, ns since the epoch."""

    offset: int
    time_ns: int
    message: Message


@dataclass(frozen=True, slots=True)
class Head:
    """The state of a partition: offsets of the oldest kept and of the next message, and bytes kept."""

    id: int
    partition: TopicPartition
    compacted: bool
    first: int
    next: int
    bytes: int


def heads(connection: sqlite3.Connection) -> list[Head]:
    """Read the state of every partition."""
    rows = connection.execute("SELECT id, topic, number, compacted, first, next, bytes FROM partitions")
    return [
        Head(id_, TopicPartition(topic, number), bool(compacted), first, next_, size)
        for id_, topic, number, compacted, first, next_, size in rows.fetchall()
    ]


class LogWriter:
    """Appends and removes. Thread-safe; any number of processes may each have one on the same file.

    Args:
        path: the database; made with its directory if it is not there.
        synchronous: ``normal`` or ``full``, see :mod:`twin.bus.sqlite_file`.

    Raises:
        BusFullError, BusDamagedError, BusUnavailableError: the file cannot be opened.
    """

    def __init__(self, path: Path, *, synchronous: Synchronous = "normal") -> None:
        self._path = path
        self._lock = threading.Lock()
        self._wal_limit = sqlite_file.MAX_WAL_BYTES
        with opening(path):
            self._connection = connect(path, synchronous)
            try:
                self._prepare(skip_after_boot=synchronous == "normal")
            except BaseException:
                self._connection.close()
                raise
            self._opened = file_identity(path)

    def _prepare(self, *, skip_after_boot: bool) -> None:
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, _SCHEMA_VERSION):
            raise BusDamagedError(
                f"{self._path}: log of version {version}, this program knows {_SCHEMA_VERSION}; "
                "run the program that wrote it, or move the file away"
            )
        if version == 0:
            self._connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")
            self._connection.execute(f"PRAGMA user_version={_SCHEMA_VERSION}")
        boot = boot_id().encode()
        known = self._connection.execute("SELECT value FROM meta WHERE key = 'boot_id'").fetchone()
        if known is not None and known[0] == boot:
            return
        with transaction(self._connection):
            if known is not None and skip_after_boot:
                self._connection.execute(
                    "INSERT INTO skips SELECT id, next, ? FROM partitions WHERE next > 1", (BOOT_SKIP,)
                )
                self._connection.execute("UPDATE partitions SET next = next + ? WHERE next > 1", (BOOT_SKIP,))
            self._connection.execute("INSERT OR REPLACE INTO meta VALUES ('boot_id', ?)", (boot,))

    def ensure(self, partitions: Iterable[tuple[TopicPartition, bool]]) -> dict[TopicPartition, int]:
        """Make the partitions (with: compacted?) that are not there; return the id of each one asked for."""
        wanted = dict(partitions)
        with self._lock, translated(self._path), transaction(self._connection):
            self._connection.executemany(
                "INSERT OR IGNORE INTO partitions (topic, number, compacted) VALUES (?, ?, ?)",
                [(topic, number, compacted) for (topic, number), compacted in wanted.items()],
            )
            return {head.partition: head.id for head in heads(self._connection) if head.partition in wanted}

    def append(
        self,
        entries: Sequence[tuple[int, Message]],
        time_ns: int,
        *,
        meta: Mapping[str, bytes] | None = None,
        max_bytes: int | None = None,
    ) -> int | None:
        """Append messages to partitions, given by id, in one transaction.

        Args:
            entries: partition id and message.
            time_ns: when, ns since the epoch.
            meta: key-values to set in the same transaction.
            max_bytes: refuse if more than this would be kept then.

        Returns:
            the last offset given, or None if ``max_bytes`` left no room and nothing was done.
        """
        with self._lock, translated(self._path):
            check_in_place(self._path, self._opened)
            with transaction(self._connection):
                state = {head.id: head for head in heads(self._connection)}
                rows, growth = _rows(entries, state, time_ns)
                if max_bytes is not None:
                    kept = sum(head.bytes for head in state.values())
                    if kept + sum(size for _, size in growth.values()) > max_bytes:
                        return None
                self._connection.executemany("INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
                self._connection.executemany(
                    "UPDATE partitions SET next = ?, bytes = bytes + ? WHERE id = ?",
                    [(next_, size, id_) for id_, (next_, size) in growth.items()],
                )
                self._compact(rows, state)
                if meta:
                    self._put_meta(meta)
            self._wal_limit = bound_wal(self._connection, self._path, self._wal_limit)
            return rows[-1][0] & _OFFSET_MASK if rows else 0

    def _compact(self, rows: Sequence[_Row], state: Mapping[int, Head]) -> None:
        for row in rows:
            partition, key = row[0] >> _OFFSET_BITS, row[4]
            if not state[partition].compacted:
                continue
            older = self._connection.execute(
                "SELECT messages.id, size FROM newest JOIN messages ON messages.id = newest.id"
                " WHERE partition = ? AND newest.key = ?",
                (partition, key),
            ).fetchone()
            if older is not None:
                self._connection.execute("DELETE FROM messages WHERE id = ?", (older[0],))
                self._connection.execute(
                    "UPDATE partitions SET bytes = bytes - ? WHERE id = ?", (older[1], partition)
                )
            self._connection.execute(
                "INSERT OR REPLACE INTO newest VALUES (?, ?, ?)", (partition, key, row[0])
            )

    def trim(self, partition_id: int, up_to_offset: int) -> int:
        """Remove the messages up to and with an offset; return how many went.

        Offsets are not given again.
        """
        low, high = _key(partition_id, 0), _key(partition_id, min(up_to_offset, _OFFSET_MASK))
        with self._lock, translated(self._path), transaction(self._connection):
            count, size = self._connection.execute(
                "SELECT count(*), coalesce(sum(size), 0) FROM messages WHERE id BETWEEN ? AND ?", (low, high)
            ).fetchone()
            self._connection.execute("DELETE FROM messages WHERE id BETWEEN ? AND ?", (low, high))
            self._connection.execute(
                "UPDATE partitions SET bytes = bytes - ?, first = max(first, min(next, ?)) WHERE id = ?",
                (size, up_to_offset + 1, partition_id),
            )
            return int(count)

    def set_meta(self, values: Mapping[str, bytes]) -> None:
        """Keep some small key-values, all or none."""
        with self._lock, translated(self._path):
            check_in_place(self._path, self._opened)
            with transaction(self._connection):
                self._put_meta(values)

    def _put_meta(self, values: Mapping[str, bytes]) -> None:
        self._connection.executemany(
            "INSERT OR REPLACE INTO meta VALUES (?, ?)",
            [(f"user.{key}", value) for key, value in values.items()],
        )

    def close(self) -> None:
        """Close the file."""
        with self._lock, translated(self._path):
            self._connection.close()


class LogReader:
    """Reads a log file that a :class:`LogWriter` has made. Belongs to one thread at a time.

    Every call is one short read transaction: one that stayed open would keep the write-ahead log from being
    emptied.

    Args:
        path: the database.
        follows: True for a reader that waits for what others write: it must notice if they write elsewhere.
    """

    def __init__(self, path: Path, *, follows: bool = False) -> None:
        self._path = path
        self._follows = follows
        with translated(path):
            self._connection = connect(path, "normal", read_only=True)
            self._opened = file_identity(path)

    def heads(self) -> list[Head]:
        """Read the state of every partition."""
        with translated(self._path):
            if self._follows:
                check_in_place(self._path, self._opened)
            return heads(self._connection)

    def read(self, partition_id: int, from_offset: int, max_messages: int, max_bytes: int) -> list[Stored]:
        """Read a partition from an offset on; at least one message, if there is one, whatever its size."""
        found: list[Stored] = []
        with translated(self._path):
            cursor = self._connection.execute(
                "SELECT id, time, size, topic, key, headers, value FROM messages"
                " WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?",
                (_key(partition_id, from_offset), _key(partition_id, _OFFSET_MASK), max_messages),
            )
            for id_, time_ns, size, topic, key, headers, value in cursor:
                max_bytes -= size
                if found and max_bytes < 0:
                    break
                message = Message(topic, key, value, _HEADERS_BACK.decode(headers))
                found.append(Stored(id_ & _OFFSET_MASK, time_ns, message))
            cursor.close()
        return found

    def expired(self, partition_id: int, before_ns: int, max_messages: int) -> int:
        """Find the last of the oldest ``max_messages`` messages that is older than a time; 0 if none is."""
        with translated(self._path):
            last = self._connection.execute(
                "SELECT max(id) FROM (SELECT id, time FROM messages WHERE id BETWEEN ? AND ?"
                " ORDER BY id LIMIT ?) WHERE time < ?",
                (_key(partition_id, 0), _key(partition_id, _OFFSET_MASK), max_messages, before_ns),
            ).fetchone()[0]
        return 0 if last is None else int(last) & _OFFSET_MASK

    def oldest(self, partition_id: int, max_messages: int) -> list[tuple[int, int, int]]:
        """List (offset, time, size) of the oldest messages."""
        with translated(self._path):
            rows = self._connection.execute(
                "SELECT id, time, size FROM messages WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?",
                (_key(partition_id, 0), _key(partition_id, _OFFSET_MASK), max_messages),
            ).fetchall()
        return [(id_ & _OFFSET_MASK, time_ns, size) for id_, time_ns, size in rows]

    def span(self, partition_id: int, start: int, end: int) -> int:
        """Count the offsets from ``start`` up to, not with, ``end`` that were ever given to a message."""
        if end <= start:
            return 0
        with translated(self._path):
            skipped = self._connection.execute(
                "SELECT coalesce(sum(max(0, min(at + size, ?) - max(at, ?))), 0) FROM skips"
                " WHERE partition = ?",
                (end, start, partition_id),
            ).fetchone()[0]
        return end - start - int(skipped)

    def get_meta(self, key: str) -> bytes | None:
        """Read a key-value."""
        with translated(self._path):
            row = self._connection.execute(
                "SELECT value FROM meta WHERE key = ?", (f"user.{key}",)
            ).fetchone()
        return None if row is None else bytes(row[0])

    def close(self) -> None:
        """Close the file."""
        with translated(self._path):
            self._connection.close()


_Row = tuple[int, int, int, str, str, bytes, bytes]


def _key(partition_id: int, offset: int) -> int:
    return partition_id << _OFFSET_BITS | offset


def _rows(
    entries: Sequence[tuple[int, Message]], state: Mapping[int, Head], time_ns: int
) -> tuple[list[_Row], dict[int, tuple[int, int]]]:
    """Give offsets: rows to insert, and for each partition touched its new next offset and bytes gained."""
    rows: list[_Row] = []
    growth: dict[int, tuple[int, int]] = {}
    for partition_id, message in entries:
        headers = _HEADERS.encode(message.headers)
        size = len(message.value) + len(headers) + len(message.key) + _ROW_OVERHEAD
        offset, gained = growth.get(partition_id, (state[partition_id].next, 0))
        key = _key(partition_id, offset)
        rows.append((key, time_ns, size, message.topic, message.key, headers, message.value))
        growth[partition_id] = (offset + 1, gained + size)
    return rows, growth
