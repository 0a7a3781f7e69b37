from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.twin.state.parks import NOW, Row, S, make_frame
from twin.contract.clock import FUTURE_TOLERANCE_NS
from twin.contract.status import BAD_WAITING_FOR_INITIAL_DATA
from twin.state.last_values import NEVER, Applied, LastValues

MAPPING = np.array([0, 1, 2, -1], np.intp)
UNKNOWN = 3


def apply(values: LastValues, rows: list[Row], *, version: int = 1, sequence: int = 1) -> Applied:
    frame = make_frame(rows, sequence=sequence)
    return values.apply(frame, MAPPING, received=NOW, version=version, simulated=True)


def test_a_tag_without_a_reading_waits_for_data() -> None:
    values = LastValues(3)
    assert values.source_time.tolist() == [NEVER] * 3
    assert values.status.tolist() == [BAD_WAITING_FOR_INITIAL_DATA] * 3
    assert not values.valued().any()


def test_a_late_reading_changes_nothing() -> None:
    values = LastValues(3)
    apply(values, [(1, NOW, 5.0)])
    assert apply(values, [(1, NOW - 1, 4.0)], version=2) == Applied(applied=0, late=1, unknown=0)
    assert values.value[1] == 5.0
    assert values.changed.tolist() == [0, 1, 0]


def test_of_a_tag_named_twice_the_newest_stays_whatever_the_order() -> None:
    values = LastValues(3)
    applied = apply(values, [(0, NOW + 2, 2.0), (2, NOW, 7.0), (0, NOW + 3, 3.0), (0, NOW + 1, 1.0)])
    assert applied == Applied(applied=4, late=0, unknown=0)
    assert values.value.tolist()[::2] == [3.0, 7.0]
    assert values.source_time[0] == NOW + 3


def test_text_of_rows_out_of_order_follows_the_newest_too() -> None:
    values = LastValues(3)
    apply(values, [(0, NOW + 2, 0.0, 0, "Execute"), (0, NOW + 1, 0.0, 0, "Held"), (1, NOW, 1.0)])
    assert values.text == {0: "Execute"}
    assert values.has_text.tolist() == [True, False, False]


@pytest.mark.parametrize("text_column", [True, False])
def test_a_number_takes_a_text_away(text_column: bool) -> None:
    values = LastValues(3)
    apply(values, [(0, NOW, 0.0, 0, "Execute")])
    rows: list[Row] = [(0, NOW + 1, 3.0)]
    apply(values, [*rows, (1, NOW, 0.0, 0, "Held")] if text_column else rows)
    assert 0 not in values.text
    assert not values.has_text[0]


def test_an_unknown_tag_is_counted_and_harms_no_other() -> None:
    values = LastValues(3)
    assert apply(values, [(UNKNOWN, NOW, 9.0), (2, NOW, 7.0)]) == Applied(applied=1, late=0, unknown=1)
    assert values.value[2] == 7.0


def test_a_value_corrected_without_moving_its_time_is_taken_once() -> None:
    values = LastValues(3)
    apply(values, [(0, NOW, 1.0)])
    assert apply(values, [(0, NOW, 2.0, 0x80310000)], sequence=2).applied == 1
    assert apply(values, [(0, NOW, 1.0)], sequence=1).applied == 0
    assert (values.value[0], values.status[0]) == (2.0, 0x80310000)


@pytest.mark.parametrize("ahead_s", [30, 30 * 60, 7 * 3600])
def test_a_clock_that_ran_ahead_does_not_freeze_its_tag(ahead_s: int) -> None:
    values = LastValues(3)
    assert ahead_s * S > FUTURE_TOLERANCE_NS
    apply(values, [(0, NOW + ahead_s * S, 1.0)])
    assert apply(values, [(0, NOW, 2.0)], sequence=2).applied == 1
    assert values.value[0] == 2.0


def test_a_backlog_of_a_clock_that_ran_ahead_does_not_take_its_tag_back() -> None:
    values = LastValues(3)
    apply(values, [(0, NOW, 9.0)], sequence=9)
    for sequence in range(5, 9):
        assert apply(values, [(0, NOW + 7 * 3600 * S, 1.0)], sequence=sequence).late == 1
    assert values.value[0] == 9.0


@given(
    frames=st.lists(st.lists(st.tuples(st.integers(0, 2), st.integers(-3, 3)), min_size=1), max_size=6),
    order=st.randoms(use_true_random=False),
)
def test_what_ends_up_here_does_not_depend_on_the_order_in_which_frames_come(
    frames: list[list[tuple[int, int]]], order: random.Random
) -> None:
    rows: list[list[Row]] = [
        [(index, NOW + time * S, float(10 * n + row)) for row, (index, time) in enumerate(sorted(frame))]
        for n, frame in enumerate(frames)
    ]
    in_turn, overtaken = LastValues(3), LastValues(3)
    coming = [*range(len(rows)), *range(len(rows))]  # each twice
    for n in range(len(rows)):
        apply(in_turn, rows[n], sequence=n + 1)
    order.shuffle(coming)
    for n in coming:
        before = overtaken.source_time.copy()
        apply(overtaken, rows[n], sequence=n + 1)
        assert (overtaken.source_time >= before).all()
    for column in ("value", "source_time", "sequence"):
        np.testing.assert_array_equal(getattr(in_turn, column), getattr(overtaken, column))


def test_the_status_is_kept_whole() -> None:
    values = LastValues(3)
    apply(values, [(0, NOW, 1.0, 0x80AB0480)])
    assert values.status[0] == 0x80AB0480


def test_an_empty_frame_is_no_trouble() -> None:
    assert apply(LastValues(3), []) == Applied(0, 0, 0)
