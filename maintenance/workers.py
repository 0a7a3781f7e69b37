"""Work spread over processes of one thread each.

Two processes that each let OpenMP and BLAS take every core made training ten times slower; one thread a
process is also what makes results the same to the bit.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import TypeVar

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

Task = TypeVar("Task")
Result = TypeVar("Result")

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold BLAS and OpenMP of this process to one thread."""
    with threadpool_limits(limits=1):
        yield


def run_all(
    work: Callable[[Task], Result],
    tasks: Iterable[Task],
    count: int,
    *,
    jobs: int,
    progress: Callable[[int, int], None],
) -> list[Result]:
    """Return ``work(task)`` of each of ``count`` tasks, in order; ``progress(done, of)`` after each.

    With more than one job, ``work`` must be importable by name. No more than ``jobs`` tasks are made at a
    time, as each may be large.
    """
    results: list[Result] = []
    if jobs <= 1 or count <= 1:
        with one_thread():
            for task in tasks:
                results.append(work(task))
                progress(len(results), count)
        return results
    remaining = iter(tasks)
    with (
        _one_thread_children(),
        ProcessPoolExecutor(min(jobs, count), mp_context=multiprocessing.get_context("spawn")) as pool,
    ):
        running = [pool.submit(work, task) for task in islice(remaining, jobs)]
        while running:
            results.append(running.pop(0).result())
            progress(len(results), count)
            running += [pool.submit(work, task) for task in islice(remaining, 1)]
    return results


@contextmanager
def _one_thread_children() -> Iterator[None]:
    # libraries read these when they are loaded, so they must be set before a child starts
    before = {name: os.environ.get(name) for name in _THREAD_VARIABLES}
    os.environ.update(dict.fromkeys(_THREAD_VARIABLES, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
