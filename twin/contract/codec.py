"""From messages to bytes and back, with the CloudEvents headers that let tools outside read the topics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import msgspec
import zstandard

from twin.contract.clock import to_iso
from twin.contract.errors import MessageError
from twin.contract.frame import Frame
from twin.contract.messages import MESSAGE_TYPES, Payload

P = TypeVar("P", bound=Payload)

FRAME_TYPE = "frame@1"
FRAME_CONTENT_TYPE = "application/vnd.parktwin.frame"
JSON_CONTENT_TYPE = "application/json"

MAX_JSON_BYTES = 64 << 20
_COMPRESS_FROM_BYTES = 64 << 10

_ENCODER = msgspec.json.Encoder()
_DECODERS: dict[str, msgspec.json.Decoder[Payload]] = {t.TYPE: msgspec.json.Decoder(t) for t in MESSAGE_TYPES}


def frame_headers(frame: Frame, time_ns: int) -> dict[str, str]:
    """Headers that go with an encoded frame."""
    return _cloud_event(frame.message_id, FRAME_TYPE, frame.source, time_ns, FRAME_CONTENT_TYPE)


def encode_message(
    message: Payload, *, message_id: str, source: str, time_ns: int
) -> tuple[bytes, dict[str, str]]:
    """Encode a message as JSON, zstd-compressed above 64 KiB (``content-encoding: zstd``).

    Args:
        message: what to say.
        message_id: unique; a consumer that has seen it may drop the message.
        source: who says it, e.g. ``connectors/opcua``.
        time_ns: when, ns since the epoch.
    """
    value = _ENCODER.encode(message)
    headers = _cloud_event(message_id, message.TYPE, source, time_ns, JSON_CONTENT_TYPE)
    if len(value) > _COMPRESS_FROM_BYTES:
        value = zstandard.ZstdCompressor(level=3).compress(value)
        headers["content-encoding"] = "zstd"
    return value, headers


def decode_message(kind: type[P], value: bytes, headers: Mapping[str, str]) -> P:
    """Decode a message of the type that the topic promises.

    Raises:
        MessageError: the header names another type, or the bytes do not fit the schema.
    """
    named = headers.get("ce_type", kind.TYPE)
    if named != kind.TYPE:
        raise MessageError(f"message type {named!r}: this topic carries {kind.TYPE!r}; publish it elsewhere")
    encoding = headers.get("content-encoding", "")
    if encoding == "zstd":
        value = _unpack(value)
    elif encoding:
        raise MessageError(f"content-encoding {encoding!r}: only 'zstd' or none is understood")
    try:
        decoded = _DECODERS[kind.TYPE].decode(value)
    except (msgspec.MsgspecError, ValueError) as error:
        raise MessageError(f"{kind.TYPE}: {error}") from error
    assert isinstance(decoded, kind)
    return decoded


def _unpack(value: bytes) -> bytes:
    try:
        size = zstandard.frame_content_size(value)
        if not 0 <= size <= MAX_JSON_BYTES:
            raise MessageError(f"compressed message unpacks to {size} bytes; at most {MAX_JSON_BYTES}")
        return zstandard.ZstdDecompressor().decompress(value, max_output_size=size)
    except zstandard.ZstdError as error:
        raise MessageError(f"compressed message does not unpack: {error}") from error


def _cloud_event(message_id: str, kind: str, source: str, time_ns: int, content_type: str) -> dict[str, str]:
    return {
        "ce_specversion": "1.0",
        "ce_id": message_id,
        "ce_type": kind,
        "ce_source": source,
        "ce_time": to_iso(time_ns),
        "content-type": content_type,
    }
