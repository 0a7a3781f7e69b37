"""``GET /api/history``: one tag over an interval, in buckets, with the gaps marked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from twin.api.history_cost import HistoryCost
from twin.api.json_response import FastJson, milliseconds, numbers
from twin.api.moment import parse_time
from twin.api.state_router import UnknownParkTagError
from twin.contract.clock import NS_PER_MS, NS_PER_S, Clock
from twin.historian.base import (
    MAX_POINTS,
    HistoryStore,
    Points,
    QueryError,
    Trend,
    UnknownTagError,
    empty_points,
)
from twin.historian.downsample import check_interval
from twin.historian.schema import EARLIEST_NS
from twin.identity.guard import needs
from twin.state.tag_table import TagTable

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Buckets(BaseModel):
    """Columns of one length; a bucket without readings has count 0 and nulls."""

    start_ms: list[float] = Field(description="where the bucket begins, ms since the epoch")
    min: list[float | None]
    max: list[float | None]
    mean: list[float | None]
    count: list[int] = Field(description="readings that are not bad")
    bad: list[int] = Field(description="bad readings")


class GapRow(BaseModel):
    """A time for which there are no readings to be had."""

    start_ms: float
    end_ms: float
    reason: str


class Raw(BaseModel):
    """The readings themselves."""

    time_ms: list[float]
    value: list[float | None]
    status: list[int]
    text: list[str | None] | None


class Before(BaseModel):
    """The last reading before the interval: a source that reports changes may have said nothing since."""

    time_ms: float = Field(description="source time, ms since the epoch")
    value: float | None
    status: int = Field(description="OPC UA status code, whole")


class HistoryAnswer(BaseModel):
    """One tag over an interval."""

    tag: str
    unit: str
    simulated: bool
    from_ms: float = Field(alias="from")
    to_ms: float = Field(alias="to")
    width_ms: float = Field(description="width of a bucket")
    before: Before | None = Field(
        description="the last reading before 'from', whose value holds until the first one in the interval, "
        "where no gap lies between; null if there is none"
    )
    buckets: Buckets
    gaps: list[GapRow]
    raw: Raw | None = Field(description="the readings, if they are no more than the points asked for")


def history_router(
    table: TagTable,
    history: Callable[[], HistoryStore],
    questions: Executor,
    clock: Clock,
    zone: tzinfo = UTC,
    cost: HistoryCost | None = None,
    *,
    only_these: bool = False,
) -> APIRouter:
    """Make the router; ``zone`` is the park's, by whose clock buckets are cut; ``cost`` charges who asks.
    With ``only_these`` a tag that is in the history and not in the table is not there: it may be another
    tenant's."""
    router = APIRouter(tags=["history"], dependencies=[needs("state.read")])

    @router.get(
        "/api/history",
        response_model=HistoryAnswer,
        responses={
            400: {"description": "a time that cannot be read, or an interval that makes no sense"},
            404: {"description": "no such tag"},
            413: {"description": "more readings than can ever be asked for; the text says what is less"},
            429: {"description": "more readings than can be asked for now"},
            503: {"description": "the history is away, or the question took too long"},
        },
    )
    async def get_history(
        tag: Annotated[str, Query(description="<equipment id>:<signal>")],
        start: Annotated[
            str, Query(alias="from", description="RFC 3339, ms since the epoch, or now-1h")
        ] = "now-1h",
        end: Annotated[str, Query(alias="to", description="RFC 3339, ms since the epoch, or now")] = "now",
        points: Annotated[int, Query(ge=1, le=MAX_POINTS, description="at most so many buckets")] = 600,
    ) -> Response:
        """Return min, max and mean of one tag in buckets, with the gaps, and the readings where they are
        few."""
        now = clock()
        start_ns, end_ns = parse_time(start, now), parse_time(end, now)
        if start_ns >= end_ns:
            raise QueryError(f"from={start} to={end}: the interval is empty; 'from' must lie before 'to'")
        check_interval(start_ns, end_ns)
        loop = asyncio.get_running_loop()
        number = table.number.get(tag)
        if only_these and number is None:
            raise UnknownParkTagError(f"tag {tag!r}: not in the park; see /api/park")
        store = history()
        if cost is not None:
            kept = max(start_ns, store.window(now)[0])
            cost.charge([tag], kept, max(min(end_ns, now), kept), points)
        try:
            trend, before = await loop.run_in_executor(
                questions, _trend_and_before, store, tag, start_ns, end_ns, points, utc_offset(zone, start_ns)
            )
        except UnknownTagError as error:
            if number is None:
                raise UnknownParkTagError(f"tag {tag!r}: neither in the park nor in the history") from error
            trend, before = _nothing_yet(tag, table.unit[number], start_ns, end_ns), empty_points()
        return FastJson(history_answer(trend, before))

    return router


def utc_offset(zone: tzinfo, time_ns: int) -> int:
    """Return how far the zone's clock is ahead of UTC at a time [ns].

    >>> from zoneinfo import ZoneInfo
    >>> utc_offset(ZoneInfo("Asia/Ho_Chi_Minh"), 1_700_000_000_000_000_000) // NS_PER_S
    25200
    """
    offset = (_EPOCH + timedelta(seconds=time_ns // NS_PER_S)).astimezone(zone).utcoffset()
    return round(offset.total_seconds()) * NS_PER_S if offset else 0


def _trend_and_before(
    store: HistoryStore, tag: str, start_ns: int, end_ns: int, points: int, offset_ns: int
) -> tuple[Trend, Points]:
    trend = store.trend(tag, start_ns, end_ns, points, offset_ns)
    # nothing can lie before the earliest time, and the store refuses the question
    return trend, store.last_before(tag, start_ns) if start_ns > EARLIEST_NS else empty_points()


def history_answer(trend: Trend, before: Points) -> dict[str, Any]:
    """Write a trend, and the last reading before it (0 or 1 rows), as the plain data of the answer."""
    return {
        "tag": trend.tag,
        "unit": trend.unit,
        "simulated": trend.simulated,
        "from": trend.start_ns / NS_PER_MS,
        "to": trend.end_ns / NS_PER_MS,
        "width_ms": trend.width_ns / NS_PER_MS,
        "before": _before(before),
        "buckets": {
            "start_ms": milliseconds(trend.bucket_start),
            "min": numbers(trend.min),
            "max": numbers(trend.max),
            "mean": numbers(trend.mean),
            "count": trend.count.tolist(),
            "bad": trend.bad.tolist(),
        },
        "gaps": [
            {"start_ms": gap.start / NS_PER_MS, "end_ms": gap.end / NS_PER_MS, "reason": gap.reason.value}
            for gap in trend.gaps
        ],
        "raw": None if trend.raw is None else _raw(trend.raw),
    }


def _before(points: Points) -> dict[str, Any] | None:
    if not len(points):
        return None
    (time_ms,), (value,) = milliseconds(points.time), numbers(points.value)
    return {"time_ms": time_ms, "value": value, "status": int(points.status[0])}


def _raw(points: Points) -> dict[str, Any]:
    return {
        "time_ms": milliseconds(points.time),
        "value": numbers(points.value),
        "status": points.status.tolist(),
        "text": None if points.text is None else list(points.text),
    }


def _nothing_yet(tag: str, unit: str, start_ns: int, end_ns: int) -> Trend:
    """Answer for a tag that the park has and no source has ever told."""
    none = np.zeros(0)
    nothing = np.zeros(0, np.int64)
    return Trend(
        tag=tag, unit=unit, simulated=False, start_ns=start_ns, end_ns=end_ns, width_ns=end_ns - start_ns,
        bucket_start=nothing, min=none, max=none, mean=none, count=nothing, bad=nothing, gaps=(),
        raw=empty_points(),
    )  # fmt: skip
