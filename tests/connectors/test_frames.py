"""Frames of a good size from what a source brought."""

from __future__ import annotations

import numpy as np

from connectors.frames import MAX_FRAME_ROWS, MAX_FRAME_TEXT, Readings, make_frames
from twin.contract.frame import Frame, decode_frame, encode_frame

TAG_SET = "00" * 16


def readings(n: int, *, first: int = 0, text: dict[int, str] | None = None) -> Readings:
    """n readings of n tags, value = place."""
    places = np.arange(first, first + n)
    return Readings(
        TAG_SET,
        places.astype(np.uint32),
        places.astype(np.int64),
        np.zeros(n, np.uint32),
        places.astype(np.float64),
        text or {},
    )


def frames(*parts: Readings) -> list[Frame]:
    """Frames as a reader of the bus decodes them."""
    return [decode_frame(encode_frame(frame)) for frame in make_frames("plant", parts, 7)]


def test_what_came_together_travels_together() -> None:
    (frame,) = frames(readings(3, text={1: "đỏ"}), readings(2, first=3, text={0: "xanh"}))
    assert frame.sequence == 7
    assert frame.value.tolist() == [0, 1, 2, 3, 4]
    assert frame.text == (None, "đỏ", None, "xanh", None)


def test_a_long_delivery_is_cut_and_numbered_on() -> None:
    found = frames(readings(2 * MAX_FRAME_ROWS + 1))
    assert [len(frame) for frame in found] == [MAX_FRAME_ROWS, MAX_FRAME_ROWS, 1]
    assert [frame.sequence for frame in found] == [7, 8, 9]
    assert np.concatenate([frame.value for frame in found]).tolist() == list(range(2 * MAX_FRAME_ROWS + 1))


def test_long_texts_are_spread_over_frames() -> None:
    long = "x" * (MAX_FRAME_TEXT // 10)
    found = frames(readings(9, text=dict.fromkeys(range(9), long)))
    assert len(found) > 1
    assert [text for frame in found for text in frame.text or ()] == [long] * 9


def test_the_readings_of_a_tag_stand_in_order_of_time() -> None:
    rows = Readings(
        TAG_SET,
        np.array([0, 1, 0], np.uint32),
        np.array([20, 5, 10], np.int64),
        np.zeros(3, np.uint32),
        np.array([2.0, 9.0, 1.0]),
        {0: "later", 2: "earlier"},
    )
    (frame,) = frames(rows)
    of_first = frame.index == 0
    assert frame.source_time[of_first].tolist() == [10, 20]
    assert frame.value[of_first].tolist() == [1.0, 2.0]
    assert frame.text is not None
    assert [text for text in frame.text if text] == ["earlier", "later"]
