"""From frames to rows: tag numbers for the indexes of a frame, and which rows a history can hold."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

import numpy as np
import numpy.typing as npt

from twin.contract.clock import to_iso
from twin.contract.errors import FrameError
from twin.contract.frame import Frame
from twin.contract.messages import TagSet
from twin.historian.base import EngineError, ReadingTimeError
from twin.historian.native import Column
from twin.historian.schema import EARLIEST_NS, LATEST_NS, READING_COLUMNS, TEXT_COLUMN, tag_number

Hashes = npt.NDArray[np.uint64]

_TAG_SETS_KEPT = 1_000


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


class TagNumbers:
    """Knows the tag numbers of the tag sets seen lately. Thread-safe."""

    def __init__(self) -> None:
        self._by_tag_set: OrderedDict[str, Hashes] = OrderedDict()
        self._names: dict[int, str] = {}
        self._lock = Lock()

    def knows(self, tag_set_id: str) -> bool:
        """Tell whether this tag set was seen before."""
        with self._lock:
            return tag_set_id in self._by_tag_set

    def learn(self, tag_set_id: str, tag_set: TagSet) -> None:
        """Number the tags of a tag set.

        Raises:
            EngineError: two tags have the same number (once in 4e8 parks of 300,000 tags).
        """
        numbers = [tag_number(tag) for tag in tag_set.tags]
        with self._lock:
            for number, tag in zip(numbers, tag_set.tags, strict=True):
                known = self._names.setdefault(number, tag)
                if known != tag:
                    raise EngineError(f"tags {known!r} and {tag!r} share the number {number}; rename one")
            self._by_tag_set[tag_set_id] = np.array(numbers, dtype=np.uint64)
            if len(self._by_tag_set) > _TAG_SETS_KEPT:
                self._by_tag_set.popitem(last=False)

    def columns(self, frames: Sequence[tuple[TagSet, Frame]]) -> list[Column]:
        """Join frames, whose tag sets were learnt, into columns of table ``readings``; text only if any.

        Raises:
            FrameError: a row points outside its tag set.
            ReadingTimeError: a source time cannot be stored.
        """
        for tag_set, frame in frames:
            check_indexes(tag_set, frame)
        times = np.concatenate([frame.source_time for _, frame in frames])
        fine = (times >= EARLIEST_NS) & (times < LATEST_NS)
        if not fine.all():
            first = int(times[~fine][0])
            raise ReadingTimeError(
                f"source time {first} ns: a history holds {to_iso(EARLIEST_NS)} to before "
                f"{to_iso(LATEST_NS)}; set the device's clock"
            )
        with self._lock:
            numbers = [self._by_tag_set[frame.tag_set][frame.index] for _, frame in frames]
        data = {
            "tag": np.concatenate(numbers),
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
