"""Readings on their way to the conditions: columns of dense tag numbers, in a time that can be believed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twin.contract.clock import FUTURE_TOLERANCE_NS
from twin.contract.frame import F64, I64, U32, Frame
from twin.state.last_values import TagNumbers

Texts = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """Columns of length n.

    Args:
        tag: ``intp[n]``, dense tag numbers.
        time: ``int64[n]``, source time; of a clock far in the future, time of arrival.
        received: ``int64[n]``, when the bus took it.
        status: ``uint32[n]``, OPC UA status codes.
        value: ``float64[n]``, NaN where it is text or missing.
        text: ``object[n]``, None where there is none; or None if no row has any.
    """

    tag: TagNumbers
    time: I64
    received: I64
    status: U32
    value: F64
    text: Texts | None = None

    def __len__(self) -> int:
        return len(self.tag)

    def take(self, rows: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> Readings:
        """Return some rows."""
        return Readings(
            self.tag[rows], self.time[rows], self.received[rows], self.status[rows], self.value[rows],
            None if self.text is None else self.text[rows],
        )  # fmt: skip


def from_frame(frame: Frame, mapping: TagNumbers, received: int) -> Readings:
    """Make readings of a frame; those of tags that the park does not have are left out.

    A time more than ten seconds ahead of the bus's clock comes from a clock that is wrong: its tag's newest
    reading is taken to be of the moment it arrived, the earlier ones of so much before.
    """
    tag = mapping[frame.index]
    time = frame.source_time.astype(np.int64)  # a copy: a frame's columns are read-only
    ahead = time > received + FUTURE_TOLERANCE_NS
    if ahead.any():
        rows = np.flatnonzero(ahead)
        _, group = np.unique(tag[rows], return_inverse=True)
        newest = np.zeros(int(group.max()) + 1, np.int64)
        np.maximum.at(newest, group, time[rows])
        time[rows] += received - newest[group]
    text: Texts | None = None
    if frame.text is not None:
        text = np.empty(len(frame), np.object_)
        text[:] = frame.text
    readings = Readings(tag, time, np.full(len(frame), received, np.int64), frame.status, frame.value, text)
    known = tag >= 0
    return readings if known.all() else readings.take(known)


def concatenate(parts: Sequence[Readings]) -> Readings:
    """Put readings behind one another."""
    if len(parts) == 1:
        return parts[0]
    text: Texts | None = None
    if any(part.text is not None for part in parts):
        text = np.concatenate(
            [np.full(len(part), None, np.object_) if part.text is None else part.text for part in parts]
        )
    return Readings(
        np.concatenate([part.tag for part in parts]),
        np.concatenate([part.time for part in parts]),
        np.concatenate([part.received for part in parts]),
        np.concatenate([part.status for part in parts]),
        np.concatenate([part.value for part in parts]),
        text,
    )


def in_order(readings: Readings) -> Readings:
    """Return readings by tag and time; of those of one tag and time the one that came last."""
    order = np.lexsort((readings.time, readings.tag))
    tag, time = readings.tag[order], readings.time[order]
    again = (tag[1:] == tag[:-1]) & (time[1:] == time[:-1])
    if again.any():
        order = order[np.append(~again, True)]
    return readings.take(order)
