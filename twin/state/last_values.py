"""The last value of every tag, in columns indexed by the park's dense tag number.

A reading replaces what is there only if its source time is newer, so that late, repeated and out-of-order
readings change nothing and replaying a stretch of the log ends where it ended the first time. Where time
does not decide (the same time, or one of the two far in the future), the sequence number of the frames does:
what ends up here does not depend on the order in which frames come, so that some may overtake a backlog.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twin.contract.clock import FUTURE_TOLERANCE_NS
from twin.contract.frame import F64, I64, U32, Frame
from twin.contract.status import BAD_WAITING_FOR_INITIAL_DATA

Bools = npt.NDArray[np.bool_]
TagNumbers = npt.NDArray[np.intp]

NEVER = int(np.iinfo(np.int64).min)
"""Source time of a tag that has had no reading."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of the readings of one frame: they add up to its rows.

    Args:
        applied: were newer and are now (or were, for a moment) the last value.
        late: were older than what is known, or known already.
        unknown: name a tag that the park does not have.
    """

    applied: int
    late: int
    unknown: int


class LastValues:
    """Columns of length n; read them, but write only through :meth:`apply`. Not thread-safe.

    Args:
        n: how many tags the park has.
    """

    def __init__(self, n: int) -> None:
        self.value: F64 = np.full(n, np.nan)
        self.source_time: I64 = np.full(n, NEVER, np.int64)
        self.sequence: I64 = np.zeros(n, np.int64)
        self.status: U32 = np.full(n, BAD_WAITING_FOR_INITIAL_DATA, np.uint32)
        self.received: I64 = np.zeros(n, np.int64)
        self.changed: I64 = np.zeros(n, np.int64)
        self.simulated: Bools = np.zeros(n, np.bool_)
        self.has_text: Bools = np.zeros(n, np.bool_)
        self.text: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self.value)

    def apply(
        self, frame: Frame, mapping: TagNumbers, *, received: int, version: int, simulated: bool
    ) -> Applied:
        """Take in the readings of a frame.

        A reading of the time that is known already replaces if its frame is a later one: a server may correct
        a value without moving its time. So does one where either time is beyond the tolerance of
        :data:`~twin.contract.clock.FUTURE_TOLERANCE_NS`, or the tag would stand still until that time comes,
        and nobody would see.

        Args:
            frame: the readings.
            mapping: ``intp[m]`` dense tag number by index of the frame's tag set, -1 = unknown; every index
                of the frame is below m.
            received: when the bus took the frame, ns since the epoch.
            version: written to ``changed`` of every tag that took a value.
            simulated: True if a simulator stands behind the frame.
        """
        tag = mapping[frame.index]
        known = tag >= 0
        time, status, value = frame.source_time, frame.status, frame.value
        stored = self.source_time[tag]
        take = time > stored
        unsure = (time == stored) | (np.maximum(time, stored) > received + FUTURE_TOLERANCE_NS)
        if unsure.any():
            take[unsure] = frame.sequence > self.sequence[tag[unsure]]
        take &= known
        rows: TagNumbers | None = None
        if not take.all():
            rows = np.flatnonzero(take)
            tag, time, status, value = tag[rows], time[rows], status[rows], value[rows]
        self.source_time[tag] = time
        if (self.source_time[tag] < time).any():
            # A tag twice, and not in order of time: numpy keeps the last row written, so write in order.
            order = np.argsort(time, kind="stable")
            rows = order if rows is None else rows[order]
            tag, time, status, value = tag[order], time[order], status[order], value[order]
            self.source_time[tag] = time
        self.value[tag] = value
        self.sequence[tag] = frame.sequence
        self.status[tag] = status
        self.received[tag] = received
        self.changed[tag] = version
        self.simulated[tag] = simulated
        self._apply_text(frame.text, tag, rows)
        unknown = len(frame) - int(np.count_nonzero(known))
        return Applied(len(tag), len(frame) - len(tag) - unknown, unknown)

    def count_anew(self, tags: TagNumbers, received: int) -> None:
        """Let any frame replace those of the tags whose time is far in the future: their source's outbox is a
        new one, whose numbers begin at 1 and would not outgrow the old ones for long."""
        tags = tags[tags >= 0]
        self.sequence[tags[self.source_time[tags] > received + FUTURE_TOLERANCE_NS]] = 0

    def _apply_text(
        self, text: tuple[str | None, ...] | None, tag: TagNumbers, rows: TagNumbers | None
    ) -> None:
        if text is None:
            if not self.text:
                return
            for number in tag[self.has_text[tag]].tolist():
                self.text.pop(number, None)
            self.has_text[tag] = False
            return
        taken = text if rows is None else [text[row] for row in rows.tolist()]
        for number, words in zip(tag.tolist(), taken, strict=True):
            if words is not None:
                self.text[number] = words
            else:
                self.text.pop(number, None)
            self.has_text[number] = words is not None

    def valued(self) -> Bools:
        """Tell which tags have had a reading, ``bool[n]``."""
        valued: Bools = self.source_time != NEVER
        return valued
