"""Where a message goes that its consumer cannot read: kept with the reason, so that the consumer can go
on."""

from __future__ import annotations

from twin.bus.base import Bus, Message, Received
from twin.contract.clock import Clock
from twin.contract.codec import encode_message
from twin.contract.errors import ParkTwinError
from twin.contract.messages import DeadLetter
from twin.contract.topics import DEAD_LETTERS

MAX_VALUE_BYTES = 64 << 10


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
        key=message.key,
        consumer=consumer,
        code=error.code,
        reason=str(error),
        time=time_ns,
        value=message.value[:MAX_VALUE_BYTES],
        headers=dict(message.headers),
    )
    # the same letter told twice, after a kill before the commit, is one letter
    message_id = f"{consumer}:{message.topic}:{received.partition}:{received.offset}"
    value, headers = encode_message(letter, message_id=message_id, source=consumer, time_ns=time_ns)
    bus.publish([Message(DEAD_LETTERS.name, message.topic, value, headers)])
