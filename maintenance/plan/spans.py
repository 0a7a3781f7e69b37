"""Spans of time in hours since the moment of planning, from shifts and holidays on a site's clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from holidays import country_holidays

from maintenance.histories import F64
from maintenance.plan.site_file import DAYS, DaysOff, Period, Shift
from twin.contract.clock import NS_PER_S

NS_PER_H = 3600 * NS_PER_S
Span = tuple[float, float]


@dataclass(frozen=True)
class SiteClock:
    """Turns dates and times of a site into hours since now.

    Args:
        now_ns: the moment of planning.
        zone: of the site.
    """

    now_ns: int
    zone: ZoneInfo

    def hours(self, moment: datetime) -> float:
        """Hours from now to a moment on the site's clock."""
        return (moment.replace(tzinfo=self.zone).timestamp() * NS_PER_S - self.now_ns) / NS_PER_H

    def ns(self, hours: float) -> int:
        """Nanoseconds since the epoch, to the minute."""
        return round((self.now_ns + hours * NS_PER_H) / (60 * NS_PER_S)) * 60 * NS_PER_S

    def local(self, ns: int) -> datetime:
        """Time on the site's clock."""
        return datetime.fromtimestamp(ns / NS_PER_S, UTC).astimezone(self.zone)

    @property
    def today(self) -> date:
        """Date on the site's clock."""
        return self.local(self.now_ns).date()


def merged(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, those that touch made one.

    >>> merged([(5.0, 6.0), (0.0, 2.0), (1.0, 3.0)])
    [(0.0, 3.0), (5.0, 6.0)]
    """
    result: list[Span] = []
    for begin, end in sorted(spans):
        if result and begin <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((begin, end))
    return result


def without(spans: Sequence[Span], gone: Sequence[Span]) -> list[Span]:
    """What is left of spans, in order, when others are taken out.

    >>> without([(0.0, 8.0)], [(2.0, 3.0)])
    [(0.0, 2.0), (3.0, 8.0)]
    """
    result = list(spans)
    for begin, end in gone:
        cut: list[Span] = []
        for first, last in result:
            cut += [
                part for part in ((first, min(last, begin)), (max(first, end), last)) if part[0] < part[1]
            ]
        result = cut
    return sorted(set(result))


def overlap_h(spans: Sequence[Span], begin: float, end: float) -> float:
    """Hours of [begin, end] that lie within spans.

    >>> overlap_h([(0.0, 2.0), (4.0, 6.0)], 1.0, 5.0)
    2.0
    """
    return sum(max(0.0, min(last, end) - max(first, begin)) for first, last in spans)


def elapsed(spans: Sequence[Span], at: F64) -> F64:
    """[n] hours within spans that have passed since now, at rising times [n]."""
    knots = np.array([0.0, *(edge for span in merged(spans) for edge in span)])
    knots = np.maximum(knots, 0.0)
    inside = np.concatenate([[0.0], np.cumsum(np.diff(knots) * (np.arange(len(knots) - 1) % 2 == 1))])
    result: F64 = np.interp(at, knots, inside)
    return result


def shift_spans(
    shifts: Sequence[Shift], clock: SiteClock, horizon_h: float, off: frozenset[date]
) -> list[Span]:
    """Spans of shifts from yesterday to the horizon; none starts on a day that is ``off``."""
    result = []
    for number in range(-1, int(horizon_h // 24) + 2):
        day = clock.today + timedelta(days=number)
        if day in off:
            continue
        for shift in shifts:
            if DAYS[day.weekday()] not in shift.days:
                continue
            begin = datetime.combine(day, datetime.strptime(shift.start, "%H:%M").time())  # noqa: DTZ007
            end = datetime.combine(day, datetime.strptime(shift.end, "%H:%M").time())  # noqa: DTZ007
            if end <= begin:
                end += timedelta(days=1)
            result.append((clock.hours(begin), clock.hours(end)))
    return sorted(result)


def days_off(country: str, entries: Sequence[DaysOff], clock: SiteClock, horizon_h: float) -> frozenset[date]:
    """Public holidays of a country ("" = none) and days off, until the horizon."""
    years = {clock.today.year, (clock.today + timedelta(hours=horizon_h)).year}
    found = set(country_holidays(country, years=years)) if country else set()
    for one in entries:
        found |= {one.first + timedelta(days=number) for number in range((one.last - one.first).days + 1)}
    return frozenset(found)


def day_spans(entries: Sequence[DaysOff], clock: SiteClock) -> list[Span]:
    """Whole days as spans."""
    midnight = datetime.min.time()
    return [
        (
            clock.hours(datetime.combine(one.first, midnight)),
            clock.hours(datetime.combine(one.last + timedelta(days=1), midnight)),
        )
        for one in entries
    ]


def period_spans(entries: Sequence[Period], clock: SiteClock) -> list[Span]:
    """Periods as spans, in order."""
    return merged((clock.hours(one.begin), clock.hours(one.end)) for one in entries)
