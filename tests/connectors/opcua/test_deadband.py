"""The deadband in columns against the deadband value by value."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from connectors.frames import Readings
from connectors.opcua.deadband import Deadband
from connectors.opcua.decode import Changes
from connectors.opcua.intake import Intake
from twin.contract.messages import TagSet
from twin.contract.status import OVERFLOW_BITS

WIDTHS = (0.0, 1.0, 2.5)
TAGS = TagSet(source="plant", tags=("a:x", "a:y", "a:z"), units=("",) * 3, data_types=("Double",) * 3)
UNCERTAIN = 0x40000000

Row = tuple[int, float, int, bool]
"""Tag, value, status, and whether there is a text."""

rows = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.one_of(st.integers(-4, 4).map(float), st.sampled_from([math.nan, math.inf, -math.inf])),
        st.sampled_from([0, UNCERTAIN, OVERFLOW_BITS]),
        st.booleans(),
    ),
    max_size=30,
)


def changes(told: list[Row], start: int = 0) -> Changes:
    return Changes(
        np.array([row[0] for row in told], np.uint32),
        np.array([row[1] for row in told], np.float64),
        np.arange(start, start + len(told), dtype=np.int64),
        np.array([row[2] for row in told], np.uint32),
        {number: "text" for number, row in enumerate(told) if row[3]},
    )


def one_by_one(told: list[Row], last: dict[int, tuple[float, int]]) -> list[bool]:
    """What OPC 10000-4 §7.22.2 says, a value at a time."""
    held = []
    for tag, value, status, text in told:
        within = tag in last and abs(value - last[tag][0]) <= WIDTHS[tag] and status == last[tag][1]
        hold = WIDTHS[tag] > 0 and within and status != OVERFLOW_BITS and not text
        held.append(hold)
        if not hold:
            last[tag] = value, status
    return held


@given(st.lists(rows, max_size=4))
def test_columns_hold_back_what_one_by_one_would(batches: list[list[Row]]) -> None:
    deadband, last = Deadband(np.array(WIDTHS)), dict[int, tuple[float, int]]()
    for told in batches:
        held = deadband.holds(changes(told), np.ones(len(told), np.bool_))
        assert held.tolist() == one_by_one(told, last)


def values_of(intake: Intake, told: list[Row], start: int) -> list[float]:
    readings, _ = intake.take(changes(told, start))
    return [float(value) for value in readings.value]


def test_what_drifts_slowly_is_told_once_it_is_far_enough() -> None:
    intake = Intake(TAGS, np.array(WIDTHS))
    told: list[float] = []
    for step in range(100):
        told += values_of(intake, [(2, step / 4, 0, False)], step + 1)
    assert told == [0.0, 2.75, 5.5, 8.25, 11.0, 13.75, 16.5, 19.25, 22.0, 24.75]
    assert intake.counts.within_deadband == 90


def test_the_first_value_after_an_interruption_is_told_whatever_it_is() -> None:
    intake = Intake(TAGS, np.array(WIDTHS))
    assert values_of(intake, [(1, 5.0, 0, False), (2, 5.0, 0, False)], 1) == [5.0, 5.0]
    assert values_of(intake, [(1, 5.5, 0, False), (2, 5.5, 0, False)], 10) == []
    intake.subscribed_anew([2])
    assert values_of(intake, [(1, 5.6, 0, False), (2, 5.6, 0, False)], 20) == [5.6]
    intake.subscribed(30)
    assert values_of(intake, [(1, 5.7, 0, False), (2, 5.7, 0, False)], 30) == [5.7, 5.7]
    intake.forget()
    assert values_of(intake, [(1, 5.8, 0, False)], 40) == [5.8]
    bad = np.array([0x80340000], np.uint32)
    intake.told_bad(Readings(TAGS.id, np.array([1], np.uint32), np.array([50]), bad, np.array([np.nan])))
    assert values_of(intake, [(1, 5.9, 0, False)], 60) == [5.9]
