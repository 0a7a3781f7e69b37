"""Times, tags and status codes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.contract import status
from twin.contract.clock import from_iso, to_iso
from twin.contract.errors import ContractError, TagError
from twin.contract.tag import check_equipment_id, make_tag, split_tag


@given(st.integers(0, 4_000_000_000 * 10**9))
def test_a_time_survives_being_written(time_ns: int) -> None:
    assert from_iso(to_iso(time_ns)) == time_ns


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00"])
def test_an_unclear_time_is_refused(text: str) -> None:
    with pytest.raises(ContractError, match="time"):
        from_iso(text)


@pytest.mark.parametrize(
    "text", ["", "one", "Upper/case", "a//b", "/a/b", "a/b/", "a/b c", "a/" * 8 + "b", "á/b", "a/b\n"]
)
def test_a_malformed_equipment_id_is_refused(text: str) -> None:
    with pytest.raises(TagError, match="equipment id"):
        check_equipment_id(text)


@pytest.mark.parametrize("tag", ["a/b", "a/b:", "a/b:1x", "a/b:X", "a:x", "a/b:x:y"])
def test_a_malformed_tag_is_refused(tag: str) -> None:
    with pytest.raises(TagError):
        split_tag(tag)


def test_a_tag_is_joined_and_parted() -> None:
    assert split_tag(make_tag("park/pump1", "flow")) == ("park/pump1", "flow")


@given(st.integers(0, 2**32 - 1))
def test_one_code_and_a_column_of_codes_agree(code: int) -> None:
    assert status.qualities(np.array([code], np.uint32))[0] == status.quality(code)
