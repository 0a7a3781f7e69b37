"""Native blocks: what goes in comes out, and the engine agrees (the store's tests)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.historian.base import EngineError
from twin.historian.native import NUMBERS, Column, decode_blocks, encode_block

TEXTS = st.text(max_size=200) | st.just("ủ" * 70)


@given(
    texts=st.lists(st.none() | TEXTS, min_size=1, max_size=20),
    lists=st.data(),
    blocks=st.integers(1, 3),
)
def test_what_is_encoded_is_decoded(texts: list[str | None], lists: st.DataObject, blocks: int) -> None:
    n = len(texts)
    arrays = lists.draw(st.lists(st.lists(TEXTS, max_size=3).map(tuple), min_size=n, max_size=n))
    numbers = {
        name: np.array(lists.draw(st.lists(st.integers(0, 255), min_size=n, max_size=n)), dtype)
        for name, dtype in NUMBERS.items()
    }
    block = encode_block(
        [
            *(Column(name, name, data) for name, data in numbers.items()),
            Column("text", "Nullable(String)", texts),
            Column("plain", "String", [text or "" for text in texts]),
            Column("lists", "Array(String)", arrays),
        ]
    )
    found = decode_blocks(block * blocks)
    for name, data in numbers.items():
        assert np.array_equal(np.asarray(found[name]), np.tile(data, blocks))
    assert found["text"] == texts * blocks
    assert found["plain"] == [text or "" for text in texts] * blocks
    assert found["lists"] == arrays * blocks


def test_a_column_of_nothing_but_nulls_is_short_work() -> None:
    block = encode_block(
        [Column("text", "Nullable(String)", [None] * 300), Column("a", "UInt8", np.ones(300))]
    )
    found = decode_blocks(block)
    assert found["text"] == [None] * 300
    assert np.asarray(found["a"]).sum() == 300


def test_a_type_that_is_not_known_is_named() -> None:
    with pytest.raises(EngineError, match=r"'Decimal'.*cast it"):
        decode_blocks(b"\x01\x01\x01a\x07Decimal" + b"\0" * 16)


def test_columns_must_be_of_one_length() -> None:
    with pytest.raises(ValueError, match="'b': 1 rows; the block has 2"):
        encode_block([Column("a", "String", ["x", "y"]), Column("b", "String", ["x"])])


def test_no_block_is_no_column() -> None:
    assert decode_blocks(b"") == {}


def test_a_cut_answer_is_an_error_wherever_it_is_cut() -> None:
    block = encode_block(
        [
            Column("a", "UInt64", np.arange(3)),
            Column("b", "Nullable(String)", ["x", None, "yy"]),
            Column("c", "Array(String)", [("p",), (), ("q", "r")]),
        ]
    )
    for end in range(1, len(block)):
        with pytest.raises(EngineError):
            decode_blocks(block[:end])


def test_a_null_may_hide_a_value() -> None:
    block = encode_block([Column("t", "String", ["ab", "c"])]).replace(
        b"\x06String", b"\x10Nullable(String)\1\1"
    )
    assert decode_blocks(block) == {"t": [None, None]}
