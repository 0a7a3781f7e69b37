"""Readings of many tags at once, on every engine."""

from __future__ import annotations

import numpy as np

from tests.twin.historian.frames import SECOND, START, frame, tag_set
from twin.contract.messages import Gap, GapReason
from twin.historian.many_tags import LOOK_BACK_NS
from twin.historian.store import EngineHistory

BAD = 0x80310000
CODES = ("Idle", "Execute")


def test_all_of_many_tags_and_the_last_of_each_before(history: EngineHistory, source: str) -> None:
    tags = tag_set(source)
    a, b, c = tags.tags
    before, times = START - 5 * SECOND, [START, START + SECOND]
    history.append([frame(tags, [before, *times], [1.0, 2.0, 3.0]), frame(tags, [times[1]], [7.0], index=1)])
    found = history.columns([a, b, c, "park/nobody:x"], START, START + 10 * SECOND)
    assert (found[a].time.tolist(), found[a].value.tolist()) == ([before, *times], [1.0, 2.0, 3.0])
    assert found[b].value.tolist() == [7.0]
    assert [len(found[tag].time) for tag in (c, "park/nobody:x")] == [0, 0]


def test_a_text_is_its_place_among_the_codes(history: EngineHistory, source: str) -> None:
    tags = tag_set(source)
    times = [START + number * SECOND for number in range(3)]
    history.append([frame(tags, times, [np.nan, np.nan, 5.0], text=("Execute", "Nobody knows", None))])
    value = history.columns([tags.tags[0]], START, START + 10 * SECOND, CODES)[tags.tags[0]].value
    assert value[[0, 2]].tolist() == [1.0, 5.0]
    assert np.isnan(value[1])


def test_a_bad_reading_before_comes_with_the_good_one_before_it(history: EngineHistory, source: str) -> None:
    tags = tag_set(source)
    tag = tags.tags[0]
    long_ago = START - LOOK_BACK_NS - 60 * SECOND
    times = [long_ago, START - SECOND, START + SECOND]
    history.append([frame(tags, times, [4.0, 0.0, 9.0], status=[0, BAD, 0])])
    found = history.columns([tag], START, START + 10 * SECOND)[tag]
    assert (found.time.tolist(), found.status.tolist()) == (times, [0, BAD, 0])


def test_a_gap_is_of_the_tags_of_its_source(history: EngineHistory, source: str) -> None:
    tags = tag_set(source)
    a, b, _ = tags.tags
    history.append([frame(tags, [START], [1.0]), frame(tags, [START], [1.0], index=1)])
    whole = Gap(id=f"{source}1", source=source, start=START + 1, end=START + 5, reason=GapReason.SOURCE_LOST)
    of_b = Gap(
        id=f"{source}2",
        source=source,
        start=START + 6,
        end=START + 9,
        reason=GapReason.SOURCE_LOST,
        tags=(b,),
    )
    gone = Gap(id=f"{source}3", source=source, start=START + 9, end=START + 9, reason=GapReason.SOURCE_LOST)
    history.append_gaps([whole, of_b, gone])
    found = history.columns([a, b], START, START + SECOND)
    assert found[a].gaps.tolist() == [[START + 1, START + 5]]
    assert found[b].gaps.tolist() == [[START + 1, START + 5], [START + 6, START + 9]]


def test_counters_come_as_what_stands_next_to_an_edge(history: EngineHistory, source: str) -> None:
    tags = tag_set(source)
    rising, falling, _ = tags.tags
    times = [START + number * SECOND for number in range(8)]
    history.append(
        [
            frame(tags, times, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]),
            frame(tags, times, [0.0, 5.0, 9.0, 0.0, 2.0, 3.0, 9.0, 0.0], index=1),
        ]
    )
    found = history.counters([rising, falling], START, START + 10 * SECOND, [START + 4 * SECOND])
    assert found[rising].value.tolist() == [0.0, 3.0, 4.0, 7.0]
    assert found[falling].value.tolist() == [0.0, 5.0, 9.0, 0.0, 2.0, 3.0, 9.0, 0.0], "it fell: read whole"


def test_no_tags_are_no_columns(history: EngineHistory) -> None:
    assert history.columns([], START, START + SECOND) == {}
    assert history.counters([], START, START + SECOND, []) == {}
