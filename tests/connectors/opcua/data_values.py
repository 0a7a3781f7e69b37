"""Strategies that make every kind of DataValue an OPC UA server can send."""

from __future__ import annotations

from typing import Any

from asyncua import ua
from hypothesis import strategies as st

from tests.connectors.opcua.publish_responses import at

T = ua.VariantType

MOMENTS_US = st.integers(-(10**15), 4 * 10**15)


def _ints(bits: int, *, signed: bool) -> st.SearchStrategy[int]:
    return st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else st.integers(0, 2**bits - 1)


def _status_code(code: int) -> ua.StatusCode:
    return ua.StatusCode(ua.UInt32(code))


Kinds = dict[ua.VariantType, st.SearchStrategy[Any]]

NUMBERS: Kinds = {
    T.Boolean: st.booleans(),
    T.SByte: _ints(8, signed=True),
    T.Byte: _ints(8, signed=False),
    T.Int16: _ints(16, signed=True),
    T.UInt16: _ints(16, signed=False),
    T.Int32: _ints(32, signed=True),
    T.UInt32: _ints(32, signed=False),
    T.Int64: _ints(64, signed=True),
    T.UInt64: _ints(64, signed=False),
    T.Float: st.floats(width=32),
    T.Double: st.floats(),
}
OTHERS: Kinds = {
    T.String: st.none() | st.text(max_size=20),
    T.DateTime: MOMENTS_US.map(at),
    T.Guid: st.uuids(),
    T.ByteString: st.none() | st.binary(max_size=20),
    T.LocalizedText: st.builds(
        ua.LocalizedText, st.none() | st.text(max_size=9), st.sampled_from([None, "vi"])
    ),
    T.QualifiedName: st.builds(ua.QualifiedName, st.text(max_size=9), st.integers(0, 9)),
    T.NodeId: st.builds(
        ua.NodeId, st.integers(0, 2**32 - 1) | st.text(min_size=1, max_size=9), st.integers(0, 300)
    ),
    T.StatusCode: _ints(32, signed=False).map(_status_code),
    T.Null: st.none(),
    T.ExtensionObject: st.builds(ua.Range, st.floats(), st.floats()),
}


@st.composite
def variants(
    draw: st.DrawFn, kinds: dict[ua.VariantType, st.SearchStrategy[Any]], *, arrays: bool = False
) -> ua.Variant:
    """Draw a value of one of these types, or an array of numbers."""
    kind = draw(st.sampled_from(list(kinds)))
    if arrays and kind in NUMBERS and draw(st.booleans()):
        return ua.Variant(draw(st.lists(NUMBERS[kind], max_size=5)), kind, is_array=True)
    return ua.Variant(draw(kinds[kind]), kind)


def data_values(variant: st.SearchStrategy[ua.Variant]) -> st.SearchStrategy[ua.DataValue]:
    """Draw a data value with any of its optional parts there or not."""
    status = st.none() | st.just(ua.StatusCode(ua.UInt32(0))) | _ints(32, signed=False).map(_status_code)
    moment: Any = st.none() | MOMENTS_US.map(at)
    return st.builds(ua.DataValue, variant, status, moment, moment)


HANDLES = _ints(32, signed=False)
UNIFORM = st.sampled_from(list(NUMBERS)).flatmap(
    lambda kind: st.lists(
        st.tuples(
            HANDLES,
            st.builds(
                ua.DataValue,
                NUMBERS[kind].map(lambda value: ua.Variant(value, kind)),
                _ints(32, signed=False).map(_status_code),
                MOMENTS_US.map(at),
                MOMENTS_US.map(at),
            ),
        ),
        min_size=1,
        max_size=30,
    )
)
MIXED = st.lists(st.tuples(HANDLES, data_values(variants(NUMBERS))), max_size=30)
EVERYTHING = st.lists(
    st.tuples(HANDLES, data_values(variants({**NUMBERS, **OTHERS}, arrays=True))), max_size=15
)
