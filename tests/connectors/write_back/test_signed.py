"""A command that no twin of ours has said moves no machine and is an alarm; on a real embedded bus and on
Kafka."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from tests.connectors.modbus.meters import Meters
from tests.connectors.rig import until
from tests.connectors.write_back.commands import (
    WriteBackRig,
    config_for,
    write_command,
)
from tests.support.kafka import KafkaBroker, RunningBroker
from twin.bus.base import Bus, Message
from twin.bus.connect import open_bus
from twin.bus.signatures import Signer, Signing, Trust, make_keys, read_private
from twin.contract.codec import decode_message, encode_message
from twin.contract.messages import DeadLetter
from twin.contract.topics import COMMAND_OUTCOMES, COMMANDS, DEAD_LETTERS

PUMP = 3
NODE = f"unit={PUMP};holding=0;type=uint16"


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=[pytest.mark.kafka, pytest.mark.slow])])
def bus(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bus]:
    """A bus that others can write to."""
    if request.param == "embedded":
        opened = open_bus(f"embedded:{tmp_path / 'bus'}")
    else:
        broker: KafkaBroker | RunningBroker = request.getfixturevalue("kafka_broker")
        opened = open_bus(f"kafka://{broker.bootstrap}")
    yield opened
    opened.close()


@pytest.fixture
async def pump() -> AsyncIterator[Meters]:
    """A pump whose speed is a register."""
    meters = Meters({PUMP: dict.fromkeys(range(4), 7)})
    await meters.start()
    yield meters
    await meters.stop()


def signer(folder: Path, service: str) -> Signer:
    """What a service signs with."""
    return Signer(read_private(folder / f"{service}.key.pem"))


def letters(bus: Bus) -> list[str]:
    """Reasons of the dead letters of messages that nobody of ours has said."""
    consumer = bus.consumer([DEAD_LETTERS.name])
    found = [decode_message(DeadLetter, r.message.value, r.message.headers) for r in consumer.poll(10.0)]
    consumer.close()
    return [letter.reason for letter in found if letter.code == "contract.signature"]


def message(value: float) -> Message:
    """A command to the pump that nobody has signed."""
    one = write_command(NODE, value)
    data, headers = encode_message(one, message_id=one.id, source="twin/commands", time_ns=one.issued)
    return Message(COMMANDS.name, one.source, data, headers)


async def test_only_what_the_twin_signed_moves_the_machine(tmp_path: Path, bus: Bus, pump: Meters) -> None:
    ours, others = tmp_path / "signing", tmp_path / "others"
    make_keys(ours)
    make_keys(others)
    twin = signer(ours, "twin")
    signing = Signing(sign=signer(ours, "connectors").sign, check=Trust(ours / "trust").check)
    config = config_for(pump.endpoint, "modbus")
    async with WriteBackRig(tmp_path, bus, config, signing=signing) as rig:

        def refused() -> int:
            (family,) = rig.write_back.refusals.collect()
            return sum(int(one.value) for one in family.samples if one.name.endswith("_total"))

        await heard(bus, pump, twin)
        assert rig.write_back.condition() is None
        changed = twin.sign(message(200.0))
        own = twin.sign(message(201.0))
        attacks = [
            message(202.0),  # nobody signed it
            signer(others, "twin").sign(message(203.0)),  # somebody of another park
            signer(ours, "connectors").sign(message(204.0)),  # one of ours that says no commands
            replace(changed, value=changed.value.replace(b"200", b"999")),
            replace(own, key="another source"),
            replace(own, headers={**own.headers, "ce_time": "2020-01-01T00:00:00Z"}),
        ]
        await asyncio.to_thread(bus.publish, attacks)
        await until(lambda: refused() == len(attacks), "all are refused")
        condition = rig.write_back.condition()
        assert condition is not None
        assert condition.code == "forged_message"

        replayed = twin.sign(message(50.0))
        await asyncio.to_thread(bus.publish, [replayed])
        await until(lambda: pump.units[PUMP][0] == 50, "a good one goes on being carried out")
        await asyncio.to_thread(bus.publish, [twin.sign(message(60.0))])
        await until(lambda: pump.units[PUMP][0] == 60, "and another")
        count = len(pump.writes)
        await asyncio.to_thread(bus.publish, [replayed])
        await until(lambda: refused() == len(attacks) + 1, "the replay is seen")
        again = rig.write_back.condition()
        assert again is not None
        assert "was said again" in again.detail
        registry = CollectorRegistry()
        registry.register(rig.write_back)
        metric = f'parktwin_connector_refused_messages_total{{topic="commands"}} {len(attacks) + 1}.0'
        assert metric in generate_latest(registry).decode()
    assert len(pump.writes) == count
    assert pump.units[PUMP][0] == 60
    assert len(letters(bus)) >= len(attacks)
    trust = Trust(ours / "trust")
    consumer = bus.consumer([COMMAND_OUTCOMES.name])
    (said, *_) = consumer.poll(10.0)
    consumer.close()
    trust.check(said.message)


async def heard(bus: Bus, pump: Meters, twin: Signer) -> None:
    """Wait until a command is carried out: what is said before write-back listens is not for it."""

    async def tried() -> bool:
        await asyncio.to_thread(bus.publish, [twin.sign(message(5.0))])
        await asyncio.sleep(0.3)
        return pump.units[PUMP][0] == 5

    async with asyncio.timeout(60):
        while not await tried():
            pass
