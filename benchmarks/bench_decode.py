"""Publish responses to columns, against asyncua's own way from the same bytes to a handler's method."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from asyncua import ua
from asyncua.common.node import Node
from asyncua.common.subscription import Subscription, SubscriptionItemData
from asyncua.common.utils import Buffer
from asyncua.observer import NULL_OBSERVER
from asyncua.ua.ua_binary import struct_from_binary, struct_to_binary

from benchmarks.table import Row, as_markdown, median_seconds
from connectors.opcua.decode import decode_data_change
from connectors.opcua.intake import Intake
from connectors.opcua.publish_response import parse_publish_response
from twin.contract.messages import TagSet

N = 1_000
TARGET = 25.0
T = ua.VariantType


def run() -> list[Row]:
    """Measure both on responses of 1,000 changes."""
    doubles = [ua.Variant(1.5 * n, T.Double) for n in range(N)]
    numbers = [(T.Double, 0.5), (T.Int32, 7), (T.Boolean, True), (T.Float, 0.25), (T.UInt16, 9)]
    mixed = [ua.Variant(numbers[n % 5][1], numbers[n % 5][0]) for n in range(N)]
    texts = [ua.Variant(f"trạng thái {n}", T.String) if n % 10 == 0 else doubles[n] for n in range(N)]
    rows = []
    cases: tuple[tuple[str, list[ua.Variant], bool], ...] = (
        ("1,000 Doubles", doubles, True),
        ("1,000 of five numeric types by turns", mixed, False),
        ("1,000 Doubles, every tenth a String", texts, False),
    )
    for name, variants, aimed in cases:
        data = encode(variants)
        ours = median_seconds(many(lambda data=data: to_columns(data)), 7) / 20  # type: ignore[misc]
        theirs = asyncio.run(asyncua_seconds(data))
        ratio = theirs / ours
        note = f"{ours / N * 1e6:.3f} against asyncua's {theirs / N * 1e6:.1f} us a value, same bytes"
        target = f"at least {TARGET:.0f}" if aimed else ""
        rows.append(
            Row(
                "decode",
                f"{name}: times faster",
                ratio,
                "x",
                target,
                ratio >= TARGET if aimed else None,
                note,
            )
        )
    rows.append(whole_way([encode(doubles), encode(doubles)]))
    return rows


def whole_way(published: Sequence[bytes]) -> Row:
    """Measure decode and intake together: what the connector's event loop pays a value."""
    tags = TagSet(source="s", tags=tuple(map(str, range(N))), units=("",) * N, data_types=("Double",) * N)
    intake = Intake(tags)

    def work() -> None:
        for data in published:
            response = parse_publish_response(data)
            intake.take(decode_data_change(response, response.notifications[0], received_ns=1))

    seconds = median_seconds(many(work), 7) / 20 / len(published)
    return Row("decode", "decode, repeats, overflows", seconds / N * 1e6, "us/value", note="1,000 Doubles")


def to_columns(data: bytes) -> None:
    """Our way."""
    response = parse_publish_response(data)
    decode_data_change(response, response.notifications[0], received_ns=1)


def many(work: Callable[[], object]) -> Callable[[], None]:
    """Do it twenty times, so that a clock can see it."""

    def repeated() -> None:
        for _ in range(20):
            work()

    return repeated


async def asyncua_seconds(data: bytes, repeats: int = 7) -> float:
    """Measure asyncua's decoding, its publish callback and the handler it calls for each item."""
    loop = asyncio.get_running_loop()
    seen: list[Any] = []
    complete = asyncio.Event()

    class Handler:
        def datachange_notification(self, node: Node, val: Any, data: Any) -> None:
            seen.append((node, val, data.monitored_item.Value.SourceTimestamp))
            if len(seen) == N:
                complete.set()

    server: Any = SimpleNamespace(observer=NULL_OBSERVER)
    subscription = Subscription(server, ua.CreateSubscriptionParameters(), Handler())
    for handle in range(N):
        item = SubscriptionItemData()
        item.node = Node(server, ua.NodeId(ua.Int32(handle), ua.Int16(2)))
        subscription._monitored_items[handle] = item  # noqa: SLF001
    seconds = []
    for _ in range(repeats):
        seen.clear()
        complete.clear()
        start = loop.time()
        response = struct_from_binary(ua.PublishResponse, Buffer(data))
        await subscription.publish_callback(response.Parameters)
        await complete.wait()
        seconds.append(loop.time() - start)
    return sorted(seconds)[repeats // 2]


def encode(variants: Sequence[ua.Variant]) -> bytes:
    """Encode a publish response with one change a variant, with both times, as servers send them."""
    now: Any = datetime.now(UTC)
    change = ua.DataChangeNotification()
    for handle, variant in enumerate(variants):
        item = ua.MonitoredItemNotification()
        item.ClientHandle = handle
        item.Value = ua.DataValue(variant, ua.StatusCode(), now, now)
        change.MonitoredItems.append(item)
    response = ua.PublishResponse()
    response.Parameters.NotificationMessage.NotificationData = [change]
    return struct_to_binary(response)


if __name__ == "__main__":
    print(as_markdown(run()))
