from __future__ import annotations

from tests.twin.state.parks import NOW, S, connected, identity, lost, make_frame, make_park, make_state
from twin.state.twin_state import TwinState

TEMPERATURE, SPEED = 0, 2  # the speed is stale after ten seconds


def with_values(time: int = NOW, received: int = NOW) -> TwinState:
    state = make_state(make_park(1))
    state.apply(make_frame([(TEMPERATURE, time, 220.0), (SPEED, time, 1.0)]), identity(state), received)
    return state


def stale(state: TwinState, now: int) -> list[bool]:
    state.sweep(now)
    flags: list[bool] = state.pick([TEMPERATURE, SPEED]).stale.tolist()
    return flags


def test_a_source_never_heard_vouches_for_nothing() -> None:
    assert stale(with_values(), NOW) == [True, True]


def test_a_source_that_is_well_vouches_for_its_values() -> None:
    state = with_values()
    state.note_source(connected(), NOW)
    assert stale(state, NOW + 3 * S) == [False, False]


def test_three_missed_heartbeats_make_its_tags_stale_and_one_makes_them_good_again() -> None:
    state = with_values()
    state.note_source(connected(), NOW)
    assert stale(state, NOW + 3 * S + 1) == [True, True]
    state.note_source(connected(), NOW + 4 * S)
    assert stale(state, NOW + 4 * S) == [False, False]


def test_a_word_heard_before_our_clock_was_set_back_vouches_for_nothing() -> None:
    state = with_values()
    state.note_source(connected(), NOW + 3600 * S)
    assert stale(state, NOW) == [True, True]
    state.note_source(connected(), NOW)
    assert stale(state, NOW) == [False, False]


def test_a_source_that_says_it_is_lost_is_believed_at_once() -> None:
    state = with_values()
    state.note_source(lost(connected()), NOW)
    assert stale(state, NOW) == [True, True]


def test_age_counts_only_where_the_kind_says_so() -> None:
    state = with_values()
    state.note_source(connected(), NOW + 10 * S + 1)
    assert stale(state, NOW + 10 * S + 1) == [False, True]


def test_a_backlog_does_not_make_old_values_new() -> None:
    state = with_values(time=NOW - 60 * S, received=NOW)
    state.note_source(connected(), NOW)
    assert stale(state, NOW) == [False, True]


def test_a_clock_that_runs_ahead_does_not_keep_a_value_young() -> None:
    state = with_values(time=NOW + 7 * 3600 * S, received=NOW)
    state.note_source(connected(), NOW + 11 * S)
    assert stale(state, NOW + 11 * S) == [False, True]


def test_a_signal_that_its_source_failed_to_read_is_stale_until_it_is_read() -> None:
    state = with_values()
    state.note_source(connected(failed=["park/site/oven0:temperature", "no/such:tag"]), NOW)
    assert stale(state, NOW) == [True, False]
    state.note_source(connected(), NOW)
    assert stale(state, NOW) == [False, False]


def test_a_tag_without_data_is_not_stale() -> None:
    state = make_state()
    assert state.sweep(NOW) == 0


def test_a_source_the_park_does_not_have_is_not_noted() -> None:
    assert not make_state().note_source(connected("stranger"), NOW)
