"""The columnar decoder against asyncua's own, which is the oracle, and against damaged bytes."""

from __future__ import annotations

import math
import struct
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np
import pytest
from asyncua import ua
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import MalformedResponseError
from connectors.opcua.decode import Changes, Paths
from connectors.opcua.publish_response import parse_publish_response
from tests.connectors.opcua.data_values import EVERYTHING, MIXED, UNIFORM, T
from tests.connectors.opcua.publish_responses import (
    EPOCH,
    EPOCH_TICKS,
    RECEIVED_NS,
    at,
    by_hand,
    decode,
    encode,
    oracle,
)
from twin.contract.clock import to_iso
from twin.contract.status import (
    BAD_DATA_ENCODING_UNSUPPORTED,
    BAD_DATA_UNAVAILABLE,
    OVERFLOW_BITS,
    UNCERTAIN,
)


@given(UNIFORM)
@settings(max_examples=50, deadline=None)
def test_a_uniform_response_reads_as_asyncua_reads_it(items: list[tuple[int, ua.DataValue]]) -> None:
    paths = Paths()
    data = encode(items)
    same(decode(data, paths), oracle(data))
    assert (paths.uniform, paths.mixed, paths.scalar) == (len(items), 0, 0)


@given(MIXED)
@settings(max_examples=50, deadline=None)
def test_mixed_numbers_read_as_asyncua_reads_them(items: list[tuple[int, ua.DataValue]]) -> None:
    paths = Paths()
    data = encode(items)
    same(decode(data, paths), oracle(data))
    assert paths.uniform + paths.mixed == len(items)
    assert paths.scalar == 0


@given(EVERYTHING)
@settings(max_examples=100, deadline=None)
def test_every_type_reads_as_asyncua_reads_it(items: list[tuple[int, ua.DataValue]]) -> None:
    data = encode(items)
    same(decode(data), oracle(data))


@given(EVERYTHING, st.data())
@settings(max_examples=200, deadline=None)
def test_damaged_bytes_are_refused_or_read_as_asyncua_reads_them(
    items: list[tuple[int, ua.DataValue]], draw: st.DataObject
) -> None:
    data = bytearray(encode(items))
    for _ in range(draw.draw(st.integers(0, 3))):
        place = draw.draw(st.integers(0, len(data) - 1))
        data[place] = draw.draw(st.integers(0, 255))
    damaged = bytes(data[: draw.draw(st.integers(0, len(data)))]) if draw.draw(st.booleans()) else bytes(data)
    try:
        response = parse_publish_response(damaged)
        if [entry.kind for entry in response.notifications] != [811]:
            return
        ours = decode(damaged)
    except MalformedResponseError:
        return
    try:
        theirs = oracle(damaged)
    except Exception:  # asyncua raises whatever the bytes make it; then there is nothing to compare with
        return
    same(ours, theirs, damaged=True)


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_any_bytes_at_all_are_refused_with_an_error_of_ours(data: bytes) -> None:
    with pytest.raises(MalformedResponseError):
        decode(data)


@pytest.mark.parametrize("cut", [1, 4, 30, 200, 5_000])
def test_a_cut_response_is_refused(cut: int) -> None:
    data = encode(
        [(n, ua.DataValue(ua.Variant(float(n), T.Double), SourceTimestamp=at(n))) for n in range(300)]
    )
    with pytest.raises(MalformedResponseError):
        decode(data[:-cut])


def test_a_count_that_cannot_be_is_refused_before_memory_is_taken() -> None:
    data = bytearray(by_hand(_item(1, b"")))
    count_at = bytes(data).index(struct.pack("<i", 1) + struct.pack("<IB", 1, 0))
    data[count_at : count_at + 4] = struct.pack("<i", 2**31 - 1)
    with pytest.raises(MalformedResponseError, match="cannot fit"):
        decode(bytes(data))


def test_one_odd_item_does_not_slow_the_others_down() -> None:
    items = [(n, ua.DataValue(ua.Variant(float(n), T.Double), SourceTimestamp=at(n))) for n in range(100)]
    items[50] = (50, ua.DataValue(ua.Variant("máy dừng", T.String), SourceTimestamp=at(50)))
    paths = Paths()
    changes = decode(encode(items), paths)
    assert (paths.mixed, paths.scalar) == (99, 1)
    assert changes.text == {50: "máy dừng"}
    assert np.isnan(changes.value[50])
    assert changes.value[51] == 51.0


def test_a_time_keeps_its_100_nanoseconds() -> None:
    ticks = EPOCH_TICKS + 17_000_000_000_000_017
    changes = decode(by_hand(_item(3, struct.pack("<BdIq", 11, 1.5, 0, ticks), mask=0x07)))
    assert changes.source_time.tolist() == [(ticks - EPOCH_TICKS) * 100]


def test_picoseconds_lie_between_the_times_as_the_standard_says() -> None:
    # OPC 10000-6 §5.2.2.17: source time, source picoseconds, server time, server picoseconds
    ticks = EPOCH_TICKS + 10
    item = _item(3, struct.pack("<BdIqHqH", 11, 1.5, 0, ticks, 7_300, ticks + 5, 100), mask=0x3F)
    changes = decode(by_hand(item, item))
    assert changes.source_time.tolist() == [1_000 + 73] * 2
    assert changes.value.tolist() == [1.5, 1.5]


def test_without_a_source_time_the_servers_counts() -> None:
    item = _item(3, struct.pack("<BdIqHqH", 11, 1.5, 0, 0, 0, EPOCH_TICKS + 20, 500), mask=0x3F)
    changes = decode(by_hand(item))
    assert changes.source_time.tolist() == [2_005]
    assert changes.status.tolist() == [0]


@pytest.mark.parametrize("ticks", [0, 1, -5, 2**63 - 1])
def test_without_any_time_the_receipt_counts_and_a_good_value_becomes_uncertain(ticks: int) -> None:
    good = _item(3, struct.pack("<BdIqq", 11, 1.5, 0, ticks, ticks), mask=0x0F)
    bad = _item(4, struct.pack("<BdIqq", 11, 1.5, 0x80310000, ticks, ticks), mask=0x0F)
    changes = decode(by_hand(good, bad))
    assert changes.source_time.tolist() == [RECEIVED_NS] * 2
    assert changes.status.tolist() == [UNCERTAIN, 0x80310000]


def test_the_status_is_kept_whole() -> None:
    status = 0x40900000 | OVERFLOW_BITS
    changes = decode(by_hand(_item(1, struct.pack("<BfIq", 10, 2.5, status, EPOCH_TICKS), mask=0x07)))
    assert changes.status.tolist() == [status]


def test_a_value_that_is_missing_is_not_good() -> None:
    waiting = 0x80320000
    changes = decode(
        by_hand(
            _item(1, b"", mask=0x00),
            _item(2, struct.pack("<I", waiting), mask=0x02),
            _item(3, b"\x00", mask=0x01),
        )
    )
    assert np.isnan(changes.value).all()
    assert changes.status.tolist() == [BAD_DATA_UNAVAILABLE, waiting, BAD_DATA_UNAVAILABLE]


@pytest.mark.parametrize("value", [2**53, 2**63 - 1, -(2**63)])
def test_an_integer_too_long_for_a_float_keeps_its_digits(value: int) -> None:
    changes = decode(encode([(0, ua.DataValue(ua.Variant(value, T.Int64)))]))
    assert changes.text == {0: str(value)}
    assert changes.value.tolist() == [float(value)]


@pytest.mark.parametrize(
    "value",
    [
        ua.Variant([1.0, 2.0], T.Double, is_array=True),
        ua.Variant(["a", "b"], T.String, is_array=True),
        ua.Variant(ua.Range(1.0, 2.0), T.ExtensionObject),
        ua.Variant([[1, 2], [3, 4]], T.Int32, is_array=True),
    ],
    ids=["array", "strings", "structure", "matrix"],
)
def test_what_a_reading_cannot_hold_is_bad_and_harms_nobody(value: ua.Variant) -> None:
    neighbour = ua.DataValue(ua.Variant(4.5, T.Double), SourceTimestamp=at(9))
    changes = decode(encode([(0, neighbour), (1, ua.DataValue(value)), (2, neighbour)]))
    assert changes.status[1] == BAD_DATA_ENCODING_UNSUPPORTED
    assert changes.unsupported == (1,)
    assert changes.value[[0, 2]].tolist() == [4.5, 4.5]
    assert changes.status[[0, 2]].tolist() == [0, 0]


def test_a_variant_within_a_variant_is_bad_and_harms_nobody() -> None:
    nested = _item(5, struct.pack("<BBd", 24, 11, 1.0), mask=0x01)
    changes = decode(by_hand(nested, _item(6, struct.pack("<Bd", 11, 8.0), mask=0x01)))
    assert changes.status[0] == BAD_DATA_ENCODING_UNSUPPORTED
    assert changes.value[1] == 8.0


def test_nesting_has_a_bottom() -> None:
    with pytest.raises(MalformedResponseError, match="deeper"):
        decode(by_hand(_item(5, bytes([24]) * 5_000, mask=0x01)))


def test_an_unknown_structure_is_stepped_over_by_its_length() -> None:
    unknown = bytes([22, 1, 9, *struct.pack("<H", 54321), 1]) + struct.pack("<i", 3) + b"abc"
    item = _item(5, unknown + struct.pack("<I", 0), mask=0x03)
    changes = decode(by_hand(item, _item(6, struct.pack("<Bd", 11, 8.0), mask=0x01)))
    assert changes.status[0] == BAD_DATA_ENCODING_UNSUPPORTED
    assert changes.value[1] == 8.0


def test_an_item_that_cannot_be_read_is_named_by_its_handle() -> None:
    no_length = bytes([22, 1, 9, 1, 2, 1]) + struct.pack("<i", -1)
    with pytest.raises(MalformedResponseError) as caught:
        decode(by_hand(_item(41, b"", mask=0), _item(42, no_length, mask=0x01)))
    assert caught.value.handle == 42


def test_text_that_is_not_utf8_is_uncertain() -> None:
    text = struct.pack("<Bi", 12, 2) + b"\xff!"
    changes = decode(by_hand(_item(1, text + struct.pack("<q", EPOCH_TICKS), mask=0x05)))
    assert changes.text == {0: "\ufffd!"}
    assert changes.status.tolist() == [UNCERTAIN]


def test_a_text_without_end_is_not_cut_but_refused() -> None:
    changes = decode(encode([(0, ua.DataValue(ua.Variant("x" * 70_000, T.String)))]))
    assert changes.text == {}
    assert changes.status.tolist() == [0x80080000]


def _item(handle: int, rest: bytes, *, mask: int = 0) -> bytes:
    return struct.pack("<IB", handle, mask) + rest


def same(ours: Changes, theirs: list[ua.MonitoredItemNotification], *, damaged: bool = False) -> None:
    """Compare column by column with what asyncua made of the same bytes."""
    assert len(ours) == len(theirs)
    for row, item in enumerate(theirs):
        assert ours.handle[row] == item.ClientHandle
        value = item.Value
        assert value is not None
        if damaged and (value.SourcePicoseconds is not None or value.ServerPicoseconds is not None):
            continue  # asyncua reads them in another order than the standard
        number, text, status = expected(value)
        moment = value.SourceTimestamp or value.ServerTimestamp
        if damaged and (moment is None or not 1700 < moment.year < 2200):
            continue  # asyncua clamps what is no time; then it cannot tell what we should have read
        if moment is None:
            assert ours.source_time[row] == RECEIVED_NS
            status = status | UNCERTAIN if status >> 30 == 0 else status
        else:
            assert abs(int(ours.source_time[row]) - in_us(moment) * 1000) < 1000
        assert ours.status[row] == status
        if damaged and value.Value is not None and value.Value.VariantType is T.DateTime:
            continue  # asyncua cuts times to the microsecond and clamps what is none
        assert ours.text.get(row) == text
        assert ours.value[row] == number or (math.isnan(number) and np.isnan(ours.value[row]))


def expected(value: ua.DataValue) -> tuple[float, str | None, int]:
    """What a reading must say, from what asyncua decoded."""
    status = value.StatusCode.value if value.StatusCode is not None else 0
    variant = value.Value
    raw = variant.Value if variant is not None else None
    kind = variant.VariantType if variant is not None else T.Null
    if variant is not None and (variant.is_array or kind in {T.ExtensionObject, T.Variant, T.DataValue}):
        return math.nan, None, worst(status, BAD_DATA_ENCODING_UNSUPPORTED)
    if kind is T.DiagnosticInfo or kind.value > 25:
        return math.nan, None, worst(status, BAD_DATA_ENCODING_UNSUPPORTED)
    if kind in TEXTS:
        text = TEXTS[kind](raw)
        if text is None:
            return math.nan, None, worst(status, BAD_DATA_ENCODING_UNSUPPORTED)
        try:
            text.encode()
        except UnicodeEncodeError:
            clean = text.encode(errors="surrogateescape").decode(errors="replace")
            return math.nan, clean, worst(status, UNCERTAIN)
        return math.nan, text, status
    if raw is None:
        return math.nan, None, worst(status, BAD_DATA_UNAVAILABLE) if status >> 30 == 0 else status
    if kind is T.DateTime:
        assert isinstance(raw, datetime)
        return in_us(raw) / 1e6, to_iso(in_us(raw) * 1000), status
    if kind is T.StatusCode:
        return float(raw.value), None, status
    number = float(raw)
    exact = kind not in {T.Int64, T.UInt64} or abs(number) < 2**53
    return number, None if exact else str(raw), status


def worst(status: int, other: int) -> int:
    """The one of greater severity, the first if they are equal."""
    return other if other >> 30 > status >> 30 else status


def in_us(moment: datetime) -> int:
    """Microseconds since the epoch."""
    delta = moment - EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def _node_id(raw: ua.NodeId) -> str | None:
    if isinstance(raw, ua.ExpandedNodeId):
        return None
    index, kind = int(raw.NamespaceIndex), raw.NodeIdType
    identifier: Any = raw.Identifier
    prefix = f"ns={index};" if index else ""
    if kind is ua.NodeIdType.String:
        return f"{prefix}s={identifier or ''}"
    if kind is ua.NodeIdType.ByteString:
        return f"{prefix}b={(identifier or b'').hex()}"
    return f"{prefix}{'g' if isinstance(identifier, uuid.UUID) else 'i'}={identifier}"


TEXTS: dict[ua.VariantType, Callable[[Any], str | None]] = {
    T.String: lambda raw: raw or "",
    T.XmlElement: lambda raw: raw if isinstance(raw, str) else (raw or b"").decode(errors="surrogateescape"),
    T.LocalizedText: lambda raw: raw.Text or "",
    T.QualifiedName: lambda raw: raw.Name or "",
    T.ByteString: lambda raw: (raw or b"").hex(),
    T.Guid: lambda raw: str(raw),
    T.NodeId: _node_id,
    T.ExpandedNodeId: _node_id,
}
