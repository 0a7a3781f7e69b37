"""Which quarters of an hour are alike for the loads of a park: time of day, kind of day, and who works."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from twin.contract.clock import NS_PER_S
from twin.contract.frame import I64
from twin.kpi.calendar import planned
from twin.kpi.spans import within
from twin.park.model import Park

QUARTER_NS = 900 * NS_PER_S


def like_quarters(park: Park, first: int, count: int) -> tuple[I64, I64, I64]:
    """Return for each quarter from number ``first`` on (quarters since the epoch) with what it is alike, with
    what roughly, and its place in the local day, ``int64[count]`` each.

    Quarters are alike at the same time of a day of the same kind (weekday, Saturday, Sunday) with the same
    calendars of the park at work; roughly, if the calendars alone are the same: a holiday is like a Sunday,
    if the same people rest. Without calendars, Saturdays and Sundays are roughly alike.
    """
    zone = ZoneInfo(park.timezone)
    start = (first + np.arange(count, dtype=np.int64)) * QUARTER_NS
    local = [datetime.fromtimestamp(one // NS_PER_S, UTC).astimezone(zone) for one in start.tolist()]
    clock = np.array([one.hour * 4 + one.minute // 15 for one in local], np.int64)
    kind = np.array([max(one.weekday() - 4, 0) for one in local], np.int64)
    at_work = np.zeros(count, np.int64)
    for number, calendar in enumerate(park.kpi.calendars):
        end = int(start[-1]) + QUARTER_NS
        spans = planned(calendar, int(start[0]), end, zone, works_in_breaks=False)
        at_work |= within(spans, start + QUARTER_NS // 2).astype(np.int64) << number
    weekend = (kind > 0).astype(np.int64) if not park.kpi.calendars else np.zeros(count, np.int64)
    return _numbered(clock, kind, at_work), _numbered(clock, weekend, at_work), clock


def _numbered(*columns: I64) -> I64:
    """One number for each different row."""
    _, number = np.unique(np.stack(columns, axis=1), axis=0, return_inverse=True)
    return number.reshape(-1).astype(np.int64)
