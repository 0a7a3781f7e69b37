"""Encoded columns, read back by asyncua's own decoder."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import struct_from_binary
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.opcua.batch import Rows
from sim.opcua.notification import (
    HAS_SERVER_TIME,
    HAS_SOURCE_TIME,
    STRING,
    WIRE_FORMATS,
    encode_items,
    opc_time,
)

RANGES = {
    "Boolean": st.booleans().map(float),
    "SByte": st.integers(-128, 127).map(float),
    "Byte": st.integers(0, 255).map(float),
    "Int16": st.integers(-(2**15), 2**15 - 1).map(float),
    "UInt16": st.integers(0, 2**16 - 1).map(float),
    "Int32": st.integers(-(2**31), 2**31 - 1).map(float),
    "UInt32": st.integers(0, 2**32 - 1).map(float),
    "Int64": st.integers(-(2**53), 2**53).map(float),
    "UInt64": st.integers(0, 2**53).map(float),
    "Float": st.floats(width=32, allow_nan=False, allow_infinity=False),
    "Double": st.floats(allow_nan=False, allow_infinity=False),
    "String": st.one_of(st.none(), st.text(max_size=20)),
}
STAMPS = [0, HAS_SOURCE_TIME, HAS_SERVER_TIME, HAS_SOURCE_TIME | HAS_SERVER_TIME]
STATUSES = [0x00000000, 0x40900000, 0x80310000]
SOURCE_TIME = opc_time(1_700_000_000_123_456_700)
SERVER_TIME = opc_time(1_700_000_000_500_000_000)

row = st.sampled_from(list(WIRE_FORMATS)).flatmap(
    lambda name: st.tuples(st.just(name), RANGES[name], st.sampled_from(STATUSES), st.sampled_from(STAMPS))
)


def decode(body: bytes, count: int) -> list[ua.MonitoredItemNotification]:
    whole = struct.pack("<i", count) + body + struct.pack("<i", -1)
    buffer = Buffer(whole)
    decoded = struct_from_binary(ua.DataChangeNotification, buffer)
    assert len(buffer) == 0
    return list(decoded.MonitoredItems)


@settings(max_examples=150, deadline=None)
@given(rows=st.lists(row, min_size=1, max_size=12))
def test_asyncua_reads_back_what_was_encoded(rows: list[tuple[str, float | str | None, int, int]]) -> None:
    n = len(rows)
    body = encode_items(
        np.arange(100, 100 + n, dtype=np.uint32),
        np.array([WIRE_FORMATS[name][0] for name, *_ in rows], np.uint8),
        np.array([stamps for *_, stamps in rows], np.uint8),
        np.array([value if isinstance(value, float) else np.nan for _, value, *_ in rows]),
        np.array([status for _, _, status, _ in rows], np.uint32),
        np.full(n, SOURCE_TIME, np.int64),
        np.full(n, SERVER_TIME, np.int64),
        [value if isinstance(value, str) else None for _, value, *_ in rows],
    )
    items = {item.ClientHandle: item.Value for item in decode(body, n)}
    assert sorted(items) == list(range(100, 100 + n))
    for handle, (name, value, status, stamps) in enumerate(rows, 100):
        got = items[handle]
        assert got.StatusCode.value == status
        assert (got.SourceTimestamp is not None) == bool(stamps & HAS_SOURCE_TIME)
        assert (got.ServerTimestamp is not None) == bool(stamps & HAS_SERVER_TIME)
        if status >= 0x80000000:
            assert got.Value is None or got.Value.Value is None
        else:
            assert got.Value.VariantType.value == WIRE_FORMATS[name][0]
            assert got.Value.Value == value


def test_a_uniform_batch_is_one_block() -> None:
    n = 1000
    zeros: Rows = np.zeros(n, np.int64)
    body = encode_items(
        np.arange(n, dtype=np.uint32),
        np.full(n, WIRE_FORMATS["Double"][0], np.uint8),
        np.full(n, HAS_SOURCE_TIME, np.uint8),
        np.arange(n, dtype=np.float64),
        np.zeros(n, np.uint32),
        zeros + SOURCE_TIME,
        zeros,
        None,
    )
    assert len(body) == n * (4 + 1 + 1 + 8 + 8)
    assert [item.Value.Value.Value for item in decode(body, n)] == list(range(n))


def test_nothing_is_no_bytes() -> None:
    none = np.zeros(0)
    assert (
        encode_items(
            none.astype(np.uint32),
            none.astype(np.uint8),
            none.astype(np.uint8),
            none,
            none.astype(np.uint32),
            none.astype(np.int64),
            none.astype(np.int64),
            None,
        )
        == b""
    )


@pytest.mark.parametrize("name", list(WIRE_FORMATS))
def test_type_ids_are_the_standards(name: str) -> None:
    assert ua.VariantType[name].value == WIRE_FORMATS[name][0]
    assert (WIRE_FORMATS[name][0] == STRING) == (name == "String")
