"""The address space of a simulated server: folders, objects, variables, methods and types, put straight into
asyncua's tables.

asyncua's own way to add a node costs thirty objects and a search through its parent's references; here what
nodes have in common they share, so that thousands of variables are there in a second. The parts of asyncua
2.1 that are used are held still by ``tests/sim/opcua/test_address_space.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from asyncua import ua
from asyncua.server.address_space import AddressSpace, AttributeValue, NodeData
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from sim.kind import Signal
from sim.opcua.node_attributes import (
    HISTORY,
    READ,
    WRITE,
    child_id,
    fixed,
    fixed_variable,
    node_class_value,
    refer,
    standard_id,
    text_value,
    unit_value,
    variable_attributes,
)
from sim.opcua.operation import Method, Operation

NAMESPACE = "urn:parktwin:sim"
"""Where a simulated server's nodes are."""

STANDARD = "http://opcfoundation.org/UA/"
_ANALOG = {"Double", "Float"}
_BUILT_IN = 25
"""The last built-in type (OPC 10000-6 table 1)."""


@dataclass(frozen=True, slots=True)
class VariableRow:
    """A variable to be: its NodeId's identifier, its parent's, and what it shows.

    Args:
        identifier, parent: identifiers in the home namespace.
        signal: what it is.
        writable: clients may write it.
    """

    identifier: str
    parent: str
    signal: Signal
    writable: bool = False


@dataclass(frozen=True, slots=True)
class Follower:
    """A node that shows a column in another form: a state as a LocalizedText, a count as a speed.

    Args:
        identifier: of the variable in the columns.
        node: what follows it.
        convert: from value and text to what the node shows.
    """

    identifier: str
    node: ua.NodeId
    convert: Callable[[float, str | None], ua.Variant]


@dataclass(slots=True)
class Namespaces:
    """The namespace array of a server; indices are given in the order in which namespaces are asked for.

    Args:
        uris: those that are there already, the index of each its position.

    >>> spaces = Namespaces(["http://opcfoundation.org/UA/", "urn:server"])
    >>> spaces.index("urn:mine"), spaces.index("urn:other"), spaces.index("urn:mine")
    (2, 3, 2)
    """

    uris: list[str]

    def index(self, uri: str) -> int:
        """The index of a namespace, registered if it was not yet."""
        if uri not in self.uris:
            self.uris.append(uri)
        return self.uris.index(uri)


@dataclass(slots=True, eq=False)
class SpaceBuilder:
    """Adds nodes to an address space.

    Args:
        space: where to.
        namespaces: of the server.
        home: the namespace of nodes whose NodeId is a text.
        history: variables keep a history.
        operation: what clients may do.
    """

    space: AddressSpace
    namespaces: Namespaces
    home: str = NAMESPACE
    history: bool = False
    operation: Operation = field(default_factory=Operation)
    followers: list[Follower] = field(default_factory=list)
    notifiers: dict[str, tuple[ua.NodeId, ...]] = field(default_factory=dict)
    """Equipment id -> who reports its events: the server, the area it is in, the equipment."""
    _later: list[Callable[[], None]] = field(default_factory=list)

    def node_id(self, identifier: str | int, namespace: str | None = None) -> ua.NodeId:
        """The NodeId of something: texts in the home namespace if none is named."""
        index = self.namespaces.index(namespace or self.home)
        if isinstance(identifier, int):
            return ua.NodeId(ua.Int32(identifier), ua.Int16(index))
        return ua.NodeId(ua.String(identifier), ua.Int16(index))

    def name(self, text: str, namespace: str | None = None) -> ua.QualifiedName:
        """A browse name, in the home namespace if none is named."""
        return ua.QualifiedName(text, ua.UInt16(self.namespaces.index(namespace or self.home)))

    def add_folder(self, identifier: str, name: str, parent: str | None) -> ua.NodeId:
        """Add a folder below another of ours, or below Objects."""
        above = standard_id(ObjectIds.ObjectsFolder) if parent is None else self.node_id(parent)
        node = self.node_id(identifier)
        self.add_object(node, self.name(name), above, ObjectIds.Organizes, standard_id(ObjectIds.FolderType))
        return node

    def add_equipment(
        self, identifier: str, name: str, parent: str, *, kind: ua.NodeId | None = None, display: str = ""
    ) -> ua.NodeId:
        """Add an object that stands for a piece of equipment.

        Args:
            identifier, name: its NodeId's identifier and browse name.
            parent: identifier of the folder it is in.
            kind: its type; BaseObjectType if none.
            display: for people; the browse name if empty.
        """
        node = self.node_id(identifier)
        self.add_object(
            node,
            self.name(name),
            self.node_id(parent),
            ObjectIds.HasComponent,
            kind or standard_id(ObjectIds.BaseObjectType),
            display=display,
        )
        return node

    def add_object(
        self,
        node: ua.NodeId,
        name: ua.QualifiedName,
        parent: ua.NodeId,
        reference: int,
        kind: ua.NodeId,
        *,
        display: str = "",
    ) -> None:
        """Add an object."""
        attributes = {AttributeIds.EventNotifier: fixed(0, ua.VariantType.Byte)}
        self._add(node, name, ua.NodeClass.Object, parent, reference, kind, attributes, display)

    def add_object_type(
        self, node: ua.NodeId, name: ua.QualifiedName, above: ua.NodeId, *, abstract: bool = False
    ) -> None:
        """Add an ObjectType below another one."""
        attributes = {AttributeIds.IsAbstract: fixed(abstract, ua.VariantType.Boolean)}
        self._add(node, name, ua.NodeClass.ObjectType, above, ObjectIds.HasSubtype, None, attributes, "")

    def add_variables(self, rows: Iterable[VariableRow], *, properties: bool) -> list[ua.NodeId]:
        """Add variables, with EURange and EngineeringUnits where they are analog.

        Args:
            rows: what to add.
            properties: False leaves the properties out (they are two nodes a variable).
        """
        return [self._add_row(row, properties) for row in rows]

    def add_signal(
        self,
        node: ua.NodeId,
        name: ua.QualifiedName,
        parent: ua.NodeId,
        signal: Signal,
        *,
        access: int = READ,
        value: ua.Variant | None = None,
        mandatory: bool = False,
        properties: bool = True,
        reference: int = ObjectIds.HasComponent,
    ) -> None:
        """Add a variable that shows a signal.

        Args:
            node, name, parent, reference: what it is and where.
            signal: its data type, unit and range.
            access: AccessLevel.
            value: its first value; none yet if None.
            mandatory: it is a declaration in a type, every instance has it.
            properties: with EURange and EngineeringUnits, if it is analog.
        """
        analog = signal.data_type in _ANALOG
        kind = standard_id(ObjectIds.AnalogItemType if analog else ObjectIds.BaseDataVariableType)
        historizing = bool(access & HISTORY)
        attributes = variable_attributes(signal.data_type, access, historizing)
        attributes[AttributeIds.Description] = text_value(signal.text)
        attributes[AttributeIds.Value] = ua.DataValue(value or ua.Variant(None, ua.VariantType.Null))
        self._add(node, name, ua.NodeClass.Variable, parent, reference, kind, attributes, "")
        if mandatory:
            self.add_reference(
                node, ObjectIds.HasModellingRule, standard_id(ObjectIds.ModellingRule_Mandatory), back=False
            )
        if analog and properties:
            span = ua.Range(signal.low, signal.high)
            self.add_property(node, "EURange", span, ObjectIds.Range)
            self.add_property(node, "EngineeringUnits", unit_value(signal.unit), ObjectIds.EUInformation)

    def add_property(
        self, parent: ua.NodeId, name: str, value: object, data_type: int, *, namespace: str = STANDARD
    ) -> ua.NodeId:
        """Add a property, read-only, beside the name of its parent."""
        node = child_id(parent, name)
        kind = ua.VariantType(data_type) if data_type <= _BUILT_IN else ua.VariantType.ExtensionObject
        self.add_value(
            node,
            self.name(name, namespace),
            parent,
            ua.Variant(value, kind),
            data_type=standard_id(data_type),
            reference=ObjectIds.HasProperty,
            kind=standard_id(ObjectIds.PropertyType),
        )
        return node

    def add_value(
        self,
        node: ua.NodeId,
        name: ua.QualifiedName,
        parent: ua.NodeId,
        value: ua.Variant,
        *,
        data_type: ua.NodeId | None = None,
        reference: int = ObjectIds.HasComponent,
        kind: ua.NodeId | None = None,
    ) -> None:
        """Add a variable that is no signal, read-only, with its value."""
        data = data_type or standard_id(value.VariantType.value)
        attributes = dict(fixed_variable(data, bool(value.is_array)))
        attributes[AttributeIds.Value] = ua.DataValue(value)
        kind = kind or standard_id(ObjectIds.BaseDataVariableType)
        self._add(node, name, ua.NodeClass.Variable, parent, reference, kind, attributes, "")

    def add_method(
        self,
        node: ua.NodeId,
        name: ua.QualifiedName,
        parent: ua.NodeId,
        call: Method,
        inputs: Sequence[ua.Argument] = (),
    ) -> None:
        """Add a method that ``call`` answers."""
        yes = fixed(True, ua.VariantType.Boolean)
        attributes = {AttributeIds.Executable: yes, AttributeIds.UserExecutable: yes}
        data = self._add(
            node, name, ua.NodeClass.Method, parent, ObjectIds.HasComponent, None, attributes, ""
        )
        data.call = call
        if inputs:
            self.add_value(
                child_id(node, "InputArguments"),
                self.name("InputArguments", STANDARD),
                node,
                ua.Variant(list(inputs), ua.VariantType.ExtensionObject, is_array=True),
                data_type=standard_id(ObjectIds.Argument),
                reference=ObjectIds.HasProperty,
                kind=standard_id(ObjectIds.PropertyType),
            )

    def add_reference(
        self, source: ua.NodeId, reference: int, target: ua.NodeId, *, back: bool = True
    ) -> None:
        """Refer from one node to another, and back."""
        here, there = self.space[source], self.space[target]
        here.references.append(refer(there, reference, forward=True))
        if back:
            there.references.append(refer(here, reference, forward=False))

    def notify(self, node: ua.NodeId) -> None:
        """Let clients subscribe to events of an object."""
        held = self.space[node].attributes[AttributeIds.EventNotifier]
        held.value = fixed(ua.EventNotifier.SubscribeToEvents.mask, ua.VariantType.Byte)

    def follow(
        self, identifier: str, node: ua.NodeId, convert: Callable[[float, str | None], ua.Variant]
    ) -> None:
        """Let a node show a column in another form."""
        self.followers.append(Follower(identifier, node, convert))

    def later(self, add: Callable[[], None]) -> None:
        """Do something once all variables are there."""
        self._later.append(add)

    def finish(self) -> None:
        """Do what was to be done once all variables are there."""
        for add in self._later:
            add()
        self._later.clear()

    def _add_row(self, row: VariableRow, properties: bool) -> ua.NodeId:
        node = self.node_id(row.identifier)
        access = READ | (WRITE if row.writable else 0) | (HISTORY if self.history else 0)
        self.add_signal(
            node,
            self.name(row.signal.name),
            self.node_id(row.parent),
            row.signal,
            access=access,
            properties=properties,
        )
        return node

    def _add(
        self,
        node: ua.NodeId,
        name: ua.QualifiedName,
        node_class: ua.NodeClass,
        parent: ua.NodeId,
        reference: int,
        kind: ua.NodeId | None,
        attributes: dict[AttributeIds, ua.DataValue],
        display: str,
    ) -> NodeData:
        if node in self.space:
            raise ValueError(f"node {node.to_string()} is there already; give each its own id")
        data = NodeData(node)
        held = data.attributes
        held[AttributeIds.NodeId] = AttributeValue(ua.DataValue(ua.Variant(node, ua.VariantType.NodeId)))
        held[AttributeIds.NodeClass] = AttributeValue(node_class_value(node_class))
        named = ua.DataValue(ua.Variant(name, ua.VariantType.QualifiedName))
        held[AttributeIds.BrowseName] = AttributeValue(named)
        held[AttributeIds.DisplayName] = AttributeValue(text_value(display or name.Name))
        held[AttributeIds.WriteMask] = AttributeValue(fixed(0, ua.VariantType.UInt32))
        held[AttributeIds.UserWriteMask] = AttributeValue(fixed(0, ua.VariantType.UInt32))
        for attribute, value in attributes.items():
            held[attribute] = AttributeValue(value)
        self.space[node] = data
        if kind is not None:
            data.references.append(refer(self.space[kind], ObjectIds.HasTypeDefinition, forward=True))
        above = self.space[parent]
        data.references.append(refer(above, reference, forward=False))
        above.references.append(refer(data, reference, forward=True))
        return data
