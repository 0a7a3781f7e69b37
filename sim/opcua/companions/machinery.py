"""OPC 40001-1 Machinery: the Machines folder, identification, and the state of a machine as an item."""

from __future__ import annotations

import zlib
from collections.abc import Callable

from asyncua import ua
from asyncua.ua.object_ids import ObjectIds

from sim.opcua.address_space import STANDARD, SpaceBuilder
from sim.opcua.node_attributes import child_id, standard_id

CurrentState = Callable[[str | None], str]

NAMESPACE = "http://opcfoundation.org/UA/Machinery/"
DI = "http://opcfoundation.org/UA/DI/"
"""OPC 10000-100 Devices, which Machinery builds on."""

FUNCTIONAL_GROUP_TYPE = 1005
TOPOLOGY_ELEMENT_TYPE = 1001
MACHINES = 1001
ITEM_IDENTIFICATION_TYPE = 1004
MACHINE_IDENTIFICATION_TYPE = 1012
ITEM_STATE_TYPE = 1002

ITEM_STATES: dict[str, tuple[int, int]] = {
    "NotAvailable": (5005, 0),
    "OutOfService": (5004, 1),
    "NotExecuting": (5007, 2),
    "Executing": (5006, 3),
}
"""State of MachineryItemState_StateMachineType -> its NodeId's number and StateNumber (§12.3)."""

_ITEM_STATE = {
    "Execute": "Executing",
    "Idle": "NotExecuting",
    "Suspended": "NotExecuting",
    "Held": "NotExecuting",
    "Stopped": "OutOfService",
    "Aborted": "OutOfService",
}


def add_types(builder: SpaceBuilder) -> None:
    """Add the types and the Machines folder, once a server."""
    folder = standard_id(ObjectIds.FolderType)
    for space, number, name, above in (
        (DI, TOPOLOGY_ELEMENT_TYPE, "TopologyElementType", standard_id(ObjectIds.BaseObjectType)),
        (DI, FUNCTIONAL_GROUP_TYPE, "FunctionalGroupType", folder),
        (NAMESPACE, ITEM_IDENTIFICATION_TYPE, "MachineryItemIdentificationType",
         builder.node_id(FUNCTIONAL_GROUP_TYPE, DI)),
        (NAMESPACE, MACHINE_IDENTIFICATION_TYPE, "MachineIdentificationType",
         builder.node_id(ITEM_IDENTIFICATION_TYPE, NAMESPACE)),
        (NAMESPACE, ITEM_STATE_TYPE, "MachineryItemState_StateMachineType",
         standard_id(ObjectIds.FiniteStateMachineType)),
    ):  # fmt: skip
        abstract = number == TOPOLOGY_ELEMENT_TYPE and space == DI
        node = builder.node_id(number, space)
        builder.add_object_type(node, builder.name(name, space), above, abstract=abstract)
    for name, (number, state_number) in ITEM_STATES.items():
        add_state(builder, NAMESPACE, ITEM_STATE_TYPE, name, number, state_number)
    builder.add_object(
        builder.node_id(MACHINES, NAMESPACE),
        builder.name("Machines", NAMESPACE),
        standard_id(ObjectIds.ObjectsFolder),
        ObjectIds.Organizes,
        folder,
    )


def add_state(
    builder: SpaceBuilder, namespace: str, machine: int, name: str, number: int, state_number: int
) -> None:
    """Add a state to the type of a state machine."""
    state = builder.node_id(number, namespace)
    builder.add_object(
        state,
        builder.name(name, namespace),
        builder.node_id(machine, namespace),
        ObjectIds.HasComponent,
        standard_id(ObjectIds.StateType),
    )
    builder.add_property(state, "StateNumber", state_number, ObjectIds.UInt32)


def add_machine(builder: SpaceBuilder, equipment: str, model: str, *, kind: ua.NodeId | None = None) -> None:
    """Put an equipment that is there already among the machines, with its identification.

    Args:
        builder: of the server.
        equipment: its id.
        model: what a name plate would call it.
        kind: type of the identification; MachineIdentificationType if None.
    """
    node = builder.node_id(equipment)
    builder.add_reference(builder.node_id(MACHINES, NAMESPACE), ObjectIds.Organizes, node)
    plate = builder.node_id(f"{equipment}.Identification")
    builder.add_object(
        plate,
        builder.name("Identification", DI),
        node,
        ObjectIds.HasAddIn,
        kind or builder.node_id(MACHINE_IDENTIFICATION_TYPE, NAMESPACE),
    )
    maker = ua.LocalizedText("ParkTwin (simulated machine)", "en")
    of_model = ua.LocalizedText(f"{model} (simulated)", "en")
    text, localized = ObjectIds.String, ObjectIds.LocalizedText
    builder.add_property(plate, "Manufacturer", maker, localized, namespace=DI)
    builder.add_property(plate, "Model", of_model, localized, namespace=DI)
    builder.add_property(plate, "SerialNumber", serial_number(equipment), text, namespace=DI)
    uri = f"urn:parktwin:sim:{equipment.replace('/', ':')}"
    builder.add_property(plate, "ProductInstanceUri", uri, text, namespace=DI)
    builder.add_property(plate, "Location", equipment.rpartition("/")[0], text, namespace=NAMESPACE)


def serial_number(equipment: str) -> str:
    """A serial number that is the same whenever the park is simulated.

    >>> serial_number("yenphong/park/utilities/water/pump1")
    'SIM-F95A77F7'
    """
    return f"SIM-{zlib.crc32(equipment.encode()):08X}"


def add_item_state(builder: SpaceBuilder, equipment: str, state_tag: str) -> None:
    """Add the MachineryItemState, which follows the PackML state of the equipment."""
    machine = builder.node_id(f"{equipment}.MachineryItemState")
    builder.add_object(
        machine,
        builder.name("MachineryItemState", NAMESPACE),
        builder.node_id(equipment),
        ObjectIds.HasAddIn,
        builder.node_id(ITEM_STATE_TYPE, NAMESPACE),
    )

    def current(state: str | None) -> str:
        return _ITEM_STATE.get(state or "", "NotAvailable")

    numbers = {name: number for name, (number, _) in ITEM_STATES.items()}
    add_current_state(builder, machine, state_tag, NAMESPACE, numbers, current)


def add_current_state(
    builder: SpaceBuilder,
    machine: ua.NodeId,
    state_tag: str,
    namespace: str,
    numbers: dict[str, int],
    current: CurrentState,
) -> None:
    """Add CurrentState and its Id to a state machine; both follow a state tag.

    Args:
        builder: of the server.
        machine: the state machine.
        state_tag: tag whose text is a PackML state.
        namespace, numbers: where the states are, by name.
        current: from PackML state to state of this machine; "" = it is in none.
    """
    node = child_id(machine, "CurrentState")
    builder.add_value(
        node,
        builder.name("CurrentState", STANDARD),
        machine,
        ua.Variant(ua.LocalizedText(current(None)), ua.VariantType.LocalizedText),
        kind=standard_id(ObjectIds.FiniteStateVariableType),
    )
    ids = {name: builder.node_id(number, namespace) for name, number in numbers.items()}
    none = ua.NodeId()
    first = ids.get(current(None), none)
    which = builder.add_property(node, "Id", first, ObjectIds.NodeId)
    builder.follow(
        state_tag,
        node,
        lambda _, state: ua.Variant(ua.LocalizedText(current(state)), ua.VariantType.LocalizedText),
    )
    builder.follow(
        state_tag,
        which,
        lambda _, state: ua.Variant(ids.get(current(state), none), ua.VariantType.NodeId),
    )
