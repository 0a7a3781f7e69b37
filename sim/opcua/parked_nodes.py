"""Nodes that are taken out of an address space and put back: what vanishes on a bad day."""

from __future__ import annotations

from collections.abc import Iterable

from asyncua import ua
from asyncua.server.address_space import AddressSpace, NodeData
from asyncua.ua.object_ids import ObjectIds

from sim.opcua.node_attributes import refer

_OWNS = {ObjectIds.HasProperty, ObjectIds.HasComponent}


def take_out(space: AddressSpace, nodes: Iterable[ua.NodeId]) -> list[NodeData]:
    """Take nodes and all below them out of an address space; what :func:`put_back` needs."""
    taken: dict[ua.NodeId, NodeData] = {}
    waiting = list(nodes)
    while waiting:
        data = space.get(waiting.pop())
        if data is None or data.nodeid in taken:
            continue
        taken[data.nodeid] = data
        waiting += [
            one.NodeId for one in data.references if one.IsForward and one.ReferenceTypeId.Identifier in _OWNS
        ]
    for node in taken:
        del space[node]
    for data in taken.values():
        for one in data.references:
            other = space.get(one.NodeId)
            if other is not None:
                other.references[:] = [back for back in other.references if back.NodeId not in taken]
    return list(taken.values())


def put_back(space: AddressSpace, taken: list[NodeData]) -> None:
    """Put nodes back that :func:`take_out` took, at the end of their parents' references."""
    for data in taken:
        space[data.nodeid] = data
    for data in taken:
        for one in data.references:
            other = space.get(one.NodeId)
            if other is None or one.IsForward:
                continue
            if all(back.NodeId != data.nodeid for back in other.references):
                other.references.append(refer(data, int(one.ReferenceTypeId.Identifier), forward=True))
