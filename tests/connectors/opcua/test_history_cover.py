"""When a history is not believed to have filled a gap."""

from __future__ import annotations

import numpy as np
import pytest

from connectors.gaps import make_gap
from connectors.opcua.history_cover import Hole, clock_was_set
from connectors.opcua.intake import FEWEST_SILENCES, Intake
from twin.contract.messages import GapReason, TagSet

S = 10**9
GAP = make_gap("plc", 100 * S, 110 * S, GapReason.SOURCE_LOST)


def hole(last_s: float, first_s: float, ahead_s: float = 0.0) -> Hole:
    """The hole of one tag."""
    last, first = np.array([round(last_s * S)]), np.array([round(first_s * S)])
    return Hole(GAP, last, first, 0, round(ahead_s * S))


@pytest.mark.parametrize(
    ("last_s", "first_s", "ahead_s", "was_set"),
    [
        (99.9, 110.1, 0, False),
        (50, 50, 0, False),  # nothing changed
        (99.9, 0, 0, False),  # nothing was said yet
        (99.9, -1e-9, 0, False),
        (99.9, 410, 0, True),  # set ahead
        (99.9, 50, 0, True),  # set back
        (399.9, 410.1, 300, False),  # ahead all the time
        (399.9, 110.1, 300, True),  # ahead, and set right
        (-20, 110.1, 0, False),  # behind before: what it bears then is asked for
    ],
)
def test_a_clock_that_was_set_meanwhile_is_noticed(
    last_s: float, first_s: float, ahead_s: float, was_set: bool
) -> None:
    assert clock_was_set(hole(last_s, first_s, ahead_s), 0).tolist() == [was_set]


def test_a_new_process_goes_by_the_newest_reading_of_the_source() -> None:
    unknown = Hole(GAP, np.zeros(2, np.int64), np.array([20 * S, 30 * S]), 0, 0)
    assert clock_was_set(unknown, 30 * S).tolist() == [False, False]
    assert clock_was_set(unknown, 99 * S).tolist() == [True, True]
    assert clock_was_set(unknown, 0).tolist() == [False, False]


def test_what_is_usual_is_known_after_a_while_and_not_by_the_longest_silence() -> None:
    tag_set = TagSet(source="plc", tags=("plc:a",), units=("",), data_types=("Double",))
    intake = Intake(tag_set)
    for order in range(FEWEST_SILENCES):
        intake.heard((1 + order) * S)
        assert intake.usual_silence_ns is None
    intake.heard(1_000 * S)
    assert intake.usual_silence_ns == 990 * S
    for order in range(50):
        intake.heard((1001 + order) * S)
    assert intake.usual_silence_ns == S
