"""The truth log: append-only JSON lines, bounded, read back as CSV."""

from __future__ import annotations

import csv
import io
import logging
import os
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from sim.errors import SimError
from sim.truth.event import COLUMNS, TruthEvent, csv_cells
from twin.contract.clock import NS_PER_S, Clock

_LOG = logging.getLogger(__name__)

FLUSH_NS = NS_PER_S
MOST_BUFFERED = 10_000
"""Rows that wait for the disk at most; where it takes none, the oldest are dropped and counted."""
VIEW = 20_000
"""Rows kept in memory."""


class TruthLogError(SimError, OSError):
    """The truth log cannot be kept where it is to be."""

    code = "sim.truth_log"


class TruthLog:
    """Rows of what is true, in the order in which it happened.

    Files are ``truth-<run>.jsonl`` and, from ``part_bytes`` on, ``truth-<run>.2.jsonl`` and so forth; the
    oldest part goes when there are more than ``most_parts``. Same rows, same bytes.

    Args:
        directory: where the files are; None keeps the newest rows in memory only.
        run: names the files; a name that is taken is refused, for the log is never written over.
        clock: wall time, for flushing once a second.
        part_bytes: how large a file may get.
        most_parts: how many files are kept.

    Raises:
        TruthLogError: the directory cannot be made, or the run is there already.
    """

    def __init__(
        self,
        directory: Path | None,
        *,
        run: str,
        clock: Clock,
        part_bytes: int = 64_000_000,
        most_parts: int = 8,
    ) -> None:
        self._directory = directory
        self._run = run
        self._clock = clock
        self._part_bytes = part_bytes
        self._most_parts = most_parts
        self._encoder = msgspec.json.Encoder()
        self._view: deque[TruthEvent] = deque(maxlen=VIEW)
        self._waiting: deque[bytes] = deque()
        self._flushed_ns = clock()
        self._failing = False
        self.written = 0
        self.dropped = 0
        self.parts: list[Path] = []
        self._part = 0
        self._part_size = 0
        if directory is not None:
            self._claim(directory)

    def _claim(self, directory: Path) -> None:
        first = directory / f"truth-{self._run}.jsonl"
        try:
            directory.mkdir(parents=True, exist_ok=True)
            first.touch(exist_ok=False)
        except FileExistsError as error:
            raise TruthLogError(
                f"truth log {first}: is there already and is never written over; "
                "move it away, or name another run"
            ) from error
        except OSError as error:
            raise TruthLogError(f"truth log {first}: {error}; name a folder that can be written") from error
        self.parts.append(first)
        self._part = 1

    def write(self, event: TruthEvent) -> None:
        """Append a row; it reaches the file with the next :meth:`flush`."""
        self.written += 1
        self._view.append(event)
        if self._directory is not None:
            if len(self._waiting) >= MOST_BUFFERED:
                self.flush()
            if len(self._waiting) >= MOST_BUFFERED:
                self._waiting.popleft()
                self.dropped += 1
            self._waiting.append(self._encoder.encode(event) + b"\n")

    def tick(self) -> None:
        """Flush if a second of wall time has gone by since the last time; called once a step."""
        now_ns = self._clock()
        if self._waiting and not 0 <= now_ns - self._flushed_ns < FLUSH_NS:
            self.flush()

    def flush(self) -> None:
        """Hand all rows to the file. A disk that takes none does not stop the park: it is said once, and once
        when it takes them again."""
        self._flushed_ns = self._clock()
        if not self._waiting:
            return
        try:
            self._append()
        except OSError as error:
            if not self._failing:
                _LOG.error("truth log %s: %s; keeping up to %d rows", self.parts[-1], error, MOST_BUFFERED)
            self._failing = True
            with suppress(OSError):  # a full disk takes half a row, which will come again
                os.truncate(self.parts[-1], self._part_size)
        else:
            if self._failing:
                _LOG.warning("truth log %s is written again; %d rows were lost", self.parts[-1], self.dropped)
            self._failing = False

    def _append(self) -> None:
        while self._waiting:
            chunk: list[bytes] = []
            size = 0
            for line in self._waiting:
                if chunk and self._part_size + size + len(line) > self._part_bytes:
                    break
                chunk.append(line)
                size += len(line)
            if self._part_size and self._part_size + size > self._part_bytes:
                self._next_part()
                continue
            with self.parts[-1].open("ab") as file:
                file.write(b"".join(chunk))
            self._part_size += size
            for _ in chunk:
                self._waiting.popleft()

    def _next_part(self) -> None:
        assert self._directory is not None
        self._part += 1
        self.parts.append(self._directory / f"truth-{self._run}.{self._part}.jsonl")
        self._part_size = 0
        while len(self.parts) > self._most_parts:
            self.parts.pop(0).unlink(missing_ok=True)

    def close(self) -> None:
        """Flush what waits."""
        self.flush()

    def recent(self) -> tuple[TruthEvent, ...]:
        """The newest rows, oldest first."""
        return tuple(self._view)

    def rows(self, *, kind: str = "", since: str = "") -> Iterator[TruthEvent]:
        """All rows that are kept, oldest first, those of the files where there are any.

        May run on a thread of its own while others write: it reads the files as they were flushed.

        Args:
            kind: only rows whose ``event`` is this or begins with it (``fault`` takes both ends of one).
            since: only rows of this time or later, as in the log.
        """
        source = self._from_files() if self._directory is not None else iter(self.recent())
        return (row for row in source if row.event.startswith(kind) and row.time >= since)

    def _from_files(self) -> Iterator[TruthEvent]:
        decoder = msgspec.json.Decoder(TruthEvent)
        for path in tuple(self.parts):
            try:
                with path.open("rb") as file:
                    for line in file:
                        if line.endswith(b"\n"):  # the last one may be half there
                            yield decoder.decode(line)
            except FileNotFoundError:
                continue  # rotated away while we read the one before

    def csv(self, *, kind: str = "", since: str = "") -> Iterator[str]:
        """The rows as CSV, header first, in pieces of some hundred rows."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS)
        for number, row in enumerate(self.rows(kind=kind, since=since), start=1):
            writer.writerow(csv_cells(row))
            if number % 500 == 0:
                yield text.getvalue()
                text.seek(0)
                text.truncate()
        yield text.getvalue()
