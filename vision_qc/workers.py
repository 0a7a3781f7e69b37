"""Work on many pictures, spread over processes of one core each."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

from vision_qc.threads import one_core

In = TypeVar("In")
Out = TypeVar("Out")

MOST_WORKERS = 4
_CHUNK = 8


def spread_work(work: Callable[[In], Out], items: Sequence[In]) -> list[Out]:
    """Return ``work(item)`` of each of ``items``, in their order; ``work`` is a function of a module."""
    workers = min(MOST_WORKERS, os.cpu_count() or 1, max(1, len(items) // _CHUNK))
    if workers == 1:
        return [work(item) for item in items]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=one_core) as pool:
        return list(pool.map(work, items, chunksize=_CHUNK))
