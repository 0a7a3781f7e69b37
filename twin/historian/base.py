"""What a history store promises, and what it answers with.

HistoryError
├── UnknownTagError (LookupError)            nobody has ever told a reading of this tag
├── QueryError (ValueError)                  the question makes no sense: from >= to, too many points...
├── HistoryUrlError (ValueError)             the URL names no history
├── ReadingTimeError (ValueError)            a source time that no history can hold
├── HistoryTimeoutError (TimeoutError)       the question took too long or too much memory; ask for less
├── HistoryUnavailableError (ConnectionError)   the engine cannot be reached or opened now; try again
└── EngineError                              the engine refused; its words are in the text
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from twin.contract.errors import ParkTwinError
from twin.contract.frame import F64, I64, U32, Frame
from twin.contract.messages import Gap, TagSet
from twin.contract.status import BAD_WAITING_FOR_INITIAL_DATA

MAX_POINTS = 10_000
"""A trend has at most this many buckets: more than any screen has columns."""


class HistoryError(ParkTwinError):
    """The history could not do what it was asked."""

    code = "history"


class UnknownTagError(HistoryError, LookupError):
    """Nobody has ever told a reading of this tag."""

    code = "history.unknown_tag"


class QueryError(HistoryError, ValueError):
    """The question makes no sense."""

    code = "history.query"


class HistoryUrlError(HistoryError, ValueError):
    """The URL, or a setting beside it, names no history."""

    code = "history.url"


class ReadingTimeError(HistoryError, ValueError):
    """A source time that no history can hold."""

    code = "history.reading_time"


class HistoryTimeoutError(HistoryError, TimeoutError):
    """The question took too long or too much memory; ask for a shorter interval."""

    code = "history.timeout"


class HistoryUnavailableError(HistoryError, ConnectionError):
    """The engine cannot be reached or opened now; nothing is known to be stored; try again."""

    code = "history.unavailable"


class EngineError(HistoryError):
    """The engine refused; its own words are in the text."""

    code = "history.engine"


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Readings of one tag as they were told, in order of source time, columns of length n.

    Args:
        time: ``int64[n]``, ns since the epoch.
        value: ``float64[n]``, NaN where the value is text or missing.
        status: ``uint32[n]``, OPC UA status codes, whole.
        text: one entry a row, None where the row has no text; or None if no row has.
    """

    time: I64
    value: F64
    status: U32
    text: tuple[str | None, ...] | None = None

    def __len__(self) -> int:
        return len(self.time)


NO_TIME = int(np.iinfo(np.int64).min)
"""Time of a reading that is not there."""


@dataclass(frozen=True, slots=True, eq=False)
class LastReadings:
    """Of n tags the last reading up to a moment, in columns.

    Args:
        time: ``int64[n]``, ns since the epoch; :data:`NO_TIME` where there is none.
        value: ``float64[n]``, NaN where the value is text or missing.
        status: ``uint32[n]``, OPC UA status codes, whole.
        gap: ``bool[n]``, the moment lies in a gap of the tag.
        text: by row.
    """

    time: I64
    value: F64
    status: U32
    gap: npt.NDArray[np.bool_]
    text: dict[int, str]

    @classmethod
    def nothing(cls, n: int) -> LastReadings:
        """Return the readings of n tags that have none."""
        return cls(
            np.full(n, NO_TIME, np.int64),
            np.full(n, np.nan),
            np.full(n, BAD_WAITING_FOR_INITIAL_DATA, np.uint32),
            np.zeros(n, np.bool_),
            {},
        )


@dataclass(frozen=True, slots=True, eq=False)
class Trend:
    """One tag over an interval in buckets of equal width, n of them; a bucket without readings stays empty.

    Args:
        tag: which.
        unit: its unit symbol, "" for none.
        simulated: True if its source is a simulator.
        start_ns, end_ns: the interval asked for, ``[start_ns, end_ns)``.
        width_ns: width of a bucket.
        bucket_start: ``int64[n]``, ns; the first may lie before ``start_ns`` (buckets stand on round times),
            yet only readings of the interval are counted.
        min, max, mean: ``float64[n]`` of the readings that are not Bad and finite; NaN where there is none.
        count: ``int64[n]``, how many these were.
        bad: ``int64[n]``, how many readings were Bad.
        gaps: intervals that could not be had and overlap the one asked for, by start.
        raw: the readings themselves if they are no more than the points asked for, else None.
    """

    tag: str
    unit: str
    simulated: bool
    start_ns: int
    end_ns: int
    width_ns: int
    bucket_start: I64
    min: F64
    max: F64
    mean: F64
    count: I64
    bad: I64
    gaps: tuple[Gap, ...]
    raw: Points | None

    def __len__(self) -> int:
        return len(self.bucket_start)


@dataclass(frozen=True, slots=True, eq=False)
class TagColumns:
    """Readings of one tag among many: columns of length n, in order of source time.

    Args:
        time: ``int64[n]``, ns since the epoch; the first may lie before the interval.
        value: ``float64[n]``.
        status: ``uint32[n]``, OPC UA status codes.
        gaps: ``int64[m, 2]``, start and end of what could not be had.
    """

    time: I64
    value: F64
    status: U32
    gaps: I64


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows of one table, for a backup.

    Args:
        table: a key of :data:`twin.historian.copies.COPIED`.
        rows: how many.
        block: the rows in ClickHouse's ``Native`` format.
    """

    table: str
    rows: int
    block: bytes


@dataclass(frozen=True, slots=True)
class Stats:
    """How much a history holds.

    Args:
        readings: rows on disk; a reading told twice counts twice until its parts are merged.
        bytes_on_disk: of the readings, with marks and index.
        parts: pieces the table is in; many means that merging has not caught up.
        tags: tags ever told.
    """

    readings: int
    bytes_on_disk: int
    parts: int
    tags: int

    @property
    def bytes_per_reading(self) -> float:
        """Bytes on disk per row, 0 when empty."""
        return self.bytes_on_disk / self.readings if self.readings else 0.0


class HistoryStore(Protocol):
    """Keeps readings and gaps, and answers about them. Thread-safe."""

    def append(self, frames: Sequence[tuple[TagSet, Frame]]) -> int:
        """Store all readings of ``frames`` and return how many rows they are; called by the recorder.

        Telling a reading again changes nothing. When this returns, the readings survive a SIGKILL and are
        seen by every question asked afterwards.

        Readings older than the retention are taken and soon forgotten; ask :meth:`window` first.

        Raises:
            FrameError: a row points outside its tag set; nothing was stored.
            ReadingTimeError: a source time is outside 1970..2080; nothing was stored.
            HistoryError: it is not known what was stored; append all of it again.
        """
        ...

    def window(self, now_ns: int) -> tuple[int, int]:
        """Return the source times ``[earliest, latest)`` that can be stored at ``now_ns``: within the
        retention, and no more than a day ahead."""
        ...

    def append_gaps(self, gaps: Sequence[Gap]) -> None:
        """Store gaps; a gap told twice is one gap, as it was told last."""
        ...

    def trend(self, tag: str, start_ns: int, end_ns: int, points: int, offset_ns: int = 0) -> Trend:
        """Summarise one tag over ``[start_ns, end_ns)`` in at most ``points`` buckets, which stand on round
        times of a clock that is ``offset_ns`` ahead of UTC, so that a day is a day where the machine stands.

        Raises:
            UnknownTagError: nobody has told a reading of this tag.
            QueryError: the interval is empty or outside 1970..2080, or points is not within 1..10,000.
            HistoryTimeoutError: it took too long.
            HistoryUnavailableError: try again.
        """
        ...

    def last_before(self, tag: str, time_ns: int) -> Points:
        """Return the last reading before ``time_ns`` (0 or 1 rows): where a line comes in from the left.

        Raises: as :meth:`trend`.
        """
        ...

    def last_readings(self, tags: Sequence[str], at_ns: int) -> LastReadings:
        """Return the last reading of each tag with a source time of ``at_ns`` or before, and whether that
        moment lies in a gap of it; a tag that nobody has told of has none.

        Raises: as :meth:`trend`, but for the unknown tag.
        """
        ...

    def last_between(self, tags: Sequence[str], after_ns: int, until_ns: int) -> LastReadings:
        """Return what changed from one moment to another: the last reading of each tag with a source time
        later than ``after_ns`` and up to ``until_ns``, none where there is none; ``gap`` is of ``until_ns``.

        Raises: as :meth:`last_readings`.
        """
        ...

    def gaps(self, start_ns: int, end_ns: int) -> list[Gap]:
        """Return the gaps of all sources that overlap ``[start_ns, end_ns)``, by source and start.

        Raises: as :meth:`last_readings`.
        """
        ...

    def export(self, tag: str, start_ns: int, end_ns: int) -> Iterator[Points]:
        """Yield every reading of one tag in order of time, in pages, in bounded memory.

        Raises: as :meth:`trend`, at the first page.
        """
        ...

    def columns(
        self, tags: Sequence[str], start_ns: int, end_ns: int, codes: Sequence[str] = ()
    ) -> dict[str, TagColumns]:
        """Return all readings of many tags in ``[start_ns, end_ns)`` and of each the last one before; a tag
        that nobody has ever told has no rows.

        Args:
            codes: texts; a text is told as its place among them, NaN where it is none of them.

        Raises:
            QueryError: the interval is empty or outside 1970..2080.
            HistoryTimeoutError: it took too long.
            HistoryUnavailableError: try again.
        """
        ...

    def counters(
        self, tags: Sequence[str], start_ns: int, end_ns: int, edges: Sequence[int]
    ) -> dict[str, TagColumns]:
        """Return what is needed of many counters to tell by how much they went on between any of ``edges``
        [ns]: the first and the last good reading of each part, all of them where a counter fell, and the last
        one before.

        Raises: as :meth:`columns`.
        """
        ...

    def means(self, tags: Sequence[str], start_ns: int, width_ns: int, parts: int) -> F64:
        """Return the means of tags over ``parts`` stretches of ``width_ns`` from ``start_ns`` on,
        ``float64[parts, tags]``: of the readings that are not Bad; where a tag said nothing the value that
        stood, NaN where none did.

        Raises: as :meth:`columns`.
        """
        ...

    def stats(self) -> Stats:
        """Say how much there is."""
        ...

    def copy_out(self) -> Iterator[Piece]:
        """Yield everything in pieces for a backup, in bounded memory; see :mod:`twin.historian.copies`.

        Raises:
            HistoryError: it cannot be read now.
        """
        ...

    def copy_in(self, piece: Piece) -> None:
        """Put a piece in; putting it in again changes nothing.

        Raises:
            EngineError: the piece is damaged.
            HistoryError: it is not known whether it is in; put it in again.
        """
        ...

    def close(self) -> None:
        """Free everything. Questions still running are waited for."""
        ...


def empty_points() -> Points:
    """Return no readings."""
    none: npt.NDArray[np.int64] = np.zeros(0, np.int64)
    return Points(none, none.astype(np.float64), none.astype(np.uint32))
