"""Who is asking: the user of the session whose request is being answered."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """A session's user.

    Args:
        name: None if anonymous.
        locales: what the client prefers, as it said when it came ("vi-VN", "en").
    """

    name: str | None
    locales: tuple[str, ...] = ()


CALLER: ContextVar[Caller | None] = ContextVar("caller", default=None)
"""None while the server does something by itself."""


def may_operate(anonymous_may: bool) -> bool:
    """Whether the caller may do something to equipment.

    >>> may_operate(anonymous_may=False)  # the server itself
    True
    """
    caller = CALLER.get()
    return caller is None or anonymous_may or caller.name is not None
