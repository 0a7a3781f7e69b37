"""The meters as pymodbus' client reads them."""

from __future__ import annotations

import asyncio
import math
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.client.mixin import ModbusClientMixin
from pymodbus.constants import ExcCodes
from pymodbus.exceptions import ModbusIOException
from pymodbus.pdu import ModbusPDU

from sim.errors import PortInUseError
from sim.modbus.bad_day_table import METER_BAD_DAYS
from sim.modbus.meters_file import read_meters
from sim.modbus.server import MeterServer
from sim.opcua.bad_days import BadDayControl, BadDayError
from tests.support.ports import free_port

SAMPLE = Path(__file__).with_name("meters.yaml")
BOARD1 = [398.2, 120.5, 78.25, -12.5, 0.987, 123_456.0]
BOARD2 = [401.0, 10.0, 6.5, 1.0, -0.5, 4_000_000_000.0]
WATER = [12.5, 98_765.4, 23.7]
UNCERTAIN, BAD = 0x40900000, 0x80310000
TYPE = ModbusClientMixin.DATATYPE


@asynccontextmanager
async def meters(port: int = 0) -> AsyncIterator[MeterServer]:
    file = read_meters(SAMPLE)
    server = MeterServer(name="Meters", host="127.0.0.1", port=port, meters=file.meters(file.servers[0]))
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@asynccontextmanager
async def client_of(server: MeterServer, *, timeout_s: float = 10.0) -> AsyncIterator[AsyncModbusTcpClient]:
    client = AsyncModbusTcpClient("127.0.0.1", port=server.port, timeout=timeout_s, retries=0)
    assert await client.connect()
    try:
        yield client
    finally:
        client.close()


def write(server: MeterServer, **statuses: int) -> None:
    """Write the values of the sample; statuses by signal of the first board or the water meter."""
    status = np.zeros(len(server.tags), np.uint32)
    for signal, code in statuses.items():
        status[next(row for row, tag in enumerate(server.tags) if tag.endswith(f":{signal}"))] = code
    server.write(np.array([*BOARD1, *BOARD2, *WATER]), status)


def number(answer: ModbusPDU, kind: ModbusClientMixin.DATATYPE, order: str = "big") -> float:
    assert not answer.isError(), answer
    value = ModbusClientMixin.convert_from_registers(answer.registers, kind, word_order=order)  # type: ignore[arg-type]
    assert isinstance(value, int | float)
    return value


async def test_a_power_meter_reads_as_its_manual_says() -> None:
    async with meters() as server, client_of(server) as client:
        write(server)
        for unit, board in ((1, BOARD1), (2, BOARD2)):
            for address, value in zip((0, 6, 12, 14), board, strict=False):
                answer = await client.read_input_registers(address, count=2, device_id=unit)
                assert number(answer, TYPE.FLOAT32) == pytest.approx(value, rel=1e-6)
            factor = number(await client.read_input_registers(30, count=1, device_id=unit), TYPE.INT16)
            assert factor * 0.001 == pytest.approx(board[4])
            energy = number(await client.read_input_registers(72, count=2, device_id=unit), TYPE.UINT32)
            assert energy == board[5]


async def test_a_water_meter_has_its_words_the_other_way_and_a_totaliser_in_tenths() -> None:
    async with meters() as server, client_of(server) as client:
        write(server)
        flow = await client.read_holding_registers(100, count=2, device_id=10)
        assert number(flow, TYPE.FLOAT32, "little") == pytest.approx(12.5)
        total = await client.read_holding_registers(102, count=2, device_id=10)
        assert number(total, TYPE.UINT32) == 987_654
        whole = await client.read_holding_registers(100, count=5, device_id=10)
        assert whole.registers == [*flow.registers, *total.registers, 237]


async def test_what_is_written_later_is_read_later() -> None:
    async with meters() as server, client_of(server) as client:
        write(server)
        server.write(np.arange(len(server.tags), dtype=np.float64), np.zeros(len(server.tags), np.uint32))
        answer = await client.read_input_registers(12, count=2, device_id=1)
        assert number(answer, TYPE.FLOAT32) == 2.0


async def test_requests_that_no_meter_answers_are_refused() -> None:
    async with meters() as server, client_of(server) as client:
        write(server)
        for answer, code in (
            (await client.read_input_registers(3, count=2, device_id=1), ExcCodes.ILLEGAL_ADDRESS),
            (await client.read_holding_registers(0, count=2, device_id=1), ExcCodes.ILLEGAL_ADDRESS),
            (await client.read_input_registers(0, count=2, device_id=77), ExcCodes.GATEWAY_NO_RESPONSE),
            (await client.read_coils(0, count=1, device_id=1), ExcCodes.ILLEGAL_FUNCTION),
            (await client.write_register(100, 1, device_id=10), ExcCodes.ILLEGAL_FUNCTION),
        ):
            assert answer.isError()
            assert answer.exception_code == code


async def test_a_bad_value_is_an_exception_or_not_a_number_as_the_model_has_it() -> None:
    async with meters() as server, client_of(server) as client:
        write(server, active_power=BAD, flow=BAD, total=BAD, temperature=BAD)
        power = await client.read_input_registers(12, count=2, device_id=1)
        assert power.exception_code == ExcCodes.DEVICE_FAILURE
        fine = await client.read_input_registers(0, count=2, device_id=1)
        assert number(fine, TYPE.FLOAT32) == pytest.approx(BOARD1[0])
        other = await client.read_input_registers(12, count=2, device_id=2)
        assert number(other, TYPE.FLOAT32) == pytest.approx(BOARD2[2])
        water = await client.read_holding_registers(100, count=2, device_id=10)
        assert math.isnan(number(water, TYPE.FLOAT32, "little"))
        rest = await client.read_holding_registers(102, count=3, device_id=10)
        assert rest.registers == [0xFFFF, 0xFFFF, 0x8000]
        write(server, active_power=UNCERTAIN)
        answer = await client.read_input_registers(12, count=2, device_id=1)
        assert number(answer, TYPE.FLOAT32) == BOARD1[2]


async def test_before_the_first_value_there_is_none() -> None:
    async with meters() as server, client_of(server) as client:
        answer = await client.read_input_registers(12, count=2, device_id=1)
        assert answer.exception_code == ExcCodes.DEVICE_FAILURE


async def test_a_dead_device_answers_nothing_and_the_others_do() -> None:
    async with meters() as server, client_of(server, timeout_s=0.5) as client:
        days = BadDayControl(server, METER_BAD_DAYS)
        write(server)
        await days.begin("dead_device", unit=1)
        with pytest.raises(ModbusIOException):
            await client.read_input_registers(0, count=2, device_id=1)
    async with meters() as server, client_of(server) as client:
        days = BadDayControl(server, METER_BAD_DAYS)
        write(server)
        await days.begin("dead_device", unit=1)
        other = await client.read_input_registers(0, count=2, device_id=2)
        assert number(other, TYPE.FLOAT32) == pytest.approx(BOARD2[0])
        await days.end("dead_device")
        answer = await client.read_input_registers(0, count=2, device_id=1)
        assert number(answer, TYPE.FLOAT32) == pytest.approx(BOARD1[0])
        with pytest.raises(BadDayError, match="no unit 5"):
            await days.begin("dead_device", unit=5)


async def test_a_gateway_goes_down_and_comes_back_on_its_port() -> None:
    async with meters() as server:
        days = BadDayControl(server, METER_BAD_DAYS)
        write(server)
        port = server.port
        await days.begin("down", seconds=0)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        await days.end("down")
        assert server.port == port
        async with client_of(server) as client:
            answer = await client.read_input_registers(0, count=2, device_id=1)
            assert number(answer, TYPE.FLOAT32) == pytest.approx(BOARD1[0])


async def test_it_says_that_it_is_simulated() -> None:
    async with meters() as server, client_of(server) as client:
        answer: Any = await client.read_device_information(device_id=1)
        assert not answer.isError()
        assert b"simulated" in answer.information[0]


async def test_a_taken_port_is_told_with_its_number() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortInUseError, match=f"port {port}"):
            async with meters(port):
                pass


async def test_several_clients_at_once_and_a_port_of_ones_choice() -> None:
    port = free_port()
    async with meters(port) as server, client_of(server) as one, client_of(server) as two:
        write(server)
        answers = await asyncio.gather(
            *(client.read_input_registers(0, count=2, device_id=1) for client in (one, two))
        )
        assert [number(answer, TYPE.FLOAT32) for answer in answers] == [pytest.approx(BOARD1[0])] * 2
        assert server.connections == 2
