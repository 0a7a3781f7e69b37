"""What a server was given against what stands on the bus, number by number, with servers of two makers."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.opcua.conftest import StartServer
from tests.connectors.rig import Arrived, BreakableBus, Rig
from twin.contract.clock import to_iso
from twin.contract.status import BAD_DATA_ENCODING_UNSUPPORTED

MATRIX: dict[str, tuple[str, list[Any]]] = {
    "boolean": ("Boolean", [True, False]),
    "sbyte": ("SByte", [-128, 127]),
    "byte": ("Byte", [0, 255]),
    "int16": ("Int16", [-32768, 32767]),
    "uint16": ("UInt16", [65535, 1]),
    "int32": ("Int32", [-(2**31), 2**31 - 1]),
    "uint32": ("UInt32", [2**32 - 1, 7]),
    "int64": ("Int64", [-(2**40), 2**40]),
    "uint64": ("UInt64", [2**50, 1]),
    "float": ("Float", [0.5, -1.25e6]),
    "double": ("Double", [math.pi, -0.0, 5e-324, 1.7976931348623157e308]),
    "string": ("String", ["Máy nén khí số 1", "", "ký tự 🏭"]),
    "date_time": ("DateTime", [1_700_000_000.25, 0.5]),
    "byte_string": ("ByteString", ["00ff10", ""]),
    "localized": ("LocalizedText", ["đang chạy", "dừng"]),
    "qualified": ("QualifiedName", ["Tên", "Khác"]),
    "array": ("Double[]", [[1.0, 2.0], [3.0]]),
}


@pytest.mark.slow
async def test_every_number_of_a_counting_server_arrives_once(
    start_server: StartServer, tmp_path: Path
) -> None:
    names = [f"counter{n}" for n in range(10)]
    server = start_server([(name, "Double", -1.0) for name in names])
    async with Rig(tmp_path, BreakableBus("count")) as rig:
        source = await rig.read(server, names)
        server.order("count", tags=names, start=0, steps=150, every_s=0.02)
        given = server.given()
        on_bus = await rig.arrived(lambda found: len(found.readings()) >= len(given), "all numbers arrived")
        assert source.supervisor.reconnects == 0
    assert as_told(given) == sorted(key(entry) for entry in on_bus.readings())
    assert on_bus.sequences() == list(range(1, len(on_bus.frames) + 1))
    assert on_bus.gaps == []


@pytest.mark.slow
async def test_every_type_arrives_as_it_was_given(start_server: StartServer, tmp_path: Path) -> None:
    server = start_server([(name, kind, values[0]) for name, (kind, values) in MATRIX.items()])
    async with Rig(tmp_path, BreakableBus("types")) as rig:
        await rig.read(server, MATRIX)
        await rig.arrived(lambda found: len(found.readings()) >= len(MATRIX), "first values arrived")
        for name, (kind, values) in MATRIX.items():
            for value in values[1:]:
                server.order("write", tag=name, kind=kind, value=value)
        given = server.given()
        on_bus = await rig.arrived(lambda found: len(found.readings()) >= len(given), "all values arrived")
    for name in MATRIX:
        told = [entry for entry in given if entry["tag"] == name]
        arrived = on_bus.of(name)
        assert [entry.time for entry in arrived] == [entry["time"] for entry in told], name
        for want, got in zip(told, arrived, strict=True):
            check(want, got)


@pytest.mark.slow
async def test_floats_that_are_no_numbers_arrive(start_server: StartServer, tmp_path: Path) -> None:
    odd = ["nan", "inf", "-inf"]
    server = start_server([("odd", "Double", 1.0)])
    async with Rig(tmp_path, BreakableBus("odd")) as rig:
        await rig.read(server, ["odd"])
        for value in odd:
            server.order("write", tag="odd", kind="Double", value=value)
        on_bus = await rig.arrived(lambda found: len(found.of("odd")) == 4, "the odd values arrived")
    assert [str(entry.value) for entry in on_bus.of("odd")] == ["1.0", *odd]
    assert {entry.status for entry in on_bus.of("odd")} == {0}


@pytest.mark.slow
async def test_a_long_integer_keeps_its_digits(start_asyncua: StartServer, tmp_path: Path) -> None:
    server = start_asyncua([("long", "Int64", 2**53 + 1), ("plain", "Int64", 5)])
    async with Rig(tmp_path, BreakableBus("long")) as rig:
        await rig.read(server, ["long", "plain"])
        on_bus = await rig.arrived(lambda found: len(found.readings()) == 2, "both arrived")
    assert [entry.text for entry in on_bus.of("long")] == [str(2**53 + 1)]
    assert [entry.text for entry in on_bus.of("plain")] == [None]


@pytest.mark.slow
async def test_statuses_arrive_whole(start_server: StartServer, tmp_path: Path) -> None:
    server = start_server([("sensor", "Double", 1.0)])
    statuses = [0x808B0000, 0x40900000, 0]  # BadDeviceFailure, UncertainLastUsableValue, Good
    async with Rig(tmp_path, BreakableBus("status")) as rig:
        await rig.read(server, ["sensor"])
        await rig.arrived(lambda found: len(found.of("sensor")) == 1, "the first value arrived")
        for step, status in enumerate(statuses):
            server.order("write", tag="sensor", kind="Double", value=float(step), status=status)
        on_bus = await rig.arrived(lambda found: len(found.of("sensor")) == 4, "all statuses arrived")
    assert [entry.status for entry in on_bus.of("sensor")] == [0, *statuses]


def as_told(given: list[dict[str, Any]]) -> list[tuple[str, int, float]]:
    """What the server was given, as it must arrive."""
    return sorted((entry["tag"], entry["time"], entry["value"]) for entry in given)


def key(entry: Arrived) -> tuple[str, int, float]:
    """Tag, time and value of a reading."""
    return entry.tag, entry.time, entry.value


def check(want: dict[str, Any], got: Arrived) -> None:
    """Compare one reading with what the server was given."""
    kind, value = want["kind"], want["value"]
    text: str | None = None
    number = math.nan
    if kind.endswith("[]"):
        assert got.status == BAD_DATA_ENCODING_UNSUPPORTED
    elif kind == "DateTime":
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=value)
        number, text = value, to_iso(int(moment.timestamp() * 1_000_000) * 1000)
    elif isinstance(value, str):
        text = value
    else:
        number = float(value)
    if not kind.endswith("[]"):
        assert got.status == 0, (want, got)
    assert got.text == text, (want, got)
    assert got.value == number or (math.isnan(number) and math.isnan(got.value)), (want, got)
