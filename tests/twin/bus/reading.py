"""Small helpers to write to a bus and to read from it until something is there."""

from __future__ import annotations

import time
from collections.abc import Callable

from twin.bus.base import Consumer, Message, Received

DEADLINE_S = 40.0
"""How long a test waits for what must come: far above what any bus needs, even while others load the
machine."""


def message(number: int, key: str = "anphat", topic: str = "gaps") -> Message:
    """A message that carries a number."""
    return Message(topic, key, str(number).encode(), {"ce_id": f"{key}:{number}"})


def numbers(received: list[Received]) -> list[int]:
    """The numbers of messages."""
    return [int(each.message.value) for each in received]


def read(consumer: Consumer, count: int) -> list[Received]:
    """Poll until ``count`` messages have come."""
    return read_until(consumer, lambda received: len(received) >= count)


def read_until(consumer: Consumer, done: Callable[[list[Received]], bool]) -> list[Received]:
    """Poll until what has come is enough."""
    received: list[Received] = []
    deadline = time.monotonic() + DEADLINE_S
    while not done(received):
        assert time.monotonic() < deadline, f"only {len(received)} messages came: {received[-3:]}"
        received += consumer.poll(0.2)
    return received


def share(consumers: list[Consumer], count: int) -> list[list[Received]]:
    """Poll the consumers of one group in turn, committing, until ``count`` messages have come to all
    together."""
    received: list[list[Received]] = [[] for _ in consumers]
    deadline = time.monotonic() + DEADLINE_S
    while sum(map(len, received)) < count:
        assert time.monotonic() < deadline, f"only {[len(each) for each in received]} messages came"
        for each, consumer in zip(received, consumers, strict=True):
            each += consumer.poll(0.05)
            consumer.commit()
    return received
