"""From frames to rows."""

from __future__ import annotations

import pytest

from tests.twin.historian.frames import START, frame, tag_set
from twin.contract.errors import FrameError
from twin.contract.messages import TagSet
from twin.historian.base import EngineError
from twin.historian.rows import check_indexes, number_tags, reading_columns


def test_a_frame_that_names_another_sources_tag_set_is_refused() -> None:
    _, told = frame(tag_set("a"), [START], [1.0])
    with pytest.raises(FrameError, match="is of source 'b'"):
        check_indexes(tag_set("b"), told)


def test_text_is_a_column_only_where_there_is_some() -> None:
    of = tag_set("a")
    numbers = number_tags(of)
    plain = frame(of, [START], [1.0])[1]
    worded = frame(of, [START], [float("nan")], text=("x",))[1]
    assert [column.name for column in reading_columns([(numbers, plain)])] == ["tag", "ts", "value", "status"]
    assert reading_columns([(numbers, plain), (numbers, worded)])[4].data == [None, "x"]


def test_two_tags_of_one_number_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    twice = TagSet(source="a", tags=("p/a:x",) * 2, units=("", ""), data_types=("Double",) * 2)
    assert len(number_tags(twice)) == 2, "one tag told twice is no collision"
    monkeypatch.setattr("twin.historian.rows.tag_number", lambda tag: 7)
    with pytest.raises(EngineError, match="rename one"):
        number_tags(tag_set("a"))
