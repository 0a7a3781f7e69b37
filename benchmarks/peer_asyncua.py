"""The peer of the connector: asyncua's client as its documentation has it, with a handler that does the job.

    python -m benchmarks.peer_asyncua ENDPOINT TAGS SECONDS DIR [note]

The job is the connector's: value, status and source time of every change go into an outbox, durable, and from
there to a bus, with our own outbox and sender. With ``note`` the handler only keeps the value of each node,
which is the least that a handler can do. Prints what it cost as JSON.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from asyncua import ua
from asyncua.client.client import Client

from connectors.frames import Readings
from connectors.outbox import LINGER_S, Delivery, Outbox
from connectors.sender import Sender
from twin.bus.connect import open_bus
from twin.bus.embedded_log import DurableLog
from twin.contract.clock import system_clock
from twin.contract.messages import TagSet

NAMESPACE = "urn:parktwin:load"
WARM_UP_S = 3.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NotingHandler:
    """Keeps the last value of each node."""

    def __init__(self) -> None:
        self.count = 0
        self._values: dict[Any, Any] = {}

    def datachange_notification(self, node: Any, val: Any, data: Any) -> None:
        """Take one change (asyncua calls this)."""
        del data
        self.count += 1
        self._values[node] = val

    async def run(self) -> None:
        """Nothing is left to do."""


class OutboxHandler:
    """Hands every change to an outbox, as often as the connector's outbox commits.

    Args:
        tags: the nodes' numbers by node id.
        tag_set: what an index means.
        outbox: where they go.
    """

    def __init__(self, tags: dict[Any, int], tag_set: TagSet, outbox: Outbox) -> None:
        self.count = 0
        self._tags = tags
        self._tag_set = tag_set
        self._outbox = outbox
        self._rows: list[tuple[int, datetime, int, float]] = []

    def datachange_notification(self, node: Any, val: Any, data: Any) -> None:
        """Take one change (asyncua calls this)."""
        changed = data.monitored_item.Value
        self.count += 1
        self._rows.append(
            (self._tags[node.nodeid], changed.SourceTimestamp, changed.StatusCode.value, float(val))
        )

    async def run(self) -> None:
        """Hand over what came, for ever."""
        while True:
            await asyncio.sleep(LINGER_S)
            rows, self._rows = self._rows, []
            if not rows:
                continue
            index, moments, status, value = (np.array(column) for column in zip(*rows, strict=True))
            times = np.array([_ns(moment) for moment in moments], np.int64)
            readings = Readings(
                self._tag_set.id, index.astype(np.uint32), times, status.astype(np.uint32), value
            )
            await asyncio.wrap_future(
                self._outbox.accept(Delivery("peer", whole=int(times[-1]), readings=readings))
            )


def _ns(moment: datetime) -> int:
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000_000 + since.microseconds * 1_000


async def measure(endpoint: str, tags: int, seconds: float, folder: Path, *, note: bool) -> dict[str, float]:
    """Subscribe and measure."""
    bus = open_bus(f"embedded:{folder}/bus")
    log = DurableLog(folder / "peer.sqlite3", clock=system_clock)
    outbox = Outbox(log, clock=system_clock)
    sender = Sender(log, outbox, bus, clock=system_clock, rng=random.Random(1))
    try:
        # on a busy machine its watchdog would take the connection for dead
        async with Client(endpoint, timeout=30, watchdog_intervall=30.0) as client:
            index = await client.get_namespace_index(NAMESPACE)
            nodes = [client.get_node(f"ns={index};s=load_{n:06d}") for n in range(1, tags + 1)]
            names = tuple(f"park/load:s{n}" for n in range(1, tags + 1))
            tag_set = TagSet(source="peer", tags=names, units=("",) * tags, data_types=("Double",) * tags)
            handler: NotingHandler | OutboxHandler = NotingHandler()
            if not note:
                outbox.accept(Delivery("peer", tag_set=tag_set)).result()
                handler = OutboxHandler({node.nodeid: row for row, node in enumerate(nodes)}, tag_set, outbox)
            running = asyncio.create_task(handler.run())
            subscription = await client.create_subscription(100, handler)
            await subscription.subscribe_data_change(nodes, queuesize=100, sampling_interval=ua.Duration(0))
            await asyncio.sleep(WARM_UP_S)
            start, cpu, before = time.perf_counter(), time.process_time(), handler.count
            await asyncio.sleep(seconds)
            cost = {
                "values": float(handler.count - before),
                "seconds": time.perf_counter() - start,
                "cpu_s": time.process_time() - cpu,
            }
            running.cancel()
            return cost
    finally:
        sender.close()
        outbox.close()
        log.close()
        bus.close()


if __name__ == "__main__":
    where, count, for_s, directory, *flags = sys.argv[1:]
    print(
        json.dumps(
            asyncio.run(measure(where, int(count), float(for_s), Path(directory), note=flags == ["note"]))
        )
    )
