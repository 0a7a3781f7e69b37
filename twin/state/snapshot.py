"""The state on disk, with the bus positions it stands at: a restart loads it and replays only what followed.

One file, replaced whole (written aside, synced, renamed): a line of magic, the length and CRC-32 of what
follows, a JSON head, then the columns as raw little-endian bytes in the head's order. A file that is damaged
or of another version is no error but no snapshot: the log is replayed from the oldest message kept.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import msgspec
import numpy as np
import numpy.typing as npt
import zstandard

from twin.bus.base import TopicPartition
from twin.contract.errors import ParkTwinError
from twin.state.last_values import NEVER
from twin.state.snapshot_place import replace_file
from twin.state.twin_state import TwinState

_MAGIC = b"PTSNAP2\n"
_PREFIX_BYTES = len(_MAGIC) + 8 + 4
_COLUMNS = ("value", "source_time", "sequence", "status", "received", "simulated")


class SnapshotError(ParkTwinError, ValueError):
    """The file is no snapshot this version can read."""

    code: ClassVar[str] = "state.snapshot"


class _Head(msgspec.Struct, frozen=True, kw_only=True):
    revision: str
    taken: int
    tags: int
    names_bytes: int
    positions: list[tuple[str, int, int]]
    sequences: dict[str, int]
    text: dict[int, str]


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """A copy of the state at some positions of the log.

    Args:
        revision: of the park it was taken of.
        taken: when, ns since the epoch.
        names: the tags, in the order of the columns, zstd-compressed lines.
        positions: where the log goes on after it.
        sequences: newest frame taken, by source.
        columns: by name, all of length n.
        text: by tag number.
    """

    revision: str
    taken: int
    names: bytes
    positions: Mapping[TopicPartition, int]
    sequences: Mapping[str, int]
    columns: Mapping[str, npt.NDArray[np.generic]]
    text: Mapping[int, str]


def pack_names(state: TwinState) -> bytes:
    """Compress the tags of a state; they do not change as long as it lives, so once is enough."""
    return zstandard.ZstdCompressor(level=3).compress("\n".join(state.table.number).encode())


def take_snapshot(
    state: TwinState, positions: Mapping[TopicPartition, int], names: bytes, taken: int
) -> Snapshot:
    """Copy the state; ``positions`` must be those up to which it has taken in everything."""
    with state.lock:
        return Snapshot(
            revision=state.table.revision,
            taken=taken,
            names=names,
            positions=dict(positions),
            sequences=dict(state.sequences),
            columns={name: getattr(state.values, name).copy() for name in _COLUMNS},
            text=dict(state.values.text),
        )


def restore_snapshot(state: TwinState, snapshot: Snapshot) -> int:
    """Put a snapshot into a state that is still empty; return how many tags got their value back.

    After a change of the park file the tags are found again by name; a tag that is new has no data yet.
    """
    with state.lock:
        values = state.values
        here: npt.NDArray[np.intp] = np.arange(len(values), dtype=np.intp)
        there = here
        if snapshot.revision != state.table.revision:
            names = _unpack_names(snapshot.names)
            number = state.table.number
            pairs = [(number[name], row) for row, name in enumerate(names) if name in number]
            here = np.array([pair[0] for pair in pairs], np.intp)
            there = np.array([pair[1] for pair in pairs], np.intp)
        for name in _COLUMNS:
            getattr(values, name)[here] = snapshot.columns[name][there]
        moved = dict(zip(there.tolist(), here.tolist(), strict=True))
        for row, text in snapshot.text.items():
            if row in moved:
                values.text[moved[row]] = text
                values.has_text[moved[row]] = True
        state.sequences.update(snapshot.sequences)
        state.version += 1
        known = values.source_time != NEVER
        values.changed[known] = state.version
        return int(np.count_nonzero(known))


def write_snapshot(path: Path, snapshot: Snapshot) -> int:
    """Write a snapshot so that a reader (after a power cut, too) sees the old one or the new one; return its
    bytes.

    Raises:
        OSError: the disk is full or away; the old file still stands.
    """
    data = encode_snapshot(snapshot)
    replace_file(path, data)
    return len(data)


def encode_snapshot(snapshot: Snapshot) -> bytes:
    """Return a snapshot as it stands in a file."""
    head = msgspec.json.encode(
        _Head(
            revision=snapshot.revision,
            taken=snapshot.taken,
            tags=len(snapshot.columns["value"]),
            names_bytes=len(snapshot.names),
            positions=[(tp.topic, tp.partition, offset) for tp, offset in snapshot.positions.items()],
            sequences=dict(snapshot.sequences),
            text=dict(snapshot.text),
        )
    )
    parts = [len(head).to_bytes(8, "little"), head, snapshot.names]
    parts += [snapshot.columns[name].tobytes() for name in _COLUMNS]
    body = b"".join(parts)
    return _MAGIC + len(body).to_bytes(8, "little") + zlib.crc32(body).to_bytes(4, "little") + body


def read_snapshot(path: Path) -> Snapshot | None:
    """Read a snapshot; None if there is no file.

    Raises:
        SnapshotError: the file is cut, damaged or of another version.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    return decode_snapshot(data, str(path))


def decode_snapshot(data: bytes, path: str) -> Snapshot:
    """Read a snapshot that came from ``path``.

    Raises:
        SnapshotError: it is cut, damaged or of another version.
    """
    if data[: len(_MAGIC)] != _MAGIC:
        raise SnapshotError(f"snapshot {path}: starts with {data[:8]!r}, must start with {_MAGIC!r}")
    length = int.from_bytes(data[len(_MAGIC) : len(_MAGIC) + 8], "little")
    body = data[_PREFIX_BYTES:]
    if len(body) != length:
        raise SnapshotError(f"snapshot {path}: holds {len(body)} bytes, its head says {length}")
    if zlib.crc32(body) != int.from_bytes(data[_PREFIX_BYTES - 4 : _PREFIX_BYTES], "little"):
        raise SnapshotError(f"snapshot {path}: its checksum does not match; it was damaged on disk")
    head_bytes = int.from_bytes(body[:8], "little")
    try:
        head = msgspec.json.decode(body[8 : 8 + head_bytes], type=_Head)
    except (msgspec.MsgspecError, ValueError) as error:
        raise SnapshotError(f"snapshot {path}: its head cannot be read: {error}") from error
    start = 8 + head_bytes
    names = body[start : start + head.names_bytes]
    start += head.names_bytes
    columns: dict[str, npt.NDArray[np.generic]] = {}
    for name, dtype in zip(_COLUMNS, ("<f8", "<i8", "<i8", "<u4", "<i8", "?"), strict=True):
        columns[name] = np.frombuffer(body, dtype, head.tags, start)
        start += columns[name].nbytes
    return Snapshot(
        revision=head.revision,
        taken=head.taken,
        names=names,
        positions={TopicPartition(topic, partition): offset for topic, partition, offset in head.positions},
        sequences=head.sequences,
        columns=columns,
        text=head.text,
    )


def _unpack_names(names: bytes) -> list[str]:
    return zstandard.ZstdDecompressor().decompress(names).decode().split("\n")
