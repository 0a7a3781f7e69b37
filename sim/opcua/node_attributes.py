"""What nodes have in common, one object for all of them: attributes, references, NodeIds of the standard."""

from __future__ import annotations

from functools import cache
from typing import Any

from asyncua import ua
from asyncua.server.address_space import AttributeValue, NodeData
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from sim.opcua.units import engineering_unit

READ = ua.AccessLevel.CurrentRead.mask
WRITE = ua.AccessLevel.CurrentWrite.mask
HISTORY = ua.AccessLevel.HistoryRead.mask


@cache
def standard_id(number: int) -> ua.NodeId:
    """The NodeId of something of the standard's own namespace."""
    return ua.NodeId(ua.Int32(number))


def child_id(parent: ua.NodeId, name: str) -> ua.NodeId:
    """The NodeId of something below another node of ours.

    >>> child_id(ua.NodeId("plant/m1", 2), "Setpoints").to_string()
    'ns=2;s=plant/m1.Setpoints'
    """
    return ua.NodeId(ua.String(f"{parent.Identifier!s}.{name}"), parent.NamespaceIndex)


@cache
def fixed(value: bool | int, kind: ua.VariantType) -> ua.DataValue:
    """A value that never changes, one object for all who have it."""
    return ua.DataValue(ua.Variant(value, kind))


@cache
def node_class_value(value: ua.NodeClass) -> ua.DataValue:
    """The attribute NodeClass."""
    return ua.DataValue(ua.Variant(value, ua.VariantType.Int32))


@cache
def text_value(text: str) -> ua.DataValue:
    """A display name or a description."""
    return ua.DataValue(ua.Variant(ua.LocalizedText(text), ua.VariantType.LocalizedText))


@cache
def unit_value(symbol: str) -> ua.EUInformation:
    """The property EngineeringUnits of all variables in a unit."""
    return engineering_unit(symbol)


def variable_attributes(data_type: str, access: int, historizing: bool) -> dict[AttributeIds, ua.DataValue]:
    """The attributes of a signal's variable but for its value and texts."""
    attributes = dict(fixed_variable(standard_id(getattr(ObjectIds, data_type)), False))
    level = fixed(access, ua.VariantType.Byte)
    attributes[AttributeIds.AccessLevel] = attributes[AttributeIds.UserAccessLevel] = level
    attributes[AttributeIds.Historizing] = fixed(historizing, ua.VariantType.Boolean)
    return attributes


@cache
def fixed_variable(data_type: ua.NodeId, array: bool) -> dict[AttributeIds, ua.DataValue]:
    """The attributes of a variable that is only read, but for its value and texts; copy before changing."""
    rank = ua.ValueRank.OneDimension if array else ua.ValueRank.Scalar
    level = fixed(READ, ua.VariantType.Byte)
    return {
        AttributeIds.DataType: ua.DataValue(ua.Variant(data_type, ua.VariantType.NodeId)),
        AttributeIds.ValueRank: fixed(int(rank), ua.VariantType.Int32),
        AttributeIds.AccessLevel: level,
        AttributeIds.UserAccessLevel: level,
        AttributeIds.Historizing: fixed(False, ua.VariantType.Boolean),
        AttributeIds.MinimumSamplingInterval: ua.DataValue(ua.Variant(0.0, ua.VariantType.Double)),
    }


def refer(data: NodeData, reference: int, *, forward: bool) -> ua.ReferenceDescription:
    """What a reference to ``data`` says of it."""
    held = data.attributes
    kind = next(
        (
            one.NodeId
            for one in data.references
            if one.IsForward and one.ReferenceTypeId.Identifier == ObjectIds.HasTypeDefinition
        ),
        None,
    )
    description = ua.ReferenceDescription(
        ReferenceTypeId=standard_id(reference),
        IsForward=forward,
        NodeId=data.nodeid,
        BrowseName=_value(held[AttributeIds.BrowseName]),
        DisplayName=_value(held[AttributeIds.DisplayName]),
        NodeClass=_value(held[AttributeIds.NodeClass]),
    )
    if kind is not None:
        description.TypeDefinition = kind
    return description


def _value(held: AttributeValue) -> Any:
    assert held.value is not None
    assert held.value.Value is not None
    return held.value.Value.Value
