"""OPC 40223 Pumps: a pump's identification and its operational measurements."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from asyncua.ua.object_ids import ObjectIds

from sim.opcua.address_space import SpaceBuilder
from sim.opcua.companions import machinery

NAMESPACE = "http://opcfoundation.org/UA/Pumps/"
IDENTIFICATION_TYPE = 1005
PUMP_TYPE = 1052
OPERATIONAL_TYPE = 1053
MEASUREMENTS_TYPE = 1054


def add_types(builder: SpaceBuilder) -> None:
    """Add the types, once a server; those of Machinery are there already."""
    group = builder.node_id(machinery.FUNCTIONAL_GROUP_TYPE, machinery.DI)
    for number, name, above in (
        (PUMP_TYPE, "PumpType", builder.node_id(machinery.TOPOLOGY_ELEMENT_TYPE, machinery.DI)),
        (
            IDENTIFICATION_TYPE,
            "PumpIdentificationType",
            builder.node_id(machinery.MACHINE_IDENTIFICATION_TYPE, machinery.NAMESPACE),
        ),
        (OPERATIONAL_TYPE, "OperationalGroupType", group),
        (MEASUREMENTS_TYPE, "MeasurementsType", group),
    ):
        builder.add_object_type(builder.node_id(number, NAMESPACE), builder.name(name, NAMESPACE), above)


def add_pump(builder: SpaceBuilder, equipment: str, model: str, measured: Iterable[str]) -> None:
    """Give an equipment that is there already what a PumpType has.

    Args:
        builder: of the server.
        equipment: its id.
        model: what a name plate would call it.
        measured: tags that are measurements.
    """
    machinery.add_machine(builder, equipment, model, kind=builder.node_id(IDENTIFICATION_TYPE, NAMESPACE))
    operational = builder.node_id(f"{equipment}.Operational")
    builder.add_object(
        operational,
        builder.name("Operational", machinery.DI),
        builder.node_id(equipment),
        ObjectIds.HasComponent,
        builder.node_id(OPERATIONAL_TYPE, NAMESPACE),
    )
    measurements = builder.node_id(f"{equipment}.Operational.Measurements")
    builder.add_object(
        measurements,
        builder.name("Measurements", NAMESPACE),
        operational,
        ObjectIds.HasComponent,
        builder.node_id(MEASUREMENTS_TYPE, NAMESPACE),
    )
    for tag in measured:
        builder.later(partial(builder.add_reference, measurements, ObjectIds.Organizes, builder.node_id(tag)))
