"""Naming holes: a gap told twice, by two runs of a process, is one gap."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from twin.contract.messages import Gap, GapReason


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
