"""One connection to a Modbus TCP server: pymodbus for the wire, our own words for what goes wrong."""

from __future__ import annotations

import logging
from typing import Final
from urllib.parse import urlsplit

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ConnectionException, ModbusException
from pymodbus.pdu import ModbusPDU

from connectors.errors import ConnectorError, SourceLostError
from connectors.modbus.heed_stop import heed_stop
from connectors.modbus.plan import Block

ANSWER_S: Final = 1.0
"""A meter that takes longer than this is taken for dead until it answers again."""
GATEWAY: Final = frozenset({0x0A, 0x0B})
"""Exceptions of a gateway: the device behind it does not answer."""
_NAMES: Final = {
    1: "illegal function", 2: "illegal data address", 3: "illegal data value", 4: "device failure",
    5: "acknowledge", 6: "device busy", 8: "memory parity error", 10: "gateway path unavailable",
    11: "gateway: the device does not answer",
}  # fmt: skip


class DeviceSilentError(ConnectorError, TimeoutError):
    """A unit does not answer; others on the same connection may."""

    code = "connector.modbus_silent"


class DeviceRefusedError(ConnectorError, ValueError):
    """A unit answers with an exception.

    Args:
        text: which, for a person.
        exception: the Modbus exception code.
    """

    code = "connector.modbus_refused"

    def __init__(self, text: str, exception: int) -> None:
        super().__init__(text)
        self.exception = exception


class Device:
    """A connection.

    Args:
        endpoint: ``modbus.tcp://host:port``.
        answer_s: how long to wait for an answer [s].
    """

    def __init__(self, endpoint: str, *, answer_s: float = ANSWER_S) -> None:
        parts = urlsplit(endpoint)
        self._endpoint = endpoint
        # what it says of each symptom, the source says once of the condition
        logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
        self._client = AsyncModbusTcpClient(
            parts.hostname or "", port=parts.port or 502, timeout=answer_s, retries=0, reconnect_delay=0
        )
        # three silent units in a row would end the connection of all others
        self._client.ctx.max_until_disconnect = self._client.ctx.count_until_disconnect = 1 << 30

    async def connect(self) -> None:
        """Connect.

        Raises:
            SourceLostError: nobody listens.
        """
        if not await heed_stop(self._client.connect()):
            raise SourceLostError(
                f"{self._endpoint}: nobody listens there, or not in time; check address, port and cable"
            )

    async def read(self, block: Block) -> list[int]:
        """Read a block; registers, or bits.

        Raises:
            DeviceSilentError: no answer in time.
            DeviceRefusedError: an exception of the device.
            SourceLostError: the connection is gone.
        """
        if not self._client.connected:
            raise SourceLostError(f"{self._endpoint}: the connection was closed by the other side")
        call = {
            "holding": self._client.read_holding_registers,
            "input": self._client.read_input_registers,
            "coil": self._client.read_coils,
            "discrete": self._client.read_discrete_inputs,
        }[block.table]
        try:
            answer: ModbusPDU = await heed_stop(call(block.address, count=block.count, device_id=block.unit))
        except ConnectionException as error:
            raise SourceLostError(f"{self._endpoint}: the connection is lost: {error}") from error
        except ModbusException as error:
            if not self._client.connected:
                raise SourceLostError(f"{self._endpoint}: the connection is lost") from error
            if "transaction id" in str(error) or "device id" in str(error):
                # an answer that came too late: from here on every answer would be taken for the next one's
                raise SourceLostError(
                    f"{self._endpoint}: answers are out of step; connecting anew"
                ) from error
            raise DeviceSilentError(f"unit {block.unit}: no answer in time") from error
        if answer.isError():
            code = int(getattr(answer, "exception_code", 0))
            raise DeviceRefusedError(f"{block}: exception {code} ({_NAMES.get(code, 'unknown')})", code)
        values = (
            [int(bit) for bit in answer.bits] if answer.bits else [int(word) for word in answer.registers]
        )
        if len(values) < block.count:
            raise DeviceRefusedError(f"{block}: only {len(values)} values in the answer", 3)
        return values

    def close(self) -> None:
        """Close the connection."""
        self._client.close()
