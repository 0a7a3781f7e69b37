"""A real pymodbus server with meters behind one port, some of which a test lets die."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, cast

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.server.requesthandler import ServerRequestHandler
from pymodbus.simulator import DataType, SimData, SimDevice

from tests.support.ports import free_port

BIT_FUNCTIONS: Final = frozenset({1, 2})
WRITE_BITS: Final = frozenset({5, 15})
WRITES: Final = frozenset({5, 6, 15, 16, 22})


class Meters:
    """What a test does with the meters of a port.

    Args:
        units: registers by address, by unit; the same in the holding and the input table. What is not named
            is an illegal address.
    """

    def __init__(self, units: Mapping[int, Mapping[int, int]]) -> None:
        self.port = free_port()
        self.dead: set[int] = set()
        self.failing: dict[int, ExcCodes] = {}
        self.requests: list[tuple[int, int, int]] = []
        """Unit, address and count of every request."""
        self.units = {unit: dict(registers) for unit, registers in units.items()}
        self.coils: dict[int, dict[int, bool]] = {}
        """Coils that were written, by unit; the others are set where their address is odd."""
        self.writes: list[tuple[int, int, tuple[int, ...]]] = []
        """Unit, address and values of everything that was written."""
        self.dies_on_write = False
        self.mute_on_write = False
        self.write_takes_s = 0.0
        self._server: _Server | None = None

    @property
    def endpoint(self) -> str:
        """Where clients find it."""
        return f"modbus.tcp://127.0.0.1:{self.port}"

    def set(self, unit: int, address: int, words: list[int]) -> None:
        """Set registers."""
        self.units[unit].update(enumerate(words, address))

    def device_ids(self) -> list[int]:
        """Unit ids (pymodbus asks)."""
        return list(self.units)

    async def async_getValues(  # pymodbus calls it so
        self, device_id: int, func_code: int, address: int, count: int = 1
    ) -> list[int] | list[bool] | ExcCodes:
        """Answer a read request; a bit is set where its address is odd (pymodbus calls this)."""
        failing = self.failing.get(device_id)
        if failing is not None:
            return failing
        if func_code in BIT_FUNCTIONS | WRITE_BITS:
            written = self.coils.get(device_id, {})
            return [written.get(place, place % 2 == 1) for place in range(address, address + count)]
        registers = self.units[device_id]
        places = range(address, address + count)
        if any(place not in registers for place in places):
            return ExcCodes.ILLEGAL_ADDRESS
        return [registers[place] for place in places]

    async def async_setValues(  # pymodbus calls it so
        self, device_id: int, func_code: int, address: int, values: Sequence[int]
    ) -> ExcCodes | None:
        """Answer a write request (pymodbus calls this)."""
        registers = self.units[device_id]
        if func_code not in WRITE_BITS and any(
            place not in registers for place in range(address, address + len(values))
        ):
            return ExcCodes.ILLEGAL_ADDRESS
        self.writes.append((device_id, address, tuple(int(value) for value in values)))
        await asyncio.sleep(self.write_takes_s)
        if func_code in WRITE_BITS:
            self.coils.setdefault(device_id, {}).update(enumerate(map(bool, values), address))
        else:
            self.set(device_id, address, [int(value) for value in values])
        return None

    async def start(self) -> None:
        """Listen."""
        self._server = _Server(self)
        await self._server.serve_forever(background=True)

    async def stop(self) -> None:
        """Close the port and every connection."""
        if self._server is not None:
            await self._server.shutdown()  # type: ignore[no-untyped-call]
            self._server = None


class _Server(ModbusTcpServer):
    def __init__(self, meters: Meters) -> None:
        nobody = SimDevice(1, simdata=SimData(0, datatype=DataType.REGISTERS, values=0))
        super().__init__(nobody, address=("127.0.0.1", meters.port))
        self.context = cast(Any, meters)  # stands where pymodbus has its data store
        self.meters = meters

    def callback_new_connection(self) -> ServerRequestHandler:
        """Somebody connected."""
        return _Handler(self)


class _Handler(ServerRequestHandler):
    def __init__(self, owner: _Server) -> None:
        super().__init__(  # type: ignore[no-untyped-call]
            owner, owner.trace_packet, owner.trace_pdu, owner.trace_connect
        )
        self._meters = owner.meters

    async def handle_request(self) -> None:
        """Answer, unless the unit is dead."""
        request: Any = self.last_pdu
        meters = self._meters
        meters.requests.append((request.dev_id, request.address, getattr(request, "count", 1)))
        if request.function_code in WRITES:
            if meters.dies_on_write:
                meters.dead.add(request.dev_id)
                meters.writes.append((request.dev_id, request.address, ()))
            elif meters.mute_on_write:
                await request.datastore_update(meters, request.dev_id)
                return
        if request.dev_id in meters.dead:
            return
        await super().handle_request()  # type: ignore[no-untyped-call]


def words(layout: str, number: float) -> list[int]:
    """The registers of a number, high word first."""
    raw = struct.pack(f">{layout}", number)
    return list(struct.unpack(f">{len(raw) // 2}H", raw))


@asynccontextmanager
async def meters(units: Mapping[int, Mapping[int, int]]) -> AsyncIterator[Meters]:
    """Start a port of meters, and stop it at the end."""
    running = Meters(units)
    await running.start()
    try:
        yield running
    finally:
        await running.stop()
