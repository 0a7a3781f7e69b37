"""Frames: columns of readings of one source, the unit in which readings travel.

A frame is a pure function of its content: decoding the same bytes twice gives the same columns. On the wire,
little-endian, after a 64-byte header: ``value f64[n]``, ``source_time i64[n]``, ``index u32[n]``,
``status u32[n]``, and if any row has text ``length i32[n]`` (-1 = no text) and the UTF-8 bytes of all texts.
The body is compressed with zstd where that is asked for and pays.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import zstandard

from twin.contract.errors import FrameError

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
U32 = npt.NDArray[np.uint32]

MAGIC = b"PTFR"
VERSION = 1
MAX_ROWS = 1_000_000
"""A frame holds at most this many readings, so that no header can ask for unbounded memory."""
MAX_TEXT_BYTES = 16 << 20

_HEADER = struct.Struct("<4sBBHIQ16sIIIII8x")  # 64 bytes with the padding, so that the f64 column is aligned
# magic, version, flags, source length, rows, sequence, tag set, body bytes, stored bytes, text bytes, crc, 0
_HAS_TEXT = 1
_ZSTD = 2
_ROW_BYTES = 24

_COMPRESSOR_LEVEL = 1


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Readings of one source in columns, all of length n, rows of one tag in order of source time.

    Args:
        source: the source's id, e.g. ``anphat``.
        sequence: counts the frames of this source up from 1 for the source's whole life.
        tag_set: content hash of the tag set (32 hex digits) that ``index`` points into.
        index: ``uint32[n]``, position of the tag in the tag set.
        source_time: ``int64[n]``, ns since the epoch, as the source stamped it.
        status: ``uint32[n]``, OPC UA status codes.
        value: ``float64[n]``; NaN where the value is text or missing.
        text: one entry a row, None where the row has no text; or None if no row has.

    Raises:
        FrameError: the columns differ in length or type, or a bound is passed.
    """

    source: str
    sequence: int
    tag_set: str
    index: U32
    source_time: I64
    status: U32
    value: F64
    text: tuple[str | None, ...] | None = field(default=None)

    def __post_init__(self) -> None:
        n = len(self.index)
        columns = (self.index, self.source_time, self.status, self.value)
        if any(column.ndim != 1 or len(column) != n for column in columns) or (
            self.text is not None and len(self.text) != n
        ):
            raise FrameError(f"frame of {self.source!r}: columns differ in length; all must have {n} rows")
        if tuple(c.dtype.str for c in columns) != ("<u4", "<i8", "<u4", "<f8"):
            raise FrameError(f"frame of {self.source!r}: columns must be uint32, int64, uint32, float64")
        if n > MAX_ROWS:
            raise FrameError(
                f"frame of {self.source!r}: {n} rows; at most {MAX_ROWS}, so send several frames"
            )

    def __len__(self) -> int:
        return len(self.index)

    @property
    def message_id(self) -> str:
        """What makes this frame unique: a consumer that has seen it may drop it."""
        return f"{self.source}:{self.sequence}"


def encode_frame(frame: Frame, *, compress: bool = False) -> bytes:
    """Encode a frame; with ``compress`` as zstd level 1 where that makes it smaller.

    Raises:
        FrameError: the texts or the source name pass their bounds.
    """
    parts = [
        frame.value.tobytes(),
        frame.source_time.tobytes(),
        frame.index.tobytes(),
        frame.status.tobytes(),
    ]
    flags = 0
    text_bytes = 0
    if frame.text is not None:
        flags |= _HAS_TEXT
        raw = [None if text is None else text.encode() for text in frame.text]
        parts.append(np.array([-1 if r is None else len(r) for r in raw], dtype="<i4").tobytes())
        joined = b"".join(r for r in raw if r is not None)
        text_bytes = len(joined)
        if text_bytes > MAX_TEXT_BYTES:
            raise FrameError(
                f"frame {frame.message_id}: {text_bytes} bytes of text; at most {MAX_TEXT_BYTES}"
            )
        parts.append(joined)
    body = b"".join(parts)
    stored = body
    if compress:
        packed = zstandard.ZstdCompressor(level=_COMPRESSOR_LEVEL).compress(body)
        if len(packed) < len(body):
            stored = packed
            flags |= _ZSTD
    source = frame.source.encode()
    if not 0 < len(source) <= 255:
        raise FrameError(f"frame source {frame.source!r}: must have 1 to 255 bytes")
    header = _HEADER.pack(
        MAGIC, VERSION, flags, len(source), len(frame), frame.sequence, bytes.fromhex(frame.tag_set),
        len(body), len(stored), text_bytes, zlib.crc32(stored), 0,
    )  # fmt: skip
    return header + stored + source


def decode_frame(data: bytes) -> Frame:
    """Decode a frame; the numeric columns are read-only views into ``data`` where it is not compressed.

    Raises:
        FrameError: ``data`` is not a frame of this version, is cut, or fails its checksum.
    """
    if len(data) < _HEADER.size:
        raise FrameError(f"frame of {len(data)} bytes: shorter than the {_HEADER.size}-byte header")
    magic, version, flags, source_len, n, sequence, tag_set, body_len, stored_len, text_len, crc, _ = (
        _HEADER.unpack_from(data)
    )
    if magic != MAGIC:
        raise FrameError(f"frame starts with {magic!r}: must start with {MAGIC!r}")
    if version != VERSION:
        raise FrameError(f"frame version {version}: this reader knows {VERSION}; update the reader")
    has_text = bool(flags & _HAS_TEXT)
    if n > MAX_ROWS or text_len > MAX_TEXT_BYTES or flags & ~(_HAS_TEXT | _ZSTD):
        raise FrameError(f"frame header claims {n} rows, {text_len} text bytes, flags {flags}: out of bounds")
    if body_len != n * (_ROW_BYTES + 4 * has_text) + text_len or (text_len and not has_text):
        raise FrameError(f"frame header claims {n} rows but {body_len} body bytes: they disagree")
    if len(data) != _HEADER.size + stored_len + source_len or not source_len:
        raise FrameError(f"frame of {len(data)} bytes: header says {_HEADER.size + stored_len + source_len}")
    stored = memoryview(data)[_HEADER.size : _HEADER.size + stored_len]
    if zlib.crc32(stored) != crc:
        raise FrameError(f"frame {sequence}: checksum does not match; the bytes were damaged on the way")
    body = _unpack(stored, body_len) if flags & _ZSTD else stored
    if len(body) != body_len:
        raise FrameError(f"frame {sequence}: body has {len(body)} bytes; header says {body_len}")
    text = _decode_text(body, n, text_len, sequence) if has_text else None
    try:
        source = data[-source_len:].decode()
    except UnicodeDecodeError as error:
        raise FrameError(f"frame {sequence}: its source name is not UTF-8") from error
    return Frame(
        source=source,
        sequence=sequence,
        tag_set=tag_set.hex(),
        value=np.frombuffer(body, "<f8", n),
        source_time=np.frombuffer(body, "<i8", n, 8 * n),
        index=np.frombuffer(body, "<u4", n, 16 * n),
        status=np.frombuffer(body, "<u4", n, 20 * n),
        text=text,
    )


def _unpack(stored: memoryview, body_len: int) -> bytes:
    try:
        if zstandard.frame_content_size(stored) != body_len:
            raise FrameError(f"frame body unpacks to another size than the {body_len} bytes its header says")
        return zstandard.ZstdDecompressor().decompress(stored, max_output_size=body_len)
    except zstandard.ZstdError as error:
        raise FrameError(f"frame body does not unpack: {error}") from error


def _decode_text(body: bytes | memoryview, n: int, text_len: int, sequence: int) -> tuple[str | None, ...]:
    lengths = np.frombuffer(body, "<i4", n, _ROW_BYTES * n)
    raw = bytes(body[(_ROW_BYTES + 4) * n :])
    present = lengths >= 0
    if int(lengths[present].sum(dtype=np.int64)) != text_len or (lengths < -1).any():
        raise FrameError(f"frame {sequence}: its text lengths do not add up to {text_len}")
    texts: list[str | None] = [None] * n
    position = 0
    try:
        for row in np.flatnonzero(present).tolist():
            end = position + int(lengths[row])
            texts[row] = raw[position:end].decode()
            position = end
    except UnicodeDecodeError as error:
        raise FrameError(f"frame {sequence}: a text is not UTF-8") from error
    return tuple(texts)
