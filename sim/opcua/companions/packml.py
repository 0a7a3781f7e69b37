"""OPC 30050 PackML: the base object of a machine in a line, its status and its state machines.

What a simulated station has no number for (parameters, products, the structured counts of Admin) is left out;
all of it is optional in the specification. MachSpeed, CurMachSpeed [pieces/min] come from the cycle time.
"""

from __future__ import annotations

from asyncua import ua
from asyncua.ua.object_ids import ObjectIds

from sim.opcua.address_space import SpaceBuilder
from sim.opcua.companions.machinery import add_current_state, add_state
from sim.opcua.node_attributes import child_id, standard_id

NAMESPACE = "http://opcfoundation.org/UA/PackML/"

EXECUTE_MACHINE, MACHINE_MACHINE, BASE_MACHINE, STATUS_TYPE, ADMIN_TYPE, BASE_OBJECT_TYPE = range(1, 7)
_TYPES = {
    EXECUTE_MACHINE: "PackMLExecuteStateMachineType",
    MACHINE_MACHINE: "PackMLMachineStateMachineType",
    BASE_MACHINE: "PackMLBaseStateMachineType",
    STATUS_TYPE: "PackMLStatusObjectType",
    ADMIN_TYPE: "PackMLAdminObjectType",
    BASE_OBJECT_TYPE: "PackMLBaseObjectType",
}

_STATES: dict[int, dict[str, tuple[int, int]]] = {
    BASE_MACHINE: {"Cleared": (71, 19), "Aborting": (61, 8), "Aborted": (62, 9)},
    MACHINE_MACHINE: {"Clearing": (55, 1), "Stopped": (53, 2), "Stopping": (54, 7), "Running": (75, 18)},
    EXECUTE_MACHINE: {
        "Starting": (29, 3), "Idle": (28, 4), "Suspended": (31, 5), "Execute": (36, 6), "Holding": (33, 10),
        "Held": (34, 11), "Unholding": (35, 12), "Suspending": (30, 13), "Unsuspending": (32, 14),
        "Resetting": (27, 15), "Completing": (37, 16), "Complete": (38, 17),
    },
}  # fmt: skip
"""State machine type -> state -> its NodeId's number and StateNumber, as in the NodeSet."""

_MODES = 11
"""ProductionMaintenanceModeEnum."""

_PER_MINUTE = 60.0
_FASTEST = 600.0
"""Upper end of the range of the speeds [pieces/min]."""


def add_types(builder: SpaceBuilder) -> None:
    """Add the types, once a server."""
    for number, name in _TYPES.items():
        above = ObjectIds.BaseObjectType
        if number <= BASE_MACHINE:
            above = ObjectIds.FiniteStateMachineType
        node = builder.node_id(number, NAMESPACE)
        builder.add_object_type(node, builder.name(name, NAMESPACE), standard_id(above))
    for machine, states in _STATES.items():
        for name, (number, state_number) in states.items():
            add_state(builder, NAMESPACE, machine, name, number, state_number)


def add_station(builder: SpaceBuilder, equipment: str) -> None:
    """Give an equipment that is there already what a PackMLBaseObjectType has.

    Args:
        builder: of the server.
        equipment: its id; it has the tags state, starved, blocked and cycle_time.
    """
    status = _add_part(builder, equipment, "Status", builder.node_id(equipment), STATUS_TYPE)
    _add_part(builder, equipment, "Admin", builder.node_id(equipment), ADMIN_TYPE)
    home = builder.node_id(equipment)
    builder.add_property(home, "TagID", equipment, ObjectIds.String, namespace=NAMESPACE)
    builder.add_property(home, "PackMLVersion", "2015 (simulated)", ObjectIds.String, namespace=NAMESPACE)
    for name, tag in (("EquipmentStarved", "starved"), ("EquipmentBlocked", "blocked")):
        node = _add_status(builder, status, name, ua.Variant(False, ua.VariantType.Boolean))
        builder.follow(
            f"{equipment}:{tag}", node, lambda value, _: ua.Variant(value != 0, ua.VariantType.Boolean)
        )
    for name in ("CurMachSpeed", "MachSpeed"):
        node = _add_status(builder, status, name, ua.Variant(0.0, ua.VariantType.Float), analog=True)
        builder.add_property(node, "EURange", ua.Range(0.0, _FASTEST), ObjectIds.Range)
        builder.follow(f"{equipment}:cycle_time", node, _speed)
    mode = ua.Variant(1, ua.VariantType.Int32)  # Production, the first of the modes of ISA-TR88.00.02
    _add_status(builder, status, "UnitModeCurrent", mode)
    modes = builder.node_id(_MODES, NAMESPACE)
    builder.add_property(status, "UnitSupportedModes", modes, ObjectIds.NodeId, namespace=NAMESPACE)
    _add_machines(builder, equipment)


def _speed(cycle_time_s: float, _: str | None) -> ua.Variant:
    speed = _PER_MINUTE / cycle_time_s if cycle_time_s > 0 else 0.0
    return ua.Variant(min(speed, _FASTEST), ua.VariantType.Float)


def _add_machines(builder: SpaceBuilder, equipment: str) -> None:
    """The three nested state machines: whether it is aborted, whether it runs, and what it does then."""
    base = _add_part(builder, equipment, "BaseStateMachine", builder.node_id(equipment), BASE_MACHINE)
    machine = _add_part(builder, equipment, "BaseStateMachine.MachineState", base, MACHINE_MACHINE)
    execute = _add_part(builder, equipment, "BaseStateMachine.ExecuteState", machine, EXECUTE_MACHINE)

    def cleared(state: str | None) -> str:
        return "Aborted" if state == "Aborted" else "Cleared"

    def running(state: str | None) -> str:
        if state == "Aborted":
            return ""
        return "Stopped" if state in (None, "Stopped") else "Running"

    def executing(state: str | None) -> str:
        return state if state is not None and state in _STATES[EXECUTE_MACHINE] else ""

    for node, kind, current in (
        (base, BASE_MACHINE, cleared),
        (machine, MACHINE_MACHINE, running),
        (execute, EXECUTE_MACHINE, executing),
    ):
        numbers = {name: number for name, (number, _) in _STATES[kind].items()}
        add_current_state(builder, node, f"{equipment}:state", NAMESPACE, numbers, current)


def _add_part(builder: SpaceBuilder, equipment: str, path: str, parent: ua.NodeId, kind: int) -> ua.NodeId:
    node = builder.node_id(f"{equipment}.{path}")
    name = builder.name(path.rpartition(".")[2], NAMESPACE)
    builder.add_object(node, name, parent, ObjectIds.HasComponent, builder.node_id(kind, NAMESPACE))
    return node


def _add_status(
    builder: SpaceBuilder, status: ua.NodeId, name: str, value: ua.Variant, *, analog: bool = False
) -> ua.NodeId:
    node = child_id(status, name)
    kind = standard_id(ObjectIds.AnalogItemType if analog else ObjectIds.BaseDataVariableType)
    builder.add_value(node, builder.name(name, NAMESPACE), status, value, kind=kind)
    return node
