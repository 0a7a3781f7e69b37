"""From what one source brought to frames of a good size.

A frame costs the bus the same whether it holds ten readings or a thousand, so what came within one commit is
joined; a frame is bounded in rows and text, so that no message outgrows a bus.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from twin.contract.frame import F64, I64, U32, Frame

MAX_FRAME_ROWS = 5_000
MAX_FRAME_TEXT = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """Readings of one source in columns, as a connector hands them over; ``text`` is by row."""

    tag_set: str
    index: U32
    source_time: I64
    status: U32
    value: F64
    text: dict[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.index)


def make_frames(source: str, readings: Sequence[Readings], first_sequence: int) -> Iterator[Frame]:
    """Join readings of one tag set into frames, numbered from ``first_sequence`` on."""
    joined = join(readings)
    sequence = first_sequence
    for start, end in _cuts(joined):
        texts = {row - start: text for row, text in joined.text.items() if start <= row < end}
        part = Readings(
            joined.tag_set,
            joined.index[start:end],
            joined.source_time[start:end],
            joined.status[start:end],
            joined.value[start:end],
            texts,
        )
        yield _frame(source, sequence, part)
        sequence += 1


def join(readings: Sequence[Readings]) -> Readings:
    """Put readings of one tag set one after the other."""
    if len(readings) == 1:
        return readings[0]
    text: dict[int, str] = {}
    offset = 0
    for part in readings:
        text.update((offset + row, entry) for row, entry in part.text.items())
        offset += len(part)
    return Readings(
        readings[0].tag_set,
        np.concatenate([part.index for part in readings]),
        np.concatenate([part.source_time for part in readings]),
        np.concatenate([part.status for part in readings]),
        np.concatenate([part.value for part in readings]),
        text,
    )


def _cuts(readings: Readings) -> Iterator[tuple[int, int]]:
    start = 0
    text_bytes = 0
    ends = []
    for row in sorted(readings.text):
        size = 4 * len(readings.text[row])  # at most, in UTF-8
        if text_bytes + size > MAX_FRAME_TEXT and row > start:
            ends.append(row)
            text_bytes, start = 0, row
        text_bytes += size
    start = 0
    for end in [*ends, len(readings)]:
        for cut in range(start, end, MAX_FRAME_ROWS):
            yield cut, min(cut + MAX_FRAME_ROWS, end)
        start = end


def _frame(source: str, sequence: int, readings: Readings) -> Frame:
    n = len(readings)
    index, time = readings.index, readings.source_time
    text = tuple(readings.text.get(row) for row in range(n)) if readings.text else None
    status, value = readings.status, readings.value
    order = _order(index, time)
    if order is not None:
        index, time, status, value = index[order], time[order], status[order], value[order]
        text = tuple(text[row] for row in order.tolist()) if text is not None else None
    return Frame(source, sequence, readings.tag_set, index, time, status, value, text)


def _order(index: U32, time: I64) -> np.ndarray[tuple[int], np.dtype[np.intp]] | None:
    """Return the order that puts the rows of each tag in order of time; None if they are already so.

    Servers send each item's values in order; a clock set back, or a server that does not, must not break the
    promise a frame makes.
    """
    by_tag = np.argsort(index, kind="stable")
    tag, then = index[by_tag], time[by_tag]
    if not ((tag[1:] == tag[:-1]) & (then[1:] < then[:-1])).any():
        return None
    return np.lexsort((time, index))
