"""Tag numbers and retention."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.historian.base import HistoryUrlError
from twin.historian.schema import check_retention, retention_change, table_statements, tag_number


@given(st.text(max_size=100))
def test_a_tag_number_fits_64_bits_and_depends_on_nothing_else(tag: str) -> None:
    assert 0 <= tag_number(tag) < 2**64
    assert tag_number(tag) == tag_number(tag)


def test_signals_of_one_equipment_lie_side_by_side() -> None:
    numbers = {tag_number(f"park/a/m{m}:signal_{s}"): m for m in range(20) for s in range(50)}
    assert len(numbers) == 1000
    machines = [numbers[number] for number in sorted(numbers)]
    assert sum(a != b for a, b in pairwise(machines)) == 19


@pytest.mark.parametrize("days", [-1, 9_001])
def test_a_retention_beyond_the_engine_is_refused(days: int) -> None:
    with pytest.raises(HistoryUrlError, match=f"retention of {days} days"):
        check_retention(days)


@pytest.mark.parametrize("days", [0, 1, 730, 9_000])
def test_a_table_as_it_is_made_needs_no_change(days: int) -> None:
    created = " ".join(table_statements(days)[0].split())
    assert retention_change(created, days) is None
    assert retention_change(created, 31) == (
        "ALTER TABLE readings MODIFY TTL toDateTime(intDiv(ts, 1000000000)) + toIntervalDay(31)"
    )
