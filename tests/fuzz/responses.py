"""Strategies for publish responses with everything a server can put into one, and for what damages them."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any, Final

from asyncua import ua
from asyncua.ua.ua_binary import struct_to_binary, variant_to_binary
from hypothesis import strategies as st

from connectors.opcua.publish_response import DATA_CHANGE
from tests.connectors.opcua.data_values import NUMBERS, OTHERS, Kinds, T, variants
from tests.connectors.opcua.publish_responses import encode_notifications

TICKS = st.integers(-(2**63), 2**63 - 1) | st.integers(116_444_736_000_000_000, 2**57) | st.just(0)
_U16, _U32 = st.integers(0, 2**16 - 1), st.integers(0, 2**32 - 1)
_TEXT = st.text(max_size=9)

MORE: Final[Kinds] = {
    T.ExpandedNodeId: st.builds(
        ua.ExpandedNodeId, _U32, st.integers(0, 300), st.just(ua.NodeIdType.Numeric), st.none() | _TEXT, _U32
    ),
    T.NodeId: st.one_of(
        st.builds(ua.NodeId, st.uuids(), _U16, st.just(ua.NodeIdType.Guid)),
        st.builds(ua.NodeId, st.binary(max_size=9), _U16, st.just(ua.NodeIdType.ByteString)),
        st.builds(ua.NodeId, st.integers(0, 255), st.just(0), st.just(ua.NodeIdType.TwoByte)),
    ),
}


@st.composite
def arrays(draw: st.DrawFn) -> ua.Variant:
    """Draw an array or a matrix of any type."""
    kinds = {**NUMBERS, **OTHERS}
    kinds.pop(T.Null)
    kind = draw(st.sampled_from(list(kinds)))
    if draw(st.booleans()):
        rows = draw(st.lists(st.lists(kinds[kind], min_size=2, max_size=2), min_size=1, max_size=3))
        return ua.Variant(rows, kind, [ua.Int32(len(rows)), ua.Int32(2)], is_array=True)
    return ua.Variant(draw(st.lists(kinds[kind], max_size=4)), kind, is_array=True)


VARIANTS = variants({**NUMBERS, **OTHERS}, arrays=True) | variants(MORE) | arrays()

DIAGNOSTICS = st.builds(
    ua.DiagnosticInfo,
    SymbolicId=st.none() | st.integers(-9, 9),
    NamespaceURI=st.none() | st.integers(-9, 9),
    AdditionalInfo=st.none() | _TEXT,
)


@st.composite
def items(draw: st.DrawFn) -> bytes:
    """Draw one changed value, its optional parts there or not, in the order of OPC 10000-6 §5.2.2.17."""
    mask = draw(st.integers(0, 0x3F))
    parts = [struct.pack("<IB", draw(_U32), mask)]
    if mask & 0x01:
        parts.append(variant_to_binary(draw(VARIANTS)))
    for bit, code, part in (
        (0x02, "<I", _U32),
        (0x04, "<q", TICKS),
        (0x10, "<H", _U16),
        (0x08, "<q", TICKS),
        (0x20, "<H", _U16),
    ):
        if mask & bit:
            parts.append(struct.pack(code, draw(part)))
    return b"".join(parts)


def data_change(changed: Sequence[bytes], diagnostics: Sequence[ua.DiagnosticInfo]) -> ua.ExtensionObject:
    """A DataChangeNotification around items that are encoded already."""
    body = struct.pack("<i", len(changed)) + b"".join(changed)
    body += struct.pack("<i", len(diagnostics)) + b"".join(map(struct_to_binary, diagnostics))
    return ua.ExtensionObject(ua.FourByteNodeId(ua.Int32(DATA_CHANGE)), ua.ByteString(body))


def _status_change(status: int) -> Any:
    return ua.StatusChangeNotification(Status=ua.StatusCode(ua.UInt32(status)))


def _events(fields: list[ua.Variant]) -> Any:
    return ua.EventNotificationList(Events=[ua.EventFieldList(ClientHandle=ua.UInt32(7), EventFields=fields)])


DATA_CHANGES = st.builds(data_change, st.lists(items(), max_size=8), st.lists(DIAGNOSTICS, max_size=2))
NOTIFICATIONS = st.one_of(
    DATA_CHANGES, DATA_CHANGES, _U32.map(_status_change), st.lists(VARIANTS, max_size=3).map(_events)
)
RESPONSES = st.lists(NOTIFICATIONS, max_size=3).map(encode_notifications)

ODD_BYTES: Final = (0, 1, 2, 3, 0x0F, 0x16, 0x17, 0x18, 0x19, 0x1F, 0x3F, 0x40, 0x7F, 0x80, 0xC0, 0xFF)


@st.composite
def damaged(draw: st.DrawFn, whole: st.SearchStrategy[bytes]) -> bytes:
    """Draw bytes of which some are others, missing, or too many."""
    data = bytearray(draw(whole))
    for _ in range(draw(st.integers(1, 4))):
        if not data:
            break
        at = draw(st.integers(0, len(data) - 1))
        match draw(st.sampled_from(["change", "cut", "insert", "drop", "count"])):
            case "change":
                data[at] = draw(st.sampled_from(ODD_BYTES) | st.integers(0, 255))
            case "cut":
                del data[at:]
            case "insert":
                data[at:at] = draw(st.binary(max_size=4))
            case "drop":
                del data[at : at + draw(st.integers(1, 4))]
            case _:
                data[at : at + 4] = struct.pack("<i", draw(st.integers(-5, 40)))
    return bytes(data)
