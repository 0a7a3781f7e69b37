"""A durable log of messages in one file: what an outbox is made of, and a thin layer over the bus's own log.

Interface, in short::

    DurableLog(path, *, max_bytes=None, synchronous="normal", clock=system_clock)
        append(entries: Sequence[Message], *, meta: Mapping[str, bytes] | None = None) -> int   # last offset
        read(after_offset, max_entries=1000, max_bytes=32 MiB) -> list[Stored]  # .offset .time_ns .message
        trim(up_to_offset) -> int                     # how many went; offsets are never given again
        first_offset, last_offset, entries, size_bytes    # properties
        get_meta(key) -> bytes | None;  set_meta(key, value: bytes)
        close()
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from twin.bus.base import BusFullError, Message, TopicPartition
from twin.bus.partition_log import Head, LogReader, LogWriter, Stored
from twin.bus.sqlite_file import Synchronous
from twin.contract.clock import Clock, system_clock

_PARTITION = TopicPartition("", 0)


class DurableLog:
    """One ordered log in one file. Thread-safe; several processes may open it.

    Args:
        path: the file (SQLite, with ``-wal``, ``-shm`` and ``.lock`` files beside it).
        max_bytes: refuse entries beyond this many bytes kept; None = until the disk is full.
        synchronous: ``normal`` survives the SIGKILL of every process; ``full`` survives a power cut too, at
            the price of waiting for the disk at every append.
        clock: stamps the entries.

    Raises:
        BusFullError, BusDamagedError, BusUnavailableError: the file cannot be opened or made.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     log = DurableLog(Path(folder) / "outbox.sqlite3")
    ...     log.append([Message("readings", "anphat", b"1"), Message("readings", "anphat", b"2")])
    ...     [(stored.offset, stored.message.value) for stored in log.read(after_offset=1)]
    ...     log.trim(2)
    ...     log.first_offset, log.last_offset, log.size_bytes
    ...     log.close()
    2
    [(2, b'2')]
    2
    (3, 2, 0)
    """

    def __init__(
        self,
        path: Path,
        *,
        max_bytes: int | None = None,
        synchronous: Synchronous = "normal",
        clock: Clock = system_clock,
    ) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._clock = clock
        self._writer = LogWriter(path, synchronous=synchronous)
        self._id = self._writer.ensure([(_PARTITION, False)])[_PARTITION]
        self._reader = LogReader(path)
        self._reading = threading.Lock()

    def append(self, entries: Sequence[Message], *, meta: Mapping[str, bytes] | None = None) -> int:
        """Append all entries, and set ``meta`` with them, in one transaction.

        Returns:
            the offset of the last entry (or of the newest there is, if ``entries`` is empty).

        Raises:
            BusFullError: the disk is full or ``max_bytes`` reached; nothing was accepted or changed.
            BusUnavailableError: another process holds the file for too long; append again.
        """
        if not entries:
            if meta:
                self._writer.set_meta(meta)
            return self.last_offset
        last = self._writer.append(
            [(self._id, entry) for entry in entries], self._clock(), meta=meta, max_bytes=self._max_bytes
        )
        if last is None:
            raise BusFullError(
                f"{self._path}: {len(entries)} entries would pass the limit of {self._max_bytes} bytes; "
                "nothing was accepted; trim the log or raise the limit"
            )
        return last

    def read(self, after_offset: int, max_entries: int = 1000, max_bytes: int = 32 << 20) -> list[Stored]:
        """Return the entries after an offset (0 = from the first kept), the first one whatever its size."""
        with self._reading:
            return self._reader.read(self._id, after_offset + 1, max_entries, max_bytes)

    def trim(self, up_to_offset: int) -> int:
        """Remove entries up to and with ``up_to_offset``; return how many went."""
        return self._writer.trim(self._id, up_to_offset)

    @property
    def first_offset(self) -> int:
        """Offset of the oldest entry kept; ``last_offset + 1`` if there is none."""
        return self._head().first

    @property
    def last_offset(self) -> int:
        """Offset of the newest entry ever appended, 0 before the first."""
        return self._head().next - 1

    @property
    def entries(self) -> int:
        """How many entries are kept."""
        with self._reading:
            head = self._find()
            return self._reader.span(self._id, head.first, head.next)

    @property
    def size_bytes(self) -> int:
        """Bytes of the entries kept (values, keys and headers; the file on disk may be larger)."""
        return self._head().bytes

    def get_meta(self, key: str) -> bytes | None:
        """Return a value kept beside the entries, None if it was never set."""
        with self._reading:
            return self._reader.get_meta(key)

    def set_meta(self, key: str, value: bytes) -> None:
        """Keep a small value under a key.

        Raises:
            BusFullError: no room; the old value stands.
        """
        self._writer.set_meta({key: value})

    def close(self) -> None:
        """Close the file."""
        with self._reading:
            self._reader.close()
        self._writer.close()

    def _head(self) -> Head:
        with self._reading:
            return self._find()

    def _find(self) -> Head:
        return next(head for head in self._reader.heads() if head.id == self._id)
