"""What stays of a gap once a source's own history has filled what it could."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from connectors.gaps import make_gap
from twin.contract.frame import I64
from twin.contract.messages import Gap

MAX_TAGS: Final = 1_000
"""Names in one message; more tags are told in several."""
MAX_PARTS: Final = 32
"""Of one gap; more are told as one, from the first to the last, so that a poor history floods nobody."""
MAX_SPANS: Final = 5_000
"""Of life, kept; where there are more, the later ones count as silence."""

Span = tuple[int, int]
"""Start and end, ns."""


def withdraw(gap: Gap) -> Gap:
    """Make the message that takes a gap back: told again under its id, it holds no time any more.

    >>> from twin.contract.messages import GapReason
    >>> withdrawn = withdraw(make_gap("s", 10, 70, GapReason.SOURCE_LOST))
    >>> withdrawn.id, withdrawn.start, withdrawn.end
    ('s:10:70:source_lost', 10, 10)
    """
    return Gap(id=gap.id, source=gap.source, start=gap.start, end=gap.start, reason=gap.reason, tags=gap.tags)


def by_tags(gap: Gap, holes: Mapping[str, Span]) -> tuple[Gap, ...]:
    """Tell what stays of a gap, by tag; tags of one hole together.

    >>> from twin.contract.messages import GapReason
    >>> gap = make_gap("s", 10, 70, GapReason.SOURCE_LOST)
    >>> parts = by_tags(gap, {"a": (10, 70), "b": (10, 30), "c": (10, 70)})
    >>> [(part.start, part.end, part.tags) for part in parts]
    [(10, 70, ('a', 'c')), (10, 30, ('b',))]
    """
    tags: dict[Span, list[str]] = {}
    for tag, (start, end) in holes.items():
        if start < end:
            tags.setdefault((start, end), []).append(tag)
    if len(tags) > MAX_PARTS:
        whole = min(start for start, _ in tags), max(end for _, end in tags)
        tags = {whole: [tag for names in tags.values() for tag in names]}
    return tuple(
        make_gap(gap.source, start, end, gap.reason, names[first : first + MAX_TAGS])
        for (start, end), names in tags.items()
        for first in range(0, len(names), MAX_TAGS)
    )


def span_of_life(known: Sequence[Span], time: I64, apart_ns: int) -> tuple[Span, ...]:
    """Add moments to the spans in which a source is known to have run; no more than ``apart_ns`` apart they
    are one span.

    >>> span_of_life([(0, 10)], np.array([12, 50, 52]), 5)
    ((0, 12), (50, 52))
    """
    starts = np.concatenate([np.array([start for start, _ in known], np.int64), time])
    if not len(starts):
        return ()
    ends = np.concatenate([np.array([end for _, end in known], np.int64), time])
    order = np.argsort(starts, kind="stable")
    starts, ends = starts[order], np.maximum.accumulate(ends[order])
    cuts = np.flatnonzero(starts[1:] - ends[:-1] > apart_ns)
    firsts, lasts = np.concatenate([[0], cuts + 1]), np.concatenate([cuts, [len(starts) - 1]])
    spans = zip(starts[firsts].tolist(), ends[lasts].tolist(), strict=True)
    return tuple(spans)[:MAX_SPANS]


def silences(gap: Gap, alive: Sequence[Span], until: int, longest_ns: int) -> tuple[Gap, ...]:
    """Tell the times of a gap, up to ``until``, that are longer than ``longest_ns`` and hold no sign of life.

    >>> from twin.contract.messages import GapReason
    >>> gap = make_gap("s", 10, 70, GapReason.SOURCE_LOST)
    >>> [(part.start, part.end) for part in silences(gap, [(12, 30)], 60, 5)]
    [(30, 60)]
    """
    found: list[Span] = []
    last = gap.start
    for start, end in [*alive, (until, until)]:
        if min(start, until) - last > longest_ns:
            found.append((last, min(start, until)))
        last = max(last, min(end, until))
    if len(found) > MAX_PARTS:
        found = [(found[0][0], found[-1][1])]
    return tuple(make_gap(gap.source, start, end, gap.reason, gap.tags) for start, end in found)
