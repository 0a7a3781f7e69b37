"""Frames: what goes in comes out, damaged bytes are refused, and yesterday's bytes still decode."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.contract.errors import FrameError
from twin.contract.frame import Frame, decode_frame, encode_frame

GOLDEN = Path(__file__).parent / "golden"

_TEXT = st.none() | st.text(max_size=20)
_ROW = st.tuples(
    st.integers(0, 2**32 - 1),
    st.integers(-(2**63), 2**63 - 1),
    st.integers(0, 2**32 - 1),
    st.floats(width=64),
    _TEXT,
)


def make_frame(rows: list[tuple[int, int, int, float, str | None]], *, with_text: bool) -> Frame:
    return Frame(
        source="nguồn-1",
        sequence=2**63 + 5,
        tag_set="00112233445566778899aabbccddeeff",
        index=np.array([row[0] for row in rows], np.uint32),
        source_time=np.array([row[1] for row in rows], np.int64),
        status=np.array([row[2] for row in rows], np.uint32),
        value=np.array([row[3] for row in rows], np.float64),
        text=tuple(row[4] for row in rows) if with_text else None,
    )


def assert_same(left: Frame, right: Frame) -> None:
    assert (left.source, left.sequence, left.tag_set) == (right.source, right.sequence, right.tag_set)
    for column in ("index", "source_time", "status", "value"):
        assert getattr(left, column).tobytes() == getattr(right, column).tobytes(), column
    assert left.text == right.text


GOLDEN_FRAME = make_frame(
    [
        (0, 1_700_000_000_000_000_000, 0, 21.5, None),
        (1, 1_700_000_000_000_000_100, 0x80310000, float("nan"), None),
        (7, 1_700_000_000_500_000_000, 0x40900000, -0.0, "Đang chạy"),
        (9, 1_700_000_000_500_000_000, 0, 2.0**60, ""),
    ],
    with_text=True,
)


@given(st.lists(_ROW, max_size=50), st.booleans(), st.booleans())
def test_what_goes_in_comes_out(
    rows: list[tuple[int, int, int, float, str | None]], with_text: bool, compress: bool
) -> None:
    frame = make_frame(rows, with_text=with_text)
    assert_same(decode_frame(encode_frame(frame, compress=compress)), frame)


@given(st.data())
def test_any_damage_is_refused_by_name(data: st.DataObject) -> None:
    good = encode_frame(GOLDEN_FRAME, compress=data.draw(st.booleans()))
    if data.draw(st.booleans()):
        bad = good[: data.draw(st.integers(0, len(good) - 1))]
    else:
        at = data.draw(st.integers(0, len(good) - 1))
        bad = good[:at] + bytes([good[at] ^ data.draw(st.integers(1, 255))]) + good[at + 1 :]
    try:
        decoded = decode_frame(bad)
    except FrameError:
        return
    # the checksum covers the readings; only the header's own names may differ unnoticed
    assert decoded.value.tobytes() == GOLDEN_FRAME.value.tobytes()
    assert decoded.source_time.tobytes() == GOLDEN_FRAME.source_time.tobytes()
    assert decoded.text == GOLDEN_FRAME.text


@given(st.binary(max_size=300))
def test_noise_is_no_frame(noise: bytes) -> None:
    with pytest.raises(FrameError):
        decode_frame(noise)
    with pytest.raises(FrameError):
        decode_frame(b"PTFR\x01" + noise)


def test_a_bomb_is_not_unpacked() -> None:
    rows: list[tuple[int, int, int, float, str | None]] = [(0, 0, 0, 0.0, None)] * 1000
    small = encode_frame(make_frame(rows, with_text=False), compress=True)
    lying = bytearray(small)
    lying[8:12] = (1).to_bytes(4, "little")  # claims one row, packs a thousand
    lying[36:40] = (24).to_bytes(4, "little")
    with pytest.raises(FrameError, match="another size"):
        decode_frame(bytes(lying))


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("index", np.zeros(2, np.uint32), "differ in length"),
        ("value", np.zeros(1, np.float32), "must be uint32"),
        ("text", ("a", "b"), "differ in length"),
    ],
)
def test_columns_must_agree(column: str, value: object, rule: str) -> None:
    columns: dict[str, object] = {
        "index": np.zeros(1, np.uint32),
        "source_time": np.zeros(1, np.int64),
        "status": np.zeros(1, np.uint32),
        "value": np.zeros(1, np.float64),
        "text": None,
    }
    with pytest.raises(FrameError, match=rule):
        Frame("s", 1, "00" * 16, **(columns | {column: value}))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["frame@1.bin", "frame@1.zstd.bin"])
def test_golden_bytes_still_decode(name: str) -> None:
    assert_same(decode_frame((GOLDEN / name).read_bytes()), GOLDEN_FRAME)


def test_golden_bytes_are_still_written() -> None:
    assert encode_frame(GOLDEN_FRAME) == (GOLDEN / "frame@1.bin").read_bytes()
