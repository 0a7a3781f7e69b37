"""Where a message goes that its consumer cannot read: kept with the reason, so that the consumer can go
on."""

from __future__ import annotations

import logging

from twin.bus.base import Bus, BusError, Message, Received
from twin.contract.clock import Clock
from twin.contract.codec import encode_message
from twin.contract.errors import ParkTwinError
from twin.contract.messages import DeadLetter
from twin.contract.topics import DEAD_LETTERS

MAX_VALUE_BYTES = 64 << 10
MAX_TEXT = 4 << 10
"""Characters kept of the key, of the reason and of each header, and so many headers at most: a message can be
bad in any part of it, and its letter must fit on the bus."""
MAX_HEADERS = 32

_LOG = logging.getLogger(__name__)


def publish_dead_letter(
    bus: Bus, received: Received, *, consumer: str, error: ParkTwinError, clock: Clock
) -> None:
    """Put a message on ``dead_letters``; commit it afterwards like one that was read.

    Args:
        received: the message as it came.
        consumer: who could not read it, e.g. ``historian``.
        error: why.
        clock: stamps the letter.

    Raises:
        BusUnavailableError, BusFullError: it is not stored; do not commit, the message will come again.
    """
    message = received.message
    time_ns = clock()
    letter = DeadLetter(
        topic=message.topic,
        partition=received.partition,
        offset=received.offset,
        key=message.key[:MAX_TEXT],
        consumer=consumer,
        code=error.code,
        reason=str(error)[:MAX_TEXT],
        time=time_ns,
        value=message.value[:MAX_VALUE_BYTES],
        headers={
            name[:MAX_TEXT]: text[:MAX_TEXT] for name, text in list(message.headers.items())[:MAX_HEADERS]
        },
    )
    # the same letter told twice, after a kill before the commit, is one letter
    message_id = f"{consumer}:{message.topic}:{received.partition}:{received.offset}"
    value, headers = encode_message(letter, message_id=message_id, source=consumer, time_ns=time_ns)
    bus.publish([Message(DEAD_LETTERS.name, message.topic, value, headers)])


def tell_dead_letter(
    bus: Bus, received: Received, *, consumer: str, error: ParkTwinError, clock: Clock
) -> None:
    """Do as :func:`publish_dead_letter`, for a reader without a group, which nothing brings the message to
    again: if the bus does not take the letter, the log keeps the reason."""
    try:
        publish_dead_letter(bus, received, consumer=consumer, error=error, clock=clock)
    except BusError as refusal:
        where = f"{received.message.topic}[{received.partition}]@{received.offset}"
        _LOG.warning("dead letter of %s (%s) is not stored: %s", where, error, refusal)
