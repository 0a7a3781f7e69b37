"""The watches on disk, with the bus positions they stand at: a restart goes on from there, to the bit.

One file, replaced whole: a line of magic, the CRC-32 of what follows, and MessagePack. A file that is damaged
or of another version is no snapshot: the bus is read from its oldest message instead.
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path

import msgspec
import numpy as np

from maintenance.errors import MaintenanceError
from maintenance.histories import F64
from maintenance.live.age_lives import EndedLife
from maintenance.live.bare_watch import BareWatch
from maintenance.live.first_day import FirstDay
from maintenance.live.machine_watch import MachineWatch
from maintenance.live.source_windows import SourceWindows

_MAGIC = b"PTHEALTH3\n"


class SnapshotError(MaintenanceError, ValueError):
    """The file is no snapshot that this version can read."""

    code = "maintenance.snapshot"


class Packed(msgspec.Struct, frozen=True):
    """An array of float64: shape and bytes."""

    shape: tuple[int, ...]
    data: bytes


class SourceRow(msgspec.Struct, frozen=True, kw_only=True):
    """A :class:`SourceWindows`."""

    source: str
    tags: list[str]
    current: int
    sequence: int
    late: int
    total: Packed
    count: Packed
    last: Packed


class WatchRow(msgspec.Struct, frozen=True, kw_only=True):
    """A :class:`MachineWatch`, with the source and the version of the model that it is of."""

    machine: str
    source: str
    version: str
    applied: int
    since_overhaul: bool
    hour: float
    windows: int
    gaps: int
    first: Packed
    own: Packed | None
    smoothed: Packed | None
    lost: tuple[str, ...]
    severities: Packed
    hours: Packed
    recent: Packed
    mended: bool
    level_rows: Packed
    day_begun: int
    day_rows: Packed
    day_over: bool
    day_strayed: bool
    signals: tuple[str, ...]
    digest: bytes


class BareRow(msgspec.Struct, frozen=True, kw_only=True):
    """A :class:`BareWatch`, with the source that it is of; ``columns`` are its arrays, one in a row."""

    machine: str
    source: str
    applied: int
    signals: tuple[str, ...]
    since_overhaul: bool
    hour: float
    windows: int
    gaps: int
    columns: Packed
    digest: bytes


class EndedRow(msgspec.Struct, frozen=True, kw_only=True):
    """An :class:`EndedLife`, with the source that it is of."""

    source: str
    group: str
    age_h: float
    failed: bool


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is kept between two starts.

    Args:
        window_ns: length of a window; with another one nothing fits.
        positions: topic, partition, next offset.
        sources, watches, bare, ended: by row.
    """

    window_ns: int
    positions: list[tuple[str, int, int]]
    sources: list[SourceRow]
    watches: list[WatchRow]
    bare: list[BareRow]
    ended: list[EndedRow]


def pack(array: F64) -> Packed:
    """Pack an array.

    >>> unpack(pack(np.array([[1.0, np.nan]]))).tolist()
    [[1.0, nan]]
    """
    return Packed(array.shape, np.ascontiguousarray(array, np.float64).tobytes())


def unpack(packed: Packed) -> F64:
    """Unpack it, as a copy that can be written."""
    return np.frombuffer(packed.data, np.float64).reshape(packed.shape).copy()


def source_row(source: str, windows: SourceWindows) -> SourceRow:
    """Take down the windows of a source."""
    return SourceRow(
        source=source,
        tags=list(windows.tags),
        current=windows.current,
        sequence=windows.sequence,
        late=windows.late,
        total=pack(windows.total),
        count=pack(windows.count),
        last=pack(windows.last),
    )


def restore_source(row: SourceRow, window_ns: int) -> SourceWindows:
    """Make the windows of a source again."""
    windows = SourceWindows(window_ns)
    windows.tag_numbers(tuple(row.tags))
    windows.current, windows.sequence, windows.late = row.current, row.sequence, row.late
    windows.total, windows.count, windows.last = unpack(row.total), unpack(row.count), unpack(row.last)
    return windows


def watch_row(watch: MachineWatch, *, source: str, version: str, applied: int) -> WatchRow:
    """Take down a watch."""
    return WatchRow(
        machine=watch.machine,
        source=source,
        version=version,
        applied=applied,
        since_overhaul=watch.since_overhaul,
        hour=watch.hour,
        windows=watch.windows,
        gaps=watch.gaps,
        first=pack(np.array(watch.first, np.float64)),
        own=None if watch.own is None else pack(watch.own),
        smoothed=None if watch.smoothed is None else pack(watch.smoothed),
        lost=watch.lost,
        severities=pack(np.array(watch.severities, np.float64)),
        hours=pack(np.array(watch.hours, np.float64)),
        recent=pack(np.array(watch.recent, np.float64)),
        mended=watch.mended,
        level_rows=pack(np.array(watch.level_rows, np.float64)),
        day_begun=watch.day.begun,
        day_rows=pack(np.array(watch.day.rows, np.float64)),
        day_over=watch.day.over,
        day_strayed=watch.day.strayed,
        signals=watch.model.deviation.signals,
        digest=watch.digest,
    )


def restore_watch(row: WatchRow, watch: MachineWatch) -> None:
    """Put what was taken down into a new watch, of a model of the same version."""
    watch.since_overhaul, watch.hour = row.since_overhaul, row.hour
    watch.windows, watch.gaps, watch.lost, watch.digest = row.windows, row.gaps, row.lost, row.digest
    watch.first = _rows(row.first)
    watch.own = None if row.own is None else unpack(row.own)
    watch.smoothed = None if row.smoothed is None else unpack(row.smoothed)
    watch.severities = _rows(row.severities)
    watch.hours = unpack(row.hours).tolist()
    watch.level_rows, watch.day = _rows(row.level_rows), _day(row)
    watch.recent, watch.mended = _rows(row.recent), row.mended


def restore_into_another_model(row: WatchRow, watch: MachineWatch) -> None:
    """Put what was taken down into a new watch whose model is another one by now."""
    watch.since_overhaul, watch.hour, watch.mended = row.since_overhaul, row.hour, row.mended
    watch.windows, watch.gaps, watch.digest = row.windows, row.gaps, row.digest
    watch.learn_level(_rows(row.level_rows), row.signals)
    watch.day = _day(row)
    watch.day.rows = watch.in_my_order(watch.day.rows, row.signals)


def _rows(packed: Packed) -> list[F64]:
    return list(unpack(packed)) if packed.shape[0] else []


def _day(row: WatchRow) -> FirstDay:
    return FirstDay(row.day_begun, _rows(row.day_rows), row.day_over, row.day_strayed)


_COLUMNS = ("low", "high", "rises", "falls", "newest", "smoothed")


def bare_row(watch: BareWatch, *, source: str, applied: int) -> BareRow:
    """Take down a watch without a model."""
    return BareRow(
        machine=watch.machine,
        source=source,
        applied=applied,
        signals=watch.signals,
        since_overhaul=watch.since_overhaul,
        hour=watch.hour,
        windows=watch.windows,
        gaps=watch.gaps,
        columns=pack(np.array([getattr(watch, name) for name in _COLUMNS], np.float64)),
        digest=watch.digest,
    )


def restore_bare(row: BareRow, watch: BareWatch) -> None:
    """Put what was taken down into a new watch; of signals that are new since, nothing is known."""
    watch.since_overhaul, watch.hour, watch.digest = row.since_overhaul, row.hour, row.digest
    watch.windows, watch.gaps = row.windows, row.gaps
    place = [row.signals.index(one) if one in row.signals else -1 for one in watch.signals]
    saved = unpack(row.columns)
    for name, column in zip(_COLUMNS, saved, strict=True):
        unseen = 0.0 if name in {"rises", "falls"} else np.nan
        setattr(watch, name, np.append(column, unseen)[place])


def ended_row(life: EndedLife, *, source: str) -> EndedRow:
    """Take down a life that ended."""
    return EndedRow(source=source, group=life.group, age_h=life.age_h, failed=life.failed)


def restore_ended(row: EndedRow) -> EndedLife:
    """Make a life that ended again."""
    return EndedLife(row.group, row.age_h, row.failed)


def write_snapshot(path: Path, snapshot: Snapshot) -> int:
    """Write it, synced and whole; return its size [bytes]."""
    body = msgspec.msgpack.encode(snapshot)
    part = path.with_suffix(".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    with part.open("wb") as file:
        file.write(_MAGIC + zlib.crc32(body).to_bytes(4, "little") + body)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    return len(body)


def read_snapshot(path: Path) -> Snapshot | None:
    """Read it; None if there is none.

    Raises:
        SnapshotError: it is damaged or of another version.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    head = len(_MAGIC) + 4
    body = data[head:]
    if data[: len(_MAGIC)] != _MAGIC or zlib.crc32(body) != int.from_bytes(
        data[len(_MAGIC) : head], "little"
    ):
        raise SnapshotError(f"{path}: damaged, or of another version; it will be replaced")
    try:
        return msgspec.msgpack.decode(body, type=Snapshot)
    except msgspec.MsgspecError as error:
        raise SnapshotError(f"{path}: of another version ({error}); it will be replaced") from error
