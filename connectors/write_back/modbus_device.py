"""A command on a Modbus device: write a register or a coil, read it back.

Over a connection of its own beside the poll's. Nothing in Modbus says whether a register may be written, so a
dry run can only read it; the device's exception is the answer to a write.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException

from connectors.errors import NodeAddressError, SourceLostError
from connectors.modbus.device import Device as Reader
from connectors.modbus.device import DeviceRefusedError, DeviceSilentError
from connectors.modbus.heed_stop import heed_stop
from connectors.modbus.plan import Wanted, plan_blocks, values_of
from connectors.modbus.register import Register, parse_register
from connectors.write_back.device import Act
from connectors.write_back.errors import AnswerLostError, CommandRefusedError
from connectors.write_back.read_back import Seen, show
from twin.contract.clock import Clock
from twin.contract.command import Command
from twin.contract.messages import SourceConfig
from twin.contract.status import BAD_DATA_UNAVAILABLE, BAD_NO_COMMUNICATION, GOOD

ANSWER_S: Final = 2.0
_UNDONE: Final = frozenset({1, 2, 3, 6})
"""Exceptions after which nothing was written (V1.1b3 §7); of the others, such as 5 "acknowledge: I have it
and take my time", that is not certain."""


class ModbusDevice:
    """A :class:`connectors.write_back.device.Device` with a connection of its own.

    Args:
        config: of the source.
        clock: ns since the epoch.
    """

    def __init__(self, config: SourceConfig, clock: Clock) -> None:
        parts = urlsplit(config.endpoint)
        self._endpoint = config.endpoint
        self._clock = clock
        self._reader = Reader(config.endpoint, answer_s=ANSWER_S)
        self._writer = AsyncModbusTcpClient(
            parts.hostname or "", port=parts.port or 502, timeout=ANSWER_S, retries=0, reconnect_delay=0
        )

    async def open(self) -> None:
        """See :class:`connectors.write_back.device.Device`."""
        await self._reader.connect()

    async def close(self) -> None:
        """See :class:`connectors.write_back.device.Device`."""
        self._reader.close()
        self._writer.close()

    async def prepare(self, command: Command) -> Act:
        """See :class:`connectors.write_back.device.Device`."""
        target, value = command.target, command.value
        if target.action != "write" or value is None:
            raise CommandRefusedError("bad_target", why="Modbus knows no methods; write a register")
        register = _register(target.node)
        if register.table not in ("holding", "coil"):
            raise CommandRefusedError("not_writable", node=target.node)
        if isinstance(value, str):
            raise CommandRefusedError("wrong_type", value=show(value), data_type=register.type)
        try:
            words = register.words(float(value))
        except ValueError as error:
            raise CommandRefusedError("bad_target", why=error) from error
        seen = await self.read(target.node)
        if seen.status == BAD_NO_COMMUNICATION:
            raise SourceLostError(f"unit {register.unit} does not answer")
        return partial(self._act, register, words, command)

    async def _act(self, register: Register, words: list[int], command: Command) -> None:
        if not await heed_stop(self._writer.connect()):
            raise SourceLostError(f"{self._endpoint}: nobody listens there any more")
        try:
            if register.table == "coil":
                call = self._writer.write_coil(register.address, bool(words[0]), device_id=register.unit)
            elif register.type == "bit":
                bit = 1 << register.bit
                call = self._writer.mask_write_register(
                    address=register.address,
                    and_mask=0xFFFF & ~bit,
                    or_mask=bit if words[0] else 0,
                    device_id=register.unit,
                )
            else:
                call = self._writer.write_registers(register.address, words, device_id=register.unit)
            answer = await heed_stop(call)
        except ModbusException as error:
            raise AnswerLostError(f"unit {register.unit}: no answer in time") from error
        if not answer.isError():
            return
        code = int(getattr(answer, "exception_code", 0))
        if code in _UNDONE:
            raise CommandRefusedError(
                "device_refused", status=f"Modbus exception {code}", node=command.target.node
            )
        raise AnswerLostError(f"unit {register.unit}: Modbus exception {code}")

    def resolution(self, node: str) -> float:
        """See :class:`connectors.write_back.device.Device`."""
        register = _register(node)
        return 0.0 if register.type.startswith("float") else abs(register.scale) / 2

    async def read(self, node: str) -> Seen:
        """See :class:`connectors.write_back.device.Device`."""
        register = _register(node)
        (block,) = plan_blocks([Wanted(0, register)])
        try:
            answer = await self._reader.read(block)
        except DeviceRefusedError:
            return Seen(None, BAD_DATA_UNAVAILABLE, self._clock())
        except DeviceSilentError:
            return Seen(None, BAD_NO_COMMUNICATION, self._clock())
        (value,) = values_of(block, answer)
        if math.isnan(value):
            return Seen(None, BAD_DATA_UNAVAILABLE, self._clock())
        return Seen(value, GOOD, self._clock())


def _register(node: str) -> Register:
    try:
        return parse_register(node)
    except NodeAddressError as error:
        raise CommandRefusedError("bad_target", why=error) from error
