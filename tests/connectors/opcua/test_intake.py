"""What is told twice, what overflowed, what nobody asked for."""

from __future__ import annotations

import numpy as np
import pytest

from connectors.frames import Readings
from connectors.opcua.decode import Changes
from connectors.opcua.intake import MAX_TAG_GAPS, Intake
from twin.contract.messages import GapReason, TagSet
from twin.contract.status import BAD_NODE_ID_UNKNOWN, OVERFLOW_BITS

N = 50
TAGS = TagSet(
    source="plant",
    tags=tuple(f"park/a:s{n}" for n in range(N)),
    units=("",) * N,
    data_types=("Double",) * N,
)


def changes(*rows: tuple[int, int, float], status: int = 0, text: dict[int, str] | None = None) -> Changes:
    """Rows of handle, time and value."""
    return Changes(
        np.array([row[0] for row in rows], np.uint32),
        np.array([row[2] for row in rows], np.float64),
        np.array([row[1] for row in rows], np.int64),
        np.full(len(rows), status, np.uint32),
        text or {},
    )


def test_the_last_reading_told_again_is_dropped() -> None:
    intake = Intake(TAGS)
    intake.take(changes((0, 10, 1.0), (1, 10, 2.0), (2, 10, np.nan)))
    readings, gaps = intake.take(changes((0, 10, 1.0), (1, 20, 2.0), (2, 10, np.nan), text={1: "kept"}))
    assert readings.index.tolist() == [1]
    assert readings.text == {0: "kept"}
    assert gaps == ()
    assert intake.counts.repeated == 2


@pytest.mark.parametrize(
    "other",
    [
        changes((0, 11, 1.0)),
        changes((0, 10, 1.5)),
        changes((0, 10, 1.0), status=0x80000000),
        changes((0, 10, 1.0), text={0: "text"}),
    ],
    ids=["time", "value", "status", "text"],
)
def test_a_reading_that_differs_at_all_is_not_dropped(other: Changes) -> None:
    intake = Intake(TAGS)
    intake.take(changes((0, 10, 1.0)))
    readings, _ = intake.take(other)
    assert len(readings) == 1


def test_a_value_that_stood_still_while_its_tag_was_bad_is_told_after_it() -> None:
    intake = Intake(TAGS)
    intake.take(changes((0, 10, 1.0), (1, 10, 2.0)))
    bad = np.array([BAD_NODE_ID_UNKNOWN], np.uint32)
    intake.told_bad(Readings(TAGS.id, np.array([0], np.uint32), np.array([500]), bad, np.array([np.nan])))
    readings, _ = intake.take(changes((0, 10, 1.0), (1, 10, 2.0), (2, 10, 3.0)))
    assert readings.index.tolist() == [0, 2]
    assert readings.value.tolist() == [1.0, 3.0]
    assert readings.source_time.tolist() == [600, 10]
    readings, _ = intake.take(changes((0, 550, 4.0), (0, 700, 5.0)))
    assert readings.source_time.tolist() == [550, 700]


def test_what_nobody_asked_for_is_dropped_and_counted() -> None:
    intake = Intake(TAGS)
    readings, _ = intake.take(changes((0, 10, 1.0), (N, 10, 2.0), (2**32 - 1, 10, 3.0)))
    assert readings.index.tolist() == [0]
    assert intake.counts.stray == 2


def test_an_overflow_is_a_gap_of_its_tag_since_the_reading_before() -> None:
    intake = Intake(TAGS)
    intake.take(changes((3, 100, 1.0)))
    _, gaps = intake.take(changes((3, 500, 2.0), status=OVERFLOW_BITS))
    (gap,) = gaps
    assert (gap.start, gap.end, gap.reason, gap.tags) == (
        100,
        500,
        GapReason.SERVER_OVERFLOW,
        (TAGS.tags[3],),
    )


def test_an_overflow_of_the_first_reading_reaches_back_to_the_subscription() -> None:
    intake = Intake(TAGS)
    intake.subscribed(70)
    _, (gap,) = intake.take(changes((3, 500, 2.0), status=OVERFLOW_BITS))
    assert (gap.start, gap.end) == (70, 500)


def test_the_overflow_of_very_many_tags_is_one_gap() -> None:
    intake = Intake(TAGS)
    intake.take(changes(*[(n, 100 + n, 1.0) for n in range(N)]))
    rows = [(n, 500 + n, 2.0) for n in range(MAX_TAG_GAPS + 1)]
    _, (gap,) = intake.take(changes(*rows, status=OVERFLOW_BITS))
    assert (gap.start, gap.end) == (100, 500 + MAX_TAG_GAPS)
    assert len(gap.tags) == MAX_TAG_GAPS + 1
