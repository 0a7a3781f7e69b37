"""Blocking work that the end of the process does not wait for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import TypeVar

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
