from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.twin.state.parks import (
    NOW,
    S,
    connected,
    identity,
    make_frame,
    make_park,
    make_state,
)
from twin.contract.errors import FrameError
from twin.state.condition import Condition
from twin.state.last_values import NEVER
from twin.state.tag_map import TagMapping
from twin.state.twin_state import TwinState

Reading = tuple[int, int, float, int, str | None]

TAGS = 6
UNKNOWN = 6
MAPPING = TagMapping(np.array([*range(TAGS), -1], np.intp), simulated=True)
ROWS: st.SearchStrategy[Reading] = st.tuples(
    st.integers(0, UNKNOWN),
    st.integers(0, 12).map(lambda n: NOW + n * S),
    st.floats(),
    st.sampled_from([0, 0x40900000, 0x80310000]),
    st.none() | st.sampled_from(["Execute", "Held", ""]),
)


@dataclass
class Model:
    """The same in the plainest words: the newest reading by tag."""

    rows: dict[int, Reading] = field(default_factory=dict)
    sequences: dict[int, int] = field(default_factory=dict)
    late: int = 0

    def apply(self, rows: Sequence[Reading], sequence: int) -> None:
        before, sequences = dict(self.rows), dict(self.sequences)
        for row in rows:
            index, time = row[:2]
            old, here = before.get(index), self.rows.get(index)
            if index == UNKNOWN:
                continue
            if old is not None and (time, sequence) <= (old[1], sequences[index]):
                self.late += 1
            elif here is old or here is None or time >= here[1]:
                self.rows[index], self.sequences[index] = row, sequence


def told(state: TwinState) -> dict[int, tuple[str, ...]]:
    values = state.values
    return {
        tag: comparable(
            (
                tag,
                int(values.source_time[tag]),
                float(values.value[tag]),
                int(values.status[tag]),
                values.text.get(tag),
            )
        )
        for tag in np.flatnonzero(values.source_time != NEVER).tolist()
    }


def comparable(row: Reading) -> tuple[str, ...]:
    return tuple("nan" if isinstance(part, float) and math.isnan(part) else repr(part) for part in row)


@given(frames=st.lists(st.lists(ROWS, max_size=12), max_size=8), data=st.data())
def test_state_equals_a_plain_model_under_late_repeated_and_unordered_readings(
    frames: list[list[Reading]], data: st.DataObject
) -> None:
    state, model = make_state(make_park(2)), Model()
    order = [*range(len(frames))]
    repeats = data.draw(st.lists(st.sampled_from(order), max_size=4)) if order else []
    late = 0
    for number in [*order, *repeats]:
        applied = state.apply(make_frame(frames[number], sequence=number + 1), MAPPING, NOW + 12 * S)
        model.apply(frames[number], number + 1)
        late += applied.late
        assert applied.applied + applied.late + applied.unknown == len(frames[number])
    assert told(state) == {tag: comparable(row) for tag, row in model.rows.items()}
    assert late == model.late
    assert set(state.values.text) == set(np.flatnonzero(state.values.has_text).tolist())


@given(frames=st.lists(st.lists(ROWS, max_size=12), min_size=1, max_size=6), cut=st.integers(0, 5))
def test_replaying_the_end_of_the_log_ends_where_it_ended(frames: list[list[Reading]], cut: int) -> None:
    state = make_state(make_park(2))
    for number, rows in enumerate(frames):
        state.apply(make_frame(rows, sequence=number + 1), MAPPING, NOW + 12 * S)
    before = told(state)
    for number in range(min(cut, len(frames)), len(frames)):
        state.apply(make_frame(frames[number], sequence=number + 1), MAPPING, NOW + 12 * S)
    assert told(state) == before


def test_a_new_outbox_counts_from_one_and_frees_a_tag_whose_clock_ran_ahead() -> None:
    state = make_state()
    ahead = make_frame([(0, NOW + 7 * 3600 * S, 1.0), (1, NOW, 1.0)], sequence=900)
    state.apply(ahead, identity(state), NOW)
    assert state.apply(make_frame([(0, NOW + S, 2.0)], sequence=2), identity(state), NOW).late == 1
    state.apply(make_frame([(0, NOW + S, 3.0), (1, NOW, 3.0)]), identity(state), NOW)
    assert state.values.value[:2].tolist() == [3.0, 1.0]


def test_an_index_beyond_the_tag_set_is_refused_whole() -> None:
    state = make_state()
    with pytest.raises(FrameError, match="index 6 is beyond the end of its tag set"):
        state.apply(make_frame([(0, NOW, 1.0), (6, NOW, 1.0)]), identity(state), NOW)
    assert not state.values.valued().any()


def test_changes_are_what_came_after_a_version() -> None:
    state = make_state()
    state.note_source(connected(), NOW)
    state.apply(make_frame([(0, NOW, 220.0), (1, NOW, math.nan, 0, "Execute")]), identity(state), NOW)
    state.sweep(NOW)
    first = state.changes(0)
    assert first.index.tolist() == [0, 1]
    assert first.texts == {1: "Execute"}
    assert dict(zip(first.equipment.tolist(), first.condition.tolist(), strict=True)) == {0: 1, 1: 0}

    state.apply(make_frame([(3, NOW, 260.0)], sequence=2), identity(state, simulated=True), NOW)
    state.sweep(NOW)
    then = state.changes(first.version)
    assert then.index.tolist() == [3]
    assert then.simulated.tolist() == [True]
    assert then.equipment.tolist() == [1]
    assert then.condition.tolist() == [Condition.WARNING]
    nothing = state.changes(then.version)
    assert len(nothing.index) == len(nothing.equipment) == 0


def test_falling_silent_is_a_change_of_every_tag_that_has_a_value() -> None:
    state = make_state()
    state.note_source(connected(), NOW)
    state.apply(make_frame([(0, NOW, 220.0), (3, NOW, 220.0)]), identity(state), NOW)
    assert state.sweep(NOW) == 0
    version = state.changes(0).version
    assert state.sweep(NOW + 60 * S) == 2
    changes = state.changes(version)
    assert changes.index.tolist() == [0, 3]
    assert changes.stale.all()
    assert changes.condition.tolist() == [Condition.STALE, Condition.STALE]


def test_one_tag_can_be_asked_for() -> None:
    state = make_state()
    state.apply(make_frame([(4, NOW, math.nan, 0, "Held")]), identity(state), NOW)
    picked = state.pick([4, 0])
    assert picked.texts == {0: "Held"}
    assert picked.source_time.tolist() == [NOW, NEVER]
