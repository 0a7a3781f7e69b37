"""What is fuzzed: name -> a function of bytes that raises only for a finding."""

from __future__ import annotations

import struct
import tempfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import zstandard

from connectors.modbus.register import Register, TypeName, WordOrder
from connectors.recording.errors import RecordingError
from connectors.recording.file import MAGIC, Kept, read_recording
from tests.fuzz.publish_response import FindingError, any_response
from twin.contract.errors import FrameError
from twin.contract.frame import Frame, decode_frame, encode_frame

CORPUS: Final = Path(__file__).parent / "corpus"

_HEADER: Final = 64
_STORED_AT, _CRC_AT = 40, 48  # where twin.contract.frame keeps length and checksum of what is stored


def frame(data: bytes) -> None:
    """Decode a frame, as it is and with its checksum put right, so that what lies behind it is reached."""
    for candidate in (data, _with_checksum(data)):
        try:
            decoded = decode_frame(candidate)
        except FrameError:
            continue
        _check_columns(candidate, decoded)
        again = decode_frame(encode_frame(decoded))
        if _columns(again) != _columns(decoded):
            raise FindingError("a frame is another one after encoding and decoding")


def _columns(frame: Frame) -> tuple[object, ...]:
    columns = (frame.index, frame.source_time, frame.status, frame.value)
    return (frame.source, frame.sequence, frame.tag_set, frame.text, *(one.tobytes() for one in columns))


def _check_columns(data: bytes, decoded: Frame) -> None:
    """Read the body once more, number by number."""
    (stored_len,) = struct.unpack_from("<I", data, _STORED_AT)
    body = data[_HEADER : _HEADER + stored_len]
    if data[5] & 2:
        body = zstandard.ZstdDecompressor().decompress(body)
    n = len(decoded)
    layout = ((8, "d", decoded.value), (8, "q", decoded.source_time), (4, "I", decoded.index))
    at = 0
    for size, code, column in (*layout, (4, "I", decoded.status)):
        packed = struct.pack(f"<{n}{code}", *column.tolist())
        if code != "d" and packed != body[at : at + size * n]:
            raise FindingError(f"column {code} at byte {at} of the body is not what lies there")
        if code == "d" and column.tobytes() != body[at : at + size * n]:  # a NaN keeps its bits
            raise FindingError("values are not what lies in the body")
        at += size * n
    if decoded.text is not None:
        lengths = struct.unpack_from(f"<{n}i", body, at)
        if b"".join((one or "").encode() for one in decoded.text) != body[at + 4 * n :]:
            raise FindingError("texts are not what lies in the body")
        if [-1 if one is None else len(one.encode()) for one in decoded.text] != list(lengths):
            raise FindingError("texts are cut elsewhere than the body says")


def _with_checksum(data: bytes) -> bytes:
    if len(data) < _HEADER:
        return data
    fixed = bytearray(data)
    (source_len,) = struct.unpack_from("<H", data, 6)
    stored = max(0, len(data) - _HEADER - source_len)
    struct.pack_into("<I", fixed, _STORED_AT, stored)
    struct.pack_into("<I", fixed, _CRC_AT, zlib.crc32(data[_HEADER : _HEADER + stored]))
    return bytes(fixed)


_BLOCK: Final = struct.Struct("<4sIIII")


def recording(data: bytes) -> None:
    """Read a recording, as it is and with the checksums of its blocks put right."""
    with tempfile.NamedTemporaryFile(dir=_memory()) as file:
        for candidate in (data, _with_block_checksums(data)):
            file.seek(0)
            file.truncate()
            file.write(candidate)
            file.flush()
            try:
                for kept in read_recording(Path(file.name)):
                    msgspec.convert(msgspec.to_builtins(kept, builtin_types=(bytes,)), Kept)
            except RecordingError:
                continue


def _memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def _with_block_checksums(data: bytes) -> bytes:
    fixed = bytearray(data)
    at = len(MAGIC)
    while at + _BLOCK.size <= len(data):
        magic, stored, raw, count, _ = _BLOCK.unpack_from(data, at)
        body = data[at + _BLOCK.size : at + _BLOCK.size + stored]
        _BLOCK.pack_into(fixed, at, magic, stored, raw, count, zlib.crc32(body))
        at += _BLOCK.size + stored
    return bytes(fixed)


_TYPES: Final[tuple[TypeName, ...]] = (
    "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64",
)  # fmt: skip
_ORDERS: Final[tuple[WordOrder, ...]] = ("big", "little")


def modbus_register(data: bytes) -> None:
    """Make a value of registers in every type and word order, beside numpy's view of the same bytes."""
    if len(data) < 8:
        return
    for kind in _TYPES:
        for order in _ORDERS:
            register = Register(1, "holding", 0, kind, word_order=order)
            raw = data[: 2 * register.count]
            words = [int.from_bytes(raw[at : at + 2]) for at in range(0, len(raw), 2)]
            value = register.value(words)
            big = raw if order == "big" else b"".join(word.to_bytes(2) for word in reversed(words))
            wanted = float(np.frombuffer(big, np.dtype(kind).newbyteorder(">"))[0])
            if value != wanted and not (np.isnan(value) and np.isnan(wanted)):
                raise FindingError(f"{kind} {order} of {raw.hex()}: {value!r}, numpy reads {wanted!r}")


TARGETS: Final[Mapping[str, Callable[[bytes], None]]] = {
    "publish_response": any_response,
    "frame": frame,
    "recording": recording,
    "modbus_register": modbus_register,
}
