"""``python -m tests.fuzz.seeds``: write the seeds that are made, beside those that were found."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from asyncua import ua
from asyncua.ua.ua_binary import struct_to_binary, variant_to_binary

from connectors.opcua.publish_response import DATA_CHANGE
from connectors.recording.file import Kept, RecordingWriter
from tests.connectors.opcua.data_values import T
from tests.connectors.opcua.publish_responses import EPOCH_TICKS, at, encode_notifications
from tests.fuzz.responses import data_change
from tests.fuzz.targets import CORPUS
from twin.contract.frame import Frame, encode_frame

_NOW = EPOCH_TICKS + 17_000_000_000_000_017


def _item(handle: int, variant: ua.Variant | None, mask: int = 0x0F) -> bytes:
    value = variant_to_binary(variant) if variant is not None else b""
    parts = ((2, "<I", 0x40000000), (4, "<q", _NOW), (16, "<H", 7_300), (8, "<q", _NOW + 5), (32, "<H", 100))
    stamps = b"".join(struct.pack(code, entry) for bit, code, entry in parts if mask & bit)
    return struct.pack("<IB", handle, mask) + value + stamps


def _variants() -> Iterator[tuple[str, ua.Variant]]:
    one: dict[ua.VariantType, Any] = {
        T.Boolean: True, T.SByte: -3, T.Byte: 200, T.Int16: -300, T.UInt16: 60_000, T.Int32: -70_000,
        T.UInt32: 4_000_000_000, T.Int64: -(2**60) - 1, T.UInt64: 2**63 + 1, T.Float: 0.1, T.Double: 1e300,
        T.String: "máy dừng", T.DateTime: at(1_700_000_000_000_001), T.ByteString: b"\x00\xff",
        T.NodeId: ua.NodeId(ua.String("bơm"), ua.Int16(3)),
        T.StatusCode: ua.StatusCode(ua.UInt32(0x80310000)),
        T.QualifiedName: ua.QualifiedName("x", 2), T.LocalizedText: ua.LocalizedText("chạy", "vi"),
        T.ExtensionObject: ua.Range(1.0, 2.0), T.Null: None,
        T.ExpandedNodeId: ua.ExpandedNodeId(
            ua.Int32(5), ua.Int16(2), ua.NodeIdType.Numeric, ua.String("urn:x"), ua.Int32(1)
        ),
    }  # fmt: skip
    for kind, value in one.items():
        yield kind.name, ua.Variant(value, kind)
        if kind is not T.Null:
            yield f"{kind.name}-array", ua.Variant([value, value], kind, is_array=True)
    yield "matrix", ua.Variant([[1, 2], [3, 4]], T.Int32, [ua.Int32(2), ua.Int32(2)], is_array=True)


def _responses() -> Iterator[tuple[str, bytes]]:
    def whole(*items: bytes) -> bytes:
        return encode_notifications([data_change(items, [])])

    doubles = [_item(n, ua.Variant(n / 3, T.Double)) for n in range(5)]
    yield "doubles", whole(*doubles)
    yield "doubles-without-times", whole(*(_item(n, ua.Variant(n / 3, T.Double), 0x01) for n in range(5)))
    yield "picoseconds", whole(*(_item(n, ua.Variant(1.0, T.Double), 0x3F) for n in range(3)))
    everything = list(_variants())
    for name, variant in everything:
        yield name.lower(), whole(_item(1, variant), doubles[0])
    yield "everything", whole(*(_item(n, variant) for n, (_, variant) in enumerate(everything)))
    yield "no-values", whole(*(_item(mask, None, mask) for mask in range(0, 64, 2)))
    yield "keep-alive", encode_notifications([])
    status = ua.StatusChangeNotification(Status=ua.StatusCode(ua.UInt32(0x800A0000)))
    yield "status-change", encode_notifications([status])
    fields = [variant for _, variant in everything[:6]]
    events = ua.EventNotificationList(Events=[ua.EventFieldList(ua.UInt32(7), fields)])
    told = ua.DiagnosticInfo(SymbolicId=ua.Int32(1), AdditionalInfo=ua.String("x"))
    yield "several", encode_notifications([data_change(doubles, [told, told]), events, status])
    nested = bytes([24, 24, 1, 1])  # a Variant in a Variant
    yield "nested", whole(struct.pack("<IB", 1, 1) + nested, doubles[0])
    value = bytes([23, 1, 11]) + struct.pack("<d", 1.0)  # a DataValue in a Variant
    yield "data-value", whole(struct.pack("<IB", 1, 1) + value, doubles[0])
    yield "reserved-type", whole(struct.pack("<IBBi", 1, 1, 27, 2) + b"ab", doubles[0])
    xml = bytes([22, 1, 0, 9, 0, 2]) + struct.pack("<i", 4) + b"<a/>"  # a structure in XML
    yield "xml-structure", whole(struct.pack("<IB", 1, 1) + xml, doubles[0])
    body = struct.pack("<i", 0) + struct.pack("<iBiBi", 1, 0x41, 5, 0x01, 6)  # a diagnostic in a diagnostic
    kind = ua.FourByteNodeId(ua.Int32(DATA_CHANGE))
    yield "inner-diagnostic", encode_notifications([ua.ExtensionObject(kind, ua.ByteString(body))])
    response = ua.RepublishResponse()
    response.NotificationMessage.NotificationData = [data_change(doubles, [])]
    yield "republish", struct_to_binary(response)


def _frames() -> Iterator[tuple[str, bytes]]:
    for n in (0, 1, 5, 200):
        for text in (None, tuple(None if row % 2 else f"chữ {row}" for row in range(n))):
            for compress in (False, True):
                made = Frame(
                    "nguồn",
                    7,
                    "00112233445566778899aabbccddeeff",
                    np.arange(n, dtype=np.uint32),
                    np.arange(n, dtype=np.int64) - 3,
                    np.full(n, 0x80310000, np.uint32),
                    np.arange(n) / 3,
                    text,
                )
                name = f"{n}{'-text' if text is not None else ''}{'-zstd' if compress else ''}"
                yield name, encode_frame(made, compress=compress)


def _recordings() -> Iterator[tuple[str, bytes]]:
    for blocks in range(4):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "r"
            writer = RecordingWriter(path)
            for block in range(blocks):
                for n in range(3):
                    writer.write(Kept("readings", f"k{n}", bytes(20 * block), {"type": "x"}, n))
                writer.flush()
            writer.close()
            whole = path.read_bytes()
        yield f"{blocks}-blocks", whole
        yield f"{blocks}-blocks-cut", whole[:-7]


def _registers() -> Iterator[tuple[str, bytes]]:
    for n, raw in enumerate(
        (bytes(8), b"\xff" * 8, b"\x7f\xf0" + bytes(6), b"\x80" + bytes(7), bytes(range(8)))
    ):
        yield str(n), raw


def main() -> None:
    """Write all of them."""
    makers = (
        ("publish_response", _responses()),
        ("frame", _frames()),
        ("recording", _recordings()),
        ("modbus_register", _registers()),
    )
    for target, seeds in makers:
        folder = CORPUS / target
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in seeds:
            (folder / f"{name}.bin").write_bytes(data)


if __name__ == "__main__":
    main()
