"""Frames for the tests of the history, of a source and tags of the test's own."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

import numpy as np

from twin.contract.frame import Frame
from twin.contract.messages import TagSet

SECOND = 1_000_000_000
START = 1_790_000_000 * SECOND
"""A round time in 2026, well within a week of the history's partitions."""

_SEQUENCE = count(1)


def tag_set(source: str, signals: Sequence[str] = ("a", "b", "c"), *, simulated: bool = False) -> TagSet:
    """Return a tag set of one machine of the source; the unit of every signal is bar."""
    n = len(signals)
    tags = tuple(f"park/{source}/machine1:{signal}" for signal in signals)
    return TagSet(
        source=source, tags=tags, units=("bar",) * n, data_types=("Double",) * n, simulated=simulated
    )


def frame(
    of: TagSet,
    times: Sequence[int],
    values: Sequence[float],
    *,
    index: Sequence[int] | int = 0,
    status: Sequence[int] | int = 0,
    text: tuple[str | None, ...] | None = None,
    sequence: int | None = None,
) -> tuple[TagSet, Frame]:
    """Return a frame with its tag set; a single index or status is that of every row."""
    n = len(times)
    return of, Frame(
        source=of.source,
        sequence=next(_SEQUENCE) if sequence is None else sequence,
        tag_set=of.id,
        index=np.broadcast_to(np.asarray(index, np.uint32), n).copy(),
        source_time=np.asarray(times, np.int64).reshape(n),
        status=np.broadcast_to(np.asarray(status, np.uint32), n).copy(),
        value=np.asarray(values, np.float64).reshape(n),
        text=text,
    )
