"""Blocking work that the end of the process does not wait for, and that end."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import NoReturn, TypeVar

T = TypeVar("T")


async def in_daemon_thread(work: Callable[[], T], *, name: str = "daemon") -> T:
    """Do what ``asyncio.to_thread`` does, in a thread that is left behind when the loop ends.

    For calls that nothing can cut short, such as one to a broker that is away: the loop's own threads are
    waited for before the process may end.

    Args:
        work: blocks; what it returns or raises comes back, unless nobody waits any more.
        name: of the thread.

    >>> asyncio.run(in_daemon_thread(lambda: 6 * 7))
    42
    """
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if outcome.done():
            return
        if error is None:
            outcome.set_result(result)  # type: ignore[arg-type]  # None only if that is T
        else:
            outcome.set_exception(error)

    def run() -> None:
        result: T | None = None
        fault: BaseException | None = None
        try:
            result = work()
        except BaseException as error:  # it is the caller's, whatever it is
            fault = error
        with suppress(RuntimeError):  # the loop has ended: nobody waits
            loop.call_soon_threadsafe(settle, result, fault)

    Thread(target=run, name=name, daemon=True).start()
    return await outcome


def end_with(main: Callable[[], int]) -> NoReturn:
    """Run a process's ``main`` and end with the exit status it returns or exits with, 1 after an error.

    The interpreter is not wound up: a daemon thread that is still inside the history's engine would fall with
    it, and a process that has closed everything would end by a segmentation fault.
    """
    try:
        status: object = main()
    except SystemExit as leaving:
        status = leaving.code
        if isinstance(status, str):
            sys.stderr.write(f"{status}\n")
    except BaseException:  # what the interpreter itself would print
        traceback.print_exc()
        status = 1
    logging.shutdown()
    with suppress(OSError, ValueError):  # whoever reads may be gone
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status if isinstance(status, int) else int(status is not None))
