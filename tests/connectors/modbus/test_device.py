"""One connection: what pymodbus does to a task that is told to stop."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from connectors.modbus.device import Device
from connectors.modbus.plan import Block, Wanted, plan_blocks
from connectors.modbus.register import parse_register
from tests.connectors.modbus.meters import meters
from tests.connectors.rig import until

WITHIN_S = 5.0


def one_block() -> Block:
    (block,) = plan_blocks([Wanted(0, parse_register("unit=1;holding=0"))])
    return block


async def read_for_ever(device: Device) -> None:
    block = one_block()
    while True:
        await device.read(block)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_stop_that_meets_an_answer_is_not_lost(monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    """Python 3.11: ``asyncio.wait_for`` returns the answer and forgets the cancellation that came with it."""
    came = 0
    async with meters({1: {0: 7}}) as server:
        device = Device(server.endpoint)
        await device.connect()
        connection = device._client.ctx  # noqa: SLF001  only here can the two be made to meet
        take = connection.callback_data

        def took(*args: Any, **named: Any) -> int:
            nonlocal came
            came += 1
            if came == 3 and when == "before":
                reading.cancel()
            used: int = take(*args, **named)
            if came == 3 and when == "after":
                reading.cancel()
            return used

        monkeypatch.setattr(connection, "callback_data", took)
        reading = asyncio.create_task(read_for_ever(device))
        try:
            await until(reading.done, "the reader stops", within_s=WITHIN_S)
            assert reading.cancelled()
        finally:
            reading.cancel()
            device.close()
    assert came == 3, "it read on"
