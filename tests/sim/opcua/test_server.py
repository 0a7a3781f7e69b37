"""The servers as any client finds them: browse, read, units; a restart; a port that is taken."""

from __future__ import annotations

import socket

import pytest
from asyncua import ua
from asyncua.common.node import Node
from asyncua.ua.object_ids import ObjectIds

from sim.errors import PortInUseError
from sim.kind import STATE, Signal
from sim.opcua.node_attributes import standard_id
from sim.opcua.plant_space import plant_space
from sim.opcua.units import unit_id
from tests.sim.opcua.serving import Told, client_of, double, moment, served, serving, tags_of, write
from tests.support.ports import free_port

OVEN = "yenphong/anphat-electronics/f1/smt/line1/reflow1"
ZONE = Signal("zone3_temperature", "Zone 3", "°C", 0.0, 350.0)
COUNT = Signal("good_count", "Good", "pcs", 0, 4e9, "UInt32")
START_NS = 1_790_000_000 * 10**9


async def browse(node: Node) -> dict[str, Node]:
    return {(await child.read_browse_name()).Name: child for child in await node.get_children()}


async def test_the_address_space_is_like_a_plants() -> None:
    async with (
        serving(plant_space(tags_of(OVEN, STATE, ZONE, COUNT))) as server,
        client_of(server.endpoint) as client,
    ):
        folder = client.client.nodes.objects
        for name in ("f1", "smt", "line1", "reflow1"):
            folder = (await browse(folder))[name]
        variables = await browse(folder)
        assert {"state", "zone3_temperature", "good_count"} <= set(variables)
        zone = variables["zone3_temperature"]
        assert zone.nodeid == client.node(f"{OVEN}:zone3_temperature").nodeid
        properties = await browse(zone)
        span = await properties["EURange"].read_value()
        unit = await properties["EngineeringUnits"].read_value()
        assert (span.Low, span.High) == (0.0, 350.0)
        assert (unit.DisplayName.Text, unit.UnitId) == ("°C", unit_id("°C"))
        assert (await zone.read_display_name()).Text == "zone3_temperature"
        assert await zone.read_data_type_as_variant_type() == ua.VariantType.Double
        assert await variables["good_count"].read_data_type_as_variant_type() == ua.VariantType.UInt32
        assert await variables["state"].read_data_type_as_variant_type() == ua.VariantType.String
        with pytest.raises(ua.uaerrors.BadNotWritable):
            await zone.write_value(1.0)


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


async def test_a_server_can_be_started_again_on_its_port() -> None:
    port = free_port()
    for value in (1.0, 2.0):
        async with served([double("a")], port=port) as server:
            assert server.endpoint == f"opc.tcp://127.0.0.1:{port}/"
            await write(server, value)
            async with client_of(server.endpoint) as client:
                assert await client.node("a").read_value() == value


async def test_a_taken_port_is_told_with_its_number() -> None:
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


async def test_it_says_that_it_is_simulated() -> None:
    async with served([double("a")]) as server, client_of(server.endpoint) as client:
        node = client.client.get_node(standard_id(ObjectIds.Server_ServerStatus_BuildInfo))
        info = await node.read_value()
        assert "simulated" in info.ProductName
        assert "simulated" in info.ManufacturerName


def test_a_server_without_any_endpoint_is_refused() -> None:
    from sim.opcua.server import ColumnServer

    with pytest.raises(ValueError, match="certificate_dir"):
        ColumnServer(name="Closed", host="127.0.0.1", port=0, insecure=False)
