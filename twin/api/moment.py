"""``?at=``: a moment of the past, as it is asked for."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from twin.api.history_router import parse_time
from twin.historian.base import QueryError
from twin.historian.schema import EARLIEST_NS

Moment = Annotated[
    str | None,
    Query(description="as it was then: RFC 3339, ms since the epoch, or now-1h; left out, as it is now"),
]


def moment(text: str, now: int) -> int:
    """Read a moment of the past [ns].

    Raises:
        TimeError: it cannot be read.
        QueryError: it has not come yet, or lies before every clock.
    """
    at = parse_time(text, now)
    if not EARLIEST_NS < at <= now:
        raise QueryError(f"at={text}: must be a moment between 1970 and now")
    return at
