"""Consumer groups of the embedded bus: who is a member, who owns which partition, what is committed.

A database of its own, so that commits never wait for a publish. There is no leader: every member applies the
same pure function to the same rows, gives back what is not to be its own at its next poll, and takes what is
free. A member is alive as long as its process holds the lock on the member's file; the kernel lets go of it
the moment the process dies, however it dies, so there are no heartbeats and no leases to wait for, and no
pid can be mistaken for another. (A process that forks shares the lock with its child: start processes with
``subprocess`` or "spawn".)
"""

from __future__ import annotations

import fcntl
import os
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from twin.bus.base import BusFullError, BusUnavailableError, Positions, TopicPartition
from twin.bus.partitioning import assign
from twin.bus.sqlite_file import connect, opening, transaction, translated

PROBE_S = 0.5
"""How often a member that polls looks whether the others still live."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS generations (grp TEXT PRIMARY KEY, generation INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS members (
    id TEXT PRIMARY KEY, grp TEXT NOT NULL, topics TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS owners (
    grp TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, member TEXT NOT NULL,
    PRIMARY KEY (grp, topic, partition)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS offsets (
    grp TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
    PRIMARY KEY (grp, topic, partition)) WITHOUT ROWID;
"""


class GroupMember:
    """One consumer's place in its group. Belongs to one thread; joins at the first :meth:`refresh`.

    Args:
        folder: of the bus.
        group: name of the group.
        topics: what this member reads.
        changed: called after the group has changed, to wake the other members.
    """

    def __init__(self, folder: Path, group: str, topics: Sequence[str], changed: Callable[[], None]) -> None:
        self._path = folder / "groups.sqlite3"
        self._locks = folder / "members"
        self._group = group
        self._topics = tuple(topics)
        self._changed = changed
        self._id = f"{os.getpid()}-{uuid.uuid4().hex[:12]}"
        self._lock = -1
        self._generation = -1
        self._probed = 0.0
        self._owned: dict[TopicPartition, int | None] = {}
        with opening(self._path):
            self._connection = connect(self._path, "normal")
            self._connection.executescript(_SCHEMA)

    def refresh(self) -> Mapping[TopicPartition, int | None]:
        """Take part in the group: the partitions that are this member's now, with what is committed.

        Raises:
            BusUnavailableError: the group's database cannot be used now.
        """
        now = time.monotonic()
        with self._translated():
            generation = self._read_generation()
            due = now - self._probed >= PROBE_S
            if generation != self._generation or (due and self._dead()):
                self._rebalance()
            if due:
                self._probed = now
        return self._owned

    def commit(self, positions: Positions) -> None:
        """Store the positions of partitions that are still ours; others' messages come again to others.

        Raises:
            BusUnavailableError: not stored.
        """
        with self._translated(), transaction(self._connection):
            owners = self._owners()
            self._connection.executemany(
                "INSERT OR REPLACE INTO offsets VALUES (?, ?, ?, ?)",
                [
                    (self._group, partition.topic, partition.partition, offset)
                    for partition, offset in positions.items()
                    if owners.get(partition) == self._id
                ],
            )

    def leave(self) -> None:
        """Give every partition back and close."""
        try:
            if self._lock >= 0:
                with translated(self._path), transaction(self._connection):
                    self._remove([self._id])
                    self._bump()
                self._changed()
        finally:
            self._connection.close()
            if self._lock >= 0:
                self._lock_file(self._id).unlink(missing_ok=True)
                os.close(self._lock)
                self._lock = -1

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            with translated(self._path):
                yield
        except BusFullError as error:
            raise BusUnavailableError(
                f"{self._path}: no room on the disk for the offsets of group {self._group!r}; "
                "free space; the messages will come again"
            ) from error

    def _join(self) -> None:
        self._locks.mkdir(parents=True, exist_ok=True)
        if self._lock < 0:  # the lock first: a row without a locked file is a dead member
            self._lock = os.open(self._lock_file(self._id), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX)

    def _rebalance(self) -> None:
        self._join()
        dead = self._dead()
        with transaction(self._connection):
            self._remove(dead)
            row = (self._id, self._group, msgspec.json.encode(self._topics).decode())
            joined = self._connection.execute("INSERT OR IGNORE INTO members VALUES (?, ?, ?)", row).rowcount
            owners = self._owners()
            wanted = assign(self._members(), owners)
            give = [p for p, owner in owners.items() if owner == self._id and wanted.get(p) != self._id]
            take = [p for p, member in wanted.items() if member == self._id and p not in owners]
            self._connection.executemany(
                "DELETE FROM owners WHERE grp = ? AND topic = ? AND partition = ?",
                [(self._group, *partition) for partition in give],
            )
            self._connection.executemany(
                "INSERT INTO owners VALUES (?, ?, ?, ?)",
                [(self._group, *partition, self._id) for partition in take],
            )
            if dead or joined or give or take:
                self._bump()
            generation, owned = self._read_generation(), self._read_owned()
        self._generation, self._owned = generation, owned  # only now: the commit may have failed
        for member in dead:
            self._lock_file(member).unlink(missing_ok=True)
        if dead or joined or give or take:
            self._changed()

    def _read_owned(self) -> dict[TopicPartition, int | None]:
        rows = self._connection.execute(
            "SELECT topic, partition, offset FROM owners LEFT JOIN offsets USING (grp, topic, partition)"
            " WHERE grp = ? AND member = ?",
            (self._group, self._id),
        )
        return {TopicPartition(topic, number): offset for topic, number, offset in rows}

    def _dead(self) -> list[str]:
        return [member for member in self._members() if member != self._id and not self._lives(member)]

    def _lives(self, member: str) -> bool:
        try:
            probe = os.open(self._lock_file(member), os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(probe, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(probe)
        return False

    def _lock_file(self, member: str) -> Path:
        return self._locks / f"{member}.lock"

    def _members(self) -> dict[str, tuple[str, ...]]:
        rows = self._connection.execute("SELECT id, topics FROM members WHERE grp = ?", (self._group,))
        return {id_: msgspec.json.decode(topics, type=tuple[str, ...]) for id_, topics in rows.fetchall()}

    def _owners(self) -> dict[TopicPartition, str]:
        rows = self._connection.execute(
            "SELECT topic, partition, member FROM owners WHERE grp = ?", (self._group,)
        )
        return {TopicPartition(topic, number): member for topic, number, member in rows.fetchall()}

    def _remove(self, members: Sequence[str]) -> None:
        for statement in ("DELETE FROM members WHERE id = ?", "DELETE FROM owners WHERE member = ?"):
            self._connection.executemany(statement, [(member,) for member in members])

    def _read_generation(self) -> int:
        row = self._connection.execute(
            "SELECT generation FROM generations WHERE grp = ?", (self._group,)
        ).fetchone()
        return 0 if row is None else int(row[0])

    def _bump(self) -> None:
        self._connection.execute(
            "INSERT INTO generations VALUES (?, 1)"
            " ON CONFLICT (grp) DO UPDATE SET generation = generation + 1",
            (self._group,),
        )
