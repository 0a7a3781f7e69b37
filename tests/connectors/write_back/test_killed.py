"""The connectors service killed while it writes: every command at most once, and every one answered for."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path

import pytest

from tests.connectors.modbus.meters import Meters
from tests.connectors.rig import until
from tests.connectors.service_process import ConnectorProcess
from tests.connectors.write_back.commands import (
    config_for,
    final,
    outcomes_on,
    publish,
    write_command,
)
from twin.bus.base import Bus
from twin.contract.clock import NS_PER_S, system_clock
from twin.contract.command import Command, CommandOutcome, CommandState
from twin.contract.messages import SourceItem

pytestmark = pytest.mark.slow

SEED = 11
UNIT = 3
COMMANDS = 30
KILLS = 4
NEVER_WRITTEN = frozenset({"refused", "failed"})


def register(address: int) -> str:
    """A register of the device."""
    return f"unit={UNIT};holding={address};type=uint16"


async def listening(bus: Bus) -> None:
    """Wait until the service takes commands."""
    probes: list[str] = []

    def answered() -> bool:
        probes.append(f"probe-{len(probes):06d}")
        publish(bus, write_command(register(0), 1, dry_run=True, id=probes[-1]))
        return any(final(outcomes_on(bus, of=probe)) for probe in probes)

    await until(answered, "a dry run is answered")


def last_of(bus: Bus, commands: list[Command]) -> dict[str, CommandOutcome]:
    """The final outcome of each command that has one."""
    ids = {one.id for one in commands}
    return {
        outcome.command: outcome
        for outcome in outcomes_on(bus)
        if outcome.command in ids and final([outcome]) is not None
    }


async def test_killed_at_random_moments_it_writes_nothing_twice_and_answers_for_everything(
    tmp_path: Path,
) -> None:
    rng = random.Random(SEED)
    device = Meters({UNIT: dict.fromkeys(range(COMMANDS + 1), 0)})
    device.write_takes_s = 0.15
    await device.start()
    service = ConnectorProcess(tmp_path)
    item = SourceItem(tag="park/test/machine:speed", node=register(0))
    service.say(config_for(device.endpoint, "modbus", items=(item,)))
    bus = service.open_bus()
    commands = [write_command(register(number), 1000 + number) for number in range(1, COMMANDS + 1)]
    try:
        await asyncio.to_thread(service.start)
        await listening(bus)

        async def issue() -> None:
            for one in commands:
                now = system_clock()
                fresh = Command(
                    **{
                        **{name: getattr(one, name) for name in one.__struct_fields__},
                        "issued": now,
                        "expires": now + 60 * NS_PER_S,
                    }
                )
                await asyncio.to_thread(publish, bus, fresh)
                await asyncio.sleep(rng.uniform(0.1, 0.6))

        issuing = asyncio.create_task(issue())
        for _ in range(KILLS):
            await asyncio.sleep(rng.uniform(1.0, 2.5))
            service.kill()
            await asyncio.to_thread(service.start)
        await issuing
        await until(lambda: len(last_of(bus, commands)) == COMMANDS, "every command has come to its end")
        last = last_of(bus, commands)
    finally:
        service.kill()
        await device.stop()
        bus.close()
    written = Counter(address for _, address, _ in device.writes)
    assert max(written.values()) == 1
    for number, one in enumerate(commands, 1):
        state = last[one.id].state
        if state == "held":
            assert written[number] == 1, one
            assert device.units[UNIT][number] == 1000 + number
        elif str(state) in NEVER_WRITTEN:
            assert written[number] == 0, last[one.id]
    states = Counter(outcome.state for outcome in last.values())
    assert states[CommandState.HELD] >= 3
    assert len(last) == COMMANDS
