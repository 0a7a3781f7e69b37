"""Means over equal stretches: of what was good, and of what stood where nothing was told."""

from __future__ import annotations

import numpy as np
import pytest

from tests.twin.historian.frames import SECOND, START, frame, tag_set
from twin.contract.messages import Gap, GapReason
from twin.historian.base import QueryError
from twin.historian.store import EngineHistory

BAD = 0x80310000


def test_a_mean_is_of_what_was_good_and_stands_until_something_else_is_told(
    history: EngineHistory, source: str
) -> None:
    tags = tag_set(source)
    a, b, c = tags.tags
    times = [START - 5 * SECOND, START + SECOND, START + 2 * SECOND, START + 31 * SECOND]
    history.append([frame(tags, times, [7.0, 1.0, 3.0, 9.0], status=[0, 0, 0, BAD])])
    history.append([frame(tags, [START - 5 * SECOND], [7.0], index=1)])
    found = history.means([a, b, c], START, 10 * SECOND, 5)
    assert found.shape == (5, 3)
    # 2 in the first; what stood last, 3, until a Bad one is told; then nobody knows
    np.testing.assert_array_equal(found[:, 0], [2.0, 3.0, 3.0, np.nan, np.nan])
    np.testing.assert_array_equal(found[:, 1], 7.0)
    assert np.isnan(found[:, 2]).all()


def test_nothing_stands_over_a_gap(history: EngineHistory, source: str) -> None:
    tags = tag_set(source)
    a, b, _ = tags.tags
    for index in (0, 1):
        history.append([frame(tags, [START, START + 35 * SECOND], [4.0, 6.0], index=index)])
    lost = Gap(
        id=f"{source}1",
        source=source,
        start=START + 12 * SECOND,
        end=START + 15 * SECOND,
        reason=GapReason.SOURCE_LOST,
        tags=(b,),
    )
    history.append_gaps([lost])
    found = history.means([a, b], START, 10 * SECOND, 5)
    assert found[:, 0].tolist() == [4.0, 4.0, 4.0, 6.0, 6.0]
    np.testing.assert_array_equal(found[:, 1], [4.0, np.nan, np.nan, 6.0, 6.0])


def test_no_tags_and_no_time(history: EngineHistory) -> None:
    assert history.means([], START, SECOND, 3).shape == (3, 0)
    with pytest.raises(QueryError):
        history.means(["park/nobody:a"], START, SECOND, 0)
