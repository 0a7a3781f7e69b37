"""Awaiting pymodbus from a task that may be told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

_T = TypeVar("_T")


async def heed_stop(call: Awaitable[_T]) -> _T:
    """Await ``call``; a cancellation that came meanwhile is raised, whatever became of the call.

    pymodbus waits with ``asyncio.wait_for``, which before Python 3.12 returns an answer that comes in the
    same turn of the loop as a cancellation and forgets the cancellation (gh-96764): whoever polls would go
    on for ever.
    """
    try:
        return await call
    finally:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise asyncio.CancelledError
