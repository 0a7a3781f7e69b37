"""Blocking questions on threads of their own, asked by whoever asks for the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from contextvars import copy_context
from typing import TypeVar

T = TypeVar("T")


async def asked(questions: Executor, work: Callable[[], T]) -> T:
    """Run blocking work on another thread, where it is still known who asks and whom to charge."""
    return await asyncio.get_running_loop().run_in_executor(questions, copy_context().run, work)
