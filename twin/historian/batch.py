"""What the recorder has taken off the bus and not yet stored."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from twin.bus.base import Received
from twin.contract.frame import Frame
from twin.contract.messages import Gap, TagSet


@dataclass(slots=True)
class Batch:
    """Frames and gaps of one insert.

    Args:
        frames: what goes into the readings.
        gaps: what goes into the gaps.
        rows: readings in ``frames``.
        messages: taken off the bus for this batch, refused ones included: they are committed with it.
        oldest_ns: when the bus took the first of them, ns since the epoch.
    """

    frames: list[tuple[TagSet, Frame]] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    rows: int = 0
    messages: int = 0
    oldest_ns: int = 0
    _since_s: float = 0.0

    def count(self, received: Received, now_s: float) -> None:
        """Note that ``received`` was taken at monotonic time ``now_s`` [s]."""
        if not self.messages:
            self._since_s, self.oldest_ns = now_s, received.time_ns
        self.messages += 1

    def add(self, tag_set: TagSet, frame: Frame) -> None:
        """Take a frame."""
        if len(frame):
            self.frames.append((tag_set, frame))
            self.rows += len(frame)

    def waited_s(self, now_s: float) -> float:
        """How long the first message has waited [s]; 0 without one."""
        return now_s - self._since_s if self.messages else 0.0


def select_rows(frame: Frame, mask: npt.NDArray[np.bool_]) -> Frame:
    """Return the rows of ``frame`` where ``mask`` is true, under the same name."""
    text = frame.text
    return replace(
        frame,
        index=frame.index[mask],
        source_time=frame.source_time[mask],
        status=frame.status[mask],
        value=frame.value[mask],
        text=None if text is None else tuple(t for t, keep in zip(text, mask, strict=True) if keep),
    )
