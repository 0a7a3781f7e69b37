"""Dead letters, on every bus."""

from __future__ import annotations

import random
from contextlib import closing

import pytest

from tests.twin.bus.reading import read
from twin.bus.base import Bus, Message, Received
from twin.bus.dead_letters import MAX_TEXT, MAX_VALUE_BYTES, publish_dead_letter
from twin.contract.codec import decode_message
from twin.contract.errors import FrameError
from twin.contract.frame import decode_frame
from twin.contract.messages import DeadLetter


def test_a_message_nobody_can_read_is_kept_with_the_reason(bus: Bus, group: str) -> None:
    bad = Message("readings", "anphat", b"no frame" * 20_000, {"ce_id": "anphat:7"})
    bus.publish([bad])
    with closing(bus.consumer(["readings"], group=group)) as consumer:
        (received,) = read(consumer, 1)
        with pytest.raises(FrameError) as caught:
            decode_frame(received.message.value)
        for _ in range(2):  # killed before the commit, it comes again
            publish_dead_letter(bus, received, consumer="historian", error=caught.value, clock=lambda: 42)
        consumer.commit()
    with closing(bus.consumer(["dead_letters"])) as reader:
        first, second = read(reader, 2)
    letter = decode_message(DeadLetter, first.message.value, first.message.headers)
    assert letter == DeadLetter(
        topic="readings",
        partition=received.partition,
        offset=received.offset,
        key="anphat",
        consumer="historian",
        code="contract.frame",
        reason=str(caught.value),
        time=42,
        value=bad.value[:MAX_VALUE_BYTES],
        headers={"ce_id": "anphat:7"},
    )
    assert first.message.key == "readings"
    assert first.message.headers["ce_id"] == second.message.headers["ce_id"]


def test_the_letter_of_a_message_that_is_bad_in_every_part_fits_on_the_bus(bus: Bus) -> None:
    noise = random.Random(1).randbytes(1_900_000).hex()
    bad = Received(Message("readings", noise, b"no frame", {noise: noise}), 0, 1, 1)
    publish_dead_letter(bus, bad, consumer="historian", error=FrameError(noise), clock=lambda: 42)
    with closing(bus.consumer(["dead_letters"])) as reader:
        (received,) = read(reader, 1)
    letter = decode_message(DeadLetter, received.message.value, received.message.headers)
    assert (letter.value, letter.reason) == (b"no frame", noise[:MAX_TEXT])
