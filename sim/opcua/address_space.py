"""The address space of a simulated server: Objects / area / line / equipment, variables with units and
ranges.

Built through asyncua's node management without its per-node round trips. Adding to one folder is quadratic
there, so whoever adds many variables keeps folders to about a hundred.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from asyncua import ua
from asyncua.server.address_space import NodeManagementService
from asyncua.ua.object_ids import ObjectIds

from sim.kind import Signal

NAMESPACE = "urn:parktwin:sim"

_UNECE: dict[str, str] = {
    "%": "P1",
    "A": "AMP",
    "Hz": "HTZ",
    "V": "VLT",
    "kV": "KVT",
    "kW": "KWT",
    "MW": "MAW",
    "kvar": "KVR",
    "m/min": "2X",
    "pcs": "H87",
    "MWh": "MWH",
    "kWh": "KWH",
    "°": "DD",
    "°C": "CEL",
    "°R": "A48",
    "psi": "PS",
    "rpm": "RPM",
    "s": "SEC",
    "bar": "BAR",
    "kPa": "KPA",
    "mm": "MMT",
    "mm/s": "C16",
    "µm": "4H",
    "ppm": "59",
    "N": "NEW",
}
"""Unit symbol -> common code of UNECE Recommendation 20, from which OPC 10000-8 §5.6.3 makes the unit id."""


def unit_id(symbol: str) -> int:
    """The OPC UA unit id of a unit symbol, -1 if UNECE has none we know.

    >>> unit_id("°C")
    4408652
    """
    code = _UNECE.get(symbol)
    return -1 if code is None else int.from_bytes(code.encode(), "big")


@dataclass(frozen=True, slots=True)
class VariableRow:
    """A variable to be: its NodeId's identifier, its parent's, and what it shows."""

    identifier: str
    parent: str
    signal: Signal


class SpaceBuilder:
    """Adds folders and variables to an address space.

    Args:
        nodes: the server's node management.
        namespace: index of our namespace in this server.
    """

    def __init__(self, nodes: NodeManagementService, namespace: int) -> None:
        self._nodes = nodes
        self._namespace = namespace

    def node_id(self, identifier: str) -> ua.NodeId:
        """The NodeId of something of ours."""
        return ua.NodeId(ua.String(identifier), ua.Int16(self._namespace))

    def add_folder(self, identifier: str, name: str, parent: str | None) -> None:
        """Add a folder below another of ours, or below Objects."""
        self._add_object(identifier, name, parent, ObjectIds.FolderType, ObjectIds.Organizes)

    def add_equipment(self, identifier: str, name: str, parent: str) -> None:
        """Add an object that stands for a piece of equipment."""
        self._add_object(identifier, name, parent, ObjectIds.BaseObjectType, ObjectIds.HasComponent)

    def add_variables(self, rows: Iterable[VariableRow], *, properties: bool) -> list[ua.NodeId]:
        """Add variables, read-only, with EURange and EngineeringUnits where they are analog.

        Args:
            rows: what to add.
            properties: False leaves the properties out (they are two nodes a variable).
        """
        added = []
        for row in rows:
            added.append(self._add_variable(row))
            if properties and row.signal.data_type in {"Double", "Float"}:
                self._add_properties(row)
        return added

    def _add_object(self, identifier: str, name: str, parent: str | None, kind: int, reference: int) -> None:
        attributes = ua.ObjectAttributes()
        attributes.DisplayName = ua.LocalizedText(name)
        attributes.EventNotifier = 0
        above = _standard_id(ObjectIds.ObjectsFolder) if parent is None else self.node_id(parent)
        self._add(identifier, name, above, ua.NodeClass.Object, reference, kind, attributes)

    def _add_variable(self, row: VariableRow) -> ua.NodeId:
        signal = row.signal
        analog = signal.data_type in {"Double", "Float"}
        attributes = ua.VariableAttributes()
        attributes.DisplayName = ua.LocalizedText(signal.name)
        attributes.Description = ua.LocalizedText(signal.text)
        attributes.Value = ua.Variant(None, ua.VariantType.Null)
        attributes.DataType = _standard_id(getattr(ObjectIds, signal.data_type))
        attributes.ValueRank = ua.ValueRank.Scalar
        attributes.AccessLevel = attributes.UserAccessLevel = ua.AccessLevel.CurrentRead.mask
        return self._add(
            row.identifier,
            signal.name,
            self.node_id(row.parent),
            ua.NodeClass.Variable,
            ObjectIds.HasComponent,
            ObjectIds.AnalogItemType if analog else ObjectIds.BaseDataVariableType,
            attributes,
        )

    def _add_properties(self, row: VariableRow) -> None:
        signal = row.signal
        self._add_property(row.identifier, "EURange", ua.Range(signal.low, signal.high), ObjectIds.Range)
        unit = ua.EUInformation(
            NamespaceUri="http://www.opcfoundation.org/UA/units/un/cefact",
            UnitId=unit_id(signal.unit),
            DisplayName=ua.LocalizedText(signal.unit),
            Description=ua.LocalizedText(signal.unit),
        )
        self._add_property(row.identifier, "EngineeringUnits", unit, ObjectIds.EUInformation)

    def _add_property(self, parent: str, name: str, value: object, data_type: int) -> None:
        attributes = ua.VariableAttributes()
        attributes.DisplayName = ua.LocalizedText(name)
        attributes.Value = ua.Variant(value, ua.VariantType.ExtensionObject)
        attributes.DataType = _standard_id(data_type)
        attributes.ValueRank = ua.ValueRank.Scalar
        attributes.AccessLevel = attributes.UserAccessLevel = ua.AccessLevel.CurrentRead.mask
        self._add(
            f"{parent}.{name}",
            name,
            self.node_id(parent),
            ua.NodeClass.Variable,
            ObjectIds.HasProperty,
            ObjectIds.PropertyType,
            attributes,
            namespace=0,
        )

    def _add(
        self,
        identifier: str,
        name: str,
        parent: ua.NodeId,
        node_class: ua.NodeClass,
        reference: int,
        kind: int,
        attributes: ua.ObjectAttributes | ua.VariableAttributes,
        *,
        namespace: int | None = None,
    ) -> ua.NodeId:
        item = ua.AddNodesItem()
        item.RequestedNewNodeId = self.node_id(identifier)
        item.BrowseName = ua.QualifiedName(name, self._namespace if namespace is None else namespace)
        item.NodeClass = node_class
        item.ParentNodeId = parent
        item.ReferenceTypeId = _standard_id(reference)
        item.TypeDefinition = _standard_id(kind)
        item.NodeAttributes = attributes
        (result,) = self._nodes.add_nodes([item])
        result.StatusCode.check()
        return self.node_id(identifier)


def _standard_id(number: int) -> ua.NodeId:
    return ua.NodeId(ua.Int32(number))
