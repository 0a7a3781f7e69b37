"""The servers as any client finds them: browse, read, units; a restart; a port that is taken; a replay
number by number."""

from __future__ import annotations

import gzip
import socket
from pathlib import Path

import numpy as np
import pytest
from asyncua import ua
from asyncua.common.node import Node

from sim.errors import PortInUseError
from sim.machines.cmapss_compressor import DATA, MEASURED
from sim.opcua.address_space import NAMESPACE, unit_id
from sim.opcua.server import ColumnServer, plant_space
from sim.plant import read_plant
from sim.simulation import Simulation
from tests.sim.opcua.serving import Heard, Told, client_of, double, moment, served, until, write
from tests.support.ports import free_port

COMPRESSOR = "yenphong/dongho-mechanical/f1/compressor-house/train/c01"
START_NS = 1_790_000_000 * 10**9


async def browse(node: Node) -> dict[str, Node]:
    return {(await child.read_browse_name()).Name: child for child in await node.get_children()}


async def test_the_address_space_is_like_a_plants() -> None:
    simulation = Simulation(read_plant(), seed=1, start_ns=START_NS)
    tags = [tag for tag in simulation.tags if tag.server == "anphat"]
    server = ColumnServer(name="An Phat", host="127.0.0.1", port=0)
    await server.build(plant_space(tags))
    await server.start()
    try:
        async with client_of(server.endpoint, NAMESPACE) as client:
            folder = client.client.nodes.objects
            for name in ("f1", "smt", "line1", "reflow1"):
                folder = (await browse(folder))[name]
            variables = await browse(folder)
            assert {"state", "zone1_temperature", "zone8_setpoint", "good_count"} <= set(variables)
            zone = variables["zone3_temperature"]
            assert (
                zone.nodeid
                == client.node("yenphong/anphat-electronics/f1/smt/line1/reflow1:zone3_temperature").nodeid
            )
            properties = await browse(zone)
            span = await properties["EURange"].read_value()
            unit = await properties["EngineeringUnits"].read_value()
            assert (span.Low, span.High) == (0.0, 350.0)
            assert (unit.DisplayName.Text, unit.UnitId) == ("°C", unit_id("°C"))
            assert (await zone.read_display_name()).Text == "zone3_temperature"
            assert await zone.read_data_type_as_variant_type() == ua.VariantType.Double
            assert await variables["good_count"].read_data_type_as_variant_type() == ua.VariantType.UInt32
            assert await variables["state"].read_data_type_as_variant_type() == ua.VariantType.String
            with pytest.raises(ua.uaerrors.UaStatusCodeError):
                await zone.write_value(1.0)
    finally:
        await server.stop()


async def test_every_type_is_read_with_its_time_and_status() -> None:
    async with served([double("a")]) as server, client_of(server.endpoint) as client:
        with pytest.raises(ua.uaerrors.BadWaitingForInitialData):
            await client.node("a").read_value()
        await write(server, 21.5, time_ns=START_NS, status=0x40900000)
        read = Told.of(await client.node("a").read_data_value(raise_on_bad_status=False))
        assert (read.value, read.status) == (21.5, 0x40900000)
        assert read.source_time == moment(START_NS)
        with pytest.raises(ua.uaerrors.BadNodeIdUnknown):
            await client.node("nowhere").read_value()


async def test_a_replayed_engine_arrives_number_by_number() -> None:
    """Compressor c01 shows the rest of engine 1 from a tenth of its life on, then engine 2."""
    simulation = Simulation(read_plant(), seed=1, start_ns=START_NS)
    rows = np.array([row for row, tag in enumerate(simulation.tags) if tag.equipment == COMPRESSOR])
    server = ColumnServer(name="Dong Ho", host="127.0.0.1", port=0)
    await server.build(plant_space([simulation.tags[row] for row in rows.tolist()]))
    await server.start()
    try:
        async with client_of(server.endpoint, NAMESPACE) as client:
            simulation.step(0.0)
            names = [simulation.tags[row].tag for row in rows.tolist()]
            heard = Heard()
            position = np.arange(len(rows))
            text = [simulation.text[row] for row in rows.tolist()]
            await server.columns.write(
                position, simulation.value[rows], simulation.status[rows], START_NS, text
            )
            await client.subscribe(heard, *names, queue=1000)
            await until(lambda: len(heard.values) == len(names))
            for cycle in range(1, 230):
                simulation.step(2.0)
                text = [simulation.text[row] for row in rows.tolist()]
                time_ns = START_NS + cycle * 10**9
                await server.columns.write(
                    position, simulation.value[rows], simulation.status[rows], time_ns, text
                )
            last = await client.node(names[24]).read_value()
            await until(lambda: heard.of(names[24])[-1:] == [last])
        with gzip.open(DATA, "rt") as lines:
            table = np.loadtxt(lines)
        one, two = table[table[:, 0] == 1][19:], table[table[:, 0] == 2]
        overhaul_cycles = 10
        recorded = np.concatenate((one, two[: 230 - len(one) - overhaul_cycles]))
        for column, signal in enumerate(MEASURED, 2):
            series = recorded[:, column]
            changes = series[np.concatenate(([True], np.diff(series) != 0))]
            assert heard.of(f"{COMPRESSOR}:{signal.name}") == changes.tolist(), signal.name
        assert heard.of(f"{COMPRESSOR}:state") == ["Execute", "Stopped", "Execute"]
        assert heard.of(f"{COMPRESSOR}:engine") == [1, 2]
    finally:
        await server.stop()


async def test_a_server_can_be_started_again_on_its_port() -> None:
    port = free_port()
    for value in (1.0, 2.0):
        async with served([double("a")], port=port) as server:
            assert server.endpoint == f"opc.tcp://127.0.0.1:{port}/"
            await write(server, value)
            async with client_of(server.endpoint) as client:
                assert await client.node("a").read_value() == value


async def test_a_taken_port_is_told_with_its_number(caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortInUseError, match=f"port {port}"):
            async with served([double("a")], port=port):
                pass


async def test_a_second_server_shares_nothing_that_changes() -> None:
    async with served([double("a")]) as one, served([double("a"), double("b")]) as two:
        await write(one, 1.0)
        await write(two, 2.0, 3.0)
        async with client_of(one.endpoint) as client:
            assert await client.node("a").read_value() == 1.0
            with pytest.raises(ua.uaerrors.BadNodeIdUnknown):
                await client.node("b").read_value()
        async with client_of(two.endpoint) as client:
            assert await client.node("a").read_value() == 2.0


def test_the_data_set_is_small() -> None:
    assert Path(DATA).stat().st_size < 400_000
