"""Types, companion specifications and units of the address space, as a plain client browses them."""

from __future__ import annotations

import numpy as np
import pytest
from asyncua import ua
from asyncua.common.node import Node
from asyncua.ua.object_ids import ObjectIds

from sim.kind import STATE, STATION, Setpoint, Signal
from sim.opcua.companions import machinery, packml, pumps
from sim.opcua.equipment_node import EquipmentNode
from sim.opcua.plant_space import TYPES, plant_space
from sim.opcua.server import ColumnServer
from sim.opcua.units import UNECE, unit_id
from tests.sim.opcua.serving import PlainClient, client_of, serving, tags_of, until

FILLER = "yenphong/songcau-food/f1/filling/line1/filler1"
LATHE = "yenphong/dongho-mechanical/f1/cnc/cell1/m1"
PUMP = "yenphong/park/utilities/water/pump1"
METER = "yenphong/park/utilities/water/meter1"
FLOW = Signal("flow", "Flow", "m³/h", 0.0, 500.0)
SPEED = Setpoint("speed", "rpm", 0.0, 400.0, 100.0, "Speed")
TAGS = [
    *tags_of(FILLER, STATE, *STATION),
    *tags_of(LATHE, STATE, FLOW),
    *tags_of(PUMP, STATE, FLOW),
    *tags_of(METER, FLOW),
]
EQUIPMENT = [
    EquipmentNode(FILLER, "filler", "PackML", "Máy chiết 1", operated=True),
    EquipmentNode(LATHE, "cnc_machine", "Machinery", setpoints=(SPEED,), operated=True),
    EquipmentNode(PUMP, "water_pump", "Pumps", operated=True),
    EquipmentNode(METER, "water_meter"),
]


async def supertypes(client: PlainClient, node: Node) -> list[str]:
    """Browse names of the type of an object and of all above it."""
    kind = client.client.get_node(await type_of(client, node))
    names: list[str] = []
    while True:
        names.append((await kind.read_browse_name()).Name)
        above = await kind.get_referenced_nodes(ObjectIds.HasSubtype, ua.BrowseDirection.Inverse)
        if not above:
            return names
        kind = above[0]


def numbered(number: int, namespace: int) -> ua.NodeId:
    return ua.NodeId(ua.Int32(number), ua.Int16(namespace))


async def type_of(client: PlainClient, node: Node) -> ua.NodeId:
    kind = await node.read_type_definition()
    assert kind is not None
    return kind


async def set_state(server: ColumnServer, tag: str, value: float, text: str | None = None) -> None:
    row = next(position for position, one in enumerate(TAGS) if one.tag == tag)
    await server.columns.write(np.array([row]), np.array([value]), np.zeros(1, np.uint32), 10**18, [text])


async def test_an_object_has_the_type_of_its_kind() -> None:
    async with serving(plant_space(TAGS, EQUIPMENT)) as server, client_of(server.endpoint) as client:
        assert await supertypes(client, client.node(LATHE)) == ["CncMachineType", "BaseObjectType"]
        assert await supertypes(client, client.node(FILLER)) == [
            "FillerType",
            "PackMLBaseObjectType",
            "BaseObjectType",
        ]
        assert await supertypes(client, client.node(PUMP)) == [
            "WaterPumpType",
            "PumpType",
            "TopologyElementType",
            "BaseObjectType",
        ]
        kind = await type_of(client, client.node(METER))
        assert kind.NamespaceIndex == await client.client.get_namespace_index(TYPES)
        declared = await client.client.get_node(kind).get_children()
        assert [(await one.read_browse_name()).Name for one in declared] == ["flow"]
        assert (await client.node(FILLER).read_display_name()).Text == "Máy chiết 1"


async def test_machines_are_found_and_identify_themselves_as_simulated() -> None:
    async with serving(plant_space(TAGS, EQUIPMENT)) as server, client_of(server.endpoint) as client:
        index = await client.client.get_namespace_index(machinery.NAMESPACE)
        di = await client.client.get_namespace_index(machinery.DI)
        machines = await client.client.nodes.objects.get_child(f"{index}:Machines")
        assert machines.nodeid == numbered(machinery.MACHINES, index)
        found = [one.nodeid.Identifier for one in await machines.get_children()]
        assert found == [FILLER, LATHE, PUMP]
        plate = await client.node(LATHE).get_child(f"{di}:Identification")
        assert await plate.read_type_definition() == numbered(machinery.MACHINE_IDENTIFICATION_TYPE, index)
        maker = await (await plate.get_child(f"{di}:Manufacturer")).read_value()
        assert "simulated" in maker.Text
        serial = await (await plate.get_child(f"{di}:SerialNumber")).read_value()
        assert serial == machinery.serial_number(LATHE)
        uri = await (await plate.get_child(f"{di}:ProductInstanceUri")).read_value()
        assert uri.startswith("urn:parktwin:sim:")
        of_pump = await client.node(PUMP).get_child(f"{di}:Identification")
        pumps_index = await client.client.get_namespace_index(pumps.NAMESPACE)
        assert await of_pump.read_type_definition() == numbered(pumps.IDENTIFICATION_TYPE, pumps_index)


@pytest.mark.parametrize(
    ("state", "base", "machine", "execute"),
    [
        ("Execute", "Cleared", "Running", "Execute"),
        ("Suspended", "Cleared", "Running", "Suspended"),
        ("Stopped", "Cleared", "Stopped", None),
        ("Aborted", "Aborted", None, None),
    ],
)
async def test_packml_machines_follow_the_state(
    state: str, base: str, machine: str | None, execute: str | None
) -> None:
    async with serving(plant_space(TAGS, EQUIPMENT)) as server, client_of(server.endpoint) as client:
        await set_state(server, f"{FILLER}:state", np.nan, state)
        path = f"{FILLER}.BaseStateMachine"
        texts = []
        for part in (path, f"{path}.MachineState", f"{path}.ExecuteState"):
            texts.append((await client.node(f"{part}.CurrentState").read_value()).Text or None)
        assert texts == [base, machine, execute]
        which = await client.node(f"{path}.CurrentState.Id").read_value()
        index = await client.client.get_namespace_index(packml.NAMESPACE)
        assert which == numbered({"Cleared": 71, "Aborted": 62}[base], index)
        name = await client.client.get_node(which).read_browse_name()
        assert (name.Name, name.NamespaceIndex) == (base, index)


async def test_packml_status_follows_and_tells_its_subscribers() -> None:
    async with serving(plant_space(TAGS, EQUIPMENT)) as server, client_of(server.endpoint) as client:
        from tests.sim.opcua.serving import Heard

        heard = Heard()
        await client.subscribe(heard, f"{FILLER}.Status.EquipmentStarved", f"{FILLER}.Status.CurMachSpeed")
        await set_state(server, f"{FILLER}:starved", 1.0)
        await set_state(server, f"{FILLER}:cycle_time", 2.5)
        await until(lambda: heard.of(f"{FILLER}.Status.EquipmentStarved")[-1:] == [True])
        await until(lambda: heard.of(f"{FILLER}.Status.CurMachSpeed")[-1:] == [24.0])


async def test_an_item_state_follows_the_state_of_a_machine() -> None:
    async with serving(plant_space(TAGS, EQUIPMENT)) as server, client_of(server.endpoint) as client:
        node = client.node(f"{LATHE}.MachineryItemState.CurrentState")
        assert (await node.read_value()).Text == "NotAvailable"
        await set_state(server, f"{LATHE}:state", np.nan, "Execute")
        assert (await node.read_value()).Text == "Executing"
        await set_state(server, f"{LATHE}:state", np.nan, "Aborted")
        assert (await node.read_value()).Text == "OutOfService"


async def test_a_pumps_measurements_are_its_signals() -> None:
    async with serving(plant_space(TAGS, EQUIPMENT)) as server, client_of(server.endpoint) as client:
        measured = await client.node(f"{PUMP}.Operational.Measurements").get_children()
        assert [one.nodeid.Identifier for one in measured] == [f"{PUMP}:flow"]


def test_unit_codes_are_uneces() -> None:
    """Codes of OPC 10000-8 §5.6.3: the bytes of the common code as a number."""
    assert unit_id("m³/h") == 0x4D5148
    assert unit_id("mS/cm") == 0x483631
    assert unit_id("°C") == 4408652
    assert unit_id("furlong") == -1
    assert all(len(code) in (0, 2, 3) and code == code.upper() for code in UNECE.values())


@pytest.mark.parametrize(
    "symbol",
    ["m³/h", "mg/L", "mS/cm", "°", "kg/h", "L/s", "%RH", "dB", "µg/m³", "lx", "W/m²", "m/s", "kWh", "m³"],
)
def test_units_of_a_park_have_codes(symbol: str) -> None:
    assert unit_id(symbol) > 0
