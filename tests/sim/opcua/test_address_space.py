"""Nodes put straight into asyncua's tables, beside nodes that asyncua adds itself."""

from __future__ import annotations

import inspect

import pytest
from asyncua import ua
from asyncua.server.address_space import AddressSpace, AttributeValue, NodeData
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from sim.kind import Signal
from sim.opcua.address_space import SpaceBuilder, VariableRow
from sim.opcua.node_attributes import standard_id
from sim.opcua.parked_nodes import put_back, take_out
from tests.sim.opcua.serving import client_of, double, served, serving


def two_of_a_name(builder: SpaceBuilder) -> list[VariableRow]:
    builder.add_folder("machine", "machine", None)
    builder.add_folder("machine", "machine", None)
    return []


async def test_our_nodes_have_what_asyncuas_own_have() -> None:
    async with served([Signal("a", "test a", "°C", -50.0, 150.0)]) as server:
        ours = server.inner.aspace[ua.NodeId(ua.String("a"), ua.Int16(2))]
        async with client_of(server.endpoint):
            theirs = server.inner.aspace[standard_id(ObjectIds.Server_ServerStatus_CurrentTime)]
        assert set(theirs.attributes) - set(ours.attributes) <= {
            AttributeIds.ArrayDimensions,
            AttributeIds.DataTypeDefinition,
        }
        for attribute, held in theirs.attributes.items():
            if attribute in ours.attributes and attribute != AttributeIds.Value:
                mine = ours.attributes[attribute].value
                assert mine is not None
                assert mine.Value is not None
                assert held.value is not None
                assert held.value.Value is not None
                assert mine.Value.VariantType == held.value.Value.VariantType, attribute


async def test_a_node_that_is_there_already_is_refused() -> None:
    with pytest.raises(ValueError, match="is there already"):
        async with serving(two_of_a_name):
            pass


async def test_nodes_taken_out_and_put_back_are_as_before() -> None:
    async with served([double("a"), double("b")]) as server:
        space = server.inner.aspace
        before = {node: len(space[node].references) for node in tuple(space.keys())}
        node = ua.NodeId(ua.String("a"), ua.Int16(2))
        taken = take_out(space, [node])
        assert {data.nodeid.Identifier for data in taken} == {"a", "a.EURange", "a.EngineeringUnits"}
        assert node not in space
        put_back(space, taken)
        assert {node: len(space[node].references) for node in tuple(space.keys())} == before


def test_asyncua_still_has_the_parts_that_are_touched() -> None:
    """If asyncua moves these, the lean way must be looked at again before its pin is moved."""
    data = NodeData(ua.NodeId())
    assert set(vars(data)) == {"nodeid", "attributes", "references", "call"}
    held = AttributeValue(ua.DataValue())
    assert set(vars(held)) == {"value", "value_callback", "value_setter", "datachange_callbacks"}
    for name in ("__getitem__", "__setitem__", "__delitem__", "__contains__", "get", "keys"):
        assert hasattr(AddressSpace, name)
    assert list(inspect.signature(AddressSpace.add_method_callback).parameters) == [
        "self",
        "methodid",
        "callback",
    ]
