"""Naming holes: a gap told twice, by two runs of a process, is one gap."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

from twin.contract.clock import NS_PER_S
from twin.contract.messages import Gap, GapReason

CLOCK_WAS_SET_NS: Final = 86_400 * NS_PER_S
"""A source's clock that went on this much more than ours was set (a PLC whose battery is empty starts in
2000); a smaller difference may as well be ours, and one long gap then hides nothing."""
MAX_TAGS: Final = 1_000
"""So many tags a gap names, so that none is larger than a bus takes."""
_SLACK_NS: Final = NS_PER_S


def make_gap(source: str, start: int, end: int, reason: GapReason, tags: Sequence[str] = ()) -> Gap:
    """Make a gap whose id follows from what it says.

    Args:
        source: whose.
        start, end: last moment known to be whole, first moment whole again, ns; swapped if the source's
            clock went back in between, so that the interval is marked all the same.
        reason: why.
        tags: which tags; empty = all of the source.

    >>> make_gap("anphat", 5, 9, GapReason.SOURCE_LOST).id
    'anphat:5:9:source_lost'
    """
    start, end = min(start, end), max(start, end)
    name = f"{source}:{start}:{end}:{reason.value}"
    if tags:
        name += ":" + hashlib.blake2b("\n".join(tags).encode(), digest_size=6).hexdigest()
    return Gap(id=name, source=source, start=start, end=end, reason=reason, tags=tuple(tags))


def make_outage(
    source: str, start: int, end: int, away: int, reason: GapReason, tags: Sequence[str] = ()
) -> tuple[Gap, ...]:
    """Mark the time in which nothing could be had: one gap, or, where the source's clock was set meanwhile,
    one before and one after, for nobody knows in which of the two times a reading would have been stamped.

    Args:
        source: whose.
        start, end: last moment known to be whole, first moment whole again, ns of the source's clock.
        away: how long that was by our own clock, ns; below 0 our clock was set back too and says nothing, so
            that everything between the two moments is marked.
        reason: why.
        tags: which; empty = all of the source. More than :data:`MAX_TAGS` are told as several gaps.

    >>> [(gap.start, gap.end) for gap in make_outage("s", 10, 70, 60, GapReason.SOURCE_LOST)]
    [(10, 70)]
    >>> hour = 3600 * NS_PER_S
    >>> set_back = make_outage("s", 9 * hour, 8 * hour, hour, GapReason.SOURCE_LOST)
    >>> [(gap.start / hour, gap.end / hour) for gap in set_back]  # doctest: +ELLIPSIS
    [(9.0, 10.00...), (6.99..., 8.0)]
    >>> [(gap.start, gap.end) for gap in make_outage("s", 10, 2 * hour, -5, GapReason.SOURCE_LOST)]
    [(10, 7200000000000)]
    """
    parts = [tags[at : at + MAX_TAGS] for at in range(0, len(tags), MAX_TAGS)] or [()]
    away += _SLACK_NS
    if away < _SLACK_NS or start <= end <= start + away + CLOCK_WAS_SET_NS:
        spans = [(start, end)]
    else:
        spans = [(start, start + away), (end - away, end)]
    return tuple(make_gap(source, *span, reason, part) for span in spans for part in parts)
