"""Clients of kafka-python that leave nothing behind when their broker is away.

The library (3.0) starts a thread and opens files in a client's constructor and forgets them when it raises:
while a broker was away each of ours lost a thread and three file descriptors every few seconds, and within
the hour a service had none left. And a producer's ``close(0)`` raises over what it still holds, before it
comes to closing: its thread went on, and what it held could still be sent.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from kafka import KafkaProducer
from kafka.errors import KafkaError
from kafka.net.compat import KafkaNetClient

_Client = TypeVar("_Client")


def make_client(kind: Callable[..., _Client], **options: Any) -> _Client:
    """Make a client of the library; if that raises, all it had opened is closed.

    Args:
        kind: its class.
        options: of its constructor.
    """
    opened: list[Any] = []

    def connect(**settings: Any) -> Any:
        opened.append(KafkaNetClient(**settings))
        return opened[-1]

    try:
        return kind(kafka_client=connect, **options)
    except BaseException:
        for each in opened:
            with suppress(Exception):
                each.close()
        raise


class DroppableProducer(KafkaProducer):  # type: ignore[misc]  # the library has no types
    """A producer that can be thrown away with what it holds."""

    def drop(self, timeout_s: float) -> None:
        """Close without sending; its thread is waited for ``timeout_s`` [s]."""
        self._sender.force_close()
        self._sender.join(timeout_s)
        with suppress(KafkaError):
            self.close(timeout=0)
