"""The standard OPC UA address space, built once a process: a second server gets a copy in a tenth of the
time."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from asyncua import ua
from asyncua.server.address_space import AttributeValue, NodeData
from asyncua.server.internal_server import InternalServer


class SharedSpaceServer(InternalServer):
    """asyncua's internal server, which takes the 6,000 standard nodes from the first one built in this
    process.

    Values are never changed in place by asyncua but replaced, so copies share them; the dictionaries and
    lists around them are each server's own.
    """

    _standard: ClassVar[dict[ua.NodeId, NodeData]] = {}

    async def load_standard_address_space(self, shelf_file: Path | None = None) -> None:
        """Fill the address space (asyncua calls this from ``init``)."""
        if not self._standard:
            await super().load_standard_address_space(shelf_file)
            self._standard.update({node: _copy(self.aspace[node]) for node in tuple(self.aspace.keys())})
        else:
            for node, data in self._standard.items():
                self.aspace[node] = _copy(data)


def _copy(data: NodeData) -> NodeData:
    copy = NodeData(data.nodeid)
    for attribute, held in data.attributes.items():
        value = AttributeValue(held.value)  # type: ignore[arg-type]  # None is what the original has, too
        value.value_callback = held.value_callback
        copy.attributes[attribute] = value
    copy.references = list(data.references)
    copy.call = data.call
    return copy
