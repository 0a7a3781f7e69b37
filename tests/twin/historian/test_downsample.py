"""Buckets stand on round times, cover the interval and are as narrow as the points allow."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.twin.historian.frames import SECOND, START
from twin.contract.clock import from_iso
from twin.historian.base import MAX_POINTS
from twin.historian.downsample import WIDTHS_NS, choose_buckets
from twin.historian.schema import LATEST_NS


@given(
    start=st.integers(0, LATEST_NS - 1),
    span=st.integers(1, LATEST_NS),
    points=st.integers(1, MAX_POINTS),
    offset=st.integers(-14 * 3600, 14 * 3600).map(lambda seconds: seconds * SECOND),
)
def test_buckets_cover_the_interval_with_no_more_than_the_points(
    start: int, span: int, points: int, offset: int
) -> None:
    end = min(start + span, LATEST_NS)
    buckets = choose_buckets(start, end, points, offset)
    last = buckets.first_ns + (buckets.n - 1) * buckets.width_ns
    assert 1 <= buckets.n <= points
    assert buckets.first_ns <= start < buckets.first_ns + buckets.width_ns
    assert last < end <= last + buckets.width_ns
    if buckets.width_ns in WIDTHS_NS and points > 1:
        assert (buckets.first_ns + offset) % buckets.width_ns == 0
        narrower = [width for width in WIDTHS_NS if width < buckets.width_ns]
        if narrower:  # the next narrower width would need more points than allowed
            width = narrower[-1]
            first = (start + offset) // width * width - offset
            assert -(-(end - first) // width) > points


@pytest.mark.parametrize(
    ("span_s", "points", "width_s"),
    [(86_400, 1440, 60), (3600, 600, 10), (3600, 3600, 1), (7 * 86_400, 1000, 900), (60, 1000, 0.1)],
)
def test_widths_are_those_of_a_clock(span_s: int, points: int, width_s: float) -> None:
    day = START // (86_400 * SECOND) * 86_400 * SECOND
    assert choose_buckets(day, day + span_s * SECOND, points).width_ns == round(width_s * SECOND)


def test_a_day_begins_at_midnight_where_the_park_is() -> None:
    hanoi = 7 * 3600 * SECOND
    midnight = from_iso("2026-09-21T00:00:00+07:00")
    buckets = choose_buckets(midnight, midnight + 30 * 86_400 * SECOND, 30, hanoi)
    assert (buckets.first_ns, buckets.width_ns, buckets.n) == (midnight, 86_400 * SECOND, 30)


def test_widths_grow() -> None:
    assert all(narrow < wide for narrow, wide in pairwise(WIDTHS_NS))
