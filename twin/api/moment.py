"""Times as they are asked for, and ``?at=``: a moment of the past."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, ClassVar

from fastapi import Query

from twin.contract.clock import NS_PER_MS, NS_PER_S, from_iso
from twin.contract.errors import ContractError, ParkTwinError
from twin.historian.base import QueryError
from twin.historian.schema import EARLIEST_NS

_UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_RELATIVE = re.compile(r"now(?:-(\d{1,6})([smhdw]))?")
_EPOCH_MS = re.compile(r"-?\d{1,15}(?:\.\d+)?")

Moment = Annotated[
    str | None,
    Query(description="as it was then: RFC 3339, ms since the epoch, or now-1h; left out, as it is now"),
]


class TimeError(ParkTwinError, ValueError):
    """A time that cannot be read."""

    code: ClassVar[str] = "history.time"


def parse_time(text: str, now: int) -> int:
    """Read a time as a person or a program writes it, in ns since the epoch.

    Args:
        text: RFC 3339 with an offset, milliseconds since the epoch, ``now``, or ``now-1h`` (s, m, h, d, w).
        now: ns since the epoch.

    Raises:
        TimeError: it is none of these.

    >>> parse_time("now-1h", 3_600_000_000_000), parse_time("1500", 0)
    (0, 1500000000)
    >>> parse_time("1790220000000.000001", 0)
    1790220000000000001
    >>> parse_time("1970-01-01T07:00:01+07:00", 0)
    1000000000
    """
    if match := _RELATIVE.fullmatch(text):
        return now - (int(match[1]) * _UNIT_S[match[2]] * NS_PER_S if match[1] else 0)
    if _EPOCH_MS.fullmatch(text):
        return int(Decimal(text) * NS_PER_MS)
    try:
        # A plus in a query string that was not escaped arrives as a space.
        return from_iso(text.replace(" ", "+"))
    except ContractError as error:
        raise TimeError(
            f"time {text!r}: write 2026-01-31T08:00:00+07:00, milliseconds since 1970, now, or now-1h "
            "(s, m, h, d, w)"
        ) from error


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
