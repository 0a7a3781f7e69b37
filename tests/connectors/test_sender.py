"""The sender: in order, at least once, however long the bus is away."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

from connectors.outbox import Delivery, Outbox
from connectors.sender import Sender
from tests.connectors.rig import BreakableBus, read_bus
from tests.connectors.test_frames import readings
from twin.bus.base import MAX_MESSAGE_BYTES, Message
from twin.bus.embedded_log import DurableLog
from twin.contract.clock import system_clock
from twin.contract.topics import READINGS


def wait(check: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + 30
    while not check():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def fill(outbox: Outbox, n: int) -> None:
    """Have n deliveries accepted, each a frame of its own."""
    for step in range(n):
        outbox.accept(Delivery("plant", whole=step, readings=readings(1))).result(10)


def test_an_outage_of_the_bus_loses_nothing_and_keeps_the_order(tmp_path: Path) -> None:
    bus = BreakableBus("outage")
    log = DurableLog(tmp_path / "outbox.sqlite3")
    outbox = Outbox(log, clock=system_clock, linger_s=0)
    sender = Sender(log, outbox, bus, clock=system_clock, rng=random.Random(1))
    fill(outbox, 3)
    wait(lambda: sender.unsent == 0)
    bus.away = True
    fill(outbox, 5)
    wait(lambda: sender.condition is not None)
    assert sender.condition is not None
    assert sender.condition.code == "bus_unavailable"
    assert sender.unsent == 5
    bus.away = False
    wait(lambda: sender.unsent == 0 and sender.condition is None)
    assert read_bus(bus).sequences() == list(range(1, 9))
    wait(lambda: sender.unsent_bytes == 0)
    outbox.close()
    sender.close()
    log.close()


def test_what_was_not_sent_is_sent_after_a_restart(tmp_path: Path) -> None:
    bus = BreakableBus("restart")
    bus.away = True
    for _ in range(2):
        log = DurableLog(tmp_path / "outbox.sqlite3")
        outbox = Outbox(log, clock=system_clock, linger_s=0)
        sender = Sender(log, outbox, bus, clock=system_clock, rng=random.Random(1))
        fill(outbox, 3)
        outbox.close()
        sender.close()
        log.close()
        bus.away = False
    assert read_bus(bus).sequences() == [1, 2, 3, 4, 5, 6]


def test_a_message_that_no_bus_takes_holds_nothing_up(tmp_path: Path) -> None:
    bus = BreakableBus("poison")
    log = DurableLog(tmp_path / "outbox.sqlite3")
    log.append([Message(READINGS.name, "plant", bytes(MAX_MESSAGE_BYTES + 1))])
    outbox = Outbox(log, clock=system_clock, linger_s=0)
    fill(outbox, 2)
    sender = Sender(log, outbox, bus, clock=system_clock, rng=random.Random(1))
    wait(lambda: sender.unsent == 0)
    assert sender.unsendable == 1
    assert read_bus(bus).sequences() == [1, 2]
    outbox.close()
    sender.close()
    log.close()
