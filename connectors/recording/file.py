"""The file of a recording: blocks of messages, each compressed and checked by itself.

    8 bytes     ``PTREC001``
    block       ``PTBK``, u32 stored bytes, u32 raw bytes, u32 messages, u32 crc of the stored bytes
                stored bytes: zstd of msgpack, an array of messages as :class:`Kept` has them

A block is written whole. A recorder that is killed leaves at most a part of one at the end, which a reader
passes by; damage before the end is an error.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
import zstandard

from connectors.recording.errors import RecordingError

MAGIC: Final = b"PTREC001"
BLOCK_MAGIC: Final = b"PTBK"
BLOCK_BYTES: Final = 1 << 20
MAX_BLOCK_BYTES: Final = 64 << 20
"""No header can ask for more memory than this."""
LEVEL: Final = 3

_HEAD = struct.Struct("<4sIIII")


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """One message as it stood on the bus.

    Args:
        topic, key, value, headers: as published.
        time_ns: when the bus took it, ns since the epoch.
    """

    topic: str
    key: str
    value: bytes
    headers: dict[str, str]
    time_ns: int


class RecordingWriter:
    """Writes a recording; belongs to one thread.

    Args:
        path: the file, which must not exist yet.

    Raises:
        RecordingError: it exists.
        OSError: it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.messages = 0
        self.bytes_written = len(MAGIC)
        try:
            self._file = path.open("xb")
        except FileExistsError as error:
            raise RecordingError(
                f"{path}: is there already, and a recording is never overwritten; give another name"
            ) from error
        self._file.write(MAGIC)
        self._pending: list[Kept] = []
        self._pending_bytes = 0
        self._packer = zstandard.ZstdCompressor(level=LEVEL)

    def write(self, kept: Kept) -> None:
        """Take a message; it is in the file with the next :meth:`flush`, or when a block is full."""
        self._pending.append(kept)
        self._pending_bytes += len(kept.value) + 200
        self.messages += 1
        if self._pending_bytes >= BLOCK_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what was taken as a block, and have it on disk."""
        if not self._pending:
            return
        raw = msgspec.msgpack.encode(self._pending)
        stored = self._packer.compress(raw)
        head = _HEAD.pack(BLOCK_MAGIC, len(stored), len(raw), len(self._pending), zlib.crc32(stored))
        self._file.write(head + stored)
        self._file.flush()
        os.fsync(self._file.fileno())
        self.bytes_written += len(head) + len(stored)
        self._pending.clear()
        self._pending_bytes = 0

    def close(self) -> None:
        """Write the rest and close."""
        try:
            self.flush()
        finally:
            self._file.close()


def read_recording(path: Path) -> Iterator[Kept]:
    """Yield the messages of a recording in the order in which they were written.

    Raises:
        RecordingError: it is none, or is damaged before its end.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise RecordingError(f"{path}: no recording of 'parktwin record': it must begin with {MAGIC!r}")
        while True:
            at = file.tell()
            head = file.read(_HEAD.size)
            if len(head) < _HEAD.size:
                return
            magic, stored_len, raw_len, count, crc = _HEAD.unpack(head)
            if magic != BLOCK_MAGIC or max(stored_len, raw_len) > MAX_BLOCK_BYTES:
                raise RecordingError(f"{path}: byte {at}: no block begins here; the file is damaged")
            stored = file.read(stored_len)
            if len(stored) < stored_len:
                return
            yield from _unpack(path, at, stored, raw_len, count, crc)


def _unpack(path: Path, at: int, stored: bytes, raw_len: int, count: int, crc: int) -> list[Kept]:
    try:
        if zlib.crc32(stored) != crc or zstandard.frame_content_size(stored) != raw_len:
            raise RecordingError(f"{path}: byte {at}: the block's checksum or size is wrong; it was damaged")
        raw = zstandard.ZstdDecompressor().decompress(stored, max_output_size=raw_len)
        kept = msgspec.msgpack.decode(raw, type=list[Kept])
    except (zstandard.ZstdError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise RecordingError(f"{path}: byte {at}: {error}; the block was damaged") from error
    if len(kept) != count:
        raise RecordingError(
            f"{path}: byte {at}: {len(kept)} messages, the head says {count}; it was damaged"
        )
    return kept
