"""The binary frame that a tick sends to every browser: what changed, in columns, encoded once.

Little-endian. A header of 48 bytes, then the columns in the order below; **every column starts at a multiple
of eight bytes** (zero padding before it), so that a browser can lay typed arrays over the buffer without a
copy.

====================  ==============================================================================
header                ``magic "PTST"``, ``u8 version``, ``u8 flags``, ``u16 0``, ``u32 tick``, ``u32 n``,
                      ``u32 w``, ``u32 q``, ``u32 t``, ``u32 e``, ``f64 server_time_ms``, ``u64 revision``
values                ``index u32[n]``, ``age i32[n]`` [ms, saturating], ``value f32[n]`` (NaN = none)
wide                  ``position u32[w]`` (row of values), ``value f64[w]``: what an f32 cannot hold
not good              ``position u32[q]``, ``status u32[q]``: every other row is Good (0)
stale                 ``stale u8[n]``
texts                 ``position u32[t]``, ``length u32[t]`` [bytes], the UTF-8 bytes of all texts
conditions            ``equipment u32[e]``, ``condition u8[e]``
====================  ==============================================================================

Flag 1 marks a snapshot: every tag that ever had a value and every equipment is in it, so a reader forgets
what it knew. A row without a text has none (any more). The age is the server's time minus the source's: it is
negative where the source's clock is ahead.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from twin.contract.clock import NS_PER_MS
from twin.contract.errors import ParkTwinError
from twin.contract.frame import F64, I64, U32

U8 = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]

MAGIC = b"PTST"
VERSION = 1
SNAPSHOT = 1
HEADER = struct.Struct("<4sBBHIIIIIIdQ")
"""magic, version, flags, 0, tick, n, w, q, t, e, server time [ms], revision: 48 bytes."""

WIDE_FROM = float(2**24)
"""From here on neighbouring f32 numbers are two apart."""

_F32_TINY = float(np.finfo(np.float32).tiny)
_I32 = np.iinfo(np.int32)


class StreamFrameError(ParkTwinError, ValueError):
    """The columns do not make a stream frame."""

    code: ClassVar[str] = "stream.frame"


@dataclass(frozen=True, slots=True, eq=False)
class StreamFrame:
    """What changed by one tick.

    Args:
        tick: counts up by one a tick; a viewer that fell behind sees a jump and has lost nothing.
        server_time: when the tick was taken, ns since the epoch.
        revision: of the park whose tag numbers these are, 16 hex digits.
        index: ``uint32[n]`` dense tag numbers, ascending.
        value: ``float64[n]``, NaN where the value is text or missing.
        source_time: ``int64[n]``, ns since the epoch.
        status: ``uint32[n]``, OPC UA status codes.
        stale: ``bool[n]``.
        texts: text by row of ``index``, ascending.
        equipment: ``uint32[e]``.
        condition: ``uint8[e]``, :class:`twin.state.condition.Condition` values.
        snapshot: True if everything is in it.

    Raises:
        StreamFrameError: columns that belong together differ in length, or the revision is no hex number.
    """

    tick: int
    server_time: int
    revision: str
    index: U32
    value: F64
    source_time: I64
    status: U32
    stale: Bools
    texts: dict[int, str]
    equipment: U32
    condition: U8
    snapshot: bool = False

    def __post_init__(self) -> None:
        n = len(self.index)
        if {len(self.value), len(self.source_time), len(self.status), len(self.stale)} != {n}:
            raise StreamFrameError(f"stream frame {self.tick}: value columns must all have {n} rows")
        if len(self.equipment) != len(self.condition):
            raise StreamFrameError(f"stream frame {self.tick}: conditions and equipment differ in length")
        if any(not 0 <= row < n for row in self.texts):
            raise StreamFrameError(f"stream frame {self.tick}: a text belongs to no row of its {n}")


def encode_stream_frame(frame: StreamFrame) -> bytes:
    """Encode a frame for the browser.

    Raises:
        StreamFrameError: the revision is no hex number of 16 digits.
    """
    value = frame.value
    magnitude = np.abs(value)
    wide = np.flatnonzero((magnitude >= WIDE_FROM) | ((magnitude < _F32_TINY) & (value != 0.0)))
    wide = wide[np.isfinite(value[wide])]
    with np.errstate(all="ignore"):  # infinities and NaNs of every kind are values here
        narrow = value.astype("<f4")
    age = np.clip(frame.server_time // NS_PER_MS - frame.source_time // NS_PER_MS, _I32.min, _I32.max)
    not_good = np.flatnonzero(frame.status)
    rows = sorted(frame.texts)
    raw = [frame.texts[row].encode() for row in rows]
    columns = (
        frame.index.astype("<u4", copy=False).tobytes(),
        age.astype("<i4").tobytes(),
        narrow.tobytes(),
        wide.astype("<u4").tobytes(),
        value[wide].astype("<f8", copy=False).tobytes(),
        not_good.astype("<u4").tobytes(),
        frame.status[not_good].astype("<u4", copy=False).tobytes(),
        frame.stale.tobytes(),
        np.array(rows, dtype="<u4").tobytes(),
        np.array([len(text) for text in raw], dtype="<u4").tobytes(),
        b"".join(raw),
        frame.equipment.astype("<u4", copy=False).tobytes(),
        frame.condition.tobytes(),
    )
    header = HEADER.pack(
        MAGIC, VERSION, SNAPSHOT if frame.snapshot else 0, 0, frame.tick & 0xFFFF_FFFF, len(value), len(wide),
        len(not_good), len(rows), len(frame.equipment), frame.server_time / NS_PER_MS,
        _revision_number(frame.revision),
    )  # fmt: skip
    return b"".join((header, *(column + bytes(-len(column) % 8) for column in columns)))


@dataclass(frozen=True, slots=True)
class FrameHead:
    """What the header of an encoded frame says.

    Args:
        tick, server_time_ms, revision, snapshot: as in :class:`StreamFrame`.
        values, texts, conditions: how many rows of each follow.
    """

    tick: int
    server_time_ms: float
    revision: str
    snapshot: bool
    values: int
    texts: int
    conditions: int


def peek(data: bytes) -> FrameHead:
    """Read the header of an encoded frame, for programs that only want to know whether something came.

    Raises:
        StreamFrameError: the bytes do not begin like a frame of this version.
    """
    if len(data) < HEADER.size:
        raise StreamFrameError(f"stream frame of {len(data)} bytes: its header alone has {HEADER.size}")
    magic, version, flags, _, tick, n, _, _, t, e, server_time_ms, revision = HEADER.unpack_from(data)
    if (magic, version) != (MAGIC, VERSION):
        raise StreamFrameError(
            f"stream frame starts {magic!r} version {version}: must be {MAGIC!r} {VERSION}"
        )
    return FrameHead(tick, server_time_ms, f"{revision:016x}", bool(flags & SNAPSHOT), n, t, e)


def _revision_number(revision: str) -> int:
    try:
        if len(revision) != 16:
            raise ValueError(revision)
        return int(revision, 16)
    except ValueError as error:
        raise StreamFrameError(f"park revision {revision!r}: must be 16 hex digits") from error
