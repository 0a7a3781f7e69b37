"""A process of its own on a bus: ``python -m tests.twin.bus.worker publish|consume ...``."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from twin.bus.base import BusFullError, Message
from twin.bus.connect import open_bus


def publish(url: str, key: str, first: int, count: int, size: int) -> None:
    """Publish numbers two at a time; say each pair on standard output once the bus has taken it."""
    bus = open_bus(url)
    padding = b" " * size
    for number in range(first, first + count, 2):
        bus.publish([Message("readings", key, b"%d%b" % (n, padding)) for n in (number, number + 1)])
        sys.stdout.write(f"{number}\n{number + 1}\n")
        sys.stdout.flush()
    bus.close()


def consume(url: str, group: str, file: Path) -> None:
    """Append what comes to a file, commit after that, until killed."""
    bus = open_bus(url)
    consumer = bus.consumer(["readings"], group=group)
    with file.open("a", encoding="utf-8") as effect:
        while True:
            for received in consumer.poll(1.0, max_messages=7):
                effect.write(f"{received.message.key} {int(received.message.value)}\n")
            effect.flush()
            consumer.commit()


def fill(url: str, limit: int) -> None:
    """Publish pairs of 20 kB until no file may grow any more; say how many the bus took, and how it
    failed."""
    bus = open_bus(url)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    taken = 0
    failures: list[str] = []
    while len(failures) < 3:
        try:
            bus.publish([Message("readings", "k", b"%d%b" % (n, b" " * 20_000)) for n in (taken, taken + 1)])
            taken += 2
        except BusFullError as error:
            failures.append(str(error))
    sys.stdout.write(f"{taken}\n" + "\n".join(failures))
    bus.close()


if __name__ == "__main__":
    work, url, *rest = sys.argv[1:]
    if work == "publish":
        publish(url, rest[0], int(rest[1]), int(rest[2]), int(rest[3]))
    elif work == "consume":
        consume(url, rest[0], Path(rest[1]))
    else:
        fill(url, int(rest[0]))
