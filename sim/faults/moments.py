"""Durations and moments as people write them."""

from __future__ import annotations

import math
import re

from sim.faults.errors import FaultRefusedError
from twin.contract.clock import NS_PER_S, from_iso
from twin.contract.errors import ContractError

_UNIT_S = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?[smhd])+")
_PART = re.compile(r"(\d+(?:\.\d+)?)([smhd])")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")
LONGEST_S = 366 * 86_400.0
_DAY_NS = 86_400 * NS_PER_S


def parse_duration_s(written: str | float) -> float:
    """Read a duration [s].

    Args:
        written: seconds, or text as ``90s``, ``5m``, ``1h30m``, ``2d``.

    Raises:
        FaultRefusedError: it is none, negative, or longer than a year.

    >>> parse_duration_s("1h30m"), parse_duration_s(20)
    (5400.0, 20.0)
    """
    if isinstance(written, str):
        text = written.strip()
        if _DURATION.fullmatch(text):
            seconds = sum(float(number) * _UNIT_S[unit] for number, unit in _PART.findall(text))
        else:
            try:
                seconds = float(text)
            except ValueError:
                seconds = math.nan
    else:
        seconds = float(written)
    if not 0 <= seconds <= LONGEST_S:
        raise FaultRefusedError(
            f"duration {written!r}: must be from 0 to a year; write seconds, or 90s, 5m, 1h30m, 2d"
        )
    return seconds


def parse_moment_ns(written: str, now_ns: int, utc_offset_h: float) -> int:
    """Read a moment of simulated time, ns since the epoch.

    Args:
        written: ``+10m`` from now, ``08:30`` for the next time the park's clocks show it, or RFC 3339.
        now_ns: simulated time.
        utc_offset_h: by how much local time is ahead of UTC [h].

    Raises:
        FaultRefusedError: it is no moment, or it is past.

    >>> parse_moment_ns("+10m", 0, 7.0) // NS_PER_S
    600
    >>> parse_moment_ns("08:30", 0, 7.0) // NS_PER_S  # the epoch was at seven in the morning there
    5400
    """
    text = written.strip()
    if text.startswith("+"):
        return now_ns + round(parse_duration_s(text[1:]) * NS_PER_S)
    if match := _CLOCK.fullmatch(text):
        hour, minute, second = (int(part or 0) for part in match.groups())
        wanted_ns = (hour * 3600 + minute * 60 + second) * NS_PER_S
        here_ns = (now_ns + round(utc_offset_h * 3600) * NS_PER_S) % _DAY_NS
        return now_ns + (wanted_ns - here_ns) % _DAY_NS
    try:
        moment_ns = from_iso(text)
    except ContractError as error:
        raise FaultRefusedError(
            f"moment {written!r}: write +10m, 08:30, or 2026-01-31T08:00:00+07:00"
        ) from error
    if moment_ns < now_ns:
        raise FaultRefusedError(f"moment {written!r}: is past in simulated time; write +10m or a later one")
    return moment_ns
