"""A real Modbus TCP server: several meters behind one port, some of which may be dead."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, cast

from pymodbus.pdu.device import ModbusDeviceIdentification
from pymodbus.server import ModbusTcpServer
from pymodbus.server.requesthandler import ServerRequestHandler
from pymodbus.simulator import DataType, SimData, SimDevice

from sim.errors import PortInUseError
from sim.kind import F64, U32
from sim.modbus.meters_file import Meter
from sim.modbus.register_bank import RegisterBank

_IDENTITY = {0: "ParkTwin (simulated)", 1: "METER", 2: "1", 4: "Simulated meters"}
"""Objects of Read Device Identification: vendor, product code, revision, product name."""


class MeterServer:
    """One port with meters behind it.

    Args:
        name: for people.
        host, port: where it listens; port 0 = any free one, known after :meth:`start`.
        meters: no unit id twice.
    """

    def __init__(self, *, name: str, host: str, port: int, meters: Sequence[Meter]) -> None:
        self.name = name
        self.host = host
        self.port = port
        self.bank = RegisterBank(meters)
        self.dead: set[int] = set()
        """Units that answer nothing, as if their cable were cut."""
        self._server: _TcpServer | None = None

    @property
    def units(self) -> tuple[int, ...]:
        """The unit ids behind this port."""
        return tuple(self.bank.device_ids())

    @property
    def tags(self) -> tuple[str, ...]:
        """The tag of each value, in the order in which :meth:`write` takes them."""
        return self.bank.tags

    def write(self, value: F64, status: U32) -> None:
        """Set all values, in the order of :attr:`tags`.

        Args:
            value: ``float64[n]``, in the unit of the signal.
            status: ``uint32[n]``, OPC UA status codes.
        """
        self.bank.write(value, status)

    async def start(self) -> None:
        """Listen.

        Raises:
            PortInUseError: somebody else does already.
        """
        server = _TcpServer(self)
        try:
            await server.serve_forever(background=True)
        except RuntimeError as error:  # pymodbus says no more than that it could not
            raise PortInUseError(
                f"Modbus server {self.name!r}: port {self.port} on {self.host} is taken; "
                f"stop what listens there or choose another port",
            ) from error
        self._server = server
        listener = cast(asyncio.Server, server.transport)
        self.port = listener.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close all connections and the port."""
        if self._server is not None:
            await self._server.shutdown()  # type: ignore[no-untyped-call]
            self._server = None

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._server.active_connections) if self._server is not None else 0


class _TcpServer(ModbusTcpServer):
    """pymodbus' server with our registers behind it."""

    def __init__(self, meters: MeterServer) -> None:
        nobody = SimDevice(1, simdata=SimData(0, datatype=DataType.REGISTERS, values=0))
        identity = ModbusDeviceIdentification(info=_IDENTITY)  # type: ignore[no-untyped-call]
        super().__init__(nobody, address=(meters.host, meters.port), identity=identity)
        self.context = cast(Any, meters.bank)
        self.meters = meters

    def callback_new_connection(self) -> ServerRequestHandler:
        """Somebody connected."""
        return _Handler(self)


class _Handler(ServerRequestHandler):
    """A connection, on which the dead do not answer."""

    def __init__(self, owner: _TcpServer) -> None:
        tracing = (owner.trace_packet, owner.trace_pdu, owner.trace_connect)
        super().__init__(owner, *tracing)  # type: ignore[no-untyped-call]
        self._meters = owner.meters

    async def handle_request(self) -> None:
        """Answer a request."""
        if self.last_pdu and self.last_pdu.dev_id in self._meters.dead:
            return
        await super().handle_request()  # type: ignore[no-untyped-call]
