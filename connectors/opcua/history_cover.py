"""How much of a gap a history covers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from connectors.opcua.history_span import Span
from twin.contract.clock import NS_PER_S
from twin.contract.frame import I64
from twin.contract.messages import Gap, GapReason

CLOCK_SLACK_NS: Final = 2 * NS_PER_S
"""A reading taken first after a gap may be dated this much later than its end and its clock is not off."""


@dataclass(frozen=True, slots=True, eq=False)
class Hole:
    """Where the readings of some tags are missing: n tags, times in ns of their own clocks.

    A gap is told in the server's clock; what was not taken may bear an earlier time (a change that was not
    sampled yet, a device whose clock is behind) or a later one. So a tag's hole is what lies between the
    reading taken last before the gap and the one that the server said first after it, where they are known.

    Args:
        gap: as it was told.
        last: ``int64[n]``: the reading taken last; 0 = not known.
        first: ``int64[n]``: what the server said first; 0 = nothing, -1 = nothing though it goes on.
        back, ahead: how much earlier or later than the gap its readings may be dated.
    """

    gap: Gap
    last: I64
    first: I64
    back: int
    ahead: int

    @property
    def start(self) -> int:
        """From when on to ask."""
        return self.gap.start - self.back

    @property
    def end(self) -> int:
        """Until when to ask."""
        return self.gap.end + self.ahead

    def holds(self, tag: npt.NDArray[np.intp], time: I64) -> npt.NDArray[np.bool_]:
        """Tell which readings were not taken already."""
        last, first = self.last[tag], self.first[tag]
        ended = first > self.start
        before = np.where(ended, time < first, time <= self.end)
        held: npt.NDArray[np.bool_] = (time > last) & before
        if self.gap.reason is GapReason.SERVER_OVERFLOW:
            held &= (time > self.gap.start) & (time < self.gap.end)  # both ends are readings that were taken
        return held


def clock_was_set(hole: Hole, newest: int) -> npt.NDArray[np.bool_]:
    """Tell of which tags the clock was set while their readings were missing: nobody knows what those bear,
    and so not whether the history was asked for all of them.

    Args:
        hole: whose.
        newest: the newest time of the source's readings when the gap was told, ns; 0 = not known.
    """
    last, first, gap = hole.last, hole.first, hole.gap
    known = first > 0
    back = known & (last > 0) & (first < last)
    ahead = known & (first > gap.end + hole.ahead + CLOCK_SLACK_NS)
    # readings were ahead before and are not now: what was taken last hides what came after
    was_ahead = known & (hole.ahead > CLOCK_SLACK_NS) & (first != last) & (first < gap.end)
    if newest and known.any() and not last.any() and int(first.max()) < newest:
        back |= known
    found: npt.NDArray[np.bool_] = back | ahead | was_ahead
    return found


def behind_of(span: Span, hole: Hole) -> npt.NDArray[np.bool_]:
    """Tell which tags' histories do not hold what was told live yet.

    A tag whose first live reading is from before the gap did not change in it; of one that goes on and has
    not said anything since, there is nothing that the history would have to hold.
    """
    live, gap = hole.first, hole.gap
    need = np.where(live > 0, np.minimum(live, gap.end), gap.end)
    late: npt.NDArray[np.bool_] = ((live == 0) | (live > hole.start)) & (span.newest < need)
    return late


def uncovered(
    span: Span, since: int, hole: Hole, behind: npt.NDArray[np.bool_], doubted: npt.NDArray[np.bool_]
) -> dict[int, tuple[int, int]]:
    """Return where the history of a tag does not cover the gap, by its place in the group.

    Args:
        span: what was read.
        since: where that began, ns; above the hole's start if it goes on with a span that was cut.
        hole: what it is for.
        behind: whose history is not up to date.
        doubted: whose clock was set in the gap.
    """
    gap = hole.gap
    start = max(since, gap.start)
    reaches = span.before > 0
    if since <= hole.start:
        # a value from before the span that is newer than the reading taken last: one more was missed there
        reaches &= (hole.last == 0) | (span.before <= hole.last)
    found: dict[int, tuple[int, int]] = {}
    for place in range(len(reaches)):
        if doubted[place]:
            found[place] = (gap.start, gap.end)
            continue
        if place in span.refused:
            found[place] = (start, gap.end)
            continue
        first = min(int(span.first[place]) or span.until, span.until, gap.end)
        begin = None if reaches[place] else (start, max(first, start))
        if begin is not None and span.before[place] > 0:
            begin = (start, gap.end)
        end = (min(max(int(span.newest[place]), start), gap.end), gap.end) if behind[place] else None
        if begin is not None and end is not None:
            found[place] = (start, gap.end)
        elif begin is not None or end is not None:
            found[place] = begin or end or (start, gap.end)
    return {place: interval for place, interval in found.items() if interval[0] < interval[1]}
