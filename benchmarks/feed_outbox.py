"""A connector without its device: hands columns to a real outbox, whose sender brings them onto a real bus.

    python -m benchmarks.feed_outbox BUS DIR TAGS ROUNDS

Prints ``ready``, waits for a line on standard input, feeds, prints the source time of the last round, and
stays until standard input ends.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

import numpy as np

from benchmarks.load_park import SOURCE, tags
from connectors.frames import Readings
from connectors.outbox import Delivery, Outbox
from connectors.sender import Sender
from connectors.settings import ConnectorSettings
from twin.bus.connect import open_bus
from twin.bus.embedded_log import DurableLog
from twin.contract.clock import NS_PER_MS, system_clock
from twin.contract.messages import TagSet
from twin.service.settings import load

IN_FLIGHT = 8
"""Deliveries that wait to become durable at once: what a subscription has in flight."""


def main() -> None:
    bus_url, directory, count, rounds = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    names = tuple(tags(count))
    tag_set = TagSet(source=SOURCE, tags=names, units=("",) * count, data_types=("Double",) * count)
    settings = load(ConnectorSettings)
    bus = open_bus(bus_url)
    log = DurableLog(directory / "outbox.sqlite3", synchronous=settings.outbox_sync, clock=system_clock)
    outbox = Outbox(log, clock=system_clock)
    sender = Sender(log, outbox, bus, clock=system_clock, rng=random.Random(1))
    index, good = np.arange(count, dtype=np.uint32), np.zeros(count, np.uint32)
    values = np.random.default_rng(1).normal(20.0, 5.0, (16, count))
    outbox.accept(Delivery(SOURCE, tag_set=tag_set)).result()
    print("ready", flush=True)
    start = int(sys.stdin.readline())
    waiting = []
    for step in range(rounds):
        now = start + step * NS_PER_MS
        readings = Readings(tag_set.id, index, np.full(count, now), good, values[step % 16])
        waiting.append(outbox.accept(Delivery(SOURCE, whole=now, readings=readings)))
        if len(waiting) >= IN_FLIGHT:
            waiting.pop(0).result()
    for done in waiting:
        done.result()
    sys.stdin.readline()
    sender.close()
    outbox.close()
    log.close()
    bus.close()


if __name__ == "__main__":
    main()
