"""The newest reading of every tag that this process has accepted: what overtakes a backlog.

Bounded by the number of tags: 28 bytes a tag, and its text. After a restart of the process it fills again as
the sources connect, for a server says the current value of every item it is asked to monitor.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from connectors.frames import Readings, make_frames
from twin.contract.clock import FUTURE_TOLERANCE_NS
from twin.contract.frame import F64, I64, U32, Frame
from twin.contract.messages import TagSet

SETS_OF_A_SOURCE: Final = 16
"""Of more tag sets than this, those announced longest ago are forgotten."""
_NEVER: Final = int(np.iinfo(np.int64).min)


@dataclass(frozen=True, slots=True)
class Changed:
    """What changed after a version.

    Args:
        version: everything up to here is in it.
        tag_sets: those that the frames name.
        frames: of each tag its newest reading; a frame has the highest sequence number among its readings.
    """

    version: int
    tag_sets: tuple[TagSet, ...]
    frames: tuple[Frame, ...]


class NewestReadings:
    """Columns by tag set. Thread-safe: the outbox writes, the sender reads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._version = 0
        self._sets: dict[str, _Columns] = {}

    def announce(self, tag_set: TagSet) -> None:
        """Take in which index means which tag; readings of a tag set that was not announced are left out."""
        with self._lock:
            known = self._sets.pop(tag_set.id, None)
            self._sets[tag_set.id] = known or _Columns(tag_set)
            mine = [name for name, columns in self._sets.items() if columns.tag_set.source == tag_set.source]
            for name in mine[:-SETS_OF_A_SOURCE]:
                del self._sets[name]

    def take(self, frame: Frame, now: int) -> None:
        """Take in a frame that was accepted at ``now`` [ns]; the frames of a source in order of sequence."""
        with self._lock:
            columns = self._sets.get(frame.tag_set)
            if columns is not None:
                self._version += 1
                columns.take(frame, now, self._version)

    def changed(self, since: int) -> Changed:
        """Return what changed after version ``since``; 0 = everything."""
        with self._lock:
            frames: list[Frame] = []
            tag_sets: list[TagSet] = []
            for columns in self._sets.values():
                some = list(columns.changed(since))
                frames += some
                if some:
                    tag_sets.append(columns.tag_set)
            return Changed(self._version, tuple(tag_sets), tuple(frames))


class _Columns:
    def __init__(self, tag_set: TagSet) -> None:
        n = len(tag_set.tags)
        self.tag_set = tag_set
        self._sequence = 0
        self._changed: I64 = np.zeros(n, np.int64)
        self._time: I64 = np.full(n, _NEVER, np.int64)
        self._status: U32 = np.zeros(n, np.uint32)
        self._value: F64 = np.full(n, np.nan)
        self._text: dict[int, str] = {}

    def take(self, frame: Frame, now: int, version: int) -> None:
        # as the state of the twin does: what history brings late is not newest, what a clock that ran ahead
        # left behind is replaced by anything
        stored = self._time[frame.index]
        fine = (frame.source_time >= stored) | (stored > now + FUTURE_TOLERANCE_NS)
        rows = slice(None) if fine.all() else np.flatnonzero(fine)
        index = frame.index[rows]
        self._sequence = frame.sequence
        self._changed[index] = version
        self._time[index] = frame.source_time[rows]
        self._status[index] = frame.status[rows]
        self._value[index] = frame.value[rows]
        if frame.text is None and not self._text:
            return
        texts = frame.text or (None,) * len(frame)
        for row in np.flatnonzero(fine).tolist():
            text, tag = texts[row], int(frame.index[row])
            if text is None:
                self._text.pop(tag, None)
            else:
                self._text[tag] = text

    def changed(self, since: int) -> Iterator[Frame]:
        rows = np.flatnonzero(self._changed > since)
        if not len(rows):
            return
        text = {at: self._text[row] for at, row in enumerate(rows.tolist()) if row in self._text}
        readings = Readings(
            self.tag_set.id,
            rows.astype(np.uint32),
            self._time[rows],
            self._status[rows],
            self._value[rows],
            text,
        )
        for frame in make_frames(self.tag_set.source, [readings], self._sequence):
            yield replace(frame, sequence=self._sequence)
