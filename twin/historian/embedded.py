"""chDB: ClickHouse's engine inside this process, its data in one directory.

One process owns a directory at a time, and a process one directory. Inserts have a connection of their own
and questions share a few others: the engine runs them side by side, so a long question does not keep an
insert waiting. Both go as ``Native`` blocks.

An insert is a query that reads its block from a file in memory, and not chDB's streaming insert: that one
(4.4) reports rows as written when the disk was full, the parts too many or a constraint broken, and they are
gone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from threading import Lock

from chdb.state.sqlitelike import Connection

from twin.historian.base import HistoryUnavailableError, HistoryUrlError
from twin.historian.engine import Parameters, engine_error
from twin.historian.native import Column, Columns, decode_blocks, encode_block

_DATABASE = "parktwin"
_READERS = 3
"""Questions that may run at once: enough that a short one need not wait for a long one."""

_SETTINGS = {
    "background_pool_size": 2,  # merges at once; the default of 16 would starve the rest of a small box
    "mark_cache_size": 256 << 20,
    "index_mark_cache_size": 16 << 20,
}
_INSERT = "SETTINGS async_insert = 0, max_partitions_per_insert_block = 0, max_insert_threads = 1"
"""One thread, so that of two readings of one time in a block the later one stays."""


class EmbeddedEngine:
    """chDB on a directory.

    Args:
        directory: where the data is; made if missing.

    Raises:
        HistoryUrlError: the directory's name has a question mark, which chDB would take for options.
        HistoryUnavailableError: another process has it open, this process has another one open, or it
            cannot be written.
    """

    def __init__(self, directory: Path) -> None:
        if "?" in str(directory):
            raise HistoryUrlError(f"history {str(directory)!r}: the name has a '?'; rename the directory")
        self._directory = directory
        self._write_lock = Lock()
        self._readers: SimpleQueue[Connection | None] = SimpleQueue()
        self._connections: list[Connection] = []
        self._block = os.memfd_create("parktwin-insert")
        try:
            directory.mkdir(parents=True, exist_ok=True)
            self._writer = self._open()
            self._writer.query(f"CREATE DATABASE IF NOT EXISTS {_DATABASE}")
            for _ in range(_READERS):
                self._readers.put(self._open())
            for connection in self._connections:
                connection.query(f"USE {_DATABASE}")
        except (RuntimeError, OSError) as error:
            self._close_all()
            raise HistoryUnavailableError(
                f"history {str(directory)!r} does not open: {error}; one process at a time may have it open, "
                "and a process only one history"
            ) from error

    def _open(self) -> Connection:
        options = "&".join(f"{name}={value}" for name, value in _SETTINGS.items())
        connection = Connection(f"{self._directory.resolve()}?{options}")
        self._connections.append(connection)
        return connection

    def execute(self, sql: str) -> None:
        """Run a statement without an answer."""
        with self._writing() as connection:
            try:
                connection.query(sql)
            except RuntimeError as error:
                raise engine_error("statement", str(error)) from error

    def query(self, sql: str, parameters: Parameters) -> Columns:
        """Run a query and return its columns."""
        with self._reader() as connection:
            try:
                answer = connection.query(sql, "Native", params=dict(parameters))
            except RuntimeError as error:
                raise engine_error("query", str(error)) from error
            return decode_blocks(answer.bytes())

    def insert(self, table: str, columns: Sequence[Column]) -> None:
        """Insert one block."""
        block = encode_block(columns)
        names = ", ".join(column.name for column in columns)
        source = f"file('/proc/self/fd/{self._block}', 'Native')"
        with self._writing() as connection:
            try:
                with open(self._block, "wb", closefd=False) as file:
                    file.seek(0)
                    file.write(block)
                connection.query(f"INSERT INTO {table} ({names}) SELECT {names} FROM {source} {_INSERT}")
            except RuntimeError as error:
                raise engine_error("insert", str(error)) from error
            finally:
                os.ftruncate(self._block, 0)

    def close(self) -> None:
        """Wait for what runs and free the directory; every later call raises HistoryUnavailableError."""
        with self._write_lock:
            if not self._connections:
                return
            for _ in range(_READERS):
                self._readers.get()
            self._readers.put(None)
            self._close_all()

    @contextmanager
    def _reader(self) -> Iterator[Connection]:
        connection = self._readers.get()
        try:
            if connection is None:
                raise self._closed()
            yield connection
        finally:
            self._readers.put(connection)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._write_lock:
            if not self._connections:
                raise self._closed()
            yield self._writer

    def _closed(self) -> HistoryUnavailableError:
        return HistoryUnavailableError(f"history {str(self._directory)!r} is closed; open it again")

    def _close_all(self) -> None:
        for connection in self._connections:
            connection.close()
        self._connections.clear()
        os.close(self._block)
