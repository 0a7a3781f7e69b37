"""Walks a server's address space: in batches, depth first, with what a mapping needs of every variable.

Memory holds the objects still to be looked at, eight bytes for each node seen, and one batch; what is found
is handed on at once. A node that is refused is counted and named, and the walk goes on.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes

from connectors.errors import NodeAddressError, SourceRefusedError
from connectors.opcua.address_space import Found
from connectors.opcua.eu_units import unit_symbol
from connectors.opcua.limits import NAMESPACE_ARRAY
from connectors.opcua.session import Session

BATCH: Final = 200
"""Nodes a request; fewer if the server says so."""
MAX_REFERENCES: Final = 1_000
"""Of one node in one answer; the rest comes by continuation points."""
MAX_DEPTH: Final = 40
MAX_FAILED_NAMED: Final = 1_000

HIERARCHICAL: Final = ua.NodeId(ua.Int32(ObjectIds.HierarchicalReferences))
HAS_PROPERTY: Final = ObjectIds.HasProperty
OBJECTS: Final = ua.NodeId(ua.Int32(ObjectIds.ObjectsFolder))
MAX_NODES_PER_BROWSE: Final = ua.NodeId(
    ua.Int32(ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerBrowse)
)
_TOO_MUCH = {
    StatusCodes.BadTooManyOperations, StatusCodes.BadRequestTooLarge, StatusCodes.BadResponseTooLarge,
    StatusCodes.BadEncodingLimitsExceeded, StatusCodes.BadTcpMessageTooLarge,
}  # fmt: skip
_STANDARD_TYPES = {ObjectIds.Duration: "Double", ObjectIds.UtcTime: "DateTime", ObjectIds.Counter: "UInt32",
                   ObjectIds.Enumeration: "Int32", ObjectIds.Number: "Double", ObjectIds.Integer: "Int64",
                   ObjectIds.UInteger: "UInt64", ObjectIds.LocaleId: "String"}  # fmt: skip
_CURRENT_READ = 1


@dataclass(slots=True)
class WalkCounts:
    """How far a walk is.

    Args:
        seen: nodes found.
        variables: of these.
        waiting: objects still to be looked at.
        failed: nodes that were refused, by name, with the status; at most :data:`MAX_FAILED_NAMED`.
    """

    seen: int = 0
    variables: int = 0
    waiting: int = 0
    failed: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Place:
    node: ua.NodeId
    path: tuple[str, ...]


class Walk:
    """One walk over one server.

    Args:
        session: open.
        counts: kept up to date while it goes.
        max_nodes: where it ends at the latest.
    """

    def __init__(self, session: Session, counts: WalkCounts, *, max_nodes: int) -> None:
        self.namespaces: tuple[str, ...] = ()
        self.cut = False
        """Whether ``max_nodes`` ended it."""
        self._session = session
        self._counts = counts
        self._max_nodes = max_nodes
        self._batch = BATCH
        self._seen: set[bytes] = set()
        self._types: dict[ua.NodeId, str] = {}

    async def begin(self) -> None:
        """Ask the server for its namespaces and limits."""
        namespaces, limit = await self._session.read([NAMESPACE_ARRAY, MAX_NODES_PER_BROWSE])
        self.namespaces = tuple(namespaces.Value.Value if namespaces.Value is not None else ())
        most = limit.Value.Value if limit.Value is not None else None
        if isinstance(most, int) and most > 0:
            self._batch = min(BATCH, most)

    async def nodes(self, root: ua.NodeId = OBJECTS) -> AsyncIterator[Found]:
        """Yield every object and variable below ``root``, an object before its variables.

        Raises:
            SourceLostError: the server is gone.
        """
        waiting = [_Place(root, (await self._root_name(root),))]
        while waiting:
            batch = [waiting.pop() for _ in range(min(len(waiting), self._batch))]
            batch.reverse()
            for place, references in zip(batch, await self._browse([p.node for p in batch]), strict=True):
                variables: list[tuple[_Place, ua.ReferenceDescription]] = []
                below: list[_Place] = []
                for reference in references:
                    inside = self._enter(place, reference)
                    if inside is None:
                        continue
                    if reference.NodeClass == ua.NodeClass.Variable:
                        if reference.ReferenceTypeId.Identifier != HAS_PROPERTY:
                            variables.append((inside, reference))
                        continue
                    self._counts.seen += 1
                    yield Found(
                        node=self._address(inside.node), path=inside.path, kind="object",
                        type=await self._type_name(reference.TypeDefinition),
                    )  # fmt: skip
                    below.append(inside)
                async for found in self._variables(variables):
                    yield found
                waiting.extend(reversed(below))
                self._counts.waiting = len(waiting)
                if self._counts.seen >= self._max_nodes:
                    self.cut = True
                    return

    async def _variables(
        self, entries: Sequence[tuple[_Place, ua.ReferenceDescription]]
    ) -> AsyncIterator[Found]:
        """Look at the variables of one object, and at those below them."""
        for start in range(0, len(entries), self._batch):
            part = entries[start : start + self._batch]
            children = await self._browse([place.node for place, _ in part])
            facts = await self._facts([place.node for place, _ in part], children)
            deeper: list[tuple[_Place, ua.ReferenceDescription]] = []
            for (place, reference), below, fact in zip(part, children, facts, strict=True):
                self._counts.seen += 1
                self._counts.variables += 1
                kind = await self._type_name(reference.TypeDefinition)
                yield Found(
                    node=self._address(place.node), path=place.path, kind="variable", type=kind, **fact
                )
                for child in below:
                    is_property = child.ReferenceTypeId.Identifier == HAS_PROPERTY
                    if child.NodeClass == ua.NodeClass.Variable and not is_property:
                        inside = self._enter(place, child)
                        if inside is not None:
                            deeper.append((inside, child))
            if deeper and self._counts.seen < self._max_nodes:
                async for found in self._variables(deeper):
                    yield found

    def _enter(self, place: _Place, reference: ua.ReferenceDescription) -> _Place | None:
        """Return the place a reference leads to; None if it was seen already, or is the server's own."""
        node = reference.NodeId
        is_server = node.NamespaceIndex == 0 and node.Identifier == ObjectIds.Server
        wanted = reference.NodeClass in (ua.NodeClass.Object, ua.NodeClass.Variable)
        elsewhere = getattr(node, "ServerIndex", 0)  # asyncua decodes an id without one as a plain NodeId
        if is_server or not wanted or elsewhere or len(place.path) >= MAX_DEPTH:
            return None
        plain = ua.NodeId(node.Identifier, node.NamespaceIndex, node.NodeIdType)
        mark = hashlib.blake2b(plain.to_string().encode(), digest_size=8).digest()
        if mark in self._seen:
            return None
        self._seen.add(mark)
        return _Place(plain, (*place.path, self._qualified(reference.BrowseName)))

    async def _browse(self, nodes: Sequence[ua.NodeId]) -> list[list[ua.ReferenceDescription]]:
        """Return what each node refers to, one list a node."""
        if not nodes:
            return []
        try:
            results = await self._session.browse(
                [_description(node) for node in nodes], max_references=MAX_REFERENCES
            )
        except SourceRefusedError as error:
            if error.status not in _TOO_MUCH or len(nodes) == 1:
                raise
            self._batch = max(1, len(nodes) // 2)
            half = len(nodes) // 2
            return [*await self._browse(nodes[:half]), *await self._browse(nodes[half:])]
        found: list[list[ua.ReferenceDescription]] = []
        for node, result in zip(nodes, results, strict=True):
            if result.StatusCode.value >> 30:
                self._fail(node, result.StatusCode.value)
            references = list(result.References or ())
            point = result.ContinuationPoint
            while point:
                result = await self._session.browse_next(point)
                references += result.References or ()
                point = result.ContinuationPoint
            found.append(references)
        return found

    async def _facts(
        self, nodes: Sequence[ua.NodeId], children: Sequence[Sequence[ua.ReferenceDescription]]
    ) -> list[dict[str, Any]]:
        """Read what a mapping needs of each variable: type, rank, access, range and unit."""
        wanted = [
            ua.ReadValueId(NodeId=node, AttributeId=attribute)
            for node in nodes
            for attribute in (AttributeIds.DataType, AttributeIds.ValueRank, AttributeIds.UserAccessLevel)
        ]
        where: list[tuple[int, str]] = []
        for row, references in enumerate(children):
            for reference in references:
                name = reference.BrowseName
                if name.NamespaceIndex == 0 and name.Name in {"EURange", "EngineeringUnits"}:
                    where.append((row, name.Name))
                    wanted.append(ua.ReadValueId(NodeId=reference.NodeId, AttributeId=AttributeIds.Value))
        values = await self._read(wanted)
        facts = [_attributes(*values[3 * row : 3 * row + 3]) for row in range(len(nodes))]
        for (row, name), value in zip(where, values[3 * len(nodes) :], strict=True):
            facts[row].update(_range(value) if name == "EURange" else _unit(value))
        unknown = [row for row, fact in enumerate(facts) if not fact["data_type"] and fact["readable"]]
        asked = [ua.ReadValueId(NodeId=nodes[row], AttributeId=AttributeIds.Value) for row in unknown]
        if asked:
            for row, data in zip(unknown, await self._session.read_attributes(asked), strict=True):
                facts[row]["data_type"] = "" if data.Value is None else _type_of(data.Value)
        return facts

    async def _read(self, wanted: Sequence[ua.ReadValueId]) -> list[Any]:
        results: list[Any] = []
        for start in range(0, len(wanted), 3 * self._batch):
            for data in await self._session.read_attributes(wanted[start : start + 3 * self._batch]):
                results.append(None if data.Value is None else data.Value.Value)
        return results

    async def _type_name(self, node: ua.ExpandedNodeId) -> str:
        """Return ``<uri>;<browse name>`` of a type definition; asked for once a type."""
        if node.is_null():
            return ""
        plain = ua.NodeId(node.Identifier, node.NamespaceIndex, node.NodeIdType)
        if plain not in self._types:
            (data,) = await self._session.read_attributes(
                [ua.ReadValueId(NodeId=plain, AttributeId=AttributeIds.BrowseName)]
            )
            name = data.Value.Value.Name if data.Value is not None and data.Value.Value is not None else ""
            uri = self._uri(plain.NamespaceIndex)
            self._types[plain] = f"{uri};{name or self._address(plain)}"
        return self._types[plain]

    async def _root_name(self, root: ua.NodeId) -> str:
        (data,) = await self._session.read_attributes(
            [ua.ReadValueId(NodeId=root, AttributeId=AttributeIds.BrowseName)]
        )
        if data.Value is None or data.Value.Value is None:
            raise NodeAddressError(
                f"root {root.to_string()}: the server has no such node; see 'opcua browse'"
            )
        return self._qualified(data.Value.Value)

    def _uri(self, index: int) -> str:
        return self.namespaces[index] if index < len(self.namespaces) else f"?{index}"

    def _qualified(self, name: ua.QualifiedName) -> str:
        return f"{name.NamespaceIndex}:{name.Name or ''}"

    def _address(self, node: ua.NodeId) -> str:
        return node_address(node, self._uri(node.NamespaceIndex))

    def _fail(self, node: ua.NodeId, status: int) -> None:
        if len(self._counts.failed) < MAX_FAILED_NAMED:
            self._counts.failed[self._address(node)] = status


def node_address(node: ua.NodeId, uri: str) -> str:
    """Write a node as a park file does.

    >>> node_address(ua.NodeId("a;b", 2), "urn:plc")
    'nsu=urn:plc;s=a;b'
    """
    kind = node.NodeIdType
    identifier: Any = node.Identifier
    if kind == ua.NodeIdType.String:
        return f"nsu={uri};s={identifier}"
    if kind == ua.NodeIdType.Guid:
        return f"nsu={uri};g={identifier}"
    if kind == ua.NodeIdType.ByteString:
        return f"nsu={uri};b={b64encode(identifier).decode()}"
    return f"nsu={uri};i={identifier}"


def _description(node: ua.NodeId) -> ua.BrowseDescription:
    description = ua.BrowseDescription()
    description.NodeId = node
    description.BrowseDirection = ua.BrowseDirection.Forward
    description.ReferenceTypeId = HIERARCHICAL
    description.IncludeSubtypes = True
    description.NodeClassMask = ua.NodeClass.Object | ua.NodeClass.Variable
    description.ResultMask = ua.BrowseResultMask.All
    return description


def _attributes(data_type: Any, rank: Any, access: Any) -> dict[str, Any]:
    name = ""
    if isinstance(data_type, ua.NodeId) and data_type.NamespaceIndex == 0:
        number = data_type.Identifier
        if isinstance(number, int):
            name = ua.VariantType(number).name if 1 <= number <= 21 else _STANDARD_TYPES.get(number, "")
    return {
        "data_type": name,
        "array": isinstance(rank, int) and rank >= 0,
        "readable": not isinstance(access, int) or bool(access & _CURRENT_READ),
    }


def _type_of(variant: ua.Variant) -> str:
    name = getattr(variant.VariantType, "name", "")  # a type of a later standard has none
    return "" if name == "Null" else str(name)


def _range(value: Any) -> dict[str, Any]:
    if not isinstance(value, ua.Range):
        return {}
    low, high = float(value.Low), float(value.High)
    # a range of everything, or of nothing, is what servers say that have none
    return {"low": low, "high": high} if low < high and max(abs(low), abs(high)) < 1e300 else {}


def _unit(value: Any) -> dict[str, Any]:
    shown = getattr(getattr(value, "DisplayName", None), "Text", None) or ""
    unit_id = getattr(value, "UnitId", 0)
    return {
        "unit": unit_symbol(unit_id if isinstance(unit_id, int) else 0, str(shown)),
        "unit_shown": str(shown),
    }
