from __future__ import annotations

import json
import math
import os
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.twin.stream.decoder import decode
from twin.contract.status import BAD_NO_COMMUNICATION, UNCERTAIN_LAST_USABLE_VALUE
from twin.stream.frame import HEADER, StreamFrame, StreamFrameError, encode_stream_frame, peek

GOLDEN = Path(__file__).parent / "golden"
NOW = 1_767_225_600_123_000_000
MS = 1_000_000


def make(rows: list[tuple[int, float, int, int, bool, str | None]], **other: Any) -> StreamFrame:
    """Build a frame from (index, value, age [ms], status, stale, text) rows."""
    conditions: dict[int, int] = other.pop("conditions", {})
    settings: dict[str, Any] = {
        "tick": 7,
        "server_time": NOW,
        "revision": "0123456789abcdef",
        "index": np.array([row[0] for row in rows], np.uint32),
        "value": np.array([row[1] for row in rows], np.float64),
        "source_time": np.array([NOW - row[2] * MS for row in rows], np.int64),
        "status": np.array([row[3] for row in rows], np.uint32),
        "stale": np.array([row[4] for row in rows], np.bool_),
        "texts": {n: row[5] for n, row in enumerate(rows) if row[5] is not None},
        "equipment": np.array(list(conditions), np.uint32),
        "condition": np.array(list(conditions.values()), np.uint8),
    }
    return StreamFrame(**(settings | other))


GOLDEN_FRAMES = {
    "keep-alive": make([], tick=3),
    "change": make([(4, 231.5, 120, 0, False, None)], conditions={1: 1}),
    "snapshot": make(
        [
            (0, 21.25, 900, 0, False, None),
            (1, -3.5e-3, 1_100, UNCERTAIN_LAST_USABLE_VALUE, False, None),
            (2, math.nan, 5_000, 0, False, "Execute"),
            (5, 0.0, 86_400_000 * 30, BAD_NO_COMMUNICATION, True, None),
            (7, 3_123_456_789.25, -250, 0, False, None),
            (11, -16_777_216.0, 0, 0, False, None),
            (12, math.nan, 10, 0, True, "Dừng: hết liệu ở máy dán"),
        ],
        tick=4_000_000_000,
        snapshot=True,
        conditions={0: 0, 1: 4, 2: 7, 3: 2, 9: 6},
    ),
    "empty-text": make([(300_000, math.nan, 1, 0, False, ""), (300_001, 1.0, 1, 0, False, None)]),
    "conditions-only": make([], conditions={0: 3, 65_536: 5, 65_537: 1}, revision="ffffffffffffffff"),
}


@pytest.mark.parametrize("name", GOLDEN_FRAMES)
def test_a_frame_has_its_golden_bytes(name: str) -> None:
    data = encode_stream_frame(GOLDEN_FRAMES[name])
    expected = plain(decode(data))
    if os.environ.get("PARKTWIN_WRITE_GOLDEN"):
        (GOLDEN / f"{name}.bin").write_bytes(data)
        text = json.dumps(expected, ensure_ascii=False, indent=1, allow_nan=False)
        (GOLDEN / f"{name}.json").write_text(text + "\n")
    assert data == (GOLDEN / f"{name}.bin").read_bytes()
    assert expected == json.loads((GOLDEN / f"{name}.json").read_text())


def test_every_golden_file_has_its_frame() -> None:
    assert {path.stem for path in GOLDEN.glob("*.*") if path.suffix != ".md"} == set(GOLDEN_FRAMES)


def plain(decoded: dict[str, Any]) -> dict[str, Any]:
    """NaN as null, which JSON can say."""
    return decoded | {"value": [None if math.isnan(v) else v for v in decoded["value"]]}


CONDITIONS = st.dictionaries(st.integers(0, 2**32 - 1), st.integers(0, 7))
ROWS = st.lists(
    st.tuples(
        st.integers(0, 2**32 - 1),
        st.floats() | st.floats(width=32) | st.integers(-(2**53), 2**53).map(float),
        st.integers(-(2**40), 2**40),
        st.sampled_from([0, 0x40900000, 0x80310000, 0xFFFFFFFF]),
        st.booleans(),
        st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    ),
    max_size=40,
)


@given(rows=ROWS, conditions=CONDITIONS, whole=st.booleans())
def test_what_is_encoded_is_read_back(rows: list[Any], conditions: dict[int, int], whole: bool) -> None:
    decoded = decode(encode_stream_frame(make(rows, conditions=conditions, snapshot=whole)))

    assert decoded["snapshot"] is whole
    assert decoded["server_time_ms"] == NOW / MS
    assert decoded["revision"] == "0123456789abcdef"
    assert decoded["index"] == [row[0] for row in rows]
    assert decoded["age_ms"] == [max(-(2**31), min(row[2], 2**31 - 1)) for row in rows]
    assert decoded["status"] == [row[3] for row in rows]
    assert decoded["stale"] == [row[4] for row in rows]
    assert decoded["text"] == [row[5] for row in rows]
    assert dict(zip(decoded["equipment"], decoded["condition"], strict=True)) == conditions
    for got, row in zip(decoded["value"], rows, strict=True):
        assert got == pytest.approx(row[1], rel=1e-7, abs=0, nan_ok=True)


def test_the_header_is_48_bytes_at_the_written_places() -> None:
    data = encode_stream_frame(GOLDEN_FRAMES["keep-alive"])
    assert HEADER.size == len(data) == 48
    assert data[:8] == b"PTST\x01\x00\x00\x00"
    assert struct.unpack_from("<I", data, 8) == (3,)
    assert struct.unpack_from("<d", data, 32) == (NOW / MS,)
    assert data[40:48] == bytes.fromhex("0123456789abcdef")[::-1]


def test_a_large_number_keeps_its_digits() -> None:
    decoded = decode(encode_stream_frame(make([(0, 123_456_789.125, 0, 0, False, None)])))
    assert decoded["value"] == [123_456_789.125]


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": np.zeros(2, np.uint32)},
        {"equipment": np.zeros(1, np.uint32)},
        {"texts": {1: "no such row"}},
    ],
)
def test_columns_that_do_not_fit_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(StreamFrameError, match="stream frame 7"):
        make([(0, 1.0, 0, 0, False, None)], **wrong)


@pytest.mark.parametrize("revision", ["", "0123", "zzzzzzzzzzzzzzzz"])
def test_a_revision_that_is_no_hash_is_refused(revision: str) -> None:
    with pytest.raises(StreamFrameError, match="16 hex digits"):
        encode_stream_frame(make([], revision=revision))


def test_the_header_alone_tells_whether_something_came() -> None:
    head = peek(encode_stream_frame(GOLDEN_FRAMES["snapshot"]))
    assert (head.tick, head.values, head.texts, head.conditions) == (4_000_000_000, 7, 2, 5)
    assert head.snapshot
    assert head.revision == "0123456789abcdef"


@pytest.mark.parametrize("data", [b"", b"PTST", b"JUNK" + bytes(44), b"PTST\x02" + bytes(43)])
def test_what_is_no_frame_is_not_peeked_into(data: bytes) -> None:
    with pytest.raises(StreamFrameError):
        peek(data)
