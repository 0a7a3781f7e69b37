"""The ledger: which commands this connector has seen, how far each came, and what has yet to be said of it.

One SQLite file in the connector's folder that waits for the disk at every entry, so that neither a SIGKILL
nor a power cut can make it forget that a write was begun. Outcomes lie in it until the bus has them.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

from twin.bus.sqlite_file import connect, opening, transaction, translated
from twin.contract.clock import NS_PER_S, Clock
from twin.contract.command import OPEN_STATES, Command, CommandOutcome

KEEP_NS: Final = 35 * 24 * 3600 * NS_PER_S
"""Longer than the bus keeps a command: what could still come again must be known."""

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS commands (
    id TEXT PRIMARY KEY, body BLOB NOT NULL, phase TEXT NOT NULL, received INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS outcomes (
    position INTEGER PRIMARY KEY AUTOINCREMENT, command TEXT NOT NULL, number INTEGER NOT NULL,
    body BLOB NOT NULL, sent INTEGER NOT NULL DEFAULT 0, UNIQUE (command, number)
) STRICT;
CREATE TABLE IF NOT EXISTS places (command TEXT PRIMARY KEY, place TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS outcomes_unsent ON outcomes (position) WHERE sent = 0;
"""


class Phase(StrEnum):
    """How far a command has come in the ledger."""

    RECEIVED = "received"
    BEGUN = "begun"
    """A byte may have gone to the device since."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Unsent:
    """An outcome that the bus does not have yet."""

    position: int
    outcome: CommandOutcome


class Ledger:
    """Thread-safe; one process at a time.

    Args:
        path: the file.
        clock: ns since the epoch.

    Every method raises BusFullError where the disk is full, BusUnavailableError where the file cannot be
    written: then nothing was noted, and nothing may be written to a device.
    """

    def __init__(self, path: Path, *, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._lock = threading.Lock()
        with opening(path):
            self._connection = connect(path, "full")
            self._connection.executescript(_SCHEMA)
        with self._writing() as connection:
            old = (clock() - KEEP_NS, Phase.ENDED)
            connection.execute(
                "DELETE FROM outcomes WHERE sent = 1 AND command IN "
                "(SELECT id FROM commands WHERE received < ? AND phase = ?)",
                old,
            )
            connection.execute("DELETE FROM commands WHERE received < ? AND phase = ?", old)
            connection.execute("DELETE FROM places WHERE command NOT IN (SELECT id FROM commands)")

    def receive(self, commands: Sequence[Command], places: Sequence[str] = ()) -> list[Command]:
        """Note commands, all or none; return those whose id was never noted before, whatever else they
        say.

        Args:
            commands: as they came.
            places: where on the bus each stood, so that what comes again from another place can be told.
        """
        new = []
        with self._writing() as connection:
            for command, place in zip(commands, places or [""] * len(commands), strict=True):
                cursor = connection.execute(
                    "INSERT OR IGNORE INTO commands VALUES (?, ?, ?, ?)",
                    (command.id, msgspec.json.encode(command), Phase.RECEIVED, self._clock()),
                )
                if cursor.rowcount == 1:
                    new.append(command)
                    connection.execute("INSERT OR REPLACE INTO places VALUES (?, ?)", (command.id, place))
        return new

    def place(self, command: str) -> str:
        """Where on the bus a command stood when it was noted, "" if that is not known."""
        with self._lock, translated(self._path):
            row = self._connection.execute(
                "SELECT place FROM places WHERE command = ?", (command,)
            ).fetchone()
        return "" if row is None else str(row[0])

    def begin(self, command: Command) -> bool:
        """Note that from now on the device may have it; False if it was begun or ended before: do not
        write."""
        with self._writing() as connection:
            cursor = connection.execute(
                "UPDATE commands SET phase = ? WHERE id = ? AND phase = ?",
                (Phase.BEGUN, command.id, Phase.RECEIVED),
            )
            return cursor.rowcount == 1

    def say(self, outcome: CommandOutcome) -> CommandOutcome:
        """Note an outcome, to be published; return it with its number. A final one ends the command."""
        with self._writing() as connection:
            row = connection.execute(
                "SELECT count(*) FROM outcomes WHERE command = ?", (outcome.command,)
            ).fetchone()
            numbered = msgspec.structs.replace(outcome, number=int(row[0]))
            connection.execute(
                "INSERT INTO outcomes (command, number, body) VALUES (?, ?, ?)",
                (outcome.command, numbered.number, msgspec.json.encode(numbered)),
            )
            if outcome.state not in OPEN_STATES:
                connection.execute(
                    "UPDATE commands SET phase = ? WHERE id = ?", (Phase.ENDED, outcome.command)
                )
        return numbered

    def unfinished(self) -> list[tuple[Command, Phase]]:
        """Commands that have not ended, oldest first: after a restart, what it interrupted."""
        with self._lock, translated(self._path):
            rows = self._connection.execute(
                "SELECT body, phase FROM commands WHERE phase <> ? ORDER BY received", (Phase.ENDED,)
            ).fetchall()
        return [(msgspec.json.decode(body, type=Command), Phase(phase)) for body, phase in rows]

    def unsent(self, limit: int = 100) -> list[Unsent]:
        """Outcomes that the bus does not have yet, in order."""
        with self._lock, translated(self._path):
            rows = self._connection.execute(
                "SELECT position, body FROM outcomes WHERE sent = 0 ORDER BY position LIMIT ?", (limit,)
            ).fetchall()
        return [Unsent(position, msgspec.json.decode(body, type=CommandOutcome)) for position, body in rows]

    def sent(self, outcomes: Sequence[Unsent]) -> None:
        """Note that the bus has these."""
        with self._writing() as connection:
            connection.executemany(
                "UPDATE outcomes SET sent = 1 WHERE position = ?", [(one.position,) for one in outcomes]
            )

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock, translated(self._path), transaction(self._connection):
            yield self._connection
