"""The address space of a simulated plant: a folder for each tier below the enterprise, an object for each
equipment with the type of its kind, NodeIds that are the tags."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from asyncua import ua
from asyncua.ua.object_ids import ObjectIds

from sim.kind import STATE, Setpoint, Signal
from sim.opcua.address_space import SpaceBuilder, VariableRow
from sim.opcua.companions import machinery, packml, pumps
from sim.opcua.equipment_node import EquipmentNode, ShownTag
from sim.opcua.node_attributes import standard_id
from sim.opcua.operation import value_argument

TYPES = "urn:parktwin:sim:types"
"""Namespace of the types of machine kinds."""

_ENTERPRISE_AND_SITE = 2
"""Tiers that are not shown: a server belongs to a site."""

Fill = Callable[[SpaceBuilder], Sequence[VariableRow]]


def plant_space(tags: Sequence[ShownTag], equipment: Sequence[EquipmentNode] = ()) -> Fill:
    """Lay out simulated tags as plants do.

    Args:
        tags: in the order of the columns.
        equipment: what more there is to show of equipment; what is not among it is an object with variables.
    """

    def fill(builder: SpaceBuilder) -> Sequence[VariableRow]:
        return _Layout(builder, tags, equipment).rows()

    return fill


class _Layout:
    def __init__(
        self,
        builder: SpaceBuilder,
        tags: Sequence[ShownTag],
        equipment: Sequence[EquipmentNode],
    ) -> None:
        self._builder = builder
        self._operation = builder.operation
        self._nodes = {one.id: one for one in equipment}
        self._tags: dict[str, list[ShownTag]] = {one.id: [] for one in equipment}
        for tag in tags:
            self._tags.setdefault(tag.equipment, []).append(tag)
        self._order = tags
        self._kinds: dict[str, ua.NodeId] = {}
        self._methods: dict[str, dict[str, ua.NodeId]] = {}
        self._areas: dict[str, ua.NodeId] = {}

    def rows(self) -> Sequence[VariableRow]:
        """Add everything but the variables of signals, which are returned."""
        companions = {one.companion for one in self._nodes.values()}
        if companions & {"PackML", "Machinery", "Pumps"}:
            machinery.add_types(self._builder)
        if "PackML" in companions:
            packml.add_types(self._builder)
        if "Pumps" in companions:
            pumps.add_types(self._builder)
        for equipment in self._tags:
            self._add_equipment(self._nodes.get(equipment) or EquipmentNode(equipment, ""))
        writable = {
            f"{node.id}:{setpoint.name}" for node in self._nodes.values() for setpoint in node.setpoints
        }
        return [
            VariableRow(tag.tag, tag.equipment, tag.signal, writable=tag.tag in writable)
            for tag in self._order
        ]

    def _add_equipment(self, node: EquipmentNode) -> None:
        builder = self._builder
        parent = self._add_areas(node.id)
        kind = self._kind(node) if node.kind else None
        name = node.id.rpartition("/")[2]
        made = builder.add_equipment(node.id, name, parent, kind=kind, display=node.display_name)
        builder.notify(made)
        server = standard_id(ObjectIds.Server)
        builder.notifiers[node.id] = (server, self._areas[parent], made)
        builder.add_reference(self._areas[parent], ObjectIds.HasEventSource, made)
        for method in self._methods.get(node.kind, {}).values():
            # an instance has its type's methods, and which instance is meant is the ObjectId of the call
            builder.add_reference(made, ObjectIds.HasComponent, method, back=False)
        if node.setpoints:
            self._add_setpoints(node)
        self._add_companion(node)

    def _add_areas(self, equipment: str) -> str:
        """Add the folders above an equipment that are not there yet; the identifier of the last."""
        segments = equipment.split("/")[:-1] or ["plant"]
        parent: str | None = None
        for end in range(min(_ENTERPRISE_AND_SITE + 1, len(segments)), len(segments) + 1):
            path = "/".join(segments[:end])
            if path not in self._areas:
                self._areas[path] = self._builder.add_folder(path, segments[end - 1], parent)
                self._builder.notify(self._areas[path])
                above = standard_id(ObjectIds.Server) if parent is None else self._areas[parent]
                self._builder.add_reference(above, ObjectIds.HasNotifier, self._areas[path])
            parent = path
        assert parent is not None
        return parent

    def _kind(self, node: EquipmentNode) -> ua.NodeId:
        """The ObjectType of a kind, made from the first of its equipment."""
        if node.kind in self._kinds:
            return self._kinds[node.kind]
        builder = self._builder
        made = builder.node_id(node.kind, TYPES)
        name = "".join(word.capitalize() for word in node.kind.split("_")) + "Type"
        above = {
            "PackML": (packml.BASE_OBJECT_TYPE, packml.NAMESPACE),
            "Pumps": (pumps.PUMP_TYPE, pumps.NAMESPACE),
        }.get(node.companion)
        supertype = builder.node_id(*above) if above else standard_id(ObjectIds.BaseObjectType)
        builder.add_object_type(made, builder.name(name, TYPES), supertype)
        for tag in self._tags[node.id]:
            builder.add_signal(
                builder.node_id(f"{node.kind}:{tag.signal.name}", TYPES),
                builder.name(tag.signal.name),
                made,
                tag.signal,
                mandatory=True,
                properties=False,
            )
        if node.operated:
            methods = {}
            for method in ("Start", "Stop", "Reset"):
                methods[method] = builder.node_id(f"{node.kind}.{method}", TYPES)
                call = self._operation.command(method.lower())
                builder.add_method(methods[method], builder.name(method), made, call)
            self._methods[node.kind] = methods
        self._kinds[node.kind] = made
        return made

    def _add_setpoints(self, node: EquipmentNode) -> None:
        builder = self._builder
        shown = {tag.tag for tag in self._tags[node.id]}
        folder = f"{node.id}.Setpoints"
        folder_node = builder.node_id(folder)
        kind = standard_id(ObjectIds.FolderType)
        builder.add_object(
            folder_node, builder.name("Setpoints"), builder.node_id(node.id), ObjectIds.HasComponent, kind
        )
        for setpoint in node.setpoints:
            one = builder.node_id(f"{folder}.{setpoint.name}")
            base = standard_id(ObjectIds.BaseObjectType)
            builder.add_object(one, builder.name(setpoint.name), folder_node, ObjectIds.HasComponent, base)
            tag = f"{node.id}:{setpoint.name}"
            variable = builder.node_id(tag)
            if tag in shown:
                builder.later(partial(builder.add_reference, one, ObjectIds.Organizes, variable))
            else:
                self._add_setpoint_variable(variable, one, setpoint)
            self._operation.setpoints[variable] = (node.id, setpoint)
            method = builder.node_id(f"{folder}.{setpoint.name}.Set")
            call = self._operation.setter(node.id, setpoint)
            builder.add_method(method, builder.name("Set"), one, call, [value_argument(setpoint)])

    def _add_setpoint_variable(self, variable: ua.NodeId, parent: ua.NodeId, setpoint: Setpoint) -> None:
        signal = Signal(
            setpoint.name, setpoint.text or setpoint.name, setpoint.unit, setpoint.low, setpoint.high
        )
        access = ua.AccessLevel.CurrentRead.mask | ua.AccessLevel.CurrentWrite.mask
        self._builder.add_signal(
            variable,
            self._builder.name(setpoint.name),
            parent,
            signal,
            access=access,
            value=ua.Variant(setpoint.default, ua.VariantType.Double),
        )

    def _add_companion(self, node: EquipmentNode) -> None:
        model = node.kind.replace("_", " ").capitalize()
        signals = {tag.signal.name for tag in self._tags[node.id]}
        if node.companion == "Pumps":
            measured = [tag.tag for tag in self._tags[node.id] if tag.signal.data_type == "Double"]
            pumps.add_pump(self._builder, node.id, model, measured)
        if node.companion == "PackML":
            packml.add_station(self._builder, node.id)
        if node.companion in ("PackML", "Machinery"):
            machinery.add_machine(self._builder, node.id, model)
        if node.companion in ("Machinery", "Pumps") and STATE.name in signals:
            machinery.add_item_state(self._builder, node.id, f"{node.id}:{STATE.name}")
