"""From frames to rows: tag numbers for the indexes of a frame, and which rows a history can hold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from twin.contract.clock import to_iso
from twin.contract.errors import FrameError
from twin.contract.frame import Frame
from twin.contract.messages import TagSet
from twin.historian.base import EngineError, ReadingTimeError
from twin.historian.native import Column
from twin.historian.schema import EARLIEST_NS, LATEST_NS, READING_COLUMNS, TEXT_COLUMN, tag_number

TagNumbers = npt.NDArray[np.uint64]


def check_indexes(tag_set: TagSet, frame: Frame) -> None:
    """Refuse a frame that does not fit its tag set.

    Raises:
        FrameError: a row points past the tag set's end, or the tag set is another source's.
    """
    if tag_set.source != frame.source:
        raise FrameError(
            f"frame {frame.message_id}: tag set {frame.tag_set} is of source {tag_set.source!r}; "
            "a frame must name a tag set of its own source"
        )
    if len(frame) and int(frame.index.max()) >= len(tag_set.tags):
        raise FrameError(
            f"frame {frame.message_id}: index {int(frame.index.max())} in a tag set of {len(tag_set.tags)} "
            "tags; announce the tag set that the frame was made with"
        )


def number_tags(tag_set: TagSet) -> TagNumbers:
    """Number the tags of a tag set, in index order.

    Raises:
        EngineError: two of its tags have the same number.
    """
    numbers = np.array([tag_number(tag) for tag in tag_set.tags], dtype=np.uint64)
    if len(np.unique(numbers)) != len(set(tag_set.tags)):
        raise EngineError(f"tag set of {tag_set.source!r}: two tags share a number; rename one of them")
    return numbers


def reading_columns(frames: Sequence[tuple[TagNumbers, Frame]]) -> list[Column]:
    """Join frames, one at least, into columns of table ``readings``; text only if any has some.

    Raises:
        ReadingTimeError: a source time cannot be stored.
    """
    times = np.concatenate([frame.source_time for _, frame in frames])
    fine = (times >= EARLIEST_NS) & (times < LATEST_NS)
    if not fine.all():
        first = int(times[~fine][0])
        raise ReadingTimeError(
            f"source time {first} ns: a history holds {to_iso(EARLIEST_NS)} to before "
            f"{to_iso(LATEST_NS)}; set the device's clock"
        )
    data = {
        "tag": np.concatenate([numbers[frame.index] for numbers, frame in frames]),
        "ts": times,
        "value": np.concatenate([frame.value for _, frame in frames]),
        "status": np.concatenate([frame.status for _, frame in frames]),
    }
    columns = [Column(name, READING_COLUMNS[name], data[name]) for name in READING_COLUMNS]
    if any(frame.text is not None for _, frame in frames):
        texts: list[str | None] = []
        for _, frame in frames:
            texts.extend(frame.text if frame.text is not None else [None] * len(frame))
        columns.append(Column(*TEXT_COLUMN, texts))
    return columns
