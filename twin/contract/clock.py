"""Time as an argument: code that needs the time takes a :data:`Clock`, so that a test can hold it still."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from twin.contract.errors import ContractError

Clock = Callable[[], int]
"""Nanoseconds since the epoch, UTC."""

system_clock: Clock = time.time_ns

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000

FUTURE_TOLERANCE_NS = 10 * NS_PER_S
"""A source time further ahead of ours than this comes from a clock that is wrong, or was (a local time sent
as UTC is seven hours ahead in Vietnam), or from before this machine's own clock was set back.
"""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_iso(time_ns: int) -> str:
    """Write a time as RFC 3339 in UTC with nanoseconds.

    >>> to_iso(1_700_000_000_123_456_789)
    '2023-11-14T22:13:20.123456789Z'
    """
    seconds, rest = divmod(time_ns, NS_PER_S)
    return f"{_EPOCH + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"


def from_iso(text: str) -> int:
    """Read an RFC 3339 time with an offset into nanoseconds since the epoch.

    Raises:
        ContractError: the text is no time, or has no offset (a time without a zone is ambiguous).

    >>> from_iso("2023-11-15T05:13:20.5+07:00")
    1700000000500000000
    """
    main, fraction, zone = _split_fraction(text)
    try:
        moment = datetime.fromisoformat(main + zone)
    except ValueError as error:
        raise ContractError(
            f"time {text!r}: not an RFC 3339 time; write 2026-01-31T08:00:00+07:00"
        ) from error
    if moment.tzinfo is None:
        raise ContractError(f"time {text!r}: no offset from UTC; add Z or +07:00")
    whole = moment - _EPOCH
    return (whole.days * 86_400 + whole.seconds) * NS_PER_S + int(fraction.ljust(9, "0")[:9] or 0)


def _split_fraction(text: str) -> tuple[str, str, str]:
    """Part a time into seconds, digits after the point, and zone (``fromisoformat`` stops at
    microseconds)."""
    dot = text.find(".")
    if dot < 0:
        return text, "", ""
    end = dot + 1
    while end < len(text) and text[end].isdigit():
        end += 1
    return text[:dot], text[dot + 1 : end], text[end:]
