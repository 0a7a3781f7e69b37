"""A second, slow reading of the stream frame's description, so that the encoder is not checked by itself."""

from __future__ import annotations

import struct
from typing import Any


def decode(data: bytes) -> dict[str, Any]:
    """Read a stream frame value by value with nothing but :mod:`struct`; check that nothing is left over."""
    magic, version, flags, reserved, tick, n, w, q, t, e = struct.unpack_from("<4sBBHIIIIII", data, 0)
    (server_time_ms,) = struct.unpack_from("<d", data, 32)
    (revision,) = struct.unpack_from("<Q", data, 40)
    assert (magic, version, reserved) == (b"PTST", 1, 0)
    position = 48

    def column(letter: str, count: int) -> list[Any]:
        nonlocal position
        assert position % 8 == 0
        items = list(struct.unpack_from(f"<{count}{letter}", data, position))
        size = struct.calcsize(f"<{count}{letter}")
        padding = data[position + size : position + size + -size % 8]
        assert padding == bytes(-size % 8)
        position += size + len(padding)
        return items

    index, age, value = column("I", n), column("i", n), column("f", n)
    wide_rows, wide_values = column("I", w), column("d", w)
    not_good_rows, statuses = column("I", q), column("I", q)
    stale = column("B", n)
    text_rows, lengths = column("I", t), column("I", t)
    raw = bytes(column("B", sum(lengths)))
    equipment, condition = column("I", e), column("B", e)
    assert position == len(data)
    for row, wide in zip(wide_rows, wide_values, strict=True):
        value[row] = wide
    status = [0] * n
    for row, code in zip(not_good_rows, statuses, strict=True):
        status[row] = code
    text: list[str | None] = [None] * n
    start = 0
    for row, length in zip(text_rows, lengths, strict=True):
        text[row] = raw[start : start + length].decode()
        start += length
    return {
        "tick": tick,
        "snapshot": bool(flags & 1),
        "server_time_ms": server_time_ms,
        "revision": f"{revision:016x}",
        "index": index,
        "age_ms": age,
        "value": value,
        "status": status,
        "stale": [bool(flag) for flag in stale],
        "text": text,
        "equipment": equipment,
        "condition": condition,
    }
