"""The publish-response decoder beside asyncua's: both refuse, or both read the same numbers.

Where one of us refuses alone, it must be for one of the reasons below, each of them meant.
"""

from __future__ import annotations

import math
import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from traceback import walk_tb
from typing import Any, Final
from unittest import mock

import numpy as np
from asyncua import ua

from connectors.errors import MalformedResponseError
from connectors.opcua import wire
from connectors.opcua.decode import Changes, decode_data_change
from connectors.opcua.publish_response import (
    DATA_CHANGE,
    STATUS_CHANGE,
    PublishResponse,
    parse_publish_response,
    parse_republish_response,
    parse_status_change,
)
from connectors.opcua.times import EPOCH_TICKS, ticks_to_ns
from tests.fuzz.asyncua_reader import (
    Envelope,
    Item,
    OracleGivesUpError,
    read_envelope,
    read_items,
    read_status,
)
from twin.contract.clock import to_iso
from twin.contract.status import BAD_DATA_ENCODING_UNSUPPORTED, BAD_DATA_UNAVAILABLE, UNCERTAIN

RECEIVED_NS: Final = 1_800_000_000_123_456_789

STRICTER: Final = {
    "bits the standard reserves are set": r"bits 6 and 7 must be 0|bit 7 must be 0|localized text mask",
    "nested deeper than 16": r"deeper than 16",
    "a structure encoded as nothing known": r"extension object encoding",
    "a structure without a length": r"has no length",
    "dimensions without an array": r"dimensions but is no array",
    "bytes left over": r"do not fill it",
    "a length below -1": r"-\d+ bytes announced|array of length -",
    "built-in types 32 to 63, which do not exist": r"built-in type",
    "another message than was asked for": r"response type",
    "more notifications than a message can hold": r"notifications in one message",
}
"""What we refuse and asyncua reads: reason -> how our error says it."""

LAXER: Final = {
    "dimensions that do not fit their array": "_reshape",
    "a null that asyncua's Variant does not take": "__post_init__",
}
"""What we step over and asyncua refuses: reason -> the function of asyncua that refuses. Neither can hold a
number of ours: arrays and reserved types are unsupported as a whole."""


class FindingError(AssertionError):
    """The decoder is wrong."""


counts: Counter[str] = Counter()
"""How often both read, both refused, and each reason was met; for the report."""


def publish_response(data: bytes) -> None:
    """Decode ``data`` as a publish response, by us and by asyncua.

    Raises:
        FindingError: the decoders differ where neither means to.
    """
    with _deviations() as odd:
        ours: PublishResponse | MalformedResponseError
        try:
            ours = parse_publish_response(data)
        except MalformedResponseError as error:
            ours = error
        if odd:
            _each(ours, compare=False)
            counts.update(f"not compared: {one}" for one in odd)
            return
    theirs = _theirs(lambda: read_envelope(data))
    if _differ(ours, theirs):
        return
    if isinstance(ours, PublishResponse) and isinstance(theirs, Envelope):
        _same_envelope(ours, theirs)
    _each(ours, compare=True)


def any_response(data: bytes) -> None:
    """Decode ``data`` as whatever response its type id says."""
    publish_response(data)
    try:
        _each(parse_republish_response(data), compare=True)
    except MalformedResponseError:
        return


def _each(response: PublishResponse | MalformedResponseError, *, compare: bool) -> None:
    if isinstance(response, MalformedResponseError):
        return
    for notification in response.notifications:
        body = response.data[notification.start : notification.end]
        ours: Changes | MalformedResponseError | int
        with _deviations() as odd:
            try:
                if notification.kind == DATA_CHANGE:
                    ours = decode_data_change(response, notification, received_ns=RECEIVED_NS)
                elif notification.kind == STATUS_CHANGE:
                    ours = parse_status_change(response, notification)
                else:
                    continue
            except MalformedResponseError as error:
                ours = error
        if odd or not compare:
            counts.update(f"not compared: {one}" for one in odd)
            continue
        theirs = _theirs(lambda body=body, kind=notification.kind: _READERS[kind](body))  # type: ignore[misc]
        if _differ(ours, theirs):
            continue
        if isinstance(ours, Changes):
            _same_items(ours, theirs)
        elif ours != theirs and not isinstance(ours, MalformedResponseError):
            raise FindingError(f"status change: {ours:#x}, asyncua reads {theirs:#x}")


_READERS: Final[dict[int, Callable[[bytes], Any]]] = {DATA_CHANGE: read_items, STATUS_CHANGE: read_status}


def _theirs(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except Exception as error:  # asyncua raises whatever the bytes make it
        return error


def _differ(ours: object, theirs: object) -> bool:
    """Tell whether there is nothing to compare: both refused, or one did for a reason that is meant."""
    if isinstance(theirs, OracleGivesUpError):
        counts["not compared: asyncua would take all memory"] += 1
        return True
    refused, they_refused = isinstance(ours, Exception), isinstance(theirs, Exception)
    if refused and they_refused:
        counts["both refused"] += 1
        return True
    if not refused and not they_refused:
        counts["both read"] += 1
        return False
    if refused:
        reason = next((name for name, said in STRICTER.items() if re.search(said, str(ours))), None)
        if reason is None:
            raise FindingError(f"refused ({ours}), and asyncua reads {str(theirs)[:500]}")
        counts[f"stricter: {reason}"] += 1
        return True
    assert isinstance(theirs, Exception)
    functions = {frame.f_code.co_name for frame, _ in walk_tb(theirs.__traceback__)}
    reason = next((name for name, function in LAXER.items() if function in functions), None)
    if reason is None:
        raise FindingError(f"read {ours}, and asyncua refuses: {theirs!r}") from theirs
    counts[f"laxer: {reason}"] += 1
    return True


def _same_envelope(ours: PublishResponse, theirs: Envelope) -> None:
    ours_bodies = tuple(
        (one.kind, ours.data[one.start : one.end]) for one in ours.notifications if one.kind > 0
    )
    read = Envelope(
        ours.subscription_id, ours.sequence_number, ours.publish_time, ours.available, ours_bodies
    )
    if read != theirs:
        raise FindingError(f"envelope {read}, asyncua reads {theirs}")


def _same_items(ours: Changes, theirs: list[Item]) -> None:
    if len(ours) != len(theirs):
        raise FindingError(f"{len(ours)} items, asyncua reads {len(theirs)}")
    for row, item in enumerate(theirs):
        number, text, status, time = expected(item)
        read = (
            int(ours.handle[row]),
            float(ours.value[row]),
            ours.text.get(row),
            int(ours.status[row]),
            int(ours.source_time[row]),
        )
        wanted = (item.handle, number, text, status, time)
        if read != wanted and not _same_but_for_nan(read, wanted):
            raise FindingError(f"row {row}: {read}, asyncua reads {wanted} from {item}")


def _same_but_for_nan(read: tuple[Any, ...], wanted: tuple[Any, ...]) -> bool:
    return bool(
        np.isnan(read[1]) and np.isnan(wanted[1]) and (read[0], *read[2:]) == (wanted[0], *wanted[2:])
    )


def expected(item: Item) -> tuple[float, str | None, int, int]:
    """What a reading must say (number, text, status, time), from what asyncua read."""
    number, text, least = _value(item)
    status = item.status
    if least == BAD_DATA_UNAVAILABLE:
        status = status if status >> 30 else least  # what is missing is only no longer Good
    elif least is not None and least >> 30 > status >> 30:
        status = least
    for ticks, pico in ((item.source, item.source_pico), (item.server, item.server_pico)):
        time = ticks_to_ns(ticks)
        if time is not None:
            return number, text, status, time + min(pico, 9_999) // 100
    return number, text, status if status >> 30 else status | UNCERTAIN, RECEIVED_NS


def _value(item: Item) -> tuple[float, str | None, int | None]:
    """Number, text, and the status that it is at least."""
    kind, value = item.kind & 0x3F, item.value
    if item.kind & 0xC0 or kind > wire.LOCALIZED_TEXT:
        return math.nan, None, BAD_DATA_ENCODING_UNSUPPORTED
    if kind in _TEXTS:
        return _text(_TEXTS[kind](value))
    if kind == wire.DATE_TIME:
        time = ticks_to_ns(value)
        if time is None:
            return math.nan, None, BAD_DATA_UNAVAILABLE
        return (value - EPOCH_TICKS) / 1e7, to_iso(time), None
    if kind == wire.NULL:
        return math.nan, None, BAD_DATA_UNAVAILABLE
    if kind == wire.STATUS_CODE:
        return float(value.value), None, None
    long = kind in {wire.INT64, wire.UINT64} and abs(float(value)) >= 2**53
    return float(value), str(value) if long else None, None


def _text(text: str | None) -> tuple[float, str | None, int | None]:
    if text is None:
        return math.nan, None, BAD_DATA_ENCODING_UNSUPPORTED
    raw = text.encode(errors="surrogateescape")  # as asyncua keeps what is not UTF-8
    try:
        return math.nan, raw.decode(), None
    except UnicodeDecodeError:
        return math.nan, raw.decode(errors="replace"), UNCERTAIN


def _node_id(node: ua.NodeId) -> str | None:
    if isinstance(node, ua.ExpandedNodeId):
        return None
    identifier: Any = node.Identifier
    prefix = f"ns={node.NamespaceIndex};" if node.NamespaceIndex else ""
    if node.NodeIdType is ua.NodeIdType.String:
        return f"{prefix}s={identifier or ''}"
    if node.NodeIdType is ua.NodeIdType.ByteString:
        return f"{prefix}b={(identifier or b'').hex()}"
    return f"{prefix}{'g' if isinstance(identifier, uuid.UUID) else 'i'}={identifier}"


def _xml(value: Any) -> str:
    inner = getattr(value, "Value", value)
    if isinstance(inner, bytes):
        return inner.decode(errors="surrogateescape")
    return str(inner or "")


_TEXTS: Final[dict[int, Callable[[Any], str | None]]] = {
    wire.STRING: lambda value: value or "",
    wire.XML_ELEMENT: _xml,
    wire.LOCALIZED_TEXT: lambda value: value.Text or "",
    wire.QUALIFIED_NAME: lambda value: value.Name or "",
    wire.BYTE_STRING: lambda value: (value or b"").hex(),
    wire.GUID: str,
    wire.NODE_ID: _node_id,
    wire.EXPANDED_NODE_ID: _node_id,
}


@contextmanager
def _deviations() -> Iterator[set[str]]:
    """Note what is met that asyncua does not step over as OPC 10000-6 says, and takes the next thing for."""
    seen: set[str] = set()
    extension_object, diagnostic_info = wire.extension_object, wire.diagnostic_info

    def noting_xml(data: bytes, pos: int) -> int:
        if data[wire.node_id(data, pos)] == 2:
            seen.add("a structure in XML")
        return extension_object(data, pos)

    def noting_inner(data: bytes, pos: int, depth: int = 0) -> int:
        if data[pos] & 0x40:
            seen.add("a diagnostic within a diagnostic")
        return diagnostic_info(data, pos, depth)

    with (
        mock.patch.object(wire, "extension_object", noting_xml),
        mock.patch.object(wire, "diagnostic_info", noting_inner),
    ):
        yield seen
