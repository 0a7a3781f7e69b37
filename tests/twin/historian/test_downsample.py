"""Buckets stand on round times, cover the interval and are as narrow as the points allow."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.twin.historian.frames import SECOND, START
from twin.historian.base import MAX_POINTS
from twin.historian.downsample import WIDTHS_NS, choose_buckets
from twin.historian.schema import LATEST_NS


@given(
    start=st.integers(0, LATEST_NS - 1),
    span=st.integers(1, LATEST_NS),
    points=st.integers(1, MAX_POINTS),
)
def test_buckets_cover_the_interval_with_no_more_than_the_points(start: int, span: int, points: int) -> None:
    end = min(start + span, LATEST_NS)
    buckets = choose_buckets(start, end, points)
    last = buckets.first_ns + (buckets.n - 1) * buckets.width_ns
    assert 1 <= buckets.n <= points
    assert buckets.first_ns <= start < buckets.first_ns + buckets.width_ns
    assert last < end <= last + buckets.width_ns
    if buckets.width_ns in WIDTHS_NS and points > 1:
        assert buckets.first_ns % buckets.width_ns == 0
        narrower = [width for width in WIDTHS_NS if width < buckets.width_ns]
        if narrower:  # the next narrower width would need more points than allowed
            width = narrower[-1]
            assert -(-(end - start // width * width) // width) > points


@pytest.mark.parametrize(
    ("span_s", "points", "width_s"),
    [(86_400, 1440, 60), (3600, 600, 10), (3600, 3600, 1), (7 * 86_400, 1000, 900), (60, 1000, 0.1)],
)
def test_widths_are_those_of_a_clock(span_s: int, points: int, width_s: float) -> None:
    day = START // (86_400 * SECOND) * 86_400 * SECOND
    assert choose_buckets(day, day + span_s * SECOND, points).width_ns == round(width_s * SECOND)


def test_widths_grow() -> None:
    assert all(narrow < wide for narrow, wide in pairwise(WIDTHS_NS))
